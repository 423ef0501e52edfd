"""Compiled loops of the alignment: no threads, no Python objects, float64 inside.

Indices are 0-based here: a path leads from (0, 0) to (L - 1, T - 1), goes one time point further
at every step, and stays in its segment or moves to the next one. `lengths` holds each case's own
T. Nothing beyond it is read. Cells no path reaches have an infinite R and keep it.

Soft-DTW goes through a series in blocks. In each block the *hard* minimum is followed first, from
the soft R of the block's first column; what the soft minimum lies below it is then a sum,

    a[l, t] = stay * a[l, t - 1] + move * a[l - 1, t - 1],    R = hard R - gamma * log(a),

where the better move has weight 1 and the other exp(-gap / gamma). So there is one exponential a
cell and one division, all of a block's in one loop the processor runs many at a time, and a
logarithm only once a block. `a` lies between 1 and 2**BLOCK: nothing can overflow, whatever the
costs.

What must go from one time point to the next runs over four segments at once, in registers: a
value written to memory and read back in the next column would take three times as long.
"""

from __future__ import annotations

import math

import numpy as np

from tscviz.kernels._jit import kernel
from tscviz.types import Array

BLOCK = 256
LN2 = math.log(2.0)
# exp(y) for |y| <= ln(2) / 2: the remainder after y**13 / 13! is below 1e-17.
TAYLOR = tuple(1.0 / math.factorial(n) for n in range(14))
# Added to a number it leaves the number, rounded to a whole one, in the lowest bits.
ROUNDER = 1.5 * 2.0**52


@kernel
def follow_hard(cost: Array, start: int, R: Array, gap: Array, edge: Array) -> None:
    """Carry the hard minimum through the columns from `start` on.

    Parameters
    ----------
    cost : (L, T)
    R : (L,)
        Column ``start - 1`` on entry, the last one on return.
    gap : (L, n_columns)
        Gets ``R[l - 1, t - 1] - R[l, t - 1]``: negative where the diagonal move is the better
        one, NaN where neither is possible.
    edge : at least n_columns
        Room for the row above the segments at hand, one column behind.
    """
    n_segments, n_columns = gap.shape
    edge[:n_columns] = math.inf
    in_fours = n_segments - n_segments % 4
    for l in range(0, in_fours, 4):
        r0, r1, r2, r3 = float(R[l]), float(R[l + 1]), float(R[l + 2]), float(R[l + 3])
        for j in range(n_columns):
            above = float(edge[j])
            edge[j] = r3
            gap[l, j], gap[l + 1, j] = above - r0, r0 - r1
            gap[l + 2, j], gap[l + 3, j] = r1 - r2, r2 - r3
            r3 = float(cost[l + 3, start + j]) + min(r3, r2)
            r2 = float(cost[l + 2, start + j]) + min(r2, r1)
            r1 = float(cost[l + 1, start + j]) + min(r1, r0)
            r0 = float(cost[l, start + j]) + min(r0, above)
        R[l], R[l + 1], R[l + 2], R[l + 3] = r0, r1, r2, r3
    for l in range(in_fours, n_segments):
        here = float(R[l])
        for j in range(n_columns):
            above = float(edge[j])
            edge[j] = here
            gap[l, j] = above - here
            here = float(cost[l, start + j]) + min(here, above)
        R[l] = here


@kernel
def weigh_moves(stay: Array, move: Array, gamma: float) -> None:
    """Give the better move of each cell weight 1 and the other ``exp(-|gap| / gamma)``.

    `stay` holds the gaps on entry; both are flat. Below 2**-1000 the weight is 0, and where the
    gap is NaN the cell stays where it is.
    """
    scale = -1.0 / (gamma * LN2)
    for cell in range(stay.shape[0]):
        gap = float(stay[cell])
        x = abs(gap) * scale
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
        moves = gap < 0.0
        stay[cell] = weight if moves else 1.0
        move[cell] = 1.0 if moves else weight


