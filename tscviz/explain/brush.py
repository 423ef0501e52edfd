"""Edits by hand on one channel of a series: dragging a point, drawing with a brush.

Both leave the series without jumps: what they change fades out as a raised cosine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tscviz.explain.request import ExplainError
from tscviz.types import Array


def brush_weights(distance: Array, width: float) -> Array:
    """Return the weight of the brush at distances from its middle, float64, in 0 to 1.

    A raised cosine, ``0.5 + 0.5 cos(2 pi d / width)`` for ``|d| < width / 2`` and 0 beyond: with
    width 1 or less a brush on a time point touches that point alone.

    Parameters
    ----------
    distance : array
        In time points.
    width : float
        Full width in time points, above 0.
    """
    away = np.abs(np.asarray(distance, dtype=np.float64))
    return np.where(away < width / 2, 0.5 + 0.5 * np.cos(2 * np.pi * away / width), 0.0)


def drag(x: Array, at: int, by: float, *, width: float = 1.0, channel: int = 0) -> Array:
    """Move the point `at` up by `by`, and its neighbours with it as far as the brush reaches.

    Parameters
    ----------
    x : float array, shape (n_channels, n_timepoints)
        Without padding and missing values; it is not changed.
    at : int
        Time point, from 0.
    by : float
        Added to its value; neighbours get ``by * brush_weights(distance, width)``.
    width : float
        Full width of the brush in time points; 1: the point alone.
    channel : int

    Returns
    -------
    float32 array, shape of `x`

    Raises
    ------
    ExplainError
        On a point or channel outside the series, or a number that is not finite.
    """
    x = check_series(x)
    check_channel(x, channel)
    _check_width(width)
    if not 0 <= int(at) < x.shape[1]:
        raise ExplainError(f"point {at} is not on the series; it has points 0 to {x.shape[1] - 1}.")
    if not math.isfinite(by):
        raise ExplainError(f"the point is to move by {by}; wanted a finite number.")
    added = by * brush_weights(np.arange(x.shape[1]) - int(at), width)
    return _changed(x, channel, added != 0, x[channel] + added)


def draw(
    x: Array, stroke: Sequence[Sequence[float]] | Array, *, width: float = 1.0, channel: int = 0
) -> Array:
    """Draw a line over one channel: the series takes the values of the stroke where it passed.

    Between the points of the stroke values are joined by straight lines; where it went back and
    forth, the last passage counts. Beyond each end of the stroke its distance from the series
    fades out over half the width of the brush.

    Parameters
    ----------
    x : float array, shape (n_channels, n_timepoints)
        Without padding and missing values; it is not changed.
    stroke : array-like, shape (n_points, 2)
        Time (in time points from 0, need not be whole) and value, in the order drawn; it is not
        changed.
    width : float
        Full width of the brush in time points; 1: nothing fades.
    channel : int

    Returns
    -------
    float32 array, shape of `x`

    Raises
    ------
    ExplainError
        On a stroke of another shape, outside the series or not finite, or a wrong channel.
    """
    x = check_series(x)
    check_channel(x, channel)
    _check_width(width)
    line = np.array(stroke, dtype=np.float64)  # a copy: its ends are moved onto the series
    last = x.shape[1] - 1
    if line.ndim != 2 or line.shape[1:] != (2,) or not len(line) or not np.isfinite(line).all():
        raise ExplainError(
            f"the stroke has shape {line.shape}; wanted pairs of time and value, all finite."
        )
    if line[:, 0].min() < -0.5 or line[:, 0].max() > last + 0.5:
        raise ExplainError(f"the stroke leaves the series; its times go from 0 to {last}.")
    line[:, 0] = line[:, 0].clip(0, last)
    values, touched = _passed(x[channel].astype(np.float64), line)
    _fade(values, touched, x[channel], width)
    return _changed(x, channel, touched, values)


def _passed(values: Array, line: Array) -> tuple[Array, Array]:
    """Lay the stroke over the series, piece by piece; return values and where it passed."""
    touched = np.zeros(len(values), bool)
    nearest = np.rint(line[:, 0]).astype(int)
    values[nearest[0]] = line[0, 1]
    touched[nearest[0]] = True
    for (t0, v0), (t1, v1), end in zip(line[:-1], line[1:], nearest[1:], strict=True):
        low, high = min(t0, t1), max(t0, t1)
        inside = np.arange(math.ceil(low), math.floor(high) + 1)
        if high > low:
            values[inside] = v0 + (v1 - v0) * (inside - t0) / (t1 - t0)
            touched[inside] = True
        if not len(inside) or not touched[end] or t1 == end:
            values[end], touched[end] = v1, True
    return values, touched


def _fade(values: Array, touched: Array, before: Array, width: float) -> None:
    """Let what the stroke changed at its two ends fade out beyond them, in place."""
    first, last = np.flatnonzero(touched)[[0, -1]]
    time = np.arange(len(values))
    for end, beyond in ((first, time < first), (last, time > last)):
        weight = brush_weights(time - end, width) * beyond
        values += weight * (values[end] - before[end])
        touched |= weight > 0


def _changed(x: Array, channel: int, where: Array, values: Array) -> Array:
    out = x.copy()
    out[channel, where] = values[where]
    return out


def check_series(x: Array) -> Array:
    """Return `x` as float32, (n_channels, n_timepoints), or raise an `ExplainError`."""
    x = np.asarray(x, dtype=np.float32)
    if x.ndim != 2 or 0 in x.shape:
        raise ExplainError(f"one case has shape (n_channels, n_timepoints); found {x.shape}.")
    if not np.isfinite(x).all():
        raise ExplainError("the series has missing or infinite values; fill the gaps first.")
    return x


def check_channel(x: Array, channel: int) -> None:
    """Raise an `ExplainError` where the series has no such channel."""
    if not 0 <= int(channel) < len(x):
        raise ExplainError(f"there is no channel {channel}; they are numbered 0 to {len(x) - 1}.")


def _check_width(width: float) -> None:
    if not (math.isfinite(width) and width > 0):
        raise ExplainError(f"the brush is {width} points wide; wanted a number above 0.")
