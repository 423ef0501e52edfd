"""What a stack of sparse layers can see (DSN paper, equation 3), counted path by path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product

import numpy as np

from tscviz.explain.registry import ExplainError
from tscviz.types import Array


@dataclass(frozen=True, eq=False)
class StackSizes:
    """Receptive fields that paths through a stack of sparse layers have (equation 3).

    Parameters
    ----------
    counts : tuple of int
        ``counts[s]`` paths have size s, in time points. A path takes one kernel in each layer; a
        path through an empty kernel carries nothing and counts at size 0. Python integers, since
        a stack of four layers has more paths than fit into 64 bits once it is wide.
    """

    counts: tuple[int, ...]

    @property
    def sizes(self) -> Array:
        """The sizes above 0 that are reached, int64, ascending."""
        return np.array([s for s, n in enumerate(self.counts) if n and s], dtype=np.int64)

    @property
    def n_paths(self) -> int:
        """Number of paths, those through an empty kernel included."""
        return sum(self.counts)

    @property
    def shares(self) -> Array:
        """Share of the paths at each size, float64; adds up to 1 where there is a path."""
        total = self.n_paths or 1
        return np.array([n / total for n in self.counts])

    @property
    def missing(self) -> Array:
        """The sizes between the smallest and the largest that no path has, int64."""
        sizes = self.sizes
        if not len(sizes):
            return sizes
        return np.setdiff1d(np.arange(sizes[0], sizes[-1] + 1), sizes)


def stack_sizes(counts: Sequence[Array]) -> StackSizes:
    """Return the receptive fields of a stack from the eNRF sizes of its layers (equation 3).

    A path of sizes s1, s2, ..., sn sees s1 + s2 + ... + sn - (n - 1) time points. Between two
    sparse layers a DSN has a dense 1 x 1 convolution, so every kernel of a layer can follow every
    kernel of the one before, and the paths of each size are counted exactly by convolving the
    layers' histograms.

    Parameters
    ----------
    counts : sequence of int arrays, shape (k + 1,)
        Kernels of each eNRF size, layer by layer; see `size_counts` (add its groups up).
    """
    if not counts:
        raise ExplainError("a stack needs at least one layer.")
    totals = [[int(n) for n in row] for row in counts]
    live = reduce(_joined, [row[1:] for row in totals])  # live[i]: paths of size i + 1
    n_paths = reduce(lambda a, b: a * b, [sum(row) for row in totals])
    return StackSizes((n_paths - sum(live), *live))


def _joined(a: list[int], b: list[int]) -> list[int]:
    """Convolve two histograms whose index is the size less one, so that indices add up."""
    out = [0] * (len(a) + len(b) - 1)
    for i, n in enumerate(a):
        for j, m in enumerate(b if n else ()):
            out[i + j] += n * m
    return out


def equation_3(sets: Sequence[Iterable[int]]) -> set[int]:
    """Return the set RF by the letter of equation 3: max(0, s1 + ... + sn - (n - 1)).

    Unlike `stack_sizes` it takes an empty kernel (size 0) as part of a path.

    Parameters
    ----------
    sets : sequence of sets of int
        eNRF sizes that occur in each layer.
    """
    sums = {0}
    for sizes in sets:
        sums = {a + b for a, b in product(sums, set(sizes))}
    return {max(0, total - (len(sets) - 1)) for total in sums}
