"""Masks of a sparse layer as rows of a heat map (DSN paper, Figure 8), and how they move.

A layer of a DSN has up to 141 x 47 kernels, too many for rows of a picture: here a row is either
one output channel, averaged over its input channels, or one kernel of a chosen output channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tscviz.explain.receptive_fields import MaskedLayer, enrf_sizes
from tscviz.explain.registry import ExplainError
from tscviz.models.sparse import KernelGroup
from tscviz.types import Array

#: Ways to order rows, by the name `kernel_rows` takes.
SORTS = ("size", "number")


@dataclass(frozen=True, eq=False)
class KernelRows:
    """The kernels of one group as rows over taps ``0 .. reach - 1``.

    Parameters
    ----------
    group : int
        From 0.
    numbers : int64 array, shape (n_rows,)
        Output channels, or the input channels of one output channel.
    sizes : float64 array, shape (n_rows,)
        Mean eNRF size of the row's kernels that are not empty, in taps; 0 where all are.
    share : float64 array, shape (n_rows, reach)
        Active share of the row's kernels at each tap, 0 to 1; 0 or 1 where a row is one kernel.
    weight : float64 array, shape (n_rows, reach), or None
        Mean of the active weights at each tap, NaN where none is active.
    kernels : int
        Kernels behind each row.
    """

    group: int
    numbers: Array
    sizes: Array
    share: Array
    weight: Array | None
    kernels: int

    @property
    def reach(self) -> int:
        """Taps of the group's exploration region."""
        return int(self.share.shape[1])


@dataclass(frozen=True, eq=False)
class Movement:
    """What became of a group's taps between two masks; rows as in `KernelRows`.

    Parameters
    ----------
    group : int
    numbers : int64 array, shape (n_rows,)
    kept, grown, pruned : float64 arrays, shape (n_rows, reach)
        Share of the row's kernels whose tap is active in both masks, in the later one only, and
        in the earlier one only.
    kernels : int
        Kernels behind each row.
    """

    group: int
    numbers: Array
    kept: Array
    grown: Array
    pruned: Array
    kernels: int

    @property
    def reach(self) -> int:
        """Taps of the group's exploration region."""
        return int(self.kept.shape[1])


def kernel_rows(
    layer: MaskedLayer, *, channel: int | None = None, sort: str = "size"
) -> tuple[KernelRows, ...]:
    """Return the rows of every group, or those of one output channel.

    Parameters
    ----------
    layer : MaskedLayer
    channel : int, optional
        Output channel whose kernels become the rows, one an input channel.
    sort : {"size", "number"}
        Small receptive fields first, those that end early first among equals; or by number.

    Raises
    ------
    ExplainError
        Where there is no such channel or order.
    """
    return tuple(
        _rows(layer, j, group, part, sort) for j, group, part in _parts(layer, channel, sort)
    )


def movement(
    before: MaskedLayer,
    after: MaskedLayer,
    *,
    channel: int | None = None,
    order: MaskedLayer | None = None,
) -> tuple[Movement, ...]:
    """Return what became of every group's taps between two masks of one layer.

    Parameters
    ----------
    before, after : MaskedLayer
    channel : int, optional
        As in `kernel_rows`.
    order : MaskedLayer, optional
        Rows are sorted by the eNRF sizes of this mask, so that they stay in place while `after`
        changes; `after` itself if None.
    """
    if before.mask.shape != after.mask.shape:
        raise ExplainError(
            f"masks of shapes {before.mask.shape} and {after.mask.shape} are not of one layer."
        )
    found = []
    for rows in kernel_rows(order or after, channel=channel):
        group = after.groups[rows.group]
        old, new = (
            _part(layer.mask, group, channel)[_position(rows, group, channel)][..., : group.reach]
            for layer in (before, after)
        )  # (rows, kernels, reach)
        found.append(
            Movement(
                rows.group,
                rows.numbers,
                kept=(old & new).mean(1),
                grown=(new & ~old).mean(1),
                pruned=(old & ~new).mean(1),
                kernels=rows.kernels,
            )
        )
    return tuple(found)


def _parts(
    layer: MaskedLayer, channel: int | None, sort: str
) -> Sequence[tuple[int, KernelGroup, int | None]]:
    if sort not in SORTS:
        raise ExplainError(f"rows cannot be sorted by {sort!r}; choose {' or '.join(SORTS)}.")
    n_out = layer.mask.shape[0]
    if channel is None:
        return [(j, group, None) for j, group in enumerate(layer.groups)]
    if not 0 <= channel < n_out:
        raise ExplainError(
            f"the output channel is {channel}; it must be a whole number from 0 to {n_out - 1}."
        )
    return [
        (j, group, channel)
        for j, group in enumerate(layer.groups)
        if group.start <= channel < group.stop
    ]


def _part(values: Array, group: KernelGroup, channel: int | None) -> Array:
    """Return the rows of a group, shape (rows, kernels a row, k)."""
    if channel is None:
        return values[group.start : group.stop]
    return values[channel][:, None]


def _position(rows: KernelRows, group: KernelGroup, channel: int | None) -> Array:
    return rows.numbers - (group.start if channel is None else 0)


def _rows(
    layer: MaskedLayer, j: int, group: KernelGroup, channel: int | None, sort: str
) -> KernelRows:
    mask = _part(layer.mask, group, channel)  # (rows, kernels, k)
    sizes = enrf_sizes(mask)  # (rows, kernels)
    filled = np.maximum((sizes > 0).sum(1), 1)
    mean_size = sizes.sum(1) / filled
    last = (layer.taps - mask[..., ::-1].argmax(-1)).mean(1)
    order = np.arange(len(mask)) if sort == "number" else np.lexsort((last, mean_size))
    return KernelRows(
        group=j,
        numbers=(order + (group.start if channel is None else 0)).astype(np.int64),
        sizes=mean_size[order],
        share=mask[order, :, : group.reach].mean(1),
        weight=_mean_weight(layer, mask, group, channel)[order]
        if layer.weight is not None
        else None,
        kernels=mask.shape[1],
    )


def _mean_weight(layer: MaskedLayer, mask: Array, group: KernelGroup, channel: int | None) -> Array:
    weight = _part(np.asarray(layer.weight, float), group, channel)
    total, n = (weight * mask).sum(1), mask.sum(1)  # (rows, k)
    mean = np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
    return mean[:, : group.reach]
