"""Compiled loops of the alignment: no threads, no Python objects, float64 inside.

Indices are 0-based here: a path leads from (0, 0) to (L - 1, T - 1), goes one time point further
at every step, and stays in its segment or moves to the next one. `lengths` holds each case's own
T. Nothing beyond it is read. Cells no path reaches have an infinite R and keep it.

Soft-DTW goes through a series in blocks. In each block the *hard* minimum is followed first, from
the soft R of the block's first column; what the soft minimum lies below it is then a sum,

    a[l, t] = stay * a[l, t - 1] + move * a[l - 1, t - 1],    R = hard R - gamma * log(a),

where the better move has weight 1 and the other exp(-gap / gamma). So there is one exponential a
cell, all of a block's in one loop the processor runs many at a time, and a logarithm only once a
block. `a` lies between 1 and 2**BLOCK: nothing can overflow, whatever the costs.
"""

from __future__ import annotations

import math

import numpy as np

from tscviz.kernels._jit import kernel
from tscviz.types import Array

BLOCK = 128
LN2 = math.log(2.0)
# exp(y) for |y| <= ln(2) / 2: the remainder after y**13 / 13! is below 1e-17.
TAYLOR = tuple(1.0 / math.factorial(n) for n in range(14))
# Added to a number it leaves the number, rounded to a whole one, in the lowest bits.
ROUNDER = 1.5 * 2.0**52


@kernel
def follow_hard(cost: Array, start: int, stop: int, R: Array, gap: Array) -> None:
    """Carry the hard minimum through the columns ``start .. stop - 1``.

    Parameters
    ----------
    cost : (L, T)
    R : (L,)
        Column ``start - 1`` on entry, ``stop - 1`` on return.
    gap : at least (stop - start) * L, flat
        Gets ``R[l - 1, t - 1] - R[l, t - 1]`` of one column after the other: negative where the
        diagonal move is the better one, NaN where neither is possible.
    """
    n_segments = R.shape[0]
    cell = np.uint64(0)  # unsigned: no check for an index counted from the end
    for t in range(start, stop):
        above = math.inf
        for l in range(n_segments):
            here = float(R[l])
            gap[cell] = above - here
            R[l] = float(cost[l, t]) + min(here, above)
            above = here
            cell += np.uint64(1)


@kernel
def weigh_moves(gap: Array, n: int, gamma: float, stay: Array, move: Array) -> None:
    """Give the better move of each cell weight 1 and the other ``exp(-|gap| / gamma)``.

    Below 2**-1000 the weight is 0, and where the gap is NaN the cell stays where it is.
    """
    scale = -1.0 / (gamma * LN2)
    for cell in range(n):
        x = abs(float(gap[cell])) * scale
        x = x if x > -1000.0 else -1000.0  # noqa: FURB136 - false for NaN, as max is not
        rounded = x + ROUNDER
        y = (x - (rounded - ROUNDER)) * LN2
        p = TAYLOR[13] * y + TAYLOR[12]
        p = (p * y + TAYLOR[11]) * y + TAYLOR[10]
        p = (p * y + TAYLOR[9]) * y + TAYLOR[8]
        p = (p * y + TAYLOR[7]) * y + TAYLOR[6]
        p = (p * y + TAYLOR[5]) * y + TAYLOR[4]
        p = (p * y + TAYLOR[3]) * y + TAYLOR[2]
        p = (p * y + TAYLOR[1]) * y + TAYLOR[0]
        # Times 2**rounded, by adding it to the exponent.
        bits = np.float64(p).view(np.int64) + (np.float64(rounded).view(np.int64) << 52)
        weight = np.int64(bits).view(np.float64) if x > -1000.0 else 0.0
        moves = gap[cell] < 0.0
        stay[cell] = weight if moves else 1.0
        move[cell] = 1.0 if moves else weight


