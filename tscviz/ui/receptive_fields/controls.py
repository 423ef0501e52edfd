"""What the visitor chooses on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from tscviz.ui import cache, page_options
from tscviz.ui.receptive_fields import data, record
from tscviz.ui.receptive_fields.data import Network, SparseModel
from tscviz.ui.selection import Selection

ALL, NOTHING = "all", "none"

#: Option -> what is held against the trained model, and how it is built where no trained one is.
STARTS: dict[str, str] = {
    "ungrouped": "no groups, random start",
    "random": "same groups, random start",
    "start": "this model's own start",
}


@dataclass(frozen=True)
class Shown:
    """What the whole page shows.

    Parameters
    ----------
    layer, group : int or None
        From 0; None is all of them.
    against : Network or None
        What is held against the trained model.
    """

    layer: int | None
    group: int | None
    against: Network | None

    @property
    def one_layer(self) -> int:
        """The layer that views of a single one show."""
        return self.layer or 0


def main_options(selection: Selection, model: SparseModel) -> Shown:
    """Draw the row of options above the main figure."""
    layers = [str(i + 1) for i in range(len(model.layers))]
    groups = [str(j + 1) for j in range(len(model.layers[0].groups))]
    rivals = data.rivals(selection)
    models = cache.models()
    ungrouped = _trained_without_groups(selection, model)
    with st.container(horizontal=True, gap="medium"):
        layer = page_options.segmented(
            "layer", "Layer", (ALL, *layers), ALL, lambda i: "all" if i == ALL else i
        )
        group = ALL
        if len(groups) > 1:
            group = page_options.segmented(
                "group",
                "Kernel group",
                (ALL, *groups),
                ALL,
                lambda j: "all" if j == ALL else j,
                help="A layer's output channels are divided into groups. The first group may use "
                "the first taps of its kernels only, the last one all of them.",
            )
        against = page_options.select(
            "against",
            "Held against",
            (*STARTS, *rivals, NOTHING),
            "ungrouped",
            lambda name: (
                ungrouped.label
                if name == "ungrouped" and ungrouped
                else _against_label(name, {n: models[n].label for n in rivals})
            ),
            width=300,
        )
    held = ungrouped if against == "ungrouped" else None
    return Shown(_number(layer), _number(group), held or _against(selection, model, against))


def _trained_without_groups(selection: Selection, model: SparseModel) -> Network | None:
    sparsity = float(model.options.get("sparsity", 0))
    found = record.trained(selection.dataset, model).get((sparsity, 1))
    return found.network if found else None


def _number(choice: str) -> int | None:
    return None if choice == ALL else int(choice) - 1


def _against_label(name: str, rivals: dict[str, str]) -> str:
    if name == NOTHING:
        return "nothing"
    if name in STARTS:
        return f"{STARTS[name]} (not trained)"
    return f"{rivals[name]} (trained)"


def _against(selection: Selection, model: SparseModel, name: str) -> Network | None:
    if name == NOTHING:
        return None
    if name not in STARTS:
        return data.trained_rival(name)
    makers: dict[str, Callable[[], Network]] = {
        "ungrouped": lambda: data.fresh(selection, STARTS[name], groups=1, init="random"),
        "random": lambda: data.fresh(selection, STARTS[name], init="random"),
        "start": lambda: _own_start(selection, model),
    }
    return makers[name]()


def _own_start(selection: Selection, model: SparseModel) -> Network:
    if model.history is None:
        return data.fresh(selection, f"a {model.options.get('init', 'fresh')} start like its own")
    return data.network(f"{STARTS['start']} (not trained)", data.at_snapshot(model, 0))


def channel_choice(model: SparseModel, shown: Shown) -> int | None:
    """Let the visitor open one output channel of a layer with several input channels."""
    layer = model.layers[shown.one_layer]
    if layer.mask.shape[1] == 1:
        return None
    group = layer.groups[shown.group] if shown.group is not None else None
    start, stop = (group.start, group.stop) if group else (0, layer.mask.shape[0])
    chosen = page_options.select(
        "row",
        "Output channel",
        (ALL, *(str(i) for i in range(start, stop))),
        ALL,
        lambda i: "all, averaged over inputs" if i == ALL else i,
        width=220,
        help="The layer has one kernel for every pair of output and input channel. All output "
        "channels are shown as averages over their inputs; one is shown kernel by kernel.",
    )
    return None if chosen == ALL else int(chosen)


def layer_choice(model: SparseModel, shown: Shown) -> None:
    """Say which layer a view shows where the page shows all of them."""
    if shown.layer is None and len(model.layers) > 1:
        st.caption("Layer 1; choose another one above.")
