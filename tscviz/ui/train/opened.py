"""Which run is open: in the address (``?job=...``), and kept by the session over page switches.

The open run and the shared selection speak of one dataset: opening a run selects its dataset, and
selecting another dataset closes the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tscviz.training.jobs import Job, JobError, JobSpec, get_job
from tscviz.ui import cache, page_options, state

NEW = "new"
_PARAMETER = "job"
_SEEN = "_tscviz_run_seen"
_KNOWN = "_tscviz_run_known"


def open_job(jobs: Sequence[Job]) -> Job | None:
    """Return the run to show, or None for the form.

    Parameters
    ----------
    jobs : sequence of Job
        All there are.

    Raises
    ------
    JobError
        If the address asks for a run that does not exist.
    """
    asked = st.query_params.get(_PARAMETER)
    if asked is None and _KNOWN not in st.session_state:
        close()
    st.session_state[_KNOWN] = True
    choices = (NEW, *(job.id for job in jobs), *([asked] if asked else []))
    chosen = page_options.value(_PARAMETER, choices, "")
    return None if chosen in ("", NEW) else get_job(chosen)


def show(job_id: str) -> None:
    """Open a run; follow it by a rerun."""
    page_options.set_value(_PARAMETER, job_id)


def close() -> None:
    """Go back to the form; follow it by a rerun."""
    page_options.set_value(_PARAMETER, NEW)


def follow(job: Job, spec: JobSpec | None) -> None:
    """Keep the open run and the selection on one dataset; may run the page again."""
    selection = state.current()
    if spec is not None and spec.dataset != selection.dataset:
        if st.session_state.get(_SEEN) == job.id:
            # Shown with its own dataset before: the visitor has chosen another one since.
            del st.session_state[_SEEN]
            close()
            st.rerun()
        if spec.dataset in cache.catalogue().datasets:
            state.select(dataset=spec.dataset)
            st.session_state[_SEEN] = job.id
            st.rerun()
    st.session_state[_SEEN] = job.id


def spec_of(job: Job) -> JobSpec | None:
    """Return the specification, or None where it is damaged; the job's state then says so."""
    try:
        return job.spec
    except JobError:
        return None
