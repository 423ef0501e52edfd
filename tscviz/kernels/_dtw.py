"""Compiled loops of the alignment: no threads, no Python objects, float64 inside.

Indices are 0-based here: a path leads from (0, 0) to (L - 1, T - 1), goes one time point further
at every step, and stays in its segment or moves to the next one. `lengths` holds each case's own
T. Nothing beyond it is read.

Soft-DTW runs on ``alpha = exp(-R / gamma)``, which turns the soft minimum of the recursion into
a plain sum and leaves one exponential a cell. A float64 would under- or overflow within a few
hundred points, so each alpha is a pair, ``mantissa * 2**exponent``, with the exponent a whole
number in a float64 of its own. A cell no path reaches is ``0 * 2**-inf``: R stays infinite.
"""

from __future__ import annotations

import math

import numpy as np

from tscviz.kernels._jit import kernel
from tscviz.types import Array

LN2 = math.log(2.0)
# exp(y) for |y| <= ln(2) / 2: the remainder after y**13 / 13! is below 1e-17.
TAYLOR = tuple(1.0 / math.factorial(n) for n in range(14))
# Adding and subtracting it rounds to a whole number, in registers and eight numbers at a time.
ROUNDER = 1.5 * 2.0**52
EXACT = 2.0**50
POWERS = 2.0 ** -np.arange(1024.0)
# A mantissa changes by a factor of 2**1.5 a step at most, so 256 steps fit in a float64.
RENORMALISE_EVERY = 256
# Exponents up to here can be added up over any series without reaching infinity.
LARGEST_EXPONENT = 1e290


@kernel
def exponentials(cost: Array, scale: float, length: int, mantissa: Array, exponent: Array) -> int:
    """Write ``2**(cost * scale)`` as mantissa times 2**exponent; return the count out of range."""
    n_bad = 0
    for t in range(length):
        x = float(cost[t]) * scale
        whole = (x + ROUNDER) - ROUNDER
        y = (x - whole) * LN2
        # From 2**50 on a float64 has hardly a fraction left, and ROUNDER no longer finds it.
        large = not abs(x) < EXACT
        whole = x if large else whole
        y = 0.0 if large else y
        p = TAYLOR[13] * y + TAYLOR[12]
        p = (p * y + TAYLOR[11]) * y + TAYLOR[10]
        p = (p * y + TAYLOR[9]) * y + TAYLOR[8]
        p = (p * y + TAYLOR[7]) * y + TAYLOR[6]
        p = (p * y + TAYLOR[5]) * y + TAYLOR[4]
        p = (p * y + TAYLOR[3]) * y + TAYLOR[2]
        mantissa[t] = (p * y + TAYLOR[1]) * y + TAYLOR[0]
        exponent[t] = whole
        n_bad += 0 if abs(x) < LARGEST_EXPONENT else 1
    return n_bad


@kernel
def power(d: float) -> float:
    """Return 2**-d for a whole d, 1 below zero, 2**-1023 from 1023 on; no branch to mispredict."""
    return POWERS[np.uint64(min(max(d, 0.0), 1023.0))]


@kernel
def renormalise(m: Array, e: Array) -> None:
    """Bring the mantissas back to [0.5, 1)."""
    for i in range(m.shape[0]):
        if m[i] > 0.0:
            fraction, shift = math.frexp(m[i])
            m[i] = fraction
            e[i] += shift


@kernel
def forward(
    mantissa: Array, exponent: Array, length: int, m: Array, e: Array, moves: Array
) -> None:
    """Run the forward recursion; `moves` gets the share of each alpha that came diagonally.

    `m` and `e` hold one column of alpha, shifted by one: entry 0 is the empty row above the
    first segment.
    """
    n_segments = m.shape[0] - 1
    m[:] = 0.0
    e[:] = -math.inf
    m[1] = mantissa[0, 0]
    e[1] = exponent[0, 0]
    for t in range(1, length):
        m_above = m[0]
        e_above = e[0]
        for i in range(min(n_segments, t + 1)):
            m_here = m[i + 1]
            e_here = e[i + 1]
            lead = e_here - e_above
            stay = m_here * power(-lead)
            move = m_above * power(lead)
            total = stay + move
            moves[i, t] = move / total
            m[i + 1] = total * mantissa[i, t]
            e[i + 1] = max(e_here, e_above) + exponent[i, t]
            m_above = m_here
            e_above = e_here
        for i in range(t + 1, n_segments):
            moves[i, t] = 0.0
        if t % RENORMALISE_EVERY == 0:
            renormalise(m, e)
    renormalise(m, e)


