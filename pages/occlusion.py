"""Occlusion and filters: what the class loses with each stretch, and what the filters see."""

from __future__ import annotations

import streamlit as st

from tscviz.figures import plot_occlusion
from tscviz.types import Attribution
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.downloads import download_row
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.case import InsideCase, inside_case
from tscviz.ui.inside.controls import stem
from tscviz.ui.inside.words import whose
from tscviz.ui.occlusion import controls, data, filters, method, tables, words
from tscviz.ui.occlusion.controls import NEED
from tscviz.ui.occlusion.data import Settings
from tscviz.ui.selection import Selection

TABS = {
    "filters": "Filters by length",
    "activations": "All filters at once",
    "lengths": "Which lengths matter",
}


def draw_map(selection: Selection, one: InsideCase, found: Attribution, settings: Settings) -> None:
    """Draw the main figure: the map under the series, and the score by the window's place."""
    fig = plot_occlusion(
        one.case.x,
        found,
        mask=one.case.mask,
        class_name=one.labels[one.target],
        filling=data.filling(one, found),
        dark=shell.is_dark(),
    )
    components.figure(
        fig,
        name=f"{stem(selection)}-occlusion",
        caption=words.colour(one, settings, found),
        table=lambda: tables.map_table(one, found),
        document={"selection": selection, "x": one.case.x, "occlusion": found},
    )


@st.fragment  # an option in here redraws the open tab alone
def draw_filters(selection: Selection, one: InsideCase) -> None:
    """Draw the tabs about the filters of the first layer."""
    with errors.guard():
        parts = page_options.tabs("view", tuple(TABS.values()), tuple(TABS))
        views = {
            "filters": filters.by_length,
            "activations": filters.at_once,
            "lengths": filters.without_lengths,
        }
        for slug, view in views.items():
            if parts[slug].open:  # the other tabs cost nothing
                with parts[slug]:
                    view(selection, one)


def draw_folded(selection: Selection, one: InsideCase, found: Attribution) -> None:
    """Draw how the map is made and the table of windows, folded."""
    with st.expander("How the map is made", icon=":material/function:"):
        method.draw(found)
    with st.expander("The windows as a table", icon=":material/table:"):
        table = tables.window_table(one, found)
        st.dataframe(
            {
                plain_text(key): [plain_text(v) for v in column]
                if key == "predicted class"
                else column
                for key, column in table.items()
            },
            hide_index=True,
        )
        download_row(f"{stem(selection)}-windows", table=table)


def draw_page(selection: Selection) -> None:
    """Answer the question for the selected case, then show what the filters see."""
    one = inside_case(selection)
    place = st.empty()
    settings = controls.main_options(one)
    found = data.occlusion(selection, one, settings)
    case = one.case
    place.markdown(
        f"{words.answer(one, found)}  \n"
        f":gray[{whose(selection, one.entry, one.labels, case.proba, case.label)}]"
    )
    draw_map(selection, one, found, settings)
    draw_folded(selection, one, found)
    st.subheader("What the filters of the first layer see", anchor=False)
    if NEED.met(selection):
        draw_filters(selection, one)


shell.page_header("Occlusion and filters", "Which parts of the series does the model need?")
chosen = state.current()
if chosen.model is not None:
    draw_page(chosen)
else:
    NEED.met(chosen)
