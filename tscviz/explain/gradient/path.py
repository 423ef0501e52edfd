"""The straight line from a baseline to a case, divided where the gradient turns.

Between two places of the line the score rises by a known amount, and the gradients at both say what
the trapezoidal rule makes of it. The difference is the rule's error on that stretch, known exactly:
so new places are put where the error is, and nowhere else. The gradient of a ReLU network is
piecewise constant along the line, with thousands of kinks, and rules of a high order gain nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import fsum

import torch
from torch import Tensor

from tscviz.explain.gradient.tools import Opened, rows_at_once

#: Places that a rule of Captum's leaves out at most: the baseline and the case themselves.
N_ENDS = 2
#: Narrower stretches are not divided: float32 cannot tell their places apart.
NARROWEST = 2.0**-18
#: Numbers of all gradients kept at once (256 MB); long series get fewer places.
_KEPT = 2**26
_LEAST = 256

Reading = tuple[Tensor, Tensor, Tensor | None]  # scores (N,), gradients (N, C, T), segments (N, T)


@dataclass(frozen=True, eq=False)
class Node:
    """What is known at one place of a line.

    Parameters
    ----------
    place : float
        From 0, the baseline, to 1, the case.
    score : float
    rises : Tensor, shape (n_channels, n_points)
        What each point adds to the score per unit of the line: gradient times difference.
    slope : float
        Their sum.
    segments : int64 Tensor, shape (n_points,), or None
        DTP's alignment, with which the score was computed.
    """

    place: float
    score: float
    rises: Tensor
    slope: float
    segments: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Stretch:
    """The line between two neighbouring nodes.

    Parameters
    ----------
    start, stop : Node
    seam : tuple of Node, or None
        Where DTP's alignment differs between the two: the place where the score jumps, with the
        alignment before and with that after it.
    """

    start: Node
    stop: Node
    seam: tuple[Node, Node] | None = None

    @property
    def pieces(self) -> tuple[tuple[Node, Node], ...]:
        """Where the score is continuous: the whole stretch, or before and after the jump."""
        if self.seam is None:
            return ((self.start, self.stop),)
        return (self.start, self.seam[0]), (self.seam[1], self.stop)

    @property
    def jump(self) -> float:
        """By how much the score jumps."""
        return 0.0 if self.seam is None else self.seam[1].score - self.seam[0].score

    @cached_property
    def gap(self) -> float:
        """Rise of the score, without the jump, less what the gradients account for."""
        return fsum(
            b.score - a.score - (b.place - a.place) * (a.slope + b.slope) / 2
            for a, b in self.pieces
        )

    @property
    def middle(self) -> float:
        """Place halfway."""
        return (self.start.place + self.stop.place) / 2


class Line:
    """The straight line from a baseline to a case.

    Parameters
    ----------
    case : Opened
    start : Tensor, shape (1, n_channels, n_points)
        The baseline.

    Attributes
    ----------
    looked : int
        At how many places the gradient was taken.
    """

    def __init__(self, case: Opened, start: Tensor) -> None:
        self.start, self.stop, self.score = start, case.x.detach(), case.score
        self.looked = 0

    @property
    def most(self) -> int:
        """Places whose gradients can be kept."""
        return max(_LEAST, _KEPT // self.stop.numel())

    @property
    def batch(self) -> int:
        """Places looked at in one pass."""
        return rows_at_once(self.stop.shape[2])

    def at(self, places: Sequence[float]) -> Tensor:
        """Return the series at places of the line, (N, n_channels, n_points)."""
        along = torch.tensor(places, dtype=self.stop.dtype, device=self.stop.device)
        return self.start + along[:, None, None] * (self.stop - self.start)

    def read(self, z: Tensor) -> Reading:
        """Return scores, gradients and alignments of series (N, n_channels, n_points)."""
        z = z.detach().requires_grad_()
        scores = self.score(z)
        return scores.detach(), torch.autograd.grad(scores.sum(), z)[0], None

    def look(self, places: Sequence[float]) -> list[Node]:
        """Return a node for each place, in batches."""
        found: list[Node] = []
        for i in range(0, len(places), self.batch):
            some = places[i : i + self.batch]
            found += self.nodes(some, self.read(self.at(some)))
        return found

    def nodes(self, places: Sequence[float], reading: Reading) -> list[Node]:
        """Return a node for each place of which there is a reading."""
        scores, gradients, segments = reading
        self.looked += len(places)
        rises = gradients * (self.stop - self.start)
        slopes = rises.sum((1, 2), dtype=torch.float64).tolist()
        kept = [None] * len(places) if segments is None else list(segments)
        rows = zip(places, scores.tolist(), rises, slopes, kept, strict=True)
        return [Node(*row) for row in rows]

    def stretches(self, pairs: Sequence[tuple[Node, Node]]) -> list[Stretch]:
        """Return the stretch between each pair of neighbouring nodes."""
        return [Stretch(a, b) for a, b in pairs]


def refined(line: Line, nodes: Sequence[Node], *, allowed: float, most: int) -> list[Stretch]:
    """Divide the line at the nodes, and further where the gap comes from.

    Parameters
    ----------
    line : Line
    nodes : sequence of Node
        In ascending order; the ends of the line are added where they are missing.
    allowed : float
        Size of the gap of the whole line to stop at.
    most : int
        Places to look at, those of `nodes` included; a last round may exceed it by the two
        sides of a jump.
    """
    found = line.stretches(list(pairwise(_with_ends(line, nodes))))
    most = min(most, line.most)
    while abs(fsum(one.gap for one in found)) > allowed and line.looked < most:
        chosen = _worst(found, allowed / 2, min(line.batch, most - line.looked))
        if not chosen:
            break
        middles = line.look([one.middle for one in chosen])
        halves = [
            half
            for one, middle in zip(chosen, middles, strict=True)
            for half in ((one.start, middle), (middle, one.stop))
        ]
        divided = set(chosen)
        found = [one for one in found if one not in divided] + line.stretches(halves)
    return sorted(found, key=lambda one: one.start.place)


def _with_ends(line: Line, nodes: Sequence[Node]) -> list[Node]:
    known = {node.place for node in nodes}
    ends = line.look([place for place in (0.0, 1.0) if place not in known])
    return sorted([*nodes, *ends], key=lambda node: node.place)


def _worst(found: Sequence[Stretch], leave: float, n: int) -> list[Stretch]:
    """Return up to `n` stretches of the widest gaps; those left add up to `leave` or less."""
    able = [one for one in found if one.stop.place - one.start.place > NARROWEST]
    able.sort(key=lambda one: abs(one.gap), reverse=True)
    left, chosen = fsum(abs(one.gap) for one in able), []
    for one in able[:n]:
        if left <= leave:
            break
        chosen.append(one)
        left -= abs(one.gap)
    return chosen


def summed(found: Sequence[Stretch]) -> Tensor:
    """Return the integral of the gradients times the difference, (1, n_channels, n_points)."""
    pieces = [piece for one in found for piece in one.pieces]
    rises = pieces[0][0].rises
    out = torch.zeros(rises.shape, dtype=torch.float64, device=rises.device)
    for i in range(0, len(pieces), 256):
        some = pieces[i : i + 256]
        halves = torch.tensor([(b.place - a.place) / 2 for a, b in some], dtype=torch.float64)
        rows = torch.stack([a.rises.double() + b.rises for a, b in some])
        out += (halves.to(out.device)[:, None, None] * rows).sum(0)
    return out[None]
