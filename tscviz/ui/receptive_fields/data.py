"""What the page shows: the sparse layers of a model, networks held against it, its history.

Numbers come from `tscviz.explain` and are kept here by digests; `tscviz.ui.receptive_fields.words`
says them in plain words.
"""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import streamlit as st

from tscviz.types import Array, TscvizError
from tscviz.ui import cache
from tscviz.ui.facts import facts
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.masks import KernelRows, Movement
    from tscviz.explain.receptive_fields import GroupStatistics, LayerSizes, MaskedLayer
    from tscviz.explain.stack_sizes import StackSizes
    from tscviz.models import Classifier
    from tscviz.models.sparse import KernelGroup
    from tscviz.models.sparse_record import MaskHistory

#: Sparsities of the paper's Figures 9 to 11.
SPARSITIES = (0.5, 0.7, 0.9)


@dataclass(frozen=True, eq=False)
class Network:
    """The eNRF sizes of sparse layers, under a name.

    Parameters
    ----------
    label : str
        For figures and sentences; says whether the network is trained.
    sizes : tuple of LayerSizes
    """

    label: str
    sizes: tuple[LayerSizes, ...]

    def counts(self, layer: int, group: KernelGroup | None = None) -> Array | None:
        """Return the kernels of each size in a layer, (k + 1,); None where it has no such part.

        Parameters
        ----------
        layer : int
        group : KernelGroup, optional
            Count its output channels only, whatever groups this network has.
        """
        if layer >= len(self.sizes):
            return None
        one = self.sizes[layer]
        return one.of(group) if group is None or group.stop <= one.stops[-1] else None


@dataclass(frozen=True, eq=False)
class SparseModel:
    """The selected model, opened up.

    Parameters
    ----------
    entry : ModelEntry
    layers : tuple of MaskedLayer
        As trained.
    network : Network
        Their sizes.
    options : mapping
        Of the network, from its card.
    history : MaskHistory or None
        None where training recorded no masks.
    length : int
        Time points of the dataset's longest series.
    best_epoch, epochs : int or None
        Epoch whose weights were kept, and epochs of the run, where the card tells.
    """

    entry: ModelEntry
    layers: tuple[MaskedLayer, ...]
    network: Network
    options: Mapping[str, Any]
    history: MaskHistory | None
    length: int
    best_epoch: int | None
    epochs: int | None

    @property
    def group_labels(self) -> tuple[str, ...]:
        """Names of the kernel groups, with their exploration regions."""
        return group_labels(self.layers[0].groups)

    def group(self, number: int | None) -> KernelGroup | None:
        """Return a kernel group by its number from 0; None for None."""
        return None if number is None else self.layers[0].groups[number]


def group_labels(groups: Sequence[KernelGroup]) -> tuple[str, ...]:
    """Return the names of kernel groups, with their exploration regions."""
    return tuple(f"group {j + 1}: taps 0–{g.reach - 1}" for j, g in enumerate(groups))


def sparse_model(selection: Selection) -> SparseModel:
    """Return the selected model opened up; it must have sparse layers."""
    name = str(selection.model)
    entry, clf = cache.models()[name], cache.classifier(name)
    metrics = clf.card.get("metrics", {})
    layers = _layers(clf.digest, clf)
    return SparseModel(
        entry=entry,
        layers=layers,
        network=network(f"{entry.label} (trained)", layers),
        options=clf.card.get("options", {}),
        history=_history(entry.folder, entry.sha256, clf),
        length=facts(selection.dataset).longest,
        best_epoch=metrics.get("best_epoch"),
        epochs=metrics.get("epochs"),
    )


def network(label: str, layers: Sequence[MaskedLayer]) -> Network:
    """Return the sizes of layers under a name."""
    from tscviz.explain.receptive_fields import layer_sizes

    return Network(label, tuple(layer_sizes(layer) for layer in layers))


def rivals(selection: Selection) -> tuple[str, ...]:
    """Return the other models of the dataset that have the selected one's architecture."""
    models = cache.models()
    own = models[str(selection.model)].architecture
    names = cache.catalogue().models_for(selection.dataset, (own,))
    return tuple(n for n in names if n != selection.model and models[n].architecture == own)


def trained_rival(name: str) -> Network:
    """Return another trained model."""
    clf = cache.classifier(name)
    return network(f"{cache.models()[name].label} (trained)", _layers(clf.digest, clf))


def fresh(selection: Selection, label: str, **changes: Any) -> Network:
    """Return a network as the selected model would start with other options; it is not trained."""
    clf = cache.classifier(str(selection.model))
    options = {**clf.card.get("options", {}), **changes}
    layers = _initial(
        str(clf.card["model"]), clf.module.n_channels, clf.module.n_classes, **options
    )
    return network(f"{label} (not trained)", layers)


