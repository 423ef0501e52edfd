"""Datasets: the classes at a glance, means, a map to find a case, gaps, and more datasets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tscviz.figures import dataset as draw
from tscviz.figures import summary
from tscviz.figures.series import plot_series
from tscviz.ui import cache, components, shell, state
from tscviz.ui.escape import escape_markdown
from tscviz.ui.facts import case_table, facts, projection
from tscviz.ui.fetch import offer_download
from tscviz.ui.selection import Selection

VIEWS = ("Classes", "Means", "Find a case", "Balance and gaps", "More datasets")
MAX_LISTED = 100

shell.page_header("Datasets", "What do the series of each class look like, and which are odd?")
chosen: Selection = state.current()
data = cache.dataset(chosen.dataset)
X, y, mask = data.split(chosen.split)
stem = f"{chosen.dataset}-{chosen.split}"
dark = shell.is_dark()


def draw_facts() -> None:
    """Show the sizes of the dataset."""
    sizes = facts(chosen.dataset)
    st.markdown(
        f"**{escape_markdown(chosen.dataset)}**, {data.source}; the {chosen.split} split is drawn"
    )
    components.stat_tiles(
        {
            "Train cases": sizes.n_train,
            "Test cases": sizes.n_test,
            "Classes": sizes.n_classes,
            "Channels": sizes.n_channels,
            "Length": (sizes.lengths, "Time points"),
            "Missing values": sizes.n_missing,
        }
    )


def choose_channel() -> int:
    """Return the channel to draw; asks only where there are several."""
    if data.n_channels == 1:
        return 0
    return st.selectbox(
        "Channel", range(data.n_channels), format_func=lambda c: f"Channel {c + 1}", width=200
    )  # fmt: skip


def draw_classes() -> None:
    """Draw a panel per class."""
    fig = draw.plot_glance(
        X, y, data.class_names, mask=mask, channel=choose_channel(), dark=dark
    )  # fmt: skip
    components.figure(fig, name=f"{stem}-classes")


def draw_means() -> None:
    """Draw the mean of each class with its spread."""
    fig = draw.plot_class_means(
        X, y, data.class_names, mask=mask, channel=choose_channel(), dark=dark
    )  # fmt: skip
    components.figure(fig, name=f"{stem}-means")


def draw_map() -> None:
    """Draw all cases as points; what is selected is listed, and one can be made the shared case."""
    points = projection(chosen.dataset, chosen.split)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.caption("Click a point or drag a box: alike series lie close together.")
        fig = draw.plot_case_map(points, y, data.class_names, current=chosen.case, dark=dark)
        picked = components.figure(fig, name=f"{stem}-map", select=("points", "box"))
    with right:
        list_cases(sorted({int(p["customdata"]) for p in with_case(picked)}))
    st.markdown(
        f"**Case {chosen.case}**, class {escape_markdown(data.class_names[y[chosen.case]])}"
    )
    one = plot_series(
        X[chosen.case], mask=mask[chosen.case], class_idx=int(y[chosen.case]), dark=dark
    )  # fmt: skip
    components.figure(one, name=f"{stem}-{chosen.case}")


def with_case(picked: Any) -> list[Any]:
    """Return the selected points that stand for a case."""
    return [p for p in picked.selection.points if p.get("customdata") is not None]


def list_cases(case_idx: list[int]) -> None:
    """List the selected cases; a click on a row makes it the case of all pages."""
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

    def take() -> None:
        rows = st.session_state["case_list"].selection.rows
        if rows:
            state.select(case=shown[rows[0]])

    st.dataframe(
        case_table(chosen.dataset, chosen.split, shown),
        key="case_list",
        hide_index=True,
        height=min(380, 38 + 35 * len(shown)),
        on_select=take,
        selection_mode="single-row",
        alt="The selected cases with their classes and series",
        column_config={
            "case": st.column_config.NumberColumn("Case", width="small"),
            "class": st.column_config.TextColumn("Class", width="small"),
            "series": st.column_config.LineChartColumn("Series", color="blue"),
        },
    )


def draw_balance() -> None:
    """Draw class sizes, lengths and gaps."""
    sizes = facts(chosen.dataset)
    components.figure(summary.plot_class_balance(data, dark=dark), name=f"{stem}-balance")
    st.subheader("Lengths", anchor=False)
    if sizes.shortest == sizes.longest:
        st.markdown(f"All series have {sizes.longest} points.")
    else:
        fig = summary.plot_lengths(mask, y, data.class_names, dark=dark)
        components.figure(fig, name=f"{stem}-lengths")
    st.subheader("Missing values", anchor=False)
    if sizes.n_missing:
        components.figure(summary.plot_missing(X, mask=mask, dark=dark), name=f"{stem}-missing")
    else:
        st.markdown("No value is missing.")


draw_facts()
parts = (draw_classes, draw_means, draw_map, draw_balance, offer_download)
tabs = st.tabs(VIEWS, key="view", on_change="rerun")
for tab, part in zip(tabs, parts, strict=True):
    if tab.open:
        with tab:
            part()
