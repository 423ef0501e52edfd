"""DTP segments: where a temporal pooling model cuts a series, and which parts decide."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from tscviz.figures import CamPanel, plot_cam_panels, plot_contributions
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.escape import plain_text
from tscviz.ui.explained import explained
from tscviz.ui.inside.controls import stem
from tscviz.ui.inside.need import Need
from tscviz.ui.segments import cases, controls, data, formulas, inside, tables, words
from tscviz.ui.segments.controls import Shown
from tscviz.ui.segments.data import OneCase
from tscviz.ui.selection import Selection

NEED = Need(
    offers="segments",
    lacks="no segments",
    text="This page needs a temporal pooling layer: choose a GTP, STP or DTP model, or train one.",
    architectures=tuple(
        f"{kind}-{net}" for kind in reversed(data.KINDS) for net in ("fcn", "resnet")
    ),
)
TABS = {
    "cases": "All cases of a class",
    "alignment": "Alignment",
    "prototypes": "Prototypes",
    "lengths": "Segment lengths",
}


def draw_case(selection: Selection, one: OneCase, shown: Shown) -> None:
    """Draw the main figure: the case coloured by its map, with the cuts between segments."""
    results = {str(selection.model): one.result}
    if shown.beside is not None:
        sister = replace(selection, model=shown.beside, target=one.target)
        results[shown.beside] = explained(sister)
    maps = {
        name: data.spread_out(r, name) if shown.spread else r.attribution
        for name, r in results.items()
    }
    labels = data.short_labels(*results)
    target = plain_text(one.labels[one.target], max_length=24)
    panels = [
        CamPanel(
            f"{labels[name]}: {target} {components.probability(r.proba[one.target])}",
            maps[name],
            r.segmentation,
        )
        for name, r in results.items()
    ]
    fig = plot_cam_panels(
        one.result.x,
        panels,
        mask=one.result.mask,
        class_names=one.labels,
        probability=float(one.result.proba[one.target]),
        normalised=shown.unit,
        dark=shell.is_dark(),
    )
    components.figure(
        fig,
        name=f"{stem(selection)}-segments",
        caption=words.colour(target, spread=shown.spread),
        table=lambda: tables.map_table(
            one, {labels[n]: (results[n].attribution, maps[n]) for n in maps}
        ),
        document={"selection": selection, "models": results},
    )


def draw_parts(selection: Selection, one: OneCase) -> None:
    """Draw what each segment adds to each class."""
    st.subheader("What each segment adds", anchor=False)
    components.figure(
        plot_contributions(one.segmentation, one.labels, dark=shell.is_dark()),
        name=f"{stem(selection)}-contributions",
        caption=words.add_up(one),
        table=lambda: tables.segment_table(one),
        document={"selection": selection, "segmentation": one.segmentation},
    )


@st.fragment  # an option in here redraws the open tab alone
def draw_views(selection: Selection, one: OneCase, shown: Shown) -> None:
    """Draw the tabs under the main figure."""
    with errors.guard():
        parts = page_options.tabs("view", tuple(TABS.values()), tuple(TABS))
        views = {
            "cases": lambda: cases.draw(selection, one, shown),
            "alignment": lambda: inside.alignment(selection, one),
            "prototypes": lambda: inside.prototypes(selection, one),
            "lengths": lambda: inside.lengths(selection, one),
        }
        for slug, view in views.items():
            if parts[slug].open:  # the other tabs cost nothing
                with parts[slug]:
                    view()


def draw_folded(one: OneCase) -> None:
    """Draw formulas and the table of segments, folded."""
    with st.expander("Formulas", icon=":material/function:"):
        formulas.draw(one.kind)
    with st.expander("The segments of this case as a table", icon=":material/table:"):
        table = tables.segment_table(one)
        st.dataframe({plain_text(key): column for key, column in table.items()}, hide_index=True)


def draw_page(selection: Selection) -> None:
    """Answer the question for the selected case, then open the layer up."""
    one = data.one_case(selection)
    st.markdown(f"{words.answer(one)}  \n:gray[{words.whose(one, selection)}]")
    shown = controls.main_options(selection, one)
    draw_case(selection, one, shown)
    controls.sister_hint(selection, one)
    draw_parts(selection, one)
    draw_views(selection, one, shown)
    draw_folded(one)


shell.page_header("DTP segments", "Where does the model cut this series, and which parts decide?")
chosen = state.current()
if NEED.met(chosen):
    draw_page(chosen)
