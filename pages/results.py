"""Results: which model is better, over how many datasets, at what cost, and by how much luck."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from tscviz.figures import plot_critical_difference
from tscviz.figures.results_stats import critical_difference
from tscviz.types import TscvizError
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.escape import escape_markdown
from tscviz.ui.results import confusion, controls, curves, option, tables, views, words
from tscviz.ui.results.controls import Chosen

TABS = {
    "matrix": "Every pair",
    "pairs": "Two models",
    "cost": "Cost",
    "option": "Segments, sparsity",
    "curves": "Learning curves",
    "confusion": "Mistakes",
    "table": "Table",
}


def draw_ranks(chosen: Chosen) -> None:
    """Answer the question, and draw the critical difference diagram."""
    place = st.empty()
    test, level = controls.test_and_level()
    try:
        found = critical_difference(chosen.scores, test, level)
    except TscvizError as error:  # a choice, not a fault: one model, or no dataset in common
        place.info(escape_markdown(str(error)))
        st.caption(words.coverage(chosen))
        return
    place.markdown(words.answer(found))
    with st.container(width=900):
        components.figure(
            plot_critical_difference(found, dark=shell.is_dark()),
            name="results-critical-difference",
            caption=f"{words.caveat(found)} {words.coverage(chosen)}",
            document=replace(found, models=chosen.keys(found.models)),
        )


@st.fragment  # an option in here redraws the open tab alone
def draw_tabs(chosen: Chosen) -> None:
    """Draw the open tab."""
    parts = page_options.tabs("show", tuple(TABS.values()), tuple(TABS))
    draw = {
        "matrix": views.matrix,
        "pairs": views.pairs,
        "cost": views.cost,
        "option": option.draw,
        "curves": curves.draw,
        "confusion": lambda one: confusion.draw(one, state.current()),
        "table": tables.draw,
    }
    for slug, view in draw.items():
        if parts[slug].open:  # the other tabs cost nothing
            with parts[slug], errors.guard():
                view(chosen)


shell.page_header("Results", "Which model is better, and is the difference more than chance?")
table = controls.draw()
if table is None:
    components.empty_state(
        "No results yet", "A sweep trains many models on many datasets and compares them here.",
        page="sweep", label="Start a sweep",
    )  # fmt: skip
elif not table.models:
    st.info("Choose at least one model.")
else:
    draw_ranks(table)
    draw_tabs(table)