@kernel
def follow_soft(start: int, stop: int, stay: Array, move: Array, a: Array, moves: Array) -> None:
    """Carry `a` through the columns; `moves` (L, T) gets the share that came diagonally."""
    n_segments = a.shape[0]
    cell = np.uint64(0)
    for t in range(start, stop):
        above = 0.0
        for l in range(n_segments):
            here = a[l]
            moved = above * move[cell]
            total = here * stay[cell] + moved
            moves[l, t] = moved / total
            a[l] = total
            above = here
            cell += np.uint64(1)


@kernel
def spread_back(length: int, mass: Array, moves: Array) -> None:
    """Turn `moves` (L, T) into the soft alignment, in place.

    The mass of a cell goes back along its two incoming moves in the shares found on the way
    forward, so there is no exponential left to take and every column sums to one.
    """
    n_segments, n_timepoints = moves.shape
    mass[:] = 0.0
    mass[n_segments - 1] = 1.0
    for t in range(length - 1, 0, -1):
        gain = 0.0
        for l in range(n_segments - 1, -1, -1):
            here = mass[l]
            leaves = here * moves[l, t]
            mass[l] = here - leaves + gain
            gain = leaves
            moves[l, t] = here
    for l in range(n_segments):
        moves[l, 0] = mass[l]
        for t in range(length, n_timepoints):
            moves[l, t] = 0.0


@kernel
def all_finite(cost: Array, length: int) -> bool:
    """Tell whether the first `length` columns of cost (L, T) hold finite numbers only."""
    n_bad = 0
    for l in range(cost.shape[0]):
        for t in range(length):
            n_bad += 0 if abs(cost[l, t]) < math.inf else 1
    return n_bad == 0


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

    Returns the first case with a cost, or a sum of costs, that is not finite, else -1.
    """
    n_segments = cost.shape[1]
    R = np.empty(n_segments)
    a = np.empty(n_segments)
    # Three arrays, not rows of one: only then does numba know that they are contiguous.
    gap = np.empty(BLOCK * n_segments)
    stay = np.empty(BLOCK * n_segments)
    move = np.empty(BLOCK * n_segments)
    for b in range(start, stop):
        length = lengths[b]
        R[:] = math.inf
        R[0] = cost[b, 0, 0]
        for first in range(1, length, BLOCK):
            last = min(first + BLOCK, length)
            follow_hard(cost[b], first, last, R, gap)
            weigh_moves(gap, (last - first) * n_segments, gamma, stay, move)
            a[:] = 1.0
            follow_soft(first, last, stay, move, a, alignment[b])
            for l in range(n_segments):
                R[l] -= gamma * math.log(a[l])
        value[b] = R[n_segments - 1]
        if not (all_finite(cost[b], length) and abs(R[n_segments - 1]) < math.inf):
            return b
        spread_back(length, a, alignment[b])
    return -1


@kernel
def align_range(
    cost: Array, lengths: Array, start: int, stop: int, value: Array, segments: Array
) -> int:
    """Fill `value` and `segments` for the cases ``start .. stop - 1`` with the hard alignment.

    Returns the first case with a cost, or a sum of costs, that is not finite, else -1.
    """
    n_segments = cost.shape[1]
    n_timepoints = cost.shape[2]
    R = np.empty(n_segments)
    gap = np.empty(n_timepoints * n_segments)
    for b in range(start, stop):
        length = lengths[b]
        R[:] = math.inf
        R[0] = cost[b, 0, 0]
        follow_hard(cost[b], 1, length, R, gap)
        value[b] = R[n_segments - 1]
        if not (all_finite(cost[b], length) and abs(R[n_segments - 1]) < math.inf):
            return b
        l = n_segments - 1
        for t in range(length - 1, 0, -1):
            segments[b, t] = l
            # Equal: stay. Every segment then begins as early as an optimal path allows.
            if gap[(t - 1) * n_segments + l] < 0.0:
                l -= 1
        segments[b, 0] = 0
        segments[b, length:] = -1
    return -1
