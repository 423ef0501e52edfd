"""Planted truth: plant a cue, train a network on it, see which methods find it."""

from __future__ import annotations

from contextlib import nullcontext

import streamlit as st

from tscviz.data.planted_names import planted_name
from tscviz.ui import cache, errors, lifespan, shell

shell.page_header("Planted truth", "Which methods find what is known to matter?")
with nullcontext() if lifespan.is_warm() else st.spinner("Loading the networks and methods …"):
    from tscviz.ui.planted import course, maps, problem, record, scores, takeaway, words


def draw_scores(name: str, model: str) -> None:
    """Rank the methods, then show their maps of one case."""
    st.subheader("Which methods find it", anchor=False)
    data = cache.dataset(name)
    proba = cache.probabilities(model, name, "test")
    accuracy = float((proba.argmax(1) == data.y_test).mean())
    if warning := words.learned(accuracy, 1 / data.n_classes):
        st.warning(warning, icon=":material/school:")
    asked = scores.choose(name, model)
    settled = scores.draw(asked)
    with st.expander("What the scores mean", icon=":material/function:"):
        st.markdown(words.SCORES)
    if settled:
        st.subheader("One case", anchor=False)
        maps.draw(asked)


def draw_page() -> None:
    """Plant, train, rank, look."""
    st.markdown(words.INTRO)
    st.subheader("What is planted", anchor=False)
    options = problem.choose()
    name = planted_name(options)
    if not problem.draw_examples(name):
        return
    record.draw(options)
    st.subheader("The network that learns it", anchor=False)
    wanted = course.plan(name, course.choose())
    job = course.find(wanted.spec)
    scores.recall()
    if job is None:
        course.offer(wanted)
        return
    status = course.watch(job, wanted.spec)
    if status.state == "done" and f"job/{job.id}" in cache.models():
        draw_scores(name, f"job/{job.id}")
    takeaway.draw(wanted.spec)


with errors.guard():
    draw_page()