@kernel
def follow_soft(stay: Array, move: Array, a: Array, edge: Array) -> None:
    """Carry `a` (L,), 1 at first, through the columns; `stay` and `move` are (L, n_columns).

    `stay` gets each cell's `a`, and `move` what of it came diagonally.
    """
    n_segments, n_columns = stay.shape
    edge[:n_columns] = 0.0
    a[:] = 1.0
    in_fours = n_segments - n_segments % 4
    for l in range(0, in_fours, 4):
        a0, a1, a2, a3 = float(a[l]), float(a[l + 1]), float(a[l + 2]), float(a[l + 3])
        for j in range(n_columns):
            moved0, moved1 = edge[j] * move[l, j], a0 * move[l + 1, j]
            moved2, moved3 = a1 * move[l + 2, j], a2 * move[l + 3, j]
            edge[j] = a3
            a0 = a0 * stay[l, j] + moved0
            a1 = a1 * stay[l + 1, j] + moved1
            a2 = a2 * stay[l + 2, j] + moved2
            a3 = a3 * stay[l + 3, j] + moved3
            move[l, j], move[l + 1, j], move[l + 2, j], move[l + 3, j] = (
                moved0,
                moved1,
                moved2,
                moved3,
            )
            stay[l, j], stay[l + 1, j], stay[l + 2, j], stay[l + 3, j] = a0, a1, a2, a3
        a[l], a[l + 1], a[l + 2], a[l + 3] = a0, a1, a2, a3
    for l in range(in_fours, n_segments):
        here = float(a[l])
        for j in range(n_columns):
            moved = edge[j] * move[l, j]
            edge[j] = here
            here = here * stay[l, j] + moved
            move[l, j] = moved
            stay[l, j] = here
        a[l] = here


@kernel
def spread_back(length: int, moves: Array, edge: Array) -> None:
    """Turn `moves` (L, T) into the soft alignment, in place.

    The mass of a cell goes back along its two incoming moves in the shares found on the way
    forward, so there is no exponential left to take and every column sums to one.
    """
    n_segments = moves.shape[0]
    left_over = n_segments % 4
    edge[:length] = 0.0
    m3 = 1.0
    for l in range(n_segments - 4, left_over - 1, -4):
        m0 = m1 = m2 = 0.0
        for t in range(length - 1, 0, -1):
            left0, left1 = m0 * moves[l, t], m1 * moves[l + 1, t]
            left2, left3 = m2 * moves[l + 2, t], m3 * moves[l + 3, t]
            moves[l, t], moves[l + 1, t], moves[l + 2, t], moves[l + 3, t] = m0, m1, m2, m3
            m3 = m3 - left3 + edge[t]
            m2 = m2 - left2 + left3
            m1 = m1 - left1 + left2
            m0 = m0 - left0 + left1
            edge[t] = left0
        moves[l, 0], moves[l + 1, 0], moves[l + 2, 0], moves[l + 3, 0] = m0, m1, m2, m3
        m3 = 0.0
    for l in range(left_over - 1, -1, -1):
        here = m3
        for t in range(length - 1, 0, -1):
            left = here * moves[l, t]
            moves[l, t] = here
            here = here - left + edge[t]
            edge[t] = left
        moves[l, 0] = here
        m3 = 0.0
    moves[:, length:] = 0.0


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
    # Separate arrays, not rows of one: only then does numba know that they are contiguous.
    stay = np.empty(BLOCK * n_segments)
    move = np.empty(BLOCK * n_segments)
    edge = np.empty(max(BLOCK, cost.shape[2]))
    for b in range(start, stop):
        length = lengths[b]
        R[:] = math.inf
        R[0] = cost[b, 0, 0]
        for first in range(1, length, BLOCK):
            n = min(BLOCK, length - first)
            block_stay = stay[: n_segments * n].reshape((n_segments, n))
            block_move = move[: n_segments * n].reshape((n_segments, n))
            follow_hard(cost[b], first, R, block_stay, edge)
            weigh_moves(stay[: n_segments * n], move[: n_segments * n], gamma)
            follow_soft(block_stay, block_move, a, edge)
            for l in range(n_segments):
                for j in range(n):
                    alignment[b, l, first + j] = block_move[l, j] / block_stay[l, j]
                R[l] -= gamma * math.log(a[l])
        value[b] = R[n_segments - 1]
        if not (all_finite(cost[b], length) and abs(R[n_segments - 1]) < math.inf):
            return b
        spread_back(length, alignment[b], edge)
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
    gap = np.empty((n_segments, n_timepoints))
    edge = np.empty(n_timepoints)
    for b in range(start, stop):
        length = lengths[b]
        R[:] = math.inf
        R[0] = cost[b, 0, 0]
        follow_hard(cost[b], 1, R, gap[:, : length - 1], edge)
        value[b] = R[n_segments - 1]
        if not (all_finite(cost[b], length) and abs(R[n_segments - 1]) < math.inf):
            return b
        l = n_segments - 1
        for t in range(length - 1, 0, -1):
            segments[b, t] = l
            # Equal: stay. Every segment then begins as early as an optimal path allows.
            if gap[l, t - 1] < 0.0:
                l -= 1
        segments[b, 0] = 0
        segments[b, length:] = -1
    return -1
