"""A map of all cases of a split: select some, compare them, make one the case of all pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tscviz.figures import plot_case_map, plot_series
from tscviz.ui import cache, components, page_options, shell, state
from tscviz.ui.escape import escape_markdown
from tscviz.ui.facts import case_table, projection
from tscviz.ui.selection import Selection

MAX_LISTED = 100


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
        boxed = by_box()
        fig = plot_case_map(
            projection(chosen.dataset, chosen.split), y, data.class_names,
            current=chosen.case, boxed=boxed, dark=shell.is_dark(),
        )  # fmt: skip
        picked = components.figure(fig, name=f"{stem}-map", select=("points", "box"))
    with halves.cell():
        list_cases(chosen, selected_cases(picked, len(y)), channel)
    name = escape_markdown(data.class_names[y[chosen.case]])
    st.markdown(f"**Case {chosen.case}**, class {name}")
    one = plot_series(
        X[chosen.case], mask=mask[chosen.case], class_idx=int(y[chosen.case]),
        dark=shell.is_dark(),
    )  # fmt: skip
    components.figure(one, name=f"{stem}-{chosen.case}")


def by_box() -> bool:
    """Ask how cases are to be selected on the map; True: by dragging a box."""
    ways = {"click": "clicking points", "box": "dragging a box"}
    return (
        page_options.segmented("pick", "Select by", tuple(ways), "click", ways.__getitem__) == "box"
    )


def selected_cases(picked: Any, n_cases: int) -> list[int]:
    """Return the cases behind the selected points, in order, each once.

    Parameters
    ----------
    picked : PlotlyState
    n_cases : int
        Numbers that are no case (the browser sends them) are left out.
    """
    found = {point.get("customdata") for point in picked.selection.points}
    return sorted(i for i in found if isinstance(i, int) and 0 <= i < n_cases)


def list_cases(chosen: Selection, case_idx: list[int], channel: int) -> None:
    """List cases with their series; a tick makes one the case of all pages."""
    if not case_idx:
        components.empty_state(
            "Nothing selected yet",
            "Select points on the map to compare their series here. The ringed point is the "
            "case of all pages.",
        )
        return
    shown = case_idx[:MAX_LISTED]
    rest = f", the first {MAX_LISTED} listed" if len(case_idx) > MAX_LISTED else ""
    st.caption(f"{len(case_idx)} selected{rest}. Tick a row to make it the case of all pages.")
    if len(shown) == 1 and shown[0] != chosen.case:
        st.button(
            f"Use case {shown[0]} on all pages", type="primary", on_click=state.select,
            kwargs={"case": shown[0]},
        )  # fmt: skip
    st.dataframe(
        case_table(chosen.dataset, chosen.split, shown, channel),
        key="case_list",
        hide_index=True,
        height=min(380, 38 + 35 * len(shown)),
        on_select=lambda: _take(shown),
        selection_mode="single-row",
        alt="The selected cases with their classes and series",
        column_config={
            "case": st.column_config.NumberColumn("Case", width="small"),
            "class": st.column_config.TextColumn("Class", width="small"),
            "series": st.column_config.LineChartColumn("Series", color="blue"),
        },
    )


def _take(shown: list[int]) -> None:
    rows = st.session_state["case_list"].selection.rows
    if rows and rows[0] < len(shown):
        state.select(case=shown[rows[0]])
