"""Compiled loops of soft-DTW between two series: distance, recursion and both gradients."""

from __future__ import annotations

import functools

import numpy as np

from tscviz.kernels import _dtw
from tscviz.kernels._jit import kernel
from tscviz.types import Array


@kernel
def fill_costs(x: Array, y: Array, cost: Array) -> None:
    """Fill `cost` (L, T) with the squared distances of x (L, K) and y (K, T)."""
    n_segments, n_timepoints = cost.shape
    for l in range(n_segments):
        first = float(x[l, 0])
        for t in range(n_timepoints):
            gap = first - float(y[0, t])
            cost[l, t] = gap * gap
        for k in range(1, x.shape[1]):
            here = float(x[l, k])
            for t in range(n_timepoints):
                gap = here - float(y[k, t])
                cost[l, t] += gap * gap


@functools.partial(kernel, any_order=True)
def add_gradients(
    alignment: Array, x: Array, y: Array, length: int, grad_x: Array, grad_y: Array
) -> None:
    """Write the gradients to x (L, K) and to y (K, T); `alignment` is (L, T)."""
    grad_y[:] = 0.0
    for l in range(x.shape[0]):
        for k in range(x.shape[1]):
            here, total = float(x[l, k]), 0.0
            for t in range(length):
                pull = 2.0 * alignment[l, t] * (here - float(y[k, t]))
                grad_y[k, t] -= pull
                total += pull
            grad_x[l, k] = total


@kernel
def series_range(
    x: Array,
    y: Array,
    gamma: float,
    lengths: Array,
    start: int,
    stop: int,
    value: Array,
    grad_x: Array,
    grad_y: Array,
) -> int:
    """Fill value (B,), grad_x (B, L, K) and grad_y (B, T, K) for the cases ``start .. stop - 1``.

    x is (B, L, K) and y (B, T, K). Returns the first case that is not finite, else -1.
    """
    n_timepoints, n_features = y.shape[1:]
    # One case at a time, in memory that stays in the cache and that malloc does not give back.
    cost = np.zeros((1, x.shape[1], n_timepoints))
    alignment = np.empty_like(cost)
    rows = np.empty((n_features, n_timepoints))
    back = np.empty((n_features, n_timepoints))
    for b in range(start, stop):
        length = lengths[b]
        for t in range(length):
            for k in range(n_features):
                rows[k, t] = y[b, t, k]
        fill_costs(x[b], rows, cost[0, :, :length])
        own = lengths[b : b + 1]
        if _dtw.soft_dtw_range(cost, gamma, own, 0, 1, value[b : b + 1], alignment) >= 0:
            return b
        add_gradients(alignment[0], x[b], rows, length, grad_x[b], back)
        for t in range(n_timepoints):
            for k in range(n_features):
                grad_y[b, t, k] = back[k, t] if t < length else 0.0
    return -1
