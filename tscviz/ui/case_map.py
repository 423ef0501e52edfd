"""A map of all cases of a split: select some, compare them, make one the case of all pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from tscviz.figures import plot_case_map, plot_series
from tscviz.types import Array
from tscviz.ui import cache, components, page_options, shell, state
from tscviz.ui.case_places import LAYOUTS, Space, space_of_series
from tscviz.ui.escape import escape_markdown
from tscviz.ui.facts import case_table
from tscviz.ui.picked import generation, pick, picked
from tscviz.ui.selection import Selection

MAX_LISTED = 100
WAYS = {"click": "clicking points", "box": "dragging a box"}


def draw_map(chosen: Selection, channel: int = 0) -> None:
    """Draw all cases as points, the selected ones as a list, and the shared case below.

    Parameters
    ----------
    chosen : Selection
    channel : int
        Drawn in the list.
    """
    data = cache.dataset(chosen.dataset)
    X, y, mask = data.split(chosen.split)
    stem = f"{chosen.dataset}-{chosen.split}"
    halves = st.grid(2, min_column_width=380)
    with halves.cell():
        st.caption("Series that are alike lie close together.")
        space = space_of_series(chosen.dataset, chosen.split)
        draw_points(chosen, space, data.class_names, name=f"{stem}-map")
    with halves.cell():
        list_cases(chosen, space, channel)
    name = escape_markdown(data.class_names[y[chosen.case]])
    st.markdown(f"**Case {chosen.case}**, class {name}")
    one = plot_series(
        X[chosen.case], mask=mask[chosen.case], class_idx=int(y[chosen.case]),
        dark=shell.is_dark(),
    )  # fmt: skip
    components.figure(one, name=f"{stem}-{chosen.case}")


def draw_points(chosen: Selection, space: Space, labels: Sequence[str], *, name: str) -> None:
    """Draw the map with its two choices; what is selected on it is selected on all pages."""
    y = cache.dataset(chosen.dataset).split(chosen.split)[1]
    with st.container(horizontal=True, gap="small"):
        layout = page_options.segmented(
            "layout", "Arranged by", tuple(LAYOUTS), "pca", LAYOUTS.__getitem__,
            help="PCA: the two directions in which the cases differ most. UMAP: neighbours in the "
            "whole space stay neighbours; how far apart groups lie then says little.",
        )  # fmt: skip
        boxed = page_options.segmented("pick", "Select by", tuple(WAYS), "click", WAYS.__getitem__)
    fig = plot_case_map(
        space.places(layout), y, labels, current=chosen.case, chosen=picked(chosen),
        prototypes=space.prototypes, boxed=boxed == "box", dark=shell.is_dark(),
    )  # fmt: skip
    components.figure(
        fig, name=f"{name}-{layout}", select=("points", "box"), generation=generation(name),
        on_select=taker(chosen, name, lambda found: selected_cases(found, len(y))),
    )  # fmt: skip


def taker(
    chosen: Selection, source: str, read: Callable[[Any], list[int]]
) -> Callable[[Any], None]:
    """Return what a figure calls when the visitor selects in it."""
    return lambda found: pick(chosen, read(found), source)


def selected_cases(found: Any, n_cases: int) -> list[int]:
    """Return the cases behind the selected points, in order, each once.

    Parameters
    ----------
    found : PlotlyState
    n_cases : int
        Numbers that are no case (the browser sends them) are left out.
    """
    ids = {point.get("customdata") for point in found.selection.points}
    return sorted(i for i in ids if isinstance(i, int) and 0 <= i < n_cases)


def list_cases(
    chosen: Selection, space: Space, channel: int, predicted: Array | None = None
) -> None:
    """List the selected cases with their series; a tick makes one the case of all pages.

    Parameters
    ----------
    chosen : Selection
    space : Space
        Its prototypes are offered.
    channel : int
        Drawn.
    predicted : int array, shape (n_cases,), optional
        Class predicted, a column of the list; the cases that are wrong are offered.
    """
    case_idx = picked(chosen)
    _offers(chosen, space, case_idx, predicted)
    if not case_idx:
        components.empty_state(
            "Nothing selected yet",
            "Select points on the map: they are listed here, and the sidebar steps through them on "
            "every page. The ringed point is the case of all pages.",
        )
        return
    shown = case_idx[:MAX_LISTED]
    rest = f", the first {MAX_LISTED} listed" if len(case_idx) > MAX_LISTED else ""
    st.caption(
        f"{len(case_idx)} selected{rest}, on all pages. Tick a row to make it the case of all "
        "pages."
    )
    if len(shown) == 1 and shown[0] != chosen.case:
        st.button(
            f"Use case {shown[0]} on all pages", type="primary", on_click=state.select,
            kwargs={"case": shown[0]},
        )  # fmt: skip
    _table(chosen, shown, channel, predicted)


def _offers(
    chosen: Selection, space: Space, case_idx: Sequence[int], predicted: Array | None
) -> None:
    """Offer the prototypes, the cases that are wrong, and none."""
    y = cache.dataset(chosen.dataset).split(chosen.split)[1]
    offers = {"Prototypes": sorted(space.prototypes.values())}
    if predicted is not None:
        offers["Wrong ones"] = (y != predicted).nonzero()[0].tolist()
    with st.container(horizontal=True, gap="small"):
        for label, found in offers.items():
            st.button(
                f"{label} ({len(found)})", key=f"offer_{label}", disabled=not found,
                on_click=pick, args=(chosen, found),
                help="Of each class the case nearest to all others of it."
                if label == "Prototypes" else None,
            )  # fmt: skip
        st.button(
            "None", key="offer_none", type="tertiary", disabled=not case_idx,
            on_click=pick, args=(chosen, ()),
        )  # fmt: skip


def _table(chosen: Selection, shown: Sequence[int], channel: int, predicted: Array | None) -> None:
    data = cache.dataset(chosen.dataset)
    table = case_table(chosen.dataset, chosen.split, list(shown), channel)
    if predicted is not None:
        series = table.pop("series")
        table |= {"predicted": [data.class_names[predicted[i]] for i in shown], "series": series}
    st.dataframe(
        table,
        key="case_list",
        hide_index=True,
        height=min(380, 38 + 35 * len(shown)),
        on_select=lambda: _take(shown),
        selection_mode="single-row",
        alt="The selected cases with their classes and series",
        column_config={
            "case": st.column_config.NumberColumn("Case", width="small"),
            "class": st.column_config.TextColumn("Class", width="small"),
            "predicted": st.column_config.TextColumn("Predicted", width="small"),
            "series": st.column_config.LineChartColumn("Series", color="blue"),
        },
    )


def _take(shown: Sequence[int]) -> None:
    rows = st.session_state["case_list"].selection.rows
    if rows and rows[0] < len(shown):
        state.select(case=shown[rows[0]])
