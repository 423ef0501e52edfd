"""Slow and obviously correct twins of the kernels.

Two kinds: enumeration of every path, which follows the definition and knows no recursion, and
the textbook recursion in plain Python, for sizes enumeration cannot reach.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from tscviz.types import Array


def all_paths(n_segments: int, n_timepoints: int) -> Iterator[Array]:
    """Yield every division of T points into L segments in order, as the segment of each point."""
    for starts in itertools.combinations(range(1, n_timepoints), n_segments - 1):
        segments = np.zeros(n_timepoints, np.int64)
        for start in starts:
            segments[start:] += 1
        yield segments


def path_costs(cost: Array) -> tuple[Array, Array]:
    """Return the paths (P, T) through cost (L, T) and the total cost of each, shape (P,)."""
    n_segments, n_timepoints = cost.shape
    paths = np.array(list(all_paths(n_segments, n_timepoints)))
    return paths, cost[paths, np.arange(n_timepoints)].astype(np.float64).sum(1)


def enumerate_soft_dtw(cost: Array, gamma: float) -> tuple[float, Array]:
    """Soft-DTW (DTP paper, equation 2) and soft alignment of cost (L, T), path by path."""
    paths, totals = path_costs(cost)
    least = totals.min()
    weights = np.exp(-(totals - least) / gamma)
    one_hot = paths[:, None, :] == np.arange(len(cost))[:, None]  # (P, L, T)
    alignment = (weights[:, None, None] * one_hot).sum(0) / weights.sum()
    return float(least - gamma * math.log(weights.sum())), alignment


def enumerate_align(cost: Array, tolerance: float = 0.0) -> tuple[float, Array]:
    """Least total cost of cost (L, T) and the path that has it.

    Of several, the one whose last segment begins first, then the one before it, and so on.
    """
    paths, totals = path_costs(cost)
    best = paths[totals <= totals.min() + tolerance]
    starts = [[int(np.argmax(path == l)) for l in range(len(cost) - 1, 0, -1)] for path in best]
    return float(totals.min()), best[min(range(len(best)), key=starts.__getitem__)]


def softmin(a: float, b: float, gamma: float) -> float:
    """Soft minimum of two numbers, either of which may be infinite."""
    least = min(a, b)
    if math.isinf(least):
        return least
    return least - gamma * math.log(math.exp(-(a - least) / gamma) + math.exp(-(b - least) / gamma))


def recursive_soft_dtw(cost: Array, gamma: float) -> tuple[float, Array]:
    """Algorithm 1 of the DTP paper as printed, 1-based, for cost (L, T)."""
    L, T = cost.shape
    R = np.full((L + 2, T + 2), np.inf)
    R[0, 0] = 0.0
    delta = np.zeros((L + 2, T + 2))
    delta[1 : L + 1, 1 : T + 1] = cost
    for t in range(1, T + 1):
        for l in range(1, L + 1):
            R[l, t] = delta[l, t] + softmin(R[l - 1, t - 1], R[l, t - 1], gamma)
    value = float(R[L, T])
    E = np.zeros((L + 2, T + 2))
    E[L, T] = 1.0
    for t in range(T - 1, 0, -1):
        for l in range(L, 0, -1):
            # A cell no path reaches takes no share, whatever lies beyond it.
            if math.isinf(R[l, t]):
                continue
            for below in (0, 1):
                after = R[l + below, t + 1]
                if l + below <= L:
                    share = math.exp((after - R[l, t] - delta[l + below, t + 1]) / gamma)
                    E[l, t] += share * E[l + below, t + 1]
    return value, E[1 : L + 1, 1 : T + 1]


def recursive_align(cost: Array) -> tuple[float, Array]:
    """Hard minimum of cost (L, T) with the whole table kept, and its back-trace; equal: stay."""
    L, T = cost.shape
    R = np.full((L + 1, T + 1), np.inf)
    R[0, 0] = 0.0
    for t in range(1, T + 1):
        for l in range(1, L + 1):
            R[l, t] = float(cost[l - 1, t - 1]) + min(R[l - 1, t - 1], R[l, t - 1])
    segments = np.zeros(T, np.int64)
    l = L
    for t in range(T, 0, -1):
        segments[t - 1] = l - 1
        if R[l - 1, t - 1] < R[l, t - 1]:
            l -= 1
    return float(R[L, T]), segments


def slow_segment_max(h: Array, segments: Array, n_segments: int) -> tuple[Array, Array]:
    """Maxima of h (B, K, T) over each segment and where they are first found, both (B, K, L)."""
    value = np.empty((*h.shape[:2], n_segments), h.dtype)
    index = np.empty(value.shape, np.int64)
    for b, k, l in np.ndindex(value.shape):
        points = np.flatnonzero(segments[b] == l)
        index[b, k, l] = points[np.argmax(h[b, k, points])]
        value[b, k, l] = h[b, k, index[b, k, l]]
    return value, index
