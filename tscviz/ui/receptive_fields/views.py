"""The views under the main figure: weights, moves of the mask, the stack, other sparsities."""

from __future__ import annotations

import streamlit as st

from tscviz.figures import (
    SizePanel,
    StackCurve,
    plot_enrf_sizes,
    plot_kernel_masks,
    plot_mask_history,
    plot_mask_movement,
    plot_stack_sizes,
)
from tscviz.ui import page_options, shell
from tscviz.ui.components.chart import figure
from tscviz.ui.receptive_fields import controls, data, record, tables, words
from tscviz.ui.receptive_fields.controls import Shown
from tscviz.ui.receptive_fields.data import Network, SparseModel
from tscviz.ui.selection import Selection

QUANTITIES = {"weight": "weights", "share": "active share"}
SORTS = {"size": "small fields first", "number": "by number"}
SINCE = {"previous": "the snapshot before", "start": "the start"}


def weights(selection: Selection, model: SparseModel, shown: Shown) -> None:
    """Show the mask of one layer with its weights' sign and size (paper, Figure 8)."""
    layer = model.layers[shown.one_layer]
    with st.container(horizontal=True, gap="medium"):
        channel = controls.channel_choice(model, shown)
        averaged = channel is None and layer.mask.shape[1] > 1
        quantity = "weight"
        if averaged:
            quantity = page_options.segmented(
                "show", "Colour", tuple(QUANTITIES), "weight", QUANTITIES.__getitem__
            )
        sort = page_options.segmented("sort", "Rows", tuple(SORTS), "size", SORTS.__getitem__)
    controls.layer_choice(model, shown)
    parts = data.rows(layer, shown.group, channel=channel, sort=sort)
    fig = plot_kernel_masks(
        parts,
        quantity=quantity,
        row_label=_row_label(channel),
        order=SORTS[sort],
        dark=shell.is_dark(),
    )
    drawn = {part.group for part in parts}
    stats = data.statistics(model)
    found = [one for one in stats if one.layer == shown.one_layer and one.group in drawn]
    figure(
        fig,
        name=f"{selection.model}-layer{shown.one_layer + 1}-weights",
        caption=words.weights(found, averaged=averaged),
        document=parts,
    )


def training(selection: Selection, model: SparseModel, shown: Shown) -> None:
    """Show how the mask moved in training."""
    history = model.history
    if history is None:
        st.info(words.no_history(model.options), icon=":material/info:")
        return
    st.markdown(words.moves(model, shown.one_layer, shown.group))
    epochs = [str(int(epoch)) for epoch in history.epochs]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        at = epochs[0]
        if len(epochs) > 1:
            with st.container(width=420):
                at = page_options.slider("epoch", "Mask after epoch", epochs, epochs[1])
        since = page_options.segmented(
            "since", "Compared with", tuple(SINCE), "previous", SINCE.__getitem__
        )
        channel = controls.channel_choice(model, shown)
    i = epochs.index(at)
    before = max(i - 1, 0) if since == "previous" else 0
    controls.layer_choice(model, shown)
    _movement(selection, model, shown, (before, i), channel)
    _history(selection, model, shown, int(at))


def _movement(
    selection: Selection,
    model: SparseModel,
    shown: Shown,
    snapshots: tuple[int, int],
    channel: int | None,
) -> None:
    masks = [data.at_snapshot(model, i)[shown.one_layer] for i in snapshots]
    order = model.layers[shown.one_layer]
    parts = data.moved(masks[0], masks[1], shown.group, channel=channel, order=order)
    fig = plot_mask_movement(parts, row_label=_row_label(channel), dark=shell.is_dark())
    epochs = [int(model.history.epochs[i]) for i in snapshots] if model.history else [0, 0]
    what = (
        "Cells are active taps; crosses are taps that were pruned."
        if parts[0].kernels == 1
        else "Blue: fewer kernels of the output channel use the tap; orange: more."
    )
    figure(
        fig,
        name=f"{selection.model}-layer{shown.one_layer + 1}-movement",
        caption=(
            f"From the mask after epoch {epochs[0]} to the one after epoch {epochs[1]}. "
            f"{words.between(model, *epochs)}{what} Rows "
            f"keep their place: they are sorted by the trained mask. {words.kept_epoch(model)}"
        ),
        document=parts,
    )


