"""The page in plain words: every sentence is made from the numbers it speaks of. Markdown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tscviz.figures.text import count
from tscviz.types import Array
from tscviz.ui.components.cards import percent
from tscviz.ui.escape import escape_markdown
from tscviz.ui.receptive_fields.controls import Shown
from tscviz.ui.receptive_fields.data import SPARSITIES, SparseModel
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.receptive_fields import GroupStatistics
    from tscviz.explain.stack_sizes import StackSizes

MAIN = (
    "Bars: kernels of the trained model by the size of their effective neighbour receptive field "
    "(eNRF), from the first to the last active tap (equation 2; the paper's Figure 6). Size 0: no "
    "active tap."
)
NO_HISTORY = {
    "fixed": "This model was trained with a fixed topology: its mask never moved.",
    "dense": "This model is dense: every tap is active, and no mask moves.",
    "none": "No record of the masks lies beside this model, so how they moved is not known. Train "
    "it again: the record is kept from then on.",
}

UNTRAINED = (
    "**None of these networks is trained:** they are built with active taps drawn at random within "
    "each group's region, which is where random growth leads. The paper's Figures 9 to 11 show "
    "trained ones. Fewer active weights make smaller fields; groups keep small ones at every "
    "sparsity."
)

TRAINED = (
    "All of these networks are trained, one seed each, by the paper's recipe; its Figures 9 to 11 "
    "are of other datasets."
)


def untrained(sparsities: Collection[float]) -> str:
    """Say what the networks of these sparsities are, and which ones could not be built."""
    left = [f"{s:.0%}" for s in SPARSITIES if s not in sparsities]
    out = f" Left out, because a kernel group would have no weight: {_and(left)}." if left else ""
    return UNTRAINED + out


def answer(model: SparseModel, stack: StackSizes, selection: Selection) -> str:
    """Say how far single kernels and the whole stack see."""
    sizes = np.concatenate([_sizes(layer.of()) for layer in model.network.sizes])
    if not len(sizes) or not len(stack.sizes):
        return "**No path through the network carries anything:** a layer has no active tap."
    low, high = int(sizes.min()), int(sizes.max())
    first, last = int(stack.sizes[0]), int(stack.sizes[-1])
    often = int(stack.shares[1:].argmax()) + 1
    return (
        f"**A kernel sees {span(low, high)}, {sizes.mean():.0f} on average; a path through "
        f"{_layers(len(model.layers))} sees {span(first, last)}, most often {often}.** A series of "
        f"{escape_markdown(selection.dataset)} has {model.length} points."
    )


def _layers(n: int) -> str:
    return "the one layer" if n == 1 else f"all {n} layers"


def whose(model: SparseModel) -> str:
    """Say which network is shown and how it was trained."""
    o = model.options
    active = sum(int(layer.mask.sum()) for layer in model.layers)
    total = sum(layer.mask.size for layer in model.layers)
    network = (
        f"{escape_markdown(model.entry.label)}: {count(len(model.layers), 'sparse layer')} of "
        f"{model.layers[0].mask.shape[0]} channels and {model.layers[0].taps} taps, "
        f"{active:,} of {total:,} weights active ({percent(active / total)})"
    )
    parts = [network]
    if "sparsity" in o and "groups" in o:
        parts.append(
            f"sparsity {float(o['sparsity']):g}, {count(int(o['groups']), 'kernel group')}"
        )
    if model.best_epoch is not None and model.epochs is not None:
        parts.append(f"weights of epoch {model.best_epoch} of {model.epochs}")
    return "; ".join(parts) + "."


def compared(model: SparseModel, shown: Shown) -> str:
    """Say how the sizes differ from the network held against the model."""
    if shown.against is None:
        return ""
    n_layers = len(model.layers)
    layers = range(n_layers) if shown.layer is None else [shown.layer]
    group = model.group(shown.group)
    found = [[one.counts(i, group) for i in layers] for one in (model.network, shown.against)]
    own, other = (
        np.concatenate([_sizes(counts) for counts in rows if counts is not None] or [np.zeros(0)])
        for rows in found
    )
    label = escape_markdown(shown.against.label)
    if not len(own) or not len(other):
        return f"Line: {label}."
    reach = model.layers[0].groups[0].reach
    text = f"Line: {label}. Its fields are {other.mean():.1f} taps on average, the trained model's "
    text += f"{own.mean():.1f}"
    if len(model.layers[0].groups) == 1 or group is not None:
        return f"{text}."
    small = [percent(float((sizes <= reach).mean())) for sizes in (other, own)]
    return f"{text}; {small[0]} of its kernels see at most {reach} taps, {small[1]} of the model's."


def _sizes(counts: Array) -> Array:
    """Return one size for each kernel that is not empty."""
    return np.repeat(np.arange(1, len(counts)), counts[1:])


def weights(found: Sequence[GroupStatistics], *, averaged: bool) -> str:
    """Say where the weights are, and what the colours are; `found` is of one layer."""
    halves = [f"{one.half} of {one.reach} in group {one.group + 1}" for one in found if one.half]
    where = f"Half of the weights' magnitude stands on the first taps: {_and(halves)}. "
    where = where if halves else ""
    what = (
        "Each row is the average over the input channels of one output channel; open one above."
        if averaged
        else "Each row is one kernel."
    )
    return (
        f"{where}{what} Empty cells are inactive taps; grey is a weight near zero. The frame is "
        "the group's exploration region (the paper's Figure 8)."
    )


def no_history(options: Mapping[str, object]) -> str:
    """Say why there is no record of the masks."""
    if options.get("topology") == "fixed":
        return NO_HISTORY["fixed"]
    return NO_HISTORY["dense" if options.get("sparsity") == 0 else "none"]


def moves(model: SparseModel, layer: int, group: int | None) -> str:
    """Say how often the mask moved, and how much."""
    if model.history is None or not len(model.history.update_epochs):
        return "The mask did not move: the training was over before the first move was due."
    counts = counts_of(model, layer, group)
    pruned, grown, returned = (int(n) for n in counts.sum(0))
    where = f"Layer {layer + 1}" + ("" if group is None else f", group {group + 1}")
    return (
        f"{where}: {len(counts)} moves pruned {pruned:,} weights and grew {grown:,}, "
        f"{int(counts[0, 0]):,} at the first move and {int(counts[-1, 0]):,} at the last; "
        f"{returned:,} of those grown had been active before."
    )


def kept_epoch(model: SparseModel) -> str:
    """Say that the weights kept may be older than the last mask."""
    if model.best_epoch is None or model.history is None:
        return ""
    if not len(model.history.update_epochs):
        return ""
    if model.best_epoch > int(model.history.update_epochs[-1]):
        return "The weights kept have the last mask."
    return (
        f"The weights kept are those of epoch {model.best_epoch}; the moves after it are shown "
        "here and are not in the other figures."
    )


def between(model: SparseModel, first: int, last: int) -> str:
    """Say how many moves lie between two epochs; a picture shows their net effect only."""
    if model.history is None:
        return ""
    epochs = model.history.update_epochs
    n = int(((epochs > first) & (epochs <= last)).sum())
    return f"{n} moves lie between; only their net effect is drawn. " if n > 1 else ""


def counts_of(model: SparseModel, layer: int, group: int | None) -> Array:
    """Return pruned, grown and returned weights of every move, shape (n_moves, 3)."""
    if model.history is None:
        return np.zeros((0, 3), np.int64)
    counts = model.history.counts[:, layer]
    return counts.sum(1) if group is None else counts[:, group]


def stack(found: Sequence[StackSizes], length: int) -> str:
    """Say what the stack reaches, and what it cannot."""
    whole = found[-1]
    if not len(whole.sizes):
        return "No path through the network carries anything."
    low, high = int(whole.sizes[0]), int(whole.sizes[-1])
    gaps = len(whole.missing)
    between = "every size between" if not gaps else f"all but {gaps} of the sizes between"
    beyond = float(whole.shares[length + 1 :].sum())
    empty = float(whole.shares[0])
    text = (
        f"{count(len(found), 'layer')} reach{'es' * (len(found) == 1)} {low} to {high} points and "
        f"{between}. The network has "
        f"{count_of(whole.n_paths)} paths, one kernel a layer"
    )
    text += f"; {percent(empty)} of them lead through an empty kernel." if empty else "."
    if beyond:
        text += f" {percent(beyond)} see more than the {length} points of the series."
    return text


def count_of(n: int) -> str:
    """Return a large number in words: "41 trillion", "934,407"."""
    for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if n >= size:
            return f"{n / size:,.3g} {word}" if n < 1000 * size else f"{n:.1e}"
    return f"{n:,}"


def span(low: int, high: int) -> str:
    """Return "1 to 39 points", "1 point"."""
    if low == high:
        return f"{low} point" if low == 1 else f"{low} points"
    return f"{low} to {high} points"


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
