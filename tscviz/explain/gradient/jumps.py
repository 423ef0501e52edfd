"""What integrated gradients misses of DTP: the jumps of the score where the alignment flips.

No gradient runs through DTP's hard alignment, and along the path from the baseline to the case the
score jumps wherever another alignment becomes the cheapest one. A jump belongs to the points that
bring the flip about: those along which the difference of the two alignments' costs changes. That
is the derivative in the sense of distributions of a piecewise smooth score, and what Generalized
Integrated Gradients (Merrill, Ward, Kamkar, Budzik and Merrill, 2019) does for decision trees.

The alignment is looked up at the nodes of the quadrature and taken to flip halfway between two of
them. The score with that alignment equals the network's own at every node, so smooth part and
jumps add up to the whole difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tscviz.explain.gradient.tools import chosen, mask_of, rows_at_once
from tscviz.explain.request import Request
from tscviz.models.base import SeriesModule
from tscviz.models.pooling import DynamicPooling, pool_segments
from tscviz.models.temporal_pooling import TemporalPoolingNet

#: Jumps are left out while they add up to less than this share of the score's difference.
LEFT_OUT = 1e-3
#: Where almost as many points hold a flip back as bring it about, their shares would grow without
#: bound; the sizes of one flip's shares add up to about this at most.
MOST = 4.0


_Nodes = tuple[Tensor, Tensor]  # places (N,), segments (N, T)


@dataclass(frozen=True, eq=False)
class Path:
    """The straight line from a baseline to a case, with the nodes of a quadrature.

    Parameters
    ----------
    start, stop : Tensor, shape (1, n_channels, n_points)
    nodes, weights : list of float
        In (0, 1); ascending nodes, weights that sum to 1.
    """

    start: Tensor
    stop: Tensor
    nodes: list[float]
    weights: list[float]

    def at(self, places: Tensor) -> Tensor:
        """Return the series at `places` (N,) of the line, (N, n_channels, n_points)."""
        return self.start + places[:, None, None] * (self.stop - self.start)


def aligned(module: SeriesModule) -> bool:
    """Return whether the network aligns every input anew."""
    return isinstance(module, TemporalPoolingNet) and isinstance(module.pool, DynamicPooling)


def jumps_along(module: SeriesModule, request: Request, path: Path, difference: float) -> Jumps:
    """Find the jumps along a path.

    Parameters
    ----------
    module : SeriesModule
        One that `aligned` says yes to.
    request : Request
    path : Path
    difference : float
        Of the scores at its ends; jumps that are tiny beside it are not credited.
    """
    walk = _Walk(module, request, path)
    before, after, places = walk.flips()
    sizes = walk.sizes(before[1], after[1], places)
    kept = _worth(sizes, LEFT_OUT * abs(difference))
    return Jumps(walk, _chosen(before, kept), _chosen(after, kept), sizes[kept], sizes)


def _chosen(nodes: _Nodes, kept: Tensor) -> _Nodes:
    return nodes[0][kept], nodes[1][kept]


def _worth(sizes: Tensor, allowed: float) -> Tensor:
    """Return which jumps to keep: the smallest, together of size `allowed` at most, are left."""
    order = sizes.abs().argsort()
    left = sizes.abs()[order].cumsum(0) <= allowed
    kept = torch.ones(len(sizes), dtype=torch.bool, device=sizes.device)
    kept[order[left]] = False
    return kept


def _normalised(rise: Tensor) -> Tensor:
    """Return shares (N, C, T) that sum to 1, in proportion to `rise` unless that cancels out."""
    size = rise.abs().sum((1, 2), keepdim=True)
    lacks = (1.0 / MOST - rise.sum((1, 2), keepdim=True) / size).clamp_min(0.0)
    rise = rise + lacks * rise.abs()
    return rise / rise.sum((1, 2), keepdim=True)


class _Walk:
    def __init__(self, module: SeriesModule, request: Request, path: Path) -> None:
        assert isinstance(module, TemporalPoolingNet)  # noqa: S101  (see `aligned`)
        assert isinstance(module.pool, DynamicPooling)  # noqa: S101
        self.module, self.pool = module, module.pool
        self.request, self.path = request, path

    def flips(self) -> tuple[_Nodes, _Nodes, Tensor]:
        """Return the nodes before and after each flip, and the places taken for the flips."""
        inner, device = self.path.nodes, self.path.stop.device
        nodes = torch.tensor([0.0, *inner, 1.0], device=device)
        between = torch.tensor([0.0, *self.path.weights], dtype=torch.float64).cumsum(0)
        between = between.clamp_max(1.0).float().to(device)
        with torch.no_grad():
            segments = torch.cat([self._aligned(self.path.at(z)) for z in self._few(nodes)])
        flips = (segments[1:] != segments[:-1]).any(1)
        before = nodes[:-1][flips], segments[:-1][flips]
        after = nodes[1:][flips], segments[1:][flips]
        return before, after, between[flips]

    def sizes(self, before: Tensor, after: Tensor, places: Tensor) -> Tensor:
        """Return by how much the score jumps at each place, (N,)."""
        parts = [places.new_zeros(0)]
        with torch.no_grad():
            for rows in self._few(torch.arange(len(places), device=places.device)):
                h = self._hidden(self.path.at(places[rows]))
                parts.append(self._score(h, after[rows]) - self._score(h, before[rows]))
        return torch.cat(parts)

    def shares(self, before: _Nodes, after: _Nodes) -> Tensor:
        """Return each point's share in bringing about each flip, (N, C, T), summing to 1.

        The difference of the two alignments' costs rises from below to above zero between the
        two nodes; the shares are those of integrated gradients (trapezoid) in that rise. Points
        that hold the flip back have negative shares.
        """
        parts = []
        for rows in self._few(torch.arange(len(before[0]), device=before[0].device)):
            old, new = before[1][rows], after[1][rows]
            slope = self._slope(before[0][rows], old, new) + self._slope(after[0][rows], old, new)
            rise = slope * (self.path.stop - self.path.start)
            parts.append(_normalised(rise))
        return torch.cat(parts)

    def _slope(self, places: Tensor, old: Tensor, new: Tensor) -> Tensor:
        z = self.path.at(places).detach().requires_grad_()
        cost = self.pool.cost(self._hidden(z))  # (N, L, T)
        rise = cost.gather(1, old[:, None]) - cost.gather(1, new[:, None])
        return torch.autograd.grad(rise.sum(), z)[0]

    def _hidden(self, z: Tensor) -> Tensor:
        return self.module.features(z, mask_of(self.request, len(z)))

    def _aligned(self, z: Tensor) -> Tensor:
        return self.pool.segments(self._hidden(z), mask_of(self.request, len(z)))

    def _score(self, h: Tensor, segments: Tensor) -> Tensor:
        pooled = pool_segments(h, segments, self.pool.n_segments, self.pool.pooling)
        return chosen(self.module.fc(pooled.flatten(1)), self.request)

    def _few(self, rows: Tensor) -> tuple[Tensor, ...]:
        return rows.split(rows_at_once(self.path.stop.shape[2]))


@dataclass(frozen=True, eq=False)
class Jumps:
    """The jumps of one path, still to be credited.

    Parameters
    ----------
    walk : object
    before, after : nodes
        Around each flip whose jump counts.
    counted : Tensor, shape (N,)
        Those jumps of the score.
    sizes : Tensor, shape (M,)
        All jumps, one for each pair of neighbouring nodes whose alignments differ.
    """

    walk: _Walk
    before: _Nodes
    after: _Nodes
    counted: Tensor
    sizes: Tensor

    @property
    def total(self) -> float:
        """Sum of the jumps that count, which is that of `values`."""
        return float(self.counted.double().sum())

    def values(self) -> Tensor:
        """Return the map of the jumps, (1, n_channels, n_points)."""
        if not len(self.counted):
            return torch.zeros_like(self.walk.path.stop)
        shares = self.walk.shares(self.before, self.after)
        return (shares * self.counted[:, None, None]).sum(0, keepdim=True)

    def told(self) -> dict[str, float]:
        """Return sum and sizes of all jumps, and the number of flips."""
        return {
            "jumps": float(self.sizes.sum()),
            "jumps_size": float(self.sizes.abs().sum()),
            "flips": len(self.sizes),
        }