def _history(selection: Selection, model: SparseModel, shown: Shown, at: int) -> None:
    history = model.history
    if history is None:
        return
    wanted = [j for j in range(len(model.group_labels)) if shown.group in (None, j)]
    fig = plot_mask_history(
        history.update_epochs,
        words.counts_of(model, shown.one_layer, shown.group),
        history.epochs,
        data.mean_sizes(model, shown.one_layer)[:, wanted],
        [model.group_labels[j] for j in wanted],
        first_group=shown.group or 0,
        at=at,
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-layer{shown.one_layer + 1}-moves",
        caption=(
            "Above: weights grown (up) and pruned (down) at each move; returned ones had been "
            "active earlier in the training. Below: mean eNRF size of each group. "
            f"{len(history.epochs)} snapshots of the mask were kept."
        ),
        table=lambda: tables.move_table(model),
    )


def stack(selection: Selection, model: SparseModel, shown: Shown) -> None:
    """Show what the layers see together (paper, equation 3)."""
    own = data.stacks(model.network)
    st.markdown(words.stack(own, model.length))
    against = shown.against
    fig = plot_stack_sizes(
        _curves(model.network),
        [] if against is None else _curves(against),
        others_label="" if against is None else against.label,
        length=model.length,
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-stack",
        caption=(
            "Upper part, from 2 layers on: share of the paths by how many time points they see. "
            "Lower part: the sizes that some path has. The paper's equation 3 is the row of 3 "
            "layers."
        ),
        table=lambda: tables.stack_table(own),
        document={"selection": selection, "stacks": own},
    )
    st.dataframe(tables.reach_table(own), hide_index=True)


def _curves(network: Network) -> list[StackCurve]:
    return [
        StackCurve(f"{i + 1} layer{'s' if i else ''}", one.shares, one.sizes)
        for i, one in enumerate(data.stacks(network))
    ]


def sparsity(selection: Selection, model: SparseModel, shown: Shown) -> None:
    """Show eNRF sizes at other sparsities, with and without groups (paper, Figures 9 to 11)."""
    if "sparsity" not in model.options:
        st.info("This model has no option for its sparsity.", icon=":material/info:")
        return
    layer = _many_kernels(model, shown)
    own = float(model.options["sparsity"])
    found = record.pairs(selection.dataset, model)
    pairs = {s: (a.network, b.network) for s, (a, b) in found.items()}
    pairs = pairs or data.fresh_pairs(selection, model)
    if not pairs:
        st.info("This network is too small for other sparsities.", icon=":material/info:")
        return
    panels = [
        SizePanel(
            f"S = {s:.0%}" + (" (this model's)" if s == own else ""),
            pair[0].sizes[layer].by_group(),
            (pair[1].sizes[layer].of(),),
        )
        for s, pair in pairs.items()
    ]
    networks = [one for pair in pairs.values() for one in pair]
    fig = plot_enrf_sizes(
        panels,
        data.group_labels(networks[0].sizes[layer].groups),
        ["no groups"],
        bars_are="trained" if found else "as initialised, not trained",
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-layer{layer + 1}-sparsity",
        caption=words.TRAINED if found else words.untrained(pairs),
        table=lambda: tables.size_table(networks),
    )
    if found:
        st.dataframe(tables.sparsity_table(found, layer), hide_index=True)


def _many_kernels(model: SparseModel, shown: Shown) -> int:
    """Return the layer asked for, or the first one with more than one input channel."""
    if shown.layer is not None or len(model.layers) == 1:
        return shown.one_layer
    layer = 0 if model.layers[0].mask.shape[1] > 1 else 1
    few = "" if layer == 0 else f" (the first one has {model.layers[0].n_kernels} kernels only)"
    st.caption(f"Layer {layer + 1}{few}; choose another one above.")
    return layer


def _row_label(channel: int | None) -> str:
    return "output channel" if channel is None else "input channel"
