"""Slow and obviously correct twin of the sparse convolution: its definition, weight by weight."""

from __future__ import annotations

import numpy as np

from tscviz.types import Array


def slow_sparse_conv1d(x: Array, weight: Array, mask: Array, padding: tuple[int, int]) -> Array:
    """Return y (B, K, T'), in float64: every active weight added where it belongs."""
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), padding))
    n_out, _, n_taps = weight.shape
    y = np.zeros((len(x), n_out, padded.shape[2] - n_taps + 1))
    for k, c, tap in np.argwhere(mask):
        y[:, k] += float(weight[k, c, tap]) * padded[:, c, tap : tap + y.shape[2]]
    return y


def slow_gradients(
    x: Array, weight: Array, mask: Array, padding: tuple[int, int], g: Array
) -> tuple[Array, Array]:
    """Return the gradients of ``sum(g * y)`` to x and weight, in float64, for g (B, K, T')."""
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), padding))
    to_padded, to_weight = np.zeros_like(padded), np.zeros(weight.shape)
    for k, c, tap in np.argwhere(mask):
        read = slice(tap, tap + g.shape[2])
        to_padded[:, c, read] += float(weight[k, c, tap]) * g[:, k]
        to_weight[k, c, tap] = (padded[:, c, read] * g[:, k]).sum()
    return to_padded[:, :, padding[0] : padding[0] + x.shape[2]], to_weight
