"""What integrated gradients misses of DTP: the jumps of the score where the alignment flips.

No gradient runs through DTP's hard alignment, and along the path from the baseline to the case the
score jumps wherever another alignment becomes the cheapest one. A jump belongs to the points that
bring the flip about: those along which the difference of the two alignments' costs changes. That
is the derivative in the sense of distributions of a piecewise smooth score, and what Generalized
Integrated Gradients (Merrill, Ward, Kamkar, Budzik and Merrill, 2019) does for decision trees.

Where the alignments of two neighbouring nodes differ, it is taken to flip halfway between them. The
score with that alignment equals the network's own at every node, so smooth parts and jumps add up
to the whole difference.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tscviz.explain.gradient.path import Line, Node, Reading, Stretch
from tscviz.explain.gradient.tools import Opened, chosen, mask_of
from tscviz.explain.request import Request
from tscviz.models.base import SeriesModule
from tscviz.models.pooling import DynamicPooling, pool_segments
from tscviz.models.temporal_pooling import TemporalPoolingNet

#: Jumps are left out while they add up to less than this share of the score's difference.
LEFT_OUT = 1e-3
#: Where almost as many points hold a flip back as bring it about, their shares would grow without
#: bound; the sizes of one flip's shares add up to about this at most.
MOST = 4.0


def aligned(module: SeriesModule) -> bool:
    """Return whether the network aligns every input anew."""
    return isinstance(module, TemporalPoolingNet) and isinstance(module.pool, DynamicPooling)


class AlignedLine(Line):
    """The line of a network that `aligned` says yes to: it knows the alignment at each node.

    Parameters
    ----------
    case : Opened
    start : Tensor, shape (1, n_channels, n_points)
    request : Request
    """

    def __init__(self, case: Opened, start: Tensor, request: Request) -> None:
        super().__init__(case, start)
        assert isinstance(case.module, TemporalPoolingNet)  # noqa: S101  (see `aligned`)
        assert isinstance(case.module.pool, DynamicPooling)  # noqa: S101
        self.module, self.pool, self.request = case.module, case.module.pool, request

    def read(self, z: Tensor) -> Reading:
        """Return scores, gradients and alignments of series (N, n_channels, n_points)."""
        z = z.detach().requires_grad_()
        h = self._hidden(z)
        segments = self.pool.segments(h, mask_of(self.request, len(z)))
        scores = self._score(h, segments)
        return scores.detach(), torch.autograd.grad(scores.sum(), z)[0], segments

    def stretches(self, pairs: Sequence[tuple[Node, Node]]) -> list[Stretch]:
        """Return the stretch between each pair of nodes, with a seam where alignments differ."""
        flips = [i for i, (a, b) in enumerate(pairs) if _differ(a, b)]
        seams = dict(zip(flips, self._seams([pairs[i] for i in flips]), strict=True))
        return [Stretch(a, b, seams.get(i)) for i, (a, b) in enumerate(pairs)]

    def _seams(self, pairs: Sequence[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
        found: list[tuple[Node, Node]] = []
        for i in range(0, len(pairs), self.batch):
            some = pairs[i : i + self.batch]
            places = [(a.place + b.place) / 2 for a, b in some]
            z = self.at(places).detach().requires_grad_()
            h = self._hidden(z)
            sides = []
            for side in zip(*some, strict=True):
                segments = torch.stack([_segments(node) for node in side])
                scores = self._score(h, segments)
                slopes = torch.autograd.grad(scores.sum(), z, retain_graph=True)[0]
                sides.append(self.nodes(places, (scores.detach(), slopes, segments)))
            found += zip(*sides, strict=True)
        return found

    def jumps(self, found: Sequence[Stretch]) -> Tensor:
        """Return the map of the jumps, (1, n_channels, n_points), float64.

        Jumps that are tiny beside the difference of the scores are left out, see `LEFT_OUT`.
        """
        difference = found[-1].stop.score - found[0].start.score
        kept = _worth([one for one in found if one.seam], LEFT_OUT * abs(difference))
        out = torch.zeros_like(self.stop, dtype=torch.float64)
        for i in range(0, len(kept), self.batch):
            some = kept[i : i + self.batch]
            sizes = torch.tensor([one.jump for one in some], dtype=torch.float64)
            shares = self._shares(some).double()
            out += (shares * sizes.to(out.device)[:, None, None]).sum(0, keepdim=True)
        return out

    def _shares(self, some: Sequence[Stretch]) -> Tensor:
        """Return each point's share in bringing about each flip, (N, C, T), summing to 1.

        The difference of the two alignments' costs rises from below to above zero between the
        two nodes; the shares are those of integrated gradients (trapezoid) in that rise. Points
        that hold the flip back have negative shares.
        """
        old = torch.stack([_segments(one.start) for one in some])
        new = torch.stack([_segments(one.stop) for one in some])
        slope = torch.stack(
            [
                self._slope([node.place for node in side], old, new)
                for side in zip(*((one.start, one.stop) for one in some), strict=True)
            ]
        )
        return _normalised(slope.sum(0) * (self.stop - self.start))

    def _slope(self, places: Sequence[float], old: Tensor, new: Tensor) -> Tensor:
        z = self.at(places).detach().requires_grad_()
        cost = self.pool.cost(self._hidden(z))  # (N, L, T)
        rise = cost.gather(1, old[:, None]) - cost.gather(1, new[:, None])
        return torch.autograd.grad(rise.sum(), z)[0]

    def _hidden(self, z: Tensor) -> Tensor:
        return self.module.features(z, mask_of(self.request, len(z)))

    def _score(self, h: Tensor, segments: Tensor) -> Tensor:
        pooled = pool_segments(h, segments, self.pool.n_segments, self.pool.pooling)
        return chosen(self.module.fc(pooled.flatten(1)), self.request)


def told(found: Sequence[Stretch]) -> dict[str, float]:
    """Return sum and sizes of all jumps, and the number of flips."""
    jumps = [one.jump for one in found if one.seam]
    return {"jumps": sum(jumps), "jumps_size": sum(map(abs, jumps)), "flips": len(jumps)}


def _segments(node: Node) -> Tensor:
    assert node.segments is not None  # noqa: S101  (nodes of an `AlignedLine`)
    return node.segments


def _differ(a: Node, b: Node) -> bool:
    return not torch.equal(_segments(a), _segments(b))


def _worth(flips: Sequence[Stretch], allowed: float) -> list[Stretch]:
    """Return the flips to credit: the smallest, together of size `allowed` at most, are left."""
    kept, left = [], 0.0
    for one in sorted(flips, key=lambda one: abs(one.jump)):
        left += abs(one.jump)
        if left > allowed:
            kept.append(one)
    return kept


def _normalised(rise: Tensor) -> Tensor:
    """Return shares (N, C, T) that sum to 1, in proportion to `rise` unless that cancels out."""
    size = rise.abs().sum((1, 2), keepdim=True)
    lacks = (1.0 / MOST - rise.sum((1, 2), keepdim=True) / size).clamp_min(0.0)
    rise = rise + lacks * rise.abs()
    return rise / rise.sum((1, 2), keepdim=True)
