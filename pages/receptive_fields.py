"""Receptive fields: how much of a series the kernels of a dynamic sparse network see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from tscviz.figures import SizePanel, plot_enrf_sizes
from tscviz.types import Array
from tscviz.ui import components, errors, page_options, shell, state
from tscviz.ui.inside.need import Need
from tscviz.ui.receptive_fields import controls, data, formulas, tables, views, words
from tscviz.ui.receptive_fields.controls import Shown
from tscviz.ui.receptive_fields.data import Network, SparseModel
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.models.sparse import KernelGroup

NEED = Need(
    offers="sparse",
    lacks="no sparse layers",
    text="This page opens the masks of a dynamic sparse network up: choose a DSN, or train one.",
    architectures=("dsn",),
)
TABS = {
    "weights": "Weights",
    "training": "The mask in training",
    "stack": "All layers together",
    "sparsity": "Other sparsities",
}


def draw_sizes(selection: Selection, model: SparseModel, shown: Shown) -> None:
    """Draw the main figure: sizes of the receptive fields, layer by layer."""
    against = shown.against
    layers = range(len(model.layers)) if shown.layer is None else [shown.layer]
    groups = list(range(len(model.group_labels))) if shown.group is None else [shown.group]
    panels = [
        SizePanel(
            f"layer {i + 1}",
            model.network.sizes[i].by_group()[groups],
            _line(against, i, model.group(shown.group)),
        )
        for i in layers
    ]
    fig = plot_enrf_sizes(
        panels,
        [model.group_labels[j] for j in groups],
        [] if against is None else [against.label],
        first_group=shown.group or 0,
        n_cols=2 if len(panels) < 7 else 4,
        bars_are=model.network.label,
        dark=shell.is_dark(),
    )
    networks = [model.network] if against is None else [model.network, against]
    components.figure(
        fig,
        name=f"{selection.model}-receptive-fields",
        caption=f"{words.MAIN} {words.compared(model, shown)}",
        table=lambda: tables.size_table(networks),
        document={"selection": selection, "statistics": data.statistics(model)},
    )


def _line(against: Network | None, layer: int, group: KernelGroup | None) -> tuple[Array, ...]:
    found = None if against is None else against.counts(layer, group)
    return () if found is None else (found,)


@st.fragment  # an option in here redraws the open tab alone
def draw_views(selection: Selection, model: SparseModel, shown: Shown) -> None:
    """Draw the tabs under the main figure."""
    with errors.guard():
        parts = page_options.tabs("view", tuple(TABS.values()), tuple(TABS))
        drawn = {
            "weights": views.weights,
            "training": views.training,
            "stack": views.stack,
            "sparsity": views.sparsity,
        }
        for slug, view in drawn.items():
            if parts[slug].open:  # the other tabs cost nothing
                with parts[slug]:
                    view(selection, model, shown)


def draw_folded(model: SparseModel) -> None:
    """Draw formulas and the table of kernel groups, folded."""
    with st.expander("Formulas", icon=":material/function:"):
        formulas.draw()
    with st.expander("The kernel groups as a table", icon=":material/table:"):
        st.dataframe(tables.group_table(data.statistics(model)), hide_index=True)


def draw_page(selection: Selection) -> None:
    """Answer the question for the selected model, then open its masks up."""
    model = data.sparse_model(selection)
    stack = data.stacks(model.network)[-1]
    st.markdown(f"{words.answer(model, stack, selection)}  \n:gray[{words.whose(model)}]")
    shown = controls.main_options(selection, model)
    draw_sizes(selection, model, shown)
    draw_views(selection, model, shown)
    draw_folded(model)


shell.page_header("Receptive fields", "How much of the series does each kernel see?")
chosen = state.current()
if NEED.met(chosen):
    draw_page(chosen)