def fresh_pairs(selection: Selection, model: SparseModel) -> dict[float, tuple[Network, Network]]:
    """Return networks at the start of their training, with and without groups, by sparsity.

    Sparsities that would leave a group of so small a network without a weight are left out.
    """
    own = float(model.options["sparsity"])
    n_groups = max(int(model.options.get("groups", 3)), 1)
    grouped = n_groups if n_groups > 1 else min(3, *model.layers[0].mask.shape[::2])

    def start(sparsity: float, what: str, groups: int) -> Network:
        options = {"sparsity": sparsity, "groups": groups, "init": "random"}
        return fresh(selection, f"S = {sparsity:.0%}, {what}", **options)

    found: dict[float, tuple[Network, Network]] = {}
    for s in sorted({*SPARSITIES, own} - {0.0}):
        with suppress(TscvizError):
            found[s] = start(s, "groups", grouped), start(s, "no groups", 1)
    return found


def at_snapshot(model: SparseModel, i: int) -> tuple[MaskedLayer, ...]:
    """Return the layers with the masks of snapshot `i` of the history."""
    if model.history is None:
        raise ValueError(f"{model.entry.name} has no history of its masks")
    return _snapshot(model.entry.sha256, i, model.history, model.layers)


def mean_sizes(model: SparseModel, layer: int) -> Array:
    """Return the mean eNRF size of each group at every snapshot, shape (n_snapshots, n_groups)."""
    from tscviz.explain.receptive_fields import group_statistics

    n = 0 if model.history is None else len(model.history.epochs)
    rows = [
        [one.mean for one in group_statistics([at_snapshot(model, i)[layer]])] for i in range(n)
    ]
    return np.array(rows)


def statistics(model: SparseModel) -> tuple[GroupStatistics, ...]:
    """Return every kernel group of the trained model in numbers."""
    return _statistics(model.entry.sha256, model.layers)


def stacks(one: Network) -> tuple[StackSizes, ...]:
    """Return what the first 1, 2, ... layers see together (paper, equation 3)."""
    from tscviz.explain.stack_sizes import stack_sizes

    counts = [sizes.of() for sizes in one.sizes]
    return tuple(stack_sizes(counts[: i + 1]) for i in range(len(counts)))


def rows(layer: MaskedLayer, group: int | None, **options: Any) -> tuple[KernelRows, ...]:
    """Return the rows of a mask's heat map, of one group or of all; see `explain.masks`."""
    from tscviz.explain.masks import kernel_rows

    found = kernel_rows(layer, **options)
    return tuple(part for part in found if group in (None, part.group)) or found


def moved(
    before: MaskedLayer, after: MaskedLayer, group: int | None, **options: Any
) -> tuple[Movement, ...]:
    """Return what became of the taps between two masks, of one group or of all."""
    from tscviz.explain.masks import movement

    found = movement(before, after, **options)
    return tuple(part for part in found if group in (None, part.group)) or found


@st.cache_resource(max_entries=16, show_spinner="Reading the masks …")
def _layers(model_digest: str, _classifier: Classifier) -> tuple[MaskedLayer, ...]:
    from tscviz.explain.receptive_fields import masked_layers

    return masked_layers(_classifier)


@st.cache_resource(max_entries=32, show_spinner="Building a network to hold against it …")
def _initial(name: str, n_channels: int, n_classes: int, **options: Any) -> tuple[MaskedLayer, ...]:
    from tscviz.explain.receptive_fields import initial_layers

    return initial_layers(name, n_channels, n_classes, **options)


@st.cache_resource(max_entries=8, show_spinner="Reading how the masks moved …")
def _history(folder: str, sha256: str, _classifier: Classifier) -> MaskHistory | None:
    from tscviz.models import load_record
    from tscviz.models.sparse_record import HasSparseLayers, read_masks

    record = load_record(folder)
    return read_masks(record, cast(HasSparseLayers, _classifier.module)) if record else None


@st.cache_resource(max_entries=128, show_spinner=False)
def _snapshot(
    sha256: str, i: int, _history: MaskHistory, _layers: tuple[MaskedLayer, ...]
) -> tuple[MaskedLayer, ...]:
    from tscviz.explain.receptive_fields import with_masks

    return with_masks(_layers, _history.masks(i))


@st.cache_resource(max_entries=16, show_spinner=False)
def _statistics(sha256: str, _layers: tuple[MaskedLayer, ...]) -> tuple[GroupStatistics, ...]:
    from tscviz.explain.receptive_fields import group_statistics

    return group_statistics(_layers)
