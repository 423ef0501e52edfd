"""A sweep as it goes: state, totals, what can be done, and the grid that fills."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from tscviz.training.sweep import SweepError, SweepFolder, read_table, start_sweep
from tscviz.training.sweep.start import read_start
from tscviz.training.sweep.table import csv_text
from tscviz.types import TscvizError
from tscviz.ui import cache, components
from tscviz.ui.errors import show_error
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.sweep import reading
from tscviz.ui.sweep.details import draw_details
from tscviz.ui.sweep.grid import draw_grid, show_cell
from tscviz.ui.sweep.reading import Snapshot
from tscviz.ui.sweep.remaining import remaining
from tscviz.ui.sweep.toml import toml_text
from tscviz.ui.train import words

POLL_SECONDS = 1.0
#: A large sweep is looked at less often, so that looking stays cheap.
CELLS_A_SECOND = 3000
_START_SECONDS = 10.0
_LOG_BYTES = 4000


def draw_sweep(name: str, folder: SweepFolder) -> None:
    """Draw a sweep, followed until it ends."""
    seen = reading.snapshot(folder)
    active = bool(seen.schedulers)
    every = max(POLL_SECONDS, len(seen.cells) / CELLS_A_SECOND) if active else None
    st.fragment(_follow, run_every=every)(name, folder, active=active)


def _follow(name: str, folder: SweepFolder, *, active: bool) -> None:
    try:
        seen = reading.snapshot(folder)
    except SweepError as error:
        show_error(error)
        return
    if active != bool(seen.schedulers):
        st.rerun()
    _heading(name, folder, seen)
    _tiles(seen)
    _message(folder, seen)
    chosen = draw_grid(name, seen)
    if chosen is not None:
        draw_details(folder, seen, chosen)
    _failures(seen)


def _look(seen: Snapshot) -> words.Look:
    counts = seen.counts
    if seen.stopping:
        return words.LOOKS["cancelling"]
    if seen.schedulers:
        return words.LOOKS["running"]
    if counts["done"] == len(seen.cells):
        return words.LOOKS["done"]
    if seen.finished and counts["failed"]:
        return words.Look("ended with failures", "red", ":material/error:")
    return words.Look("stopped", "orange", ":material/stop:")


def _heading(name: str, folder: SweepFolder, seen: Snapshot) -> None:
    look = _look(seen)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(escape_markdown(name), anchor=False, width="content")
        st.badge(look.word, icon=look.icon, color=look.colour)
        st.space("stretch")
        if seen.schedulers:
            if st.button(
                "Cancelling …" if seen.stopping else "Cancel",
                key="sweep_cancel", icon=":material/stop:", disabled=seen.stopping,
            ):  # fmt: skip
                _do(folder.cancel)
        elif seen.counts["done"] < len(seen.cells) and st.button(
            "Resume", key="sweep_resume", type="primary", icon=":material/play_arrow:"
        ):
            _do(lambda: resume(folder, seen))
        _files(name, folder, seen)


def _files(name: str, folder: SweepFolder, seen: Snapshot) -> None:
    common: dict[str, Any] = {"on_click": "ignore", "icon": ":material/download:"}
    st.download_button(
        "Table", lambda: csv_text(read_table(folder)), f"{name}.csv", "text/csv",
        key="sweep_csv", help="All cells as CSV, one row each", **common,
    )  # fmt: skip
    if seen.plans:
        st.download_button(
            "sweep.toml", lambda: toml_text(seen.plans[0].spec), f"{name}.toml",
            "application/toml", key="sweep_toml", help="What was asked for, to run it again",
            **common,
        )  # fmt: skip


def _do(action: Callable[[], Any]) -> None:
    """Act, then draw the whole page anew; what fails is said in place."""
    try:
        action()
    except TscvizError as error:
        show_error(error)
        return
    cache.refresh()
    st.rerun()


def resume(folder: SweepFolder, seen: Snapshot) -> None:
    """Start the newest plan that has cells left, as it was started before.

    Its cells go on from their checkpoints.

    Raises
    ------
    SweepError
        As `start_sweep`.
    """
    unfinished = {cell for cell, state in seen.states.items() if state.state != "done"}
    left = [plan for plan in seen.plans if any(cell.id in unfinished for cell in plan.cells)]
    plan = (left or seen.plans)[0]
    how = read_start(folder.root, plan.id)
    start_sweep(
        plan.spec, folder.root, backend=how.backend, workers=how.workers, address=how.address
    )
    reading.forget(folder)
    wait_for_scheduler(folder)


def wait_for_scheduler(folder: SweepFolder) -> None:
    """Wait until a scheduler that was started is at work, so that the page shows it so."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and not folder.schedulers():
        time.sleep(0.05)


def _tiles(seen: Snapshot) -> None:
    counts, total = seen.counts, len(seen.cells)
    tiles: dict[str, Any] = {
        "Cells": f"{total:,}",
        "Done": f"{counts['done']:,}",
        "Running": f"{counts['running']:,}",
        "Waiting": f"{counts['waiting']:,}",
        "Failed": f"{counts['failed']:,}",
    }
    if counts["cancelled"]:
        tiles["Cancelled"] = f"{counts['cancelled']:,}"
    if seen.since is not None:
        tiles["Elapsed"] = (
            words.duration(max(0.0, time.time() - seen.since)), "Since the last start",
        )  # fmt: skip
    spent = sum(s.result.get("cell_seconds") or 0.0 for s in seen.states.values() if s.result)
    tiles["Trained"] = (words.duration(spent), "Sum over the cells that are done")
    left = remaining(seen)
    if seen.schedulers:
        said = "–" if left is None else words.roughly(left).removeprefix("about ")
        tiles["Remaining"] = (said, "From the cells that are done, at the present pace")
    components.stat_tiles(tiles)


def _message(folder: SweepFolder, seen: Snapshot) -> None:
    if seen.stopping:
        st.warning("Cells stop at the end of their epoch and keep what they have learned.")
    elif not seen.schedulers and not seen.finished:
        st.info("Nothing runs. Resume goes on where it stopped.", icon=":material/stop:")
        try:
            log = (folder.root / "scheduler.log").read_bytes()[-_LOG_BYTES:]
        except OSError:
            return
        if log.strip():
            with st.expander("What the scheduler said", icon=":material/terminal:"):
                st.code(log.decode("utf-8", errors="replace").strip(), language=None)


def _failures(seen: Snapshot) -> None:
    failed = [cell for cell in seen.cells if seen.states[cell.id].state == "failed"][:500]
    if not failed:
        return
    st.subheader("What failed", anchor=False)

    def take() -> None:
        picked = st.session_state["sweep_failed"].selection.rows
        if picked and picked[0] < len(failed):
            show_cell(failed[picked[0]].id)

    st.dataframe(
        {
            "Model": [seen.rows[cell.id] for cell in failed],
            "Dataset": [cell.job.dataset for cell in failed],
            "Seed": [cell.job.seed for cell in failed],
            "Reason": [plain_text(seen.states[c.id].message, max_length=300) for c in failed],
        },
        key="sweep_failed", hide_index=True, on_select=take, selection_mode="single-row",
        alt=f"{len(failed)} cells that failed, with the reason",
    )  # fmt: skip
