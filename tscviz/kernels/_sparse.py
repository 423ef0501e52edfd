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
    n = y.shape[0]
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    w4, w5, w6, w7 = w[4], w[5], w[6], w[7]
    x0, x1, x2 = x[at[0] : at[0] + n], x[at[1] : at[1] + n], x[at[2] : at[2] + n]
    x3, x4, x5 = x[at[3] : at[3] + n], x[at[4] : at[4] + n], x[at[5] : at[5] + n]
    x6, x7 = x[at[6] : at[6] + n], x[at[7] : at[7] + n]
    for i in range(n):
        total = w0 * x0[i] + w1 * x1[i] + w2 * x2[i] + w3 * x3[i]
        y[i] += total + w4 * x4[i] + w5 * x5[i] + w6 * x6[i] + w7 * x7[i]


@partial(kernel, any_order=True)
def dot_eight(g: Array, x: Array, at: Array, sums: Array) -> None:
    """Add to `sums` the products of g (n,) with the eight stretches of flat `x` at `at`."""
    n = g.shape[0]
    x0, x1, x2 = x[at[0] : at[0] + n], x[at[1] : at[1] + n], x[at[2] : at[2] + n]
    x3, x4, x5 = x[at[3] : at[3] + n], x[at[4] : at[4] + n], x[at[5] : at[5] + n]
    x6, x7 = x[at[6] : at[6] + n], x[at[7] : at[7] + n]
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = g.dtype.type(0)
    for i in range(n):
        s0 += g[i] * x0[i]
        s1 += g[i] * x1[i]
        s2 += g[i] * x2[i]
        s3 += g[i] * x3[i]
        s4 += g[i] * x4[i]
        s5 += g[i] * x5[i]
        s6 += g[i] * x6[i]
        s7 += g[i] * x7[i]
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
    n_channels: int,
    shift: int,
    start: int,
    stop: int,
    lanes: int,
    step: int,
    tile: Array,
    y: Array,
) -> int:
    """Fill the rows of y (B, R, T) that belong to the work items ``start .. stop - 1``.

    Item ``q * R + i`` is row ``order[i]`` of chunk ``q``.

    Parameters
    ----------
    packed : flat
        What `pack_range` made of `n_channels` channels.
    weight : flat
    lists : starts (R + 1,), order (R,), sources, taps, index (N,)
    shift : int
        Time points of `packed` in front of the first one that tap 0 reads.

    Returns
    -------
    int
        -1: nothing can go wrong.
    """
    starts, order, sources, taps, index = lists
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
                at[q] = base + (sources[j] * width + taps[j]) * n
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
    shape: tuple[int, int, int],
    shift: int,
    start: int,
    stop: int,
    lanes: int,
    step: int,
    grad: Array,
) -> int:
    """Add the gradient to the weight, flat `grad`, for the rows ``order[start .. stop - 1]``.

    Parameters
    ----------
    packed, packed_g : flat
        Input and gradient of the output.
    lists : starts (R + 1,), order (R,), sources, taps, index (N,)
    shape : int
        Cases, input channels, time points of the output.
    shift : int
        Time points of `packed_g` in front of the output's first.

    Returns
    -------
    int
        -1: nothing can go wrong.
    """
    starts, order, sources, taps, index = lists
    n_cases, n_channels, length = shape
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
                        at[q] = base + (sources[j] * width + taps[j]) * n
                    sums[:] = 0
                    dot_eight(g, packed, at, sums)
                    for q in range(min(PASS, starts[row + 1] - p)):
                        grad[index[p + q]] += sums[q]
    return -1
