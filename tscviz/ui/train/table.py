"""The table of all trainings."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from tscviz.titles import title_of
from tscviz.training.jobdir import STATUS
from tscviz.training.jobs import Job, JobStatus, list_jobs
from tscviz.ui import cache
from tscviz.ui.escape import plain_text
from tscviz.ui.train import opened, reading, words

POLL_SECONDS = 2.0
_KEY = "train_table"
_SHOWN = "_tscviz_runs_shown"
_TICKED = "_tscviz_run_ticked"
_ROUND = "_tscviz_runs_round"


@dataclass(frozen=True)
class Row:
    """One training in the table."""

    job: Job
    status: JobStatus
    cells: dict[str, Any]


def draw_table(jobs: Sequence[Job]) -> None:
    """Draw all trainings, newest first; ticking a row opens it."""
    st.subheader("All trainings", anchor=False)
    rows = [row_of(job) for job in jobs]
    active = any(not row.status.finished for row in rows)
    st.fragment(_table, run_every=POLL_SECONDS if active else None)(active=active)


def _table(*, active: bool) -> None:
    rows = [row_of(job) for job in list_jobs()]
    if active and all(row.status.finished for row in rows):
        cache.refresh()
        st.rerun()
    st.session_state[_SHOWN] = [row.job.id for row in rows]
    key = f"{_KEY}_{st.session_state.get(_ROUND, 0)}"
    names = list(rows[0].cells) if rows else []
    st.dataframe(
        {name: [row.cells[name] for row in rows] for name in names},
        key=key,
        hide_index=True,
        on_select=lambda: _take(key),
        selection_mode="single-row",
        column_config=_columns(),
        placeholder="–",
        alt=f"{len(rows)} trainings, newest first",
    )
    st.caption("Tick a row to open it.")
    if st.session_state.pop(_TICKED, False):
        st.rerun()


def _take(key: str) -> None:
    picked = st.session_state[key].selection.rows
    ids = st.session_state.get(_SHOWN, [])
    if picked and picked[0] < len(ids):
        opened.show(ids[picked[0]])
        # A fresh table, so that the same row can be ticked again later.
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
        st.session_state[_TICKED] = True


def _columns() -> dict[str, Any]:
    config = st.column_config
    looks = words.LOOKS.values()
    return {
        "State": config.MultiselectColumn(
            options=[look.word for look in looks], color=[look.colour for look in looks]
        ),
        "Test accuracy": config.NumberColumn(format="%.1f %%"),
        "Started": config.DatetimeColumn(format="D MMM, HH:mm"),
        "Changed": config.TextColumn(help="What differs from the preset and the defaults"),
    }


def row_of(job: Job) -> Row:
    """Return the row of a job; one that has ended is read once, until its state is rewritten."""
    written = 0
    with suppress(OSError):
        written = (job.folder / STATUS).stat().st_mtime_ns
    zone = st.context.timezone
    row = _ended(str(job.folder), written, zone, job)
    if row is None or not row.status.finished:
        _ended.clear(str(job.folder), written, zone, job)
        row = _read(job, zone)
    return row


@st.cache_resource(max_entries=2000, show_spinner=False)
def _ended(folder: str, written: int, zone: str | None, _job: Job) -> Row | None:
    return _read(_job, zone)


def _read(job: Job, zone: str | None) -> Row:
    status, spec = job.status(), opened.spec_of(job)
    accuracy = status.metrics.get("test_accuracy")
    if accuracy is None:
        accuracy = reading.last_known(reading.events_of(job), "test_accuracy")
    seconds = reading.last_known(reading.events_of(job), "seconds")
    cells = {
        "State": [words.look_of(status).word],
        "Network": title_of(spec.model) if spec else "?",
        "Dataset": plain_text(spec.dataset) if spec else "?",
        "Test accuracy": None if accuracy is None else 100 * accuracy,
        "Epochs": f"{status.epoch} of {status.epochs}" if status.epochs else None,
        "Preset": spec.preset if spec else "?",
        "Seed": spec.seed if spec else None,
        "Started": None if status.started is None else words.local_time(status.started, zone),
        "Trained for": None if seconds is None else words.duration(seconds),
        "Changed": plain_text(words.options_text(spec.options)) if spec else None,
    }
    return Row(job, status, cells)
