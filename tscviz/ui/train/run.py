"""One run as it goes: state, progress, curves, and what can be done with it."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from tscviz.figures.training import plot_training
from tscviz.titles import title_of
from tscviz.training.jobs import Job, JobSpec, JobStatus
from tscviz.ui import cache, components, shell
from tscviz.ui.escape import escape_markdown
from tscviz.ui.train import reading, words
from tscviz.ui.train.actions import draw_actions
from tscviz.ui.train.result import draw_ways_on

POLL_SECONDS = 1.0
_DESCENT = (
    "Loss: the total, and its parts class and prototype where there are several. The test set is "
    "only looked at; nothing is chosen by it. Kept are the weights of the {kept}."
)
_KEPT = {
    "train_loss": "epoch with the least class loss on the training set",
    "val_loss": "epoch with the least loss on the held-out cases",
    "last": "last epoch",
}


def draw_run(job: Job, spec: JobSpec | None) -> JobStatus:
    """Draw a run, followed every second until it ends; return its state now."""
    status = job.status()
    if status.state == "done" and f"job/{job.id}" not in cache.models():
        cache.refresh()  # it ended within the seconds for which the catalogue is kept
    every = None if status.finished else POLL_SECONDS
    st.fragment(_follow, run_every=every)(job, spec, active=not status.finished)
    return status


def _follow(job: Job, spec: JobSpec | None, *, active: bool) -> None:
    status = job.status()
    if active and status.finished:
        cache.refresh()  # the new model appears on every page
        st.rerun()
    if not job.folder.is_dir():
        st.rerun()  # deleted elsewhere; the page says so
    _heading(job, spec, status)
    draw_message(job, status)
    events = reading.events_of(job)
    if not status.finished:
        draw_progress(status)
    if events:
        draw_tiles(status, events)
        if status.state == "done" and spec is not None:
            draw_ways_on(job, spec)
        draw_curves(job, spec, status, events)


def _heading(job: Job, spec: JobSpec | None, status: JobStatus) -> None:
    look = words.look_of(status)
    title = f"{title_of(spec.model)} on {spec.dataset}" if spec else f"Training {job.id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(escape_markdown(title), anchor=False, width="content")
        st.badge(look.word, icon=look.icon, color=look.colour)
        st.space("stretch")
        draw_actions(job, spec, status)
    if spec is not None:
        st.caption(escape_markdown(words.settings(spec)))


def draw_message(job: Job, status: JobStatus) -> None:
    """Say what stands in a run's way, or why it ended."""
    text = escape_markdown(status.message)
    if status.state == "waiting":
        st.info(
            "All places are taken. This training starts by itself when another one ends.",
            icon=":material/hourglass_top:",
        )
    elif status.cancelling:
        st.warning("It stops at the end of this epoch and keeps what it has learned.")
    elif status.state == "cancelled":
        st.info(text, icon=":material/stop:")
    elif status.state in ("failed", "dead"):
        st.error(text, icon=":material/error:")
        if status.state == "failed":
            st.caption("Mend the cause and try again; New training lets you change the settings.")
        with st.expander("What the worker printed", icon=":material/terminal:"):
            st.code(job.log() or "Nothing.", language=None)


def draw_progress(status: JobStatus) -> None:
    """Draw the bar of a run that has not ended, with the time left."""
    share = status.epoch / status.epochs if status.epochs else 0.0
    if status.state == "waiting":
        text = "Waiting"
    elif not status.epoch:
        text = f"{escape_markdown(status.message.rstrip('.'))} …"
    else:
        text = f"Epoch {status.epoch} of {status.epochs}"
        left = status.eta_seconds
        text += "" if left is None else f", {words.duration(left)} left"
    st.progress(min(share, 1.0), text)


def draw_tiles(status: JobStatus, events: list[dict[str, Any]]) -> None:
    """Draw a run's figures, those of its last epoch or of the finished model."""
    metrics, last = status.metrics, events[-1]
    tested = reading.last_known(events, "test_accuracy")
    if status.state == "done":
        tiles: dict[str, Any] = {
            "Test accuracy": components.percent(metrics.get("test_accuracy")),
            "Train accuracy": components.percent(metrics.get("train_accuracy")),
            "Epoch kept": f"{metrics.get('best_epoch', '–')} of {metrics.get('epochs', '–')}",
        }
    else:
        tiles = {
            "Test accuracy so far": components.percent(tested),
            "Train accuracy so far": components.percent(last.get("train_accuracy")),
            "Class loss": f"{last['losses'].get('class', float('nan')):.3g}",
        }
    tiles["Time trained"] = words.duration(last.get("seconds"))
    components.stat_tiles(tiles)


def draw_curves(
    job: Job, spec: JobSpec | None, status: JobStatus, events: list[dict[str, Any]]
) -> None:
    """Draw the curves of loss and accuracy."""
    select = "train_loss" if spec is None else reading.selection_of(spec)
    best = status.metrics.get("best_epoch") or reading.best_epoch(events, select)
    with st.container(horizontal=True, horizontal_alignment="right"):
        log = st.toggle("Logarithmic loss", value=True, key="train_log", persist_state="session")
    fig = _figure(job.id, len(events), events[-1].get("time"), best, log, shell.is_dark(), events)
    components.figure(
        fig,
        name=f"training-{job.id}",
        caption=_DESCENT.format(kept=_KEPT[select]),
        downloads=status.finished,
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _figure(
    job_id: str,
    n_events: int,
    newest: float | None,
    best: int | None,
    log: bool,
    dark: bool,
    _events: list[dict[str, Any]],
) -> go.Figure:
    return plot_training(_events, best_epoch=best, log=log, dark=dark)