@kernel
def backward(length: int, mass: Array, moves: Array) -> None:
    """Turn `moves` into the soft alignment, in place: no exponential is needed any more.

    The mass of a cell goes back along its two incoming moves in the shares the forward pass
    stored, so every column sums to one whatever the costs.
    """
    n_segments, n_timepoints = moves.shape
    mass[:] = 0.0
    mass[n_segments - 1] = 1.0
    for t in range(length - 1, 0, -1):
        gain = 0.0
        for i in range(n_segments - 1, -1, -1):
            here = mass[i]
            leaves = here * moves[i, t]
            mass[i] = here - leaves + gain
            gain = leaves
            moves[i, t] = here
    for i in range(n_segments):
        moves[i, 0] = mass[i]
        for t in range(length, n_timepoints):
            moves[i, t] = 0.0


@kernel
def soft_dtw_range(
    cost: Array,
    gamma: float,
    lengths: Array,
    start: int,
    stop: int,
    value: Array,
    alignment: Array,
) -> int:
    """Fill `value` and `alignment` for the cases ``start .. stop - 1``; `gamma` > 0.

    Returns the first case with a cost that is not finite, or too large for `gamma`, else -1.
    """
    n_segments = cost.shape[1]
    n_timepoints = cost.shape[2]
    # Rows an odd number of cache lines apart: with 512 points all would fall on the same few.
    stride = (n_timepoints // 8 + 1 | 1) * 8
    mantissa = np.empty((n_segments, stride), np.float64)
    exponent = np.empty((n_segments, stride), np.float64)
    m = np.empty(n_segments + 1, np.float64)
    e = np.empty(n_segments + 1, np.float64)
    for b in range(start, stop):
        length = lengths[b]
        n_bad = 0
        for i in range(n_segments):
            scale = -1.0 / (gamma * LN2)
            n_bad += exponentials(cost[b, i], scale, length, mantissa[i], exponent[i])
        if n_bad > 0:
            return b
        forward(mantissa, exponent, length, m, e, alignment[b])
        value[b] = -gamma * LN2 * (e[n_segments] + math.log2(m[n_segments]))
        backward(length, m[:n_segments], alignment[b])
    return -1


@kernel
def accumulate(cost: Array, length: int, R: Array, moved: Array) -> bool:
    """Fill `moved` with the better predecessor of each cell (True: diagonal); R ends in column T.

    Returns False where a cost is not finite.
    """
    n_segments = R.shape[0]
    R[:] = math.inf
    R[0] = cost[0, 0]
    n_bad = 0
    for t in range(1, length):
        for i in range(min(n_segments - 1, t), 0, -1):
            # Equal: stay. Every optimal path then leaves each segment as early as it can.
            better = R[i - 1] < R[i]
            moved[t, i] = better
            R[i] = float(cost[i, t]) + float(R[i - 1] if better else R[i])
        R[0] = float(R[0]) + float(cost[0, t])
    for i in range(n_segments):
        for t in range(length):
            n_bad += 0 if abs(cost[i, t]) < math.inf else 1
    return n_bad == 0


@kernel
def align_range(
    cost: Array, lengths: Array, start: int, stop: int, value: Array, segments: Array
) -> int:
    """Fill `value` and `segments` for the cases ``start .. stop - 1`` with the hard alignment.

    Returns the first case with a cost that is not finite, or a sum that is not, else -1.
    """
    n_segments = cost.shape[1]
    n_timepoints = cost.shape[2]
    R = np.empty(n_segments, np.float64)
    moved = np.zeros((n_timepoints, n_segments), np.bool_)
    for b in range(start, stop):
        length = lengths[b]
        finite = accumulate(cost[b], length, R, moved)
        if not finite or not abs(R[n_segments - 1]) < math.inf:
            return b
        value[b] = R[n_segments - 1]
        i = n_segments - 1
        for t in range(length - 1, -1, -1):
            segments[b, t] = i
            if i > 0 and moved[t, i]:
                i -= 1
        for t in range(length, n_timepoints):
            segments[b, t] = -1
    return -1
