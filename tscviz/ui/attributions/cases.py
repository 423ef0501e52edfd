"""Choosing the case: a confusion matrix and a map of the split, both to be clicked or boxed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from tscviz.figures import plot_confusion
from tscviz.types import Array
from tscviz.ui import cache, page_options, shell, state
from tscviz.ui.attributions.controls import SELECTED, SUBJECTS
from tscviz.ui.case_map import draw_points, list_cases, taker
from tscviz.ui.case_places import space_of_features, space_of_series
from tscviz.ui.cell_targets import add_targets
from tscviz.ui.components.chart import figure
from tscviz.ui.inside.words import class_labels
from tscviz.ui.picked import generation, picked
from tscviz.ui.selection import Selection

ALIKE = {"features": "to the model", "series": "as series"}


def draw(selection: Selection, drawn: list[int]) -> None:
    """Draw both, and list the cases that were selected in either.

    Parameters
    ----------
    selection : Selection
    drawn : list of int
        Cases that were selected when the whole page was drawn: the sidebar shows them, and follows
        when there are others.
    """
    if picked(selection) != drawn or state.current() != selection:
        st.rerun()
    data = cache.dataset(selection.dataset)
    labels = class_labels(data.class_names)
    y = data.split(selection.split)[1]
    proba = cache.probabilities(str(selection.model), selection.dataset, selection.split)
    predicted, stem = proba.argmax(1), f"{selection.model}-{selection.split}"
    halves = st.grid(2, min_column_width=380)
    left, right = halves.cell(), halves.cell()
    with right:
        alike = page_options.segmented(
            "alike", "Cases lie close together that are alike", tuple(ALIKE), "features",
            ALIKE.__getitem__,
            help="To the model: by the features that its last layer gets. As series: by the values "
            "themselves.",
        )  # fmt: skip
        space = (
            space_of_features(selection) if alike == "features"
            else space_of_series(selection.dataset, selection.split)
        )  # fmt: skip
        draw_points(selection, space, labels, name=f"{stem}-{alike}-map")
    with left:
        st.caption("Click a cell: its cases are listed below.")
        name = f"{stem}-confusion"
        fig = add_targets(plot_confusion(y, predicted, labels, dark=shell.is_dark()), selected=0.35)
        fig.update_xaxes(fixedrange=True)
        fig.update_yaxes(fixedrange=True)
        figure(
            fig, name=name, select=("points", "box"), generation=generation(name),
            on_select=taker(selection, name, lambda found: in_cells(found, y, predicted)),
        )  # fmt: skip
        _offer_mean(selection)
        list_cases(selection, space, 0, predicted)


def draw_first(selection: Selection) -> None:
    """Say that cases must be selected before there is a mean of them, and let them be selected."""
    st.info(
        "**No case is selected yet.** Click a cell of the confusion matrix or points on the map, "
        "or drag a box: the mean of their maps then stands here.",
        icon=":material/select:",
    )
    _choose(selection)


@st.fragment
def _choose(selection: Selection) -> None:
    draw(selection, [])


def _offer_mean(selection: Selection) -> None:
    """Offer the mean of the maps of the selected cases; on the page it is there already."""
    if page_options.value("of", tuple(SUBJECTS), "case") == SELECTED or not picked(selection):
        return
    if st.button("Mean of their maps", icon=":material/stacks:", key="mean_of_selected"):
        page_options.set_value("of", SELECTED)
        st.rerun()


def in_cells(found: Any, y: Array, predicted: Array) -> list[int]:
    """Return the cases behind the selected cells; anything else the browser sends is left out."""
    n = int(max(y.max(), predicted.max())) + 1 if len(y) else 0
    cases: set[int] = set()
    for point in found.selection.points:
        row, column = point.get("y"), point.get("x")
        if row in range(n) and column in range(n):
            cases.update(np.flatnonzero((y == row) & (predicted == column)).tolist())
    return sorted(cases)
