"""Evidence: how far the map of one method can be trusted, for a case and over many."""

from __future__ import annotations

import streamlit as st

from tscviz.figures import plot_deletion_insertion
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.escape import escape_markdown
from tscviz.ui.evidence import controls, data, many, views, words
from tscviz.ui.evidence.views import Judged
from tscviz.ui.inside.case import inside_case
from tscviz.ui.inside.words import whose
from tscviz.ui.selection import Selection

TABS = {
    "map": "The map",
    "measures": "Infidelity, sensitivity",
    "weights": "Random weights",
    "stability": "Stability",
    "agreement": "Agreement",
    "choices": "Other choices",
    "cases": "Many cases",
}


def draw_curves(judged: Judged) -> None:
    """Draw the main figure: the curves of the map beside random maps and its reverse."""
    asked, one = judged.asked, judged.one
    found = data.curves(asked, judged.attribution)
    name = one.labels[one.target]
    if asked.against is not None:
        name = f"{name} less {one.labels[asked.against]}"
    fig = plot_deletion_insertion(
        found, method=words.title(asked), class_name=name, dark=shell.is_dark()
    )
    components.figure(
        fig,
        name=judged.stem("curves"),
        caption=words.how_to_read(found),
        document=lambda: judged.document(curves=found),
    )


@st.fragment  # an option in here redraws the open tab alone
def draw_views(judged: Judged) -> None:
    """Draw the tabs; a part is gathered when its tab is opened."""
    with errors.guard():
        parts = page_options.tabs("view", tuple(TABS.values()), tuple(TABS))
        drawn = {
            "map": views.draw_map,
            "measures": views.draw_measures,
            "weights": views.draw_weights,
            "stability": views.draw_stability,
            "agreement": views.draw_agreement,
            "choices": views.draw_choices,
            "cases": lambda judged: many.draw(judged.asked),
        }
        for slug, view in drawn.items():
            if parts[slug].open:  # the other tabs cost nothing
                with parts[slug], errors.guard():
                    view(judged)


def draw_page(selection: Selection) -> None:
    """Answer the question for the selected case's map, then offer the other kinds of evidence."""
    one = inside_case(selection)
    told = st.container()
    asked = controls.main_options(selection, one)
    context = whose(selection, one.entry, one.labels, one.case.proba, one.case.label)
    answer = data.answer(asked)
    if answer.attribution is None:
        told.markdown(f":gray[{context}]")
        st.warning(
            f"**No map to judge.** {escape_markdown(answer.reason)}", icon=":material/block:"
        )
        controls.offer_native(asked)
        return
    judged = Judged(asked, one, answer.attribution)
    with told:
        place = st.empty()
    found = data.curves(asked, judged.attribution)
    place.markdown(f"{words.answer(found, one, asked)}  \n:gray[{context}]")
    draw_curves(judged)
    draw_views(judged)


shell.page_header("Evidence", "How far can this map be trusted?")
chosen = state.current()
if chosen.model is None:
    components.empty_state(
        f"No model for {chosen.dataset} yet",
        "Evidence is gathered for the maps of a trained network. The quick preset trains one in a "
        "minute or two.",
        page="train",
        label="Train one",
    )
else:
    draw_page(chosen)
