"""What can be done to a stretch of a series: the numerics of the what-if editor.

Every operation is a function of a series and a `Stretch` that returns a new series. Outside the
stretch nothing changes (`shift`, which carries its stretch elsewhere, says what it does), and the
ends are joined without a jump: by construction, or by a seam in which old and new are blended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.explain.brush import brush_weights, check_channel, check_series
from tscviz.explain.request import ExplainError
from tscviz.types import Array

SEAM = 3
"""Points at each end of a stretch in which old and new values are blended, unless asked."""


@dataclass(frozen=True)
class Stretch:
    """Part of a series: the time points ``start .. stop - 1`` of one channel, or of all.

    Parameters
    ----------
    start, stop : int
    channel : int or None
        None: all channels.
    """

    start: int
    stop: int
    channel: int | None = None

    def of(self, x: Array) -> tuple[Array, slice, slice]:
        """Check `x` and the stretch; return the series, its rows and its columns.

        Raises
        ------
        ExplainError
            On a series of a wrong shape, with missing values, or a stretch outside it.
        """
        x = check_series(x)
        if not 0 <= self.start < self.stop <= x.shape[1]:
            raise ExplainError(
                f"the stretch goes from {self.start} to {self.stop}; wanted at least one of the "
                f"points 0 to {x.shape[1] - 1} (the stop is not part of it)."
            )
        if self.channel is None:
            return x, slice(None), slice(self.start, self.stop)
        check_channel(x, self.channel)
        return x, slice(self.channel, self.channel + 1), slice(self.start, self.stop)


def shift(x: Array, stretch: Stretch, by: int, *, seam: int = SEAM) -> Array:
    """Carry the stretch `by` points later (earlier where negative).

    What it leaves behind becomes a straight line from the point before the gap to the stretch, or
    the stretch's end value where the gap begins the series. What it lands on is overwritten; at
    that end it is blended into the old values over `seam` points. What would fall off an end of
    the series is lost.
    """
    x, rows, _ = stretch.of(x)
    n, by = x.shape[1], int(by)
    out = x.astype(np.float64)
    if by < 0:  # the mirror image, so that there is one case to think of
        back = Stretch(n - stretch.stop, n - stretch.start, stretch.channel)
        return shift(x[:, ::-1], back, -by, seam=seam)[:, ::-1].copy()
    start, stop = stretch.start + by, min(stretch.stop + by, n)
    if start >= n:
        raise ExplainError(f"a shift by {by} carries the whole stretch off the series.")
    old = out[rows, start:stop].copy()
    new = x[rows, stretch.start : stretch.start + stop - start]
    weight = _seams(stop - start, seam, left=False, right=stop < n)
    out[rows, start:stop] = old + weight * (new - old)
    landing = out[rows, start]
    before = out[rows, stretch.start - 1] if stretch.start else landing
    share = np.arange(1, by + 1) / (by + 1)
    out[rows, stretch.start : start] = before[:, None] + share * (landing - before)[:, None]
    return out.astype(np.float32)


def scale(x: Array, stretch: Stretch, factor: float, *, about: str = "ends") -> Array:
    """Multiply the distance of the stretch from a level by `factor`.

    Parameters
    ----------
    about : {"ends", "mean", "zero"}
        The level: the straight line between the first and the last point, which stay where they
        are and so leave no jump; the mean of the stretch; zero.
    """
    x, rows, columns = stretch.of(x)
    _check_finite("factor", factor)
    part = x[rows, columns].astype(np.float64)
    level = _chosen("about", about, _LEVELS)(part)
    return _with(x, rows, columns, level + factor * (part - level))


def warp(x: Array, stretch: Stretch, *, by: float = 0.0, widen: float = 1.0) -> Array:
    """Warp the time axis within the stretch; its ends stay, values come by linear interpolation.

    Parameters
    ----------
    by : float
        Points by which what stood in the middle of the stretch moves later; less than half of it.
    widen : float
        The middle runs so many times slower (above 1: wider), the ends faster in turn.
    """
    x, rows, columns = stretch.of(x)
    _check_finite("by", by)
    n = stretch.stop - stretch.start
    if not (math.isfinite(widen) and widen > 0):
        raise ExplainError(f"widen is {widen}; wanted a number above 0.")
    if abs(by) >= (n - 1) / 2 and by:
        raise ExplainError(
            f"by is {by}; the middle of {n} points can move by less than {(n - 1) / 2} points."
        )
    places = _warped(n, by, widen)  # where each new point takes its value from
    part = np.stack([np.interp(places, np.arange(n), row) for row in x[rows, columns]])
    return _with(x, rows, columns, part)


def smooth(x: Array, stretch: Stretch, width: float, *, seam: int = SEAM) -> Array:
    """Average each point of the stretch with its neighbours, weighted by a brush.

    Neighbours outside the stretch count too; beyond an end of the series nothing does, and the
    weights are divided by their sum.

    Parameters
    ----------
    width : float
        Full width of the raised cosine in time points.
    seam : int
        Points at each end in which smoothing sets in.
    """
    x, rows, columns = stretch.of(x)
    if not (math.isfinite(width) and width > 0):
        raise ExplainError(f"width is {width}; wanted a number above 0.")
    reach = min(int(width / 2), x.shape[1] - 1)
    kernel = brush_weights(np.arange(-reach, reach + 1), width)
    counted = slice(reach + stretch.start, reach + stretch.stop)
    total = np.convolve(np.ones(x.shape[1]), kernel)[counted]
    new = np.stack([np.convolve(row.astype(np.float64), kernel)[counted] for row in x[rows]])
    new /= total
    return _blended(x, stretch, rows, columns, new, seam)


def flatten(x: Array, stretch: Stretch, *, to: str = "ends", seam: int = SEAM) -> Array:
    """Replace the stretch by a straight line.

    Parameters
    ----------
    to : {"ends", "mean", "zero"}
        Between the first and the last point, which stay; at the mean of the stretch; at zero.
    seam : int
        For "mean" and "zero": points at each end in which the line is blended into the series.
    """
    x, rows, columns = stretch.of(x)
    part = x[rows, columns].astype(np.float64)
    level = _chosen("to", to, _LEVELS)(part)
    level = np.broadcast_to(level, part.shape)
    return _blended(x, stretch, rows, columns, level, 0 if to == "ends" else seam)


def replace(
    x: Array, stretch: Stretch, source: Array, *, match: str = "none", seam: int = SEAM
) -> Array:
    """Put the same stretch of another series in its place: of a class mean, of another case.

    Parameters
    ----------
    source : float array, shape of `x`
    match : {"none", "ends"}
        "none": the values as they are, blended over `seam` points at each end; "ends": a straight
        line is added so that the first and the last value are those of `x`, and nothing blended.
    seam : int
        0: the exact values of `source`.
    """
    x, rows, columns = stretch.of(x)
    source = check_series(source)
    if source.shape != x.shape:
        raise ExplainError(f"the other series has shape {source.shape}; wanted {x.shape}.")
    new, part = (s[rows, columns].astype(np.float64) for s in (source, x))
    new = new + _chosen("match", match, _MATCHES)(part - new)
    return _blended(x, stretch, rows, columns, new, 0 if match == "ends" else seam)


def _ends(part: Array) -> Array:
    return np.linspace(part[:, 0], part[:, -1], part.shape[1], axis=1)


_LEVELS: Mapping[str, Callable[[Array], Array]] = {
    "ends": _ends,
    "mean": lambda part: part.mean(1, keepdims=True),
    "zero": lambda part: np.zeros((len(part), 1)),
}
_MATCHES: Mapping[str, Callable[[Array], Array]] = {"none": np.zeros_like, "ends": _ends}


def _warped(n: int, by: float, widen: float) -> Array:
    u = np.linspace(0, 1, n) if n > 1 else np.zeros(1)
    middle = 0.5 + by / max(n - 1, 1)
    k = middle / (1 - middle)  # fractional linear maps: monotone, the ends fixed
    u = u / (k - (k - 1) * u)  # takes `middle` to 0.5
    v = 2 * u - 1
    v = v / (widen - (widen - 1) * np.abs(v))  # slope 1 / widen in the middle
    return (v + 1) / 2 * (n - 1)


def _seams(n: int, seam: int, *, left: bool, right: bool) -> Array:
    """Return the weight of the new values: raised cosines from 0 to 1 at the ends asked for."""
    if int(seam) < 0:
        raise ExplainError(f"seam is {seam}; wanted 0 or more points.")
    reach = min(int(seam), n // 2 if left and right else n)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, reach + 1) / (reach + 1))
    weight = np.ones(n)
    if left and reach:
        weight[:reach] = rise
    if right and reach:
        weight[n - reach :] = np.minimum(weight[n - reach :], rise[::-1])
    return weight


def _blended(
    x: Array, stretch: Stretch, rows: slice, columns: slice, new: Array, seam: int
) -> Array:
    n = stretch.stop - stretch.start  # an end of the series needs no seam
    weight = _seams(n, seam, left=stretch.start > 0, right=stretch.stop < x.shape[1])
    old = x[rows, columns].astype(np.float64)
    return _with(x, rows, columns, np.where(weight == 1, new, old + weight * (new - old)))


def _with(x: Array, rows: slice, columns: slice, part: Array) -> Array:
    out = x.copy()
    out[rows, columns] = part
    return out


def _chosen(name: str, value: str, table: Mapping[str, Any]) -> Any:
    if value not in table:
        raise ExplainError(f"{name} is {value!r}; it must be one of: {', '.join(table)}.")
    return table[value]


def _check_finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise ExplainError(f"{name} is {value}; wanted a finite number.")
