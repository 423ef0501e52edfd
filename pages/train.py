"""Train: a form, one run watched live, and all runs."""

from __future__ import annotations

import streamlit as st

from tscviz.training.jobs import Job, JobError, list_jobs
from tscviz.ui import lifespan, shell
from tscviz.ui.escape import escape_markdown
from tscviz.ui.train import opened
from tscviz.ui.train.run import draw_run
from tscviz.ui.train.table import draw_table

STEPS = (
    (
        ":material/monitoring: **Watch.** The loss falls and the accuracy rises, epoch by epoch, "
        "with the time that is left."
    ),
    (
        ":material/pause_circle: **Stop and go on.** Cancel and resume whenever you like. The "
        "training is a process of its own: it goes on while you switch pages, close the browser "
        "or restart the app."
    ),
    (
        ":material/view_week: **Use.** The finished model can be chosen on every page, and "
        "downloaded with its card."
    ),
)


def draw_new() -> None:
    """Draw the form for a new training."""
    if lifespan.is_warm():
        from tscviz.ui.train.form import draw_form
    else:
        with st.spinner("Loading the networks …"):
            from tscviz.ui.train.form import draw_form
    draw_form()


def draw_steps() -> None:
    """Say what a training is like, as long as there is none."""
    grid = st.grid(len(STEPS), min_column_width=240)
    for step in STEPS:
        with grid.container(border=True, height="stretch"):
            st.markdown(step)


def draw_one(job: Job) -> None:
    """Draw an open run, and its results once it is done."""
    spec = opened.spec_of(job)
    opened.follow(job, spec)
    status = draw_run(job, spec)
    if status.state == "done" and spec is not None:
        from tscviz.ui.train.result import draw_result

        draw_result(job, spec)


shell.page_header("Train", "How does a model learn this dataset, and how well?")
jobs = list_jobs()
main = st.container()
if jobs:
    draw_table(jobs)  # before the form, which may have to wait for torch
with main:
    try:
        chosen = opened.open_job(jobs)
    except JobError as error:
        st.warning(escape_markdown(str(error)), icon=":material/link_off:")
        chosen = None
    if chosen is None:
        draw_new()
        if not jobs:
            draw_steps()
    else:
        draw_one(chosen)
