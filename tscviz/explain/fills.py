"""What stands where a stretch of a case is hidden: its mean, zero, noise, or a straight line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from tscviz.types import Array

#: ``fill(starts, stops)`` gives values for the windows ``starts[i] .. stops[i] - 1``, float32, of a
#: shape that broadcasts to (n_windows, n_channels, n_timepoints); only the windows are used.
Fill = Callable[[Array, Array], Array]


def filled(x: Array, name: str, *, seed: int = 0) -> Fill:
    """Return the fill called `name` for one case.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_timepoints)
        Without padding.
    name : str
        One of `FILLS`.
    seed : int
        Of the noise, which is drawn once for the whole case: a window that moves on uncovers and
        covers the same values.
    """
    return FILLS[name](x, seed)


def _mean(x: Array, seed: int) -> Fill:  # noqa: ARG001
    return _fixed(x.mean(1, keepdims=True, dtype=np.float64))


def _zero(x: Array, seed: int) -> Fill:  # noqa: ARG001
    return _fixed(np.zeros((len(x), 1)))


def _noise(x: Array, seed: int) -> Fill:
    drawn = np.random.default_rng(seed).standard_normal(x.shape)
    mean, deviation = (f(x, axis=1, keepdims=True, dtype=np.float64) for f in (np.mean, np.std))
    return _fixed(mean + deviation * drawn)


def _fixed(values: Array) -> Fill:
    row = values.astype(np.float32)[None]  # (1, C, 1 or T)
    return lambda starts, stops: row  # noqa: ARG005


def _linear(x: Array, seed: int) -> Fill:  # noqa: ARG001
    """Join the points beside the window; at an end of the series the one there is goes on."""
    n_points = x.shape[1]
    time = np.arange(n_points)
    mean = x.mean(1, dtype=np.float64)[:, None]  # (C, 1), where the window hides everything

    def fill(starts: Array, stops: Array) -> Array:
        before = x[:, np.maximum(starts - 1, 0)].T[..., None]  # (B, C, 1)
        after = x[:, np.minimum(stops, n_points - 1)].T[..., None]
        first, last = (starts == 0)[:, None, None], (stops == n_points)[:, None, None]
        left = np.where(first, np.where(last, mean, after), before)
        right = np.where(last, np.where(first, mean, before), after)
        share = (time - (starts - 1)[:, None]) / (stops - starts + 1)[:, None]  # (B, T)
        return (left + (right - left) * share[:, None]).astype(np.float32)

    return fill


#: The fills by name.
FILLS: Mapping[str, Callable[[Array, int], Fill]] = MappingProxyType(
    {"mean": _mean, "zero": _zero, "noise": _noise, "linear": _linear}
)
