"""DSN one case at a time, in plain numpy, from the weights alone."""

from __future__ import annotations

import numpy as np

from tscviz.types import Array


def convolve(x: Array, weight: Array, mask: Array, *, replicate: bool) -> Array:
    """Convolve x (C, T) with the active weights (K, C, k), one product at a time."""
    n_out, _, taps = weight.shape
    length = x.shape[1]
    y = np.zeros((n_out, length))
    for out, channel, tap in np.argwhere(mask):
        for t in range(length):
            at = t + tap if replicate else t + tap - (taps - 1) // 2
            if replicate:
                value = x[channel, min(at, length - 1)]
            else:
                value = x[channel, at] if 0 <= at < length else 0.0
            y[out, t] += weight[out, channel, tap] * value
    return y


def adaptive_average(h: Array, n_parts: int) -> Array:
    """Average h (K, T) over parts i: floor(i T / n) to ceil((i + 1) T / n)."""
    length = h.shape[1]
    edges = [(i * length // n_parts, -(-(i + 1) * length // n_parts)) for i in range(n_parts)]
    return np.stack([h[:, a:b].mean(1) for a, b in edges], axis=1)


def normalise(h: Array, state: dict[str, Array], name: str) -> Array:
    """Batch normalisation in evaluation."""
    mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    scale = state[f"{name}.weight"] / np.sqrt(var + 1e-5)
    return (h - mean[:, None]) * scale[:, None] + state[f"{name}.bias"][:, None]


def dsn_logits(
    x: Array, state: dict[str, Array], n_layers: int, pool: int, *, replicate: bool
) -> Array:
    """Logits (C,) of one case x (M, T), from the network's weights by name."""
    h = x.astype(np.float64)
    for i in range(n_layers):
        at = f"blocks.{i}"
        if f"{at}.bottleneck.weight" in state:
            h = state[f"{at}.bottleneck.weight"][:, :, 0] @ h
        weight, mask = state[f"{at}.conv.weight"], state[f"{at}.conv.mask"]
        h = convolve(h, weight, mask, replicate=replicate)
        h = np.maximum(normalise(h, state, f"{at}.norm"), 0.0)
    scores = state["head.weight"][:, :, 0] @ adaptive_average(h, pool)
    return normalise(scores, state, "head_norm").mean(1)
