"""The buttons of a run: cancel, resume, start over, delete, train another."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from tscviz.training.jobs import Job, JobError, JobSpec, JobStatus
from tscviz.ui import cache
from tscviz.ui.errors import show_error
from tscviz.ui.train import opened
from tscviz.ui.train.result import draw_download


def draw_actions(job: Job, spec: JobSpec | None, status: JobStatus) -> None:
    """Draw the buttons that make sense in this state, and the way back to the form."""
    draw_controls(job, spec, status)
    if st.button(
        "New training",
        key="train_new",
        icon=":material/add:",
        help="Back to the form, with the settings of this run",
    ):
        _back_to_form(spec)


def draw_controls(job: Job, spec: JobSpec | None, status: JobStatus) -> None:
    """Draw the buttons that stop, resume, take away, start over or delete a run."""
    if not status.finished:
        if st.button(
            "Cancelling …" if status.cancelling else "Cancel",
            key="train_cancel",
            icon=":material/stop:",
            disabled=status.cancelling,
        ):
            _do(job.cancel)
    else:
        _stopped(job, spec, status)


def _stopped(job: Job, spec: JobSpec | None, status: JobStatus) -> None:
    if spec is not None:
        # A run that failed at once has nothing to go on from.
        label = "Try again" if status.state == "failed" and not status.epoch else "Resume"
        icon = ":material/play_arrow:"
        if status.state != "done" and st.button(
            label, key="train_resume", type="primary", icon=icon
        ):
            _do(job.resume)
        if status.state == "done":
            draw_download(job, spec)
        with st.popover("Start over", icon=":material/restart_alt:"):
            st.markdown("The curves, checkpoints and model of this run are forgotten.")
            if st.button("Yes, start over", key="train_over", type="primary"):
                _do(lambda: job.resume(fresh=True))
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("The run goes away with its curves and its model, for good.")
        if st.button("Yes, delete", key="train_delete", type="primary"):
            _do(lambda: _delete(job))


def _delete(job: Job) -> None:
    job.delete()
    opened.close()


def _do(action: Callable[[], None]) -> None:
    """Act, then draw the whole page anew; what fails is said in place."""
    try:
        action()
    except JobError as error:
        show_error(error)
        return
    cache.refresh()
    st.rerun()


def _back_to_form(spec: JobSpec | None) -> None:
    if spec is not None:
        from tscviz.ui.train.form import prefill

        prefill(spec)
    opened.close()
    st.rerun()
