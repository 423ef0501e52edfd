"""Windows over a case: where they stand, and what values of windows say of each point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.explain.registry import ExplainError
from tscviz.types import Array


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows that are hidden, one after the other.

    Parameters
    ----------
    channels : int64 array, shape (n_windows,)
        The channel hidden, -1 where all are.
    starts, stops : int64 arrays, shape (n_windows,)
        A window hides the points ``starts[i] .. stops[i] - 1``; the last one of a channel may be
        cut off by the end of the series.
    """

    channels: Array
    starts: Array
    stops: Array

    @property
    def centres(self) -> Array:
        """Middle of each window, in time points."""
        return (self.starts + self.stops - 1) / 2


def windows_of(shape: tuple[int, int], window: int, stride: int, *, per_channel: bool) -> Windows:
    """Return the windows over a case, as `captum.attr.Occlusion` places them.

    The first begins at point 0, and they go on until one reaches the end.

    Parameters
    ----------
    shape : (int, int)
        Channels and time points.
    window : int
        0: a tenth of the series, at least one point.
    stride : int
    per_channel : bool

    Raises
    ------
    ExplainError
        Where the window is longer than the series, or the stride longer than the window.
    """
    n_channels, n_points = shape
    window = window or default_window(n_points)
    if window > n_points:
        raise ExplainError(
            f"window is {window} and the series has {n_points} points; choose a shorter window."
        )
    if stride > window and window < n_points:
        raise ExplainError(
            f"stride is {stride} and the window has {window} points: some would never be hidden; "
            f"choose a stride of at most {window}."
        )
    starts = np.arange(-(-(n_points - window) // stride) + 1) * stride
    channels = np.arange(n_channels) if per_channel else np.array([-1])
    all_starts = np.tile(starts, len(channels))
    return Windows(
        np.repeat(channels, len(starts)), all_starts, np.minimum(all_starts + window, n_points)
    )


def default_window(n_points: int) -> int:
    """Return a tenth of a series, at least one point."""
    return max(1, round(0.1 * n_points))


def spread(windows: Windows, values: Array, shape: tuple[int, int]) -> Array:
    """Return at each point the mean value of the windows that hide it, float64, of `shape`.

    Parameters
    ----------
    windows : Windows
    values : array, shape (n_windows,)
    shape : (int, int)
        Channels and time points.
    """
    rows = np.zeros((2, shape[0], shape[1] + 1))  # of the sum and of the count, as steps
    everywhere = windows.channels < 0
    at = np.where(everywhere, 0, windows.channels)
    for row, amount in zip(rows, (values, np.ones(len(values))), strict=True):
        np.add.at(row, (at, windows.starts), amount)
        np.add.at(row, (at, windows.stops), -amount)
    total, count = rows.cumsum(axis=2)[..., :-1]
    mean = total / np.maximum(count.round(), 1)
    return np.broadcast_to(mean[:1], shape).copy() if everywhere.all() else mean
