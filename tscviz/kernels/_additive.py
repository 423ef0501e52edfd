"""Compiled loops of additive attention scores, and their gradients."""

from __future__ import annotations

import numpy as np

from tscviz.kernels._jit import kernel
from tscviz.types import Array

LANES = 16  # partial sums side by side, so that a sum over time fills a vector register


@kernel
def scores_range(keys: Array, query: Array, v: Array, start: int, stop: int, out: Array) -> int:
    """Write ``out[b, t] = -2 sum_u v_u / (1 + query[b, u] keys[b, u, t])``, start <= b < stop."""
    one = v.dtype.type(1.0)
    two = v.dtype.type(2.0)
    for b in range(start, stop):
        row = out[b]
        row[:] = v.dtype.type(0.0)
        for u in range(v.shape[0]):
            q = query[b, u]
            weight = two * v[u]
            key = keys[b, u]
            for t in range(row.shape[0]):
                row[t] -= weight / (one + q * key[t])
    return -1


@kernel
def scores_backward_range(
    keys: Array,
    query: Array,
    v: Array,
    grad: Array,
    start: int,
    stop: int,
    grad_keys: Array,
    grad_query: Array,
    grad_v: Array,
) -> int:
    """Add to grad_keys (B, U, T); write grad_query and grad_v (B, U): both before the exponential.

    With r = 1 / (1 + query key): d out / d v = -2 r, d out / d (sum of the logs / 2) =
    4 v r (1 - r).
    """
    one = v.dtype.type(1.0)
    zero = v.dtype.type(0.0)
    n_points = grad.shape[1]
    whole = n_points - n_points % LANES
    sum_v = np.empty(LANES, v.dtype)
    sum_q = np.empty(LANES, v.dtype)
    for b in range(start, stop):
        g = grad[b]
        for u in range(v.shape[0]):
            q = query[b, u]
            scale = v.dtype.type(4.0) * v[u]
            key = keys[b, u]
            out = grad_keys[b, u]
            sum_v[:] = zero
            sum_q[:] = zero
            for first in range(0, whole, LANES):
                for lane in range(LANES):
                    t = first + lane
                    r = one / (one + q * key[t])
                    gr = g[t] * r
                    w = gr * (one - r)
                    sum_v[lane] += gr
                    sum_q[lane] += w
                    out[t] += scale * w
            for t in range(whole, n_points):
                r = one / (one + q * key[t])
                gr = g[t] * r
                w = gr * (one - r)
                sum_v[0] += gr
                sum_q[0] += w
                out[t] += scale * w
            total_v = zero
            total_q = zero
            for lane in range(LANES):
                total_v += sum_v[lane]
                total_q += sum_q[lane]
            grad_v[b, u] = v.dtype.type(-2.0) * total_v
            grad_query[b, u] = scale * total_q
    return -1
