"""Attributions: what every method says of one case, beside the model's own view of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tscviz.figures import plot_comparison
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.attributions import (
    baselines,
    captions,
    cases,
    compared,
    controls,
    links,
    tables,
    takeaway,
    words,
)
from tscviz.ui.attributions.compared import Side
from tscviz.ui.attributions.controls import Shown
from tscviz.ui.downloads import download_row
from tscviz.ui.inside.case import InsideCase, inside_case
from tscviz.ui.inside.controls import stem
from tscviz.ui.picked import picked
from tscviz.ui.selection import Selection

TABS = {
    "methods": "The methods",
    "baselines": "Baselines",
    "cases": "Choose a case",
    "away": "Take it away",
}


def draw_maps(selection: Selection, one: InsideCase, found: Sequence[Side], shown: Shown) -> None:
    """Draw the main figure: series, the model's own view, and a row for each map."""
    fig = plot_comparison(
        [side.column for side in found],
        each_channel=shown.each_channel,
        scale=shown.scale,
        drawn=shown.drawn,
        class_name=one.labels[one.target],
        dark=shell.is_dark(),
    )
    components.figure(
        fig,
        name=f"{stem(selection)}-attributions",
        caption=captions.caption(found, shown),
        table=lambda: tables.map_table(found),
        document=lambda: tables.document(found, shown),
    )


def draw_methods(selection: Selection, found: Sequence[Side], shown: Shown) -> None:
    """Show what each row says, its sign, cost and time."""
    table = tables.method_table(found)
    st.dataframe(tables.shown(table), hide_index=True)
    st.caption(words.TABLE if found[0].mean is None else words.MEAN_TABLE)
    if found[-1].mean is None:
        links.draw_evidence(found[-1].answers, shown.question)
    download_row(f"{stem(selection)}-methods", table=table)


@st.fragment  # an option in here redraws the open tab alone
def draw_views(
    selection: Selection, found: Sequence[Side], shown: Shown, chosen_cases: list[int]
) -> None:
    """Draw the tabs under the main figure."""
    with errors.guard():
        parts = page_options.tabs("view", tuple(TABS.values()), tuple(TABS))
        views = {
            "methods": lambda: draw_methods(selection, found, shown),
            "baselines": lambda: baselines.draw(found[-1], shown),
            "cases": lambda: cases.draw(selection, chosen_cases),
            "away": lambda: takeaway.draw(found[-1], shown),
        }
        for slug, view in views.items():
            if parts[slug].open:  # the other tabs cost nothing
                with parts[slug]:
                    view()


def draw_page(selection: Selection) -> None:
    """Answer the question for the selected case, then show what stands behind the rows."""
    one = inside_case(selection)
    told = st.empty()
    shown = controls.main_options(selection, one)
    if shown.subject == controls.SELECTED and not shown.selected:
        cases.draw_first(selection)
        return
    found = compared.sides(selection, shown)
    told.markdown(f"{words.answer(found)}  \n:gray[{words.context(found[-1])}]")
    if shown.pinned is not None and len(found) == 1:
        st.info(words.PINNED, icon=":material/keep:")
    draw_maps(selection, one, found, shown)
    draw_views(selection, found, shown, picked(selection))


shell.page_header(
    "Attributions", "What do the methods say about this case, and do they agree with the model?"
)
chosen = state.current()
if chosen.model is None:
    components.empty_state(
        f"No model for {chosen.dataset} yet",
        "Maps explain a trained network. The quick preset trains one in a minute or two.",
        page="train",
        label="Train one",
    )
else:
    draw_page(chosen)
