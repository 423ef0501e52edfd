"""What the sparse layers of a DSN look at: sizes of receptive fields, and masks in numbers.

Xiao et al., "Dynamic Sparse Network for Time Series Classification: Learning What to 'See'",
NeurIPS 2022. A *kernel* is one (output channel, input channel) pair of a layer, a *tap* one of its
k positions. The effective neighbour receptive field (eNRF) of a kernel is the stretch from its
first to its last active tap (equation 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch

from tscviz.explain.registry import ExplainError
from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier
from tscviz.models.registry import build_model
from tscviz.models.sparse import KernelGroup
from tscviz.models.sparse_record import HasSparseLayers
from tscviz.types import Array


@dataclass(frozen=True, eq=False)
class MaskedLayer:
    """One sparse layer as arrays.

    Parameters
    ----------
    mask : bool array, shape (n_out, n_in, k)
        Active taps.
    groups : tuple of KernelGroup
    weight : float32 array, shape (n_out, n_in, k), or None
        Zero where a tap is inactive; None where only the mask is known.
    """

    mask: Array
    groups: tuple[KernelGroup, ...]
    weight: Array | None = None

    @property
    def taps(self) -> int:
        """Kernel size, k."""
        return int(self.mask.shape[2])

    @property
    def n_kernels(self) -> int:
        """Number of (output, input) pairs."""
        return int(self.mask.shape[0] * self.mask.shape[1])


@dataclass(frozen=True, eq=False)
class GroupStatistics:
    """A kernel group in numbers.

    Parameters
    ----------
    layer, group : int
        From 0.
    reach : int
        Taps of the exploration region.
    kernels, active, empty : int
        Kernels of the group, active weights, kernels without any.
    density : float
        Active share of the exploration region, 0 to 1.
    smallest, largest : int
        eNRF sizes of the kernels that are not empty; 0 where all are.
    mean : float
        Mean of those sizes, in taps; 0 where all are empty.
    distinct : int
        How many different sizes above 0 there are.
    magnitude, positive : float
        Mean magnitude of the active weights, and the share above zero; NaN without weights.
    half : int
        Least number of taps, from the first, that hold half of the weights' magnitude; 0 without
        weights. An eNRF counts active taps alike, however small their weights.
    """

    layer: int
    group: int
    reach: int
    kernels: int
    active: int
    empty: int
    density: float
    smallest: int
    largest: int
    mean: float
    distinct: int
    magnitude: float
    positive: float
    half: int


@dataclass(frozen=True, eq=False)
class LayerSizes:
    """How many kernels of a layer have which eNRF size, by parts of its output channels.

    Parameters
    ----------
    counts : int64 array, shape (n_parts, k + 1)
        Column s counts the kernels of size s; column 0 the empty ones.
    stops : tuple of int
        The output channel after each part.
    groups : tuple of KernelGroup
    """

    counts: Array
    stops: tuple[int, ...]
    groups: tuple[KernelGroup, ...]

    def of(self, group: KernelGroup | None = None) -> Array:
        """Return the kernels of each size, of all output channels or those of a group; (k + 1,).

        Raises
        ------
        ExplainError
            Where no parts make up the group, which may belong to another network.
        """
        if group is None:
            return self.counts.sum(0)
        starts = (0, *self.stops[:-1])
        if group.start not in starts or group.stop not in self.stops:
            raise ExplainError(
                f"Sizes are known for parts that end at channels {self.stops}, not for "
                f"{group.start} to {group.stop}."
            )
        return self.counts[starts.index(group.start) : self.stops.index(group.stop) + 1].sum(0)

    def by_group(self) -> Array:
        """Return the same for each kernel group, shape (n_groups, k + 1)."""
        return np.stack([self.of(group) for group in self.groups])


def masked_layers(model: Classifier | SeriesModule) -> tuple[MaskedLayer, ...]:
    """Return the sparse layers of a network, the first one first.

    Raises
    ------
    ExplainError
        Where it has none.
    """
    module = model.module if isinstance(model, Classifier) else model
    if "sparse" not in module.offers:
        raise ExplainError(
            f"{type(module).__name__} has no sparse layers to look into; choose a DSN."
        )
    found = []
    for layer in cast(HasSparseLayers, module).sparse_layers():
        mask = layer.mask.detach().cpu().numpy().astype(bool)
        weight = layer.weight.detach().cpu().numpy().astype(np.float32)
        found.append(MaskedLayer(mask, layer.groups, np.where(mask, weight, np.float32(0))))
    return tuple(found)


def initial_layers(
    name: str, n_channels: int, n_classes: int, *, seed: int = 0, **options: Any
) -> tuple[MaskedLayer, ...]:
    """Return the masks that a network starts its training with, without weights.

    Parameters
    ----------
    name : str
        Of the model, such as "dsn".
    n_channels, n_classes : int
    seed : int
        Of the random initialisation; torch's own generator is left as it was.
    **options
        Of the model: ``groups=1, init="random", sparsity=0.9``.
    """
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        module = build_model(name, n_channels=n_channels, n_classes=n_classes, **options)
    return tuple(replace(layer, weight=None) for layer in masked_layers(module))


def with_masks(layers: Sequence[MaskedLayer], masks: Sequence[Array]) -> tuple[MaskedLayer, ...]:
    """Return layers of the same groups with other masks, whose weights are not known."""
    pairs = zip(layers, masks, strict=True)
    return tuple(MaskedLayer(np.asarray(mask, bool), layer.groups) for layer, mask in pairs)


def enrf_sizes(mask: Array) -> Array:
    """Return the eNRF size of every kernel (equation 2).

    Parameters
    ----------
    mask : bool array, shape (..., k)
        Active taps.

    Returns
    -------
    int64 array, shape (...)
        Last minus first active tap plus one; 0 where no tap is active.
    """
    mask = np.asarray(mask, dtype=bool)
    first = mask.argmax(-1)
    last = mask.shape[-1] - 1 - mask[..., ::-1].argmax(-1)
    return np.where(mask.any(-1), last - first + 1, 0).astype(np.int64)


def layer_sizes(layer: MaskedLayer) -> LayerSizes:
    """Return the eNRF sizes of a layer, one part an output channel."""
    sizes = enrf_sizes(layer.mask)
    counts = np.zeros((len(sizes), layer.taps + 1), np.int64)
    np.add.at(counts, (np.arange(len(sizes))[:, None], sizes), 1)
    return LayerSizes(counts, tuple(range(1, len(sizes) + 1)), layer.groups)


def size_counts(layer: MaskedLayer) -> Array:
    """Return how many kernels of each group have which eNRF size (Figures 6 and 9 to 11).

    Returns
    -------
    int64 array, shape (n_groups, k + 1)
        Column s counts the kernels of size s; column 0 the empty ones.
    """
    return layer_sizes(layer).by_group()


def group_statistics(layers: Sequence[MaskedLayer]) -> tuple[GroupStatistics, ...]:
    """Return every kernel group of every layer in numbers."""
    return tuple(
        _group(layer, i, j, group)
        for i, layer in enumerate(layers)
        for j, group in enumerate(layer.groups)
    )


def _group(layer: MaskedLayer, i: int, j: int, group: KernelGroup) -> GroupStatistics:
    mask = layer.mask[group.start : group.stop]
    sizes = enrf_sizes(mask).ravel()
    real = sizes[sizes > 0]
    n_active = int(mask.sum())
    weights = layer.weight[group.start : group.stop][mask] if layer.weight is not None else []
    return GroupStatistics(
        layer=i,
        group=j,
        reach=group.reach,
        kernels=len(sizes),
        active=n_active,
        empty=len(sizes) - len(real),
        density=n_active / max(1, len(sizes) * group.reach),
        smallest=int(real.min()) if len(real) else 0,
        largest=int(real.max()) if len(real) else 0,
        mean=float(real.mean()) if len(real) else 0.0,
        distinct=len(np.unique(real)),
        magnitude=float(np.mean(np.abs(weights))) if len(weights) else float("nan"),
        positive=float(np.mean(np.greater(weights, 0))) if len(weights) else float("nan"),
        half=_half(layer, group),
    )


def _half(layer: MaskedLayer, group: KernelGroup) -> int:
    if layer.weight is None:
        return 0
    by_tap = np.abs(layer.weight[group.start : group.stop]).sum((0, 1), dtype=np.float64)
    total = np.cumsum(by_tap)
    return int(np.searchsorted(total, total[-1] / 2)) + 1 if total[-1] > 0 else 0
