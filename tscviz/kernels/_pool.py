"""Compiled loop of maximum pooling over segments."""

from __future__ import annotations

import math

import numpy as np

from tscviz.kernels._jit import kernel
from tscviz.types import Array


@kernel
def segment_ends(segments: Array, ends: Array) -> bool:
    """Write where each segment ends; False unless they are 0, 1, ... in order, then padding."""
    n = 0
    for t in range(segments.shape[0]):
        segment = segments[t]
        if segment == n:
            n += 1
        if segment < 0:
            break
        if segment != n - 1 or n > ends.shape[0]:
            return False
        ends[segment] = t + 1
    return n == ends.shape[0]


@kernel
def segment_max_range(
    h: Array, segments: Array, start: int, stop: int, value: Array, index: Array
) -> int:
    """Fill `value` and `index` (B, K, L) for the cases ``start .. stop - 1`` of h (B, K, T).

    The first of equal maxima counts, and NaN is larger than anything. Returns the first case whose
    segments are not in order, else -1.
    """
    n_segments = value.shape[2]
    ends = np.empty(n_segments, np.int64)
    for b in range(start, stop):
        if not segment_ends(segments[b], ends):
            return b
        for k in range(h.shape[1]):
            first = 0
            for l in range(n_segments):
                best = -math.inf
                at = first
                for t in range(first, ends[l]):
                    x = h[b, k, t]
                    if not x <= best:
                        best = x
                        at = t
                        if x != x:  # noqa: PLR0124
                            break
                value[b, k, l] = best
                index[b, k, l] = at
                first = ends[l]
    return -1
