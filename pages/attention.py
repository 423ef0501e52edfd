"""Attention: where an ALSTM-FCN looks, and what its two branches add to the score."""

from __future__ import annotations

import streamlit as st

from tscviz.figures import plot_attention, plot_branches, plot_place_attention
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.attention import controls, data, formulas, tables, views, words
from tscviz.ui.attention.controls import Shown
from tscviz.ui.attention.data import Attended
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.controls import stem
from tscviz.ui.inside.need import Need
from tscviz.ui.inside.words import whose
from tscviz.ui.selection import Selection

NEED = Need(
    offers="branches",
    lacks="no attention",
    text="This page opens the LSTM branch of an ALSTM-FCN up, whose attention weighs the points "
    "of a series: choose one, or train one.",
    architectures=data.ARCHITECTURES,
)


def draw_attention(selection: Selection, one: Attended, shown: Shown) -> None:
    """Draw the main figure: the case with the attention on its time axis."""
    case = one.inside.case
    steps = one.table[0] if one.table is not None and one.variant == "additive" else None
    fig = plot_attention(
        case.x,
        one.maps.weights[0] if one.maps is not None else case.x[:0],
        head=shown.head,
        queries=steps,
        query_label="LSTM step",
        full_range=shown.full_range,
        mask=case.mask,
        channels=shown.channels,
        dark=shell.is_dark(),
    )
    components.figure(
        fig,
        name=f"{stem(selection)}-attention",
        caption=words.colour(one, shown.head),
        table=lambda: tables.weight_table(one),
        document={"selection": selection, "maps": one.maps, "branches": one.shares},
    )


def draw_channels(selection: Selection, one: Attended) -> None:
    """Draw the attention of the paper's variant over several channels."""
    if one.table is None:
        return
    names = [f"step {c + 1}" for c in range(one.table.shape[1])]
    fig = plot_place_attention(
        one.table[0], names, row_label="LSTM step (a channel)", dark=shell.is_dark()
    )
    components.figure(
        fig,
        name=f"{stem(selection)}-attention",
        caption=f"{words.CHANNELS} {words.CAUTION}",
        document={"selection": selection, "maps": one.maps, "branches": one.shares},
    )


def draw_branches(selection: Selection, one: Attended) -> None:
    """Draw what each branch adds to the score of each class."""
    st.subheader("What each branch adds", anchor=False)
    fig = plot_branches(
        one.parts,
        one.inside.labels,
        rest="bias" if one.shares.additive else "start",
        dark=shell.is_dark(),
    )
    components.figure(
        fig,
        name=f"{stem(selection)}-branches",
        caption=words.add_up(one),
        table=lambda: tables.branch_table(one),
        document={"selection": selection, "branches": one.shares},
    )


@st.fragment  # an option in here redraws the open tab alone
def draw_views(selection: Selection, one: Attended, shown: Shown) -> None:
    """Draw the tabs under the main figures."""
    with errors.guard():
        names = views.names_of(selection, one)
        parts = page_options.tabs("view", tuple(names.values()), tuple(names))
        for slug in names:
            if parts[slug].open:  # the other tabs cost nothing
                with parts[slug]:
                    views.VIEWS[slug](selection, one, shown)


def draw_folded(one: Attended) -> None:
    """Draw formulas and the table of branches, folded."""
    with st.expander("Formulas", icon=":material/function:"):
        formulas.draw(one.variant, attention=one.kind != "none")
    with st.expander("The branches of this case as a table", icon=":material/table:"):
        table = dict(tables.branch_table(one))
        st.dataframe(
            table | {"class": [plain_text(name) for name in table["class"]]}, hide_index=True
        )


def draw_page(selection: Selection) -> None:
    """Answer the question for the selected case, then open the branches up."""
    one = data.attended(selection)
    inside = one.inside
    case = whose(selection, inside.entry, inside.labels, inside.case.proba, inside.case.label)
    told = st.empty()
    shown = controls.main_options(one)
    told.markdown(f"{words.answer(one, shown.head)}  \n:gray[{case} Variant {one.variant}.]")
    if one.over_time:
        draw_attention(selection, one, shown)
    elif one.kind == "channels":
        draw_channels(selection, one)
    else:
        controls.why_no_map(selection, one)
    draw_branches(selection, one)
    draw_views(selection, one, shown)
    draw_folded(one)


shell.page_header(
    "Attention", "Where in the series does the model look, and which of its two branches decides?"
)
chosen = state.current()
if NEED.met(chosen):
    draw_page(chosen)
