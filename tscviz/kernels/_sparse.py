"""Compiled loops of the sparse convolution: no threads, no Python objects.

A batch is packed in chunks of at most `lanes` cases, and within a chunk the cases lie innermost:
(channel, time point, case). Reading one time point later is then reading one vector further on,
and a row of a channel is one contiguous stretch whatever the batch. Chunk ``q`` starts where
``q * lanes`` cases of all channels end.

The non-zeros come as lists. Those of row ``r`` stand at ``starts[r] .. starts[r + 1] - 1``:
``sources`` is the channel read, ``taps`` how many time points ahead, ``index`` where the weight
stands in the flat dense weight. The same loop thus serves the convolution (rows are output
channels) and its gradient to the input (rows are input channels).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from tscviz.kernels._jit import kernel
from tscviz.types import Array

# Non-zeros of one row that share a pass over the output tile: one load and one store for eight
# products, and eight pointers are what the registers hold.
PASS = 8
# Bytes of an output tile. With the stretch of input it reads, it fits an L1 cache of 32 KiB.
TILE = 16384
# Rows are computed in whole vectors, past their end; what is read there is never used.
SLACK = 16


@kernel
def pack_range(x: Array, start: int, stop: int, left: int, lanes: int, packed: Array) -> int:
    """Pack the channels ``start .. stop - 1`` of x (B, C, T), zeros around them.

    Parameters
    ----------
    left : int
        Zero time points in front; those behind follow from the size of `packed`.
    packed : flat, B * C * (left + T + right) + SLACK

    Returns
    -------
    int
        -1: nothing can go wrong.
    """
    n_cases, n_channels, length = x.shape
    width = (packed.shape[0] - SLACK) // (n_cases * n_channels)
    for first in range(0, n_cases, lanes):
        n = min(lanes, n_cases - first)
        for c in range(start, stop):
            at = (first * n_channels + c * n) * width
            packed[at : at + left * n] = 0
            packed[at + (left + length) * n : at + width * n] = 0
            rows = packed[at + left * n : at + (left + length) * n].reshape(length, n)
            for b in range(n):
                series = x[first + b, c]
                for t in range(length):
                    rows[t, b] = series[t]
    return -1


@kernel
def add_eight(y: Array, x: Array, at: Array, w: Array) -> None:
    """Add to y (n,) the eight stretches of flat `x` that begin at `at`, times `w`."""
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    w4, w5, w6, w7 = w[4], w[5], w[6], w[7]
    # Unsigned: no check for an index counted from the end.
    a0, a1, a2, a3 = np.uint64(at[0]), np.uint64(at[1]), np.uint64(at[2]), np.uint64(at[3])
    a4, a5, a6, a7 = np.uint64(at[4]), np.uint64(at[5]), np.uint64(at[6]), np.uint64(at[7])
    for j in range(y.shape[0]):
        i = np.uint64(j)
        total = w0 * x[a0 + i] + w1 * x[a1 + i] + w2 * x[a2 + i] + w3 * x[a3 + i]
        y[i] += total + w4 * x[a4 + i] + w5 * x[a5 + i] + w6 * x[a6 + i] + w7 * x[a7 + i]


@partial(kernel, any_order=True)
def dot_eight(g: Array, x: Array, at: Array, sums: Array) -> None:
    """Add to `sums` the products of g (n,) with the eight stretches of flat `x` at `at`."""
    a0, a1, a2, a3 = np.uint64(at[0]), np.uint64(at[1]), np.uint64(at[2]), np.uint64(at[3])
    a4, a5, a6, a7 = np.uint64(at[4]), np.uint64(at[5]), np.uint64(at[6]), np.uint64(at[7])
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = g.dtype.type(0)
    for j in range(g.shape[0]):
        i = np.uint64(j)
        s0 += g[i] * x[a0 + i]
        s1 += g[i] * x[a1 + i]
        s2 += g[i] * x[a2 + i]
        s3 += g[i] * x[a3 + i]
        s4 += g[i] * x[a4 + i]
        s5 += g[i] * x[a5 + i]
        s6 += g[i] * x[a6 + i]
        s7 += g[i] * x[a7 + i]
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
    sums[4] += s4
    sums[5] += s5
    sums[6] += s6
    sums[7] += s7


@kernel
def convolve_range(
    packed: Array,
    weight: Array,
    lists: tuple[Array, Array, Array, Array, Array],
    layout: tuple[int, int, int, int],
    start: int,
    stop: int,
    tile: Array,
    y: Array,
) -> int:
    """Fill the parts of y (B, R, T) that belong to the work items ``start .. stop - 1``.

    Rows run fastest among the items, in `order`, then the tiles of a row, then the chunks.

    Parameters
    ----------
    packed : flat
        From `pack_range`.
    weight : flat
    lists : starts (R + 1,), order (R,), sources, taps, index (N,)
    layout : four ints
        Channels of `packed`; cases of a chunk; time points of a tile; time points of `packed` in
        front of the first one that tap 0 reads.
    tile : at least cases of a chunk * time points of a tile + SLACK
        Scratch.

    Returns
    -------
    int
        -1: nothing can go wrong.
    """
    starts, order, sources, taps, index = lists
    n_channels, lanes, step, shift = layout
    n_cases, n_rows, length = y.shape
    width = (packed.shape[0] - SLACK) // (n_cases * n_channels)
    at = np.empty(PASS, np.int64)
    w = np.empty(PASS, weight.dtype)
    n_parts = (length + step - 1) // step
    for item in range(start, stop):
        row = order[item % n_rows]
        t0 = item // n_rows % n_parts * step
        first = item // n_rows // n_parts * lanes
        n = min(lanes, n_cases - first)
        n_points = min(step, length - t0)
        # In whole vectors: the loop then has no remainder.
        part = tile[: (n_points * n + SLACK - 1) // SLACK * SLACK]
        part[:] = 0
        base = first * n_channels * width + (t0 + shift) * n
        for p in range(starts[row], starts[row + 1], PASS):
            for q in range(PASS):
                # Where the list ends within a pass, its last entry again, times 0.
                j = min(p + q, starts[row + 1] - 1)
                at[q] = base + (np.int64(sources[j]) * width + taps[j]) * n
                w[q] = weight[index[j]] if p + q < starts[row + 1] else 0
            add_eight(part, packed, at, w)
        for b in range(n):
            series = y[first + b, row, t0 : t0 + n_points]
            for t in range(n_points):
                series[t] = part[t * n + b]
    return -1


@kernel
def correlate_range(
    packed: Array,
    packed_g: Array,
    lists: tuple[Array, Array, Array, Array, Array],
    shape: tuple[int, int],
    layout: tuple[int, int, int, int],
    start: int,
    stop: int,
    grad: Array,
) -> int:
    """Add the gradient to the weight, flat `grad`, for the rows ``order[start .. stop - 1]``.

    Parameters
    ----------
    packed, packed_g : flat
        Input and gradient of the output.
    lists : starts (R + 1,), order (R,), sources, taps, index (N,)
    shape : two ints
        Cases and time points of the output.
    layout : four ints
        Channels of `packed`; cases of a chunk; time points of a tile; time points of `packed_g`
        in front of the output's first.

    Returns
    -------
    int
        -1: nothing can go wrong.
    """
    starts, order, sources, taps, index = lists
    n_cases, length = shape
    n_channels, lanes, step, shift = layout
    width = (packed.shape[0] - SLACK) // (n_cases * n_channels)
    n_rows = order.shape[0]
    width_g = (packed_g.shape[0] - SLACK) // (n_cases * n_rows)
    at = np.empty(PASS, np.int64)
    sums = np.empty(PASS, grad.dtype)
    for first in range(0, n_cases, lanes):
        n = min(lanes, n_cases - first)
        for t0 in range(0, length, step):
            n_points = min(step, length - t0)
            base = (first * n_channels * width) + t0 * n
            for item in range(start, stop):
                row = order[item]
                at_g = (first * n_rows + row * n) * width_g + (t0 + shift) * n
                g = packed_g[at_g : at_g + n_points * n]
                for p in range(starts[row], starts[row + 1], PASS):
                    for q in range(PASS):
                        j = min(p + q, starts[row + 1] - 1)
                        at[q] = base + (np.int64(sources[j]) * width + taps[j]) * n
                    sums[:] = 0
                    dot_eight(g, packed, at, sums)
                    for q in range(min(PASS, starts[row + 1] - p)):
                        grad[index[p + q]] += sums[q]
    return -1
