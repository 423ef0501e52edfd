"""Choosing the case: a confusion matrix and a map of the split, both to be clicked or boxed."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from tscviz.figures import plot_case_map, plot_confusion
from tscviz.figures.stats import Projection, project_cases
from tscviz.types import Array
from tscviz.ui import cache, page_options, shell
from tscviz.ui.case_map import by_box, list_cases, selected_cases
from tscviz.ui.components.chart import figure
from tscviz.ui.facts import projection
from tscviz.ui.inside.words import class_labels
from tscviz.ui.selection import Selection

ALIKE = {"features": "to the model", "series": "as series"}


def draw(selection: Selection) -> None:
    """Draw both, and list the cases that were selected in either."""
    data = cache.dataset(selection.dataset)
    labels = class_labels(data.class_names)
    y = data.split(selection.split)[1]
    proba = cache.probabilities(str(selection.model), selection.dataset, selection.split)
    predicted = proba.argmax(1)
    stem = f"{selection.model}-{selection.split}"
    halves = st.grid(2, min_column_width=380)
    with halves.cell():
        st.caption("Click a cell: its cases are listed below.")
        fig = with_targets(plot_confusion(y, predicted, labels, dark=shell.is_dark()), len(labels))
        cells = figure(fig, name=f"{stem}-confusion", select=("points", "box"))
    with halves.cell():
        alike = page_options.segmented(
            "alike", "Cases lie close together that are alike", tuple(ALIKE), "features",
            ALIKE.__getitem__,
            help="To the model: principal components of the features that its last layer gets. As "
            "series: of the values themselves. The cases you select are listed below.",
        )  # fmt: skip
        boxed = by_box()
        fig = plot_case_map(
            _places(selection, alike), y, labels, current=selection.case, boxed=boxed,
            dark=shell.is_dark(),
        )  # fmt: skip
        picked = figure(fig, name=f"{stem}-{alike}-map", select=("points", "box"))
    chosen = set(selected_cases(picked, len(y))) | in_cells(cells, y, predicted)
    list_cases(selection, sorted(chosen), 0)


def with_targets(fig: go.Figure, n_classes: int) -> go.Figure:
    """Put unseen marks on the cells of a confusion matrix: a heat map alone takes no clicks."""
    true, predicted = np.indices((n_classes, n_classes)).reshape(2, -1)
    fig.update_traces(hoverinfo="skip", hovertemplate=None, selector={"type": "heatmap"})
    fig.add_trace(
        go.Scatter(
            x=predicted,
            y=true,
            customdata=true * n_classes + predicted,
            mode="markers",
            marker={"size": 30, "symbol": "square", "opacity": 0, "color": "#ffffff"},
            selected={"marker": {"opacity": 0.35}},
            unselected={"marker": {"opacity": 0}},
            hoverinfo="none",
            showlegend=False,
        )
    )
    # Streamlit takes clicks only where dragging does not select
    fig.update_layout(dragmode="pan")
    fig.update_xaxes(fixedrange=True)
    fig.update_yaxes(fixedrange=True)
    return fig


def in_cells(picked: Any, y: Array, predicted: Array) -> set[int]:
    """Return the cases behind the selected cells; anything else the browser sends is left out."""
    n = int(max(y.max(), predicted.max())) + 1 if len(y) else 0
    found: set[int] = set()
    for point in picked.selection.points:
        row, column = point.get("y"), point.get("x")
        if row in range(n) and column in range(n):
            found.update(np.flatnonzero((y == row) & (predicted == column)).tolist())
    return found


def _places(selection: Selection, alike: str) -> Projection:
    if alike == "series":
        return projection(selection.dataset, selection.split)
    clf = cache.classifier(str(selection.model))
    ready = cache.prepared(str(selection.model), selection.dataset, selection.split)
    key = (cache.dataset(selection.dataset).digest, selection.split)
    return _projected(key, clf.digest, ready.X, ready.mask, clf)


@st.cache_resource(max_entries=16, show_spinner="Arranging the cases …")
def _projected(
    key: tuple[str, str], model_digest: str, _X: Array, _mask: Array, _classifier: Any
) -> Projection:
    from tscviz.explain.penultimate import penultimate_features

    return project_cases(penultimate_features(_classifier, _X, _mask)[:, None, :])
