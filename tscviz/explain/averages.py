"""Mean maps of a class, segment by segment where the model has segments, and where maps peak.

Two cases of a class show the same pattern at different times. A temporal pooling layer says which
stretches belong together: each case's time is stretched piecewise, so that its l-th segment covers
the mean l-th segment, and the mean is taken there. Without segments time points are averaged as
they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tscviz.explain.request import ExplainError
from tscviz.types import Array


@dataclass(frozen=True, eq=False)
class TimeMap:
    """How the time of several cases is brought onto one axis.

    Parameters
    ----------
    n_points : int
        Points of the common axis.
    boundaries : int64 array, shape (L + 1,), or None
        Mean segments on it; None where time is kept as it is.
    edges : float64 array, shape (n_cases, n_points + 1)
        Where the edges of the common points lie in the time of each case, from 0 to its length;
        NaN beyond its end.
    """

    n_points: int
    boundaries: Array | None
    edges: Array


@dataclass(frozen=True, eq=False)
class Average:
    """Mean and spread of several series or maps on a common time axis.

    Parameters
    ----------
    mean, low, high : float64 arrays, shape (n_channels, n_points)
        NaN where no case reaches; `low` and `high` are the 10 and 90 % quantiles.
    agreement : float64 array, shape (n_channels, n_points)
        Share of the cases whose value has the sign of the mean.
    n_cases : int
    """

    mean: Array
    low: Array
    high: Array
    agreement: Array
    n_cases: int


def segment_time(boundaries: Array) -> TimeMap:
    """Stretch the time of each case so that its segments cover the mean segments.

    Parameters
    ----------
    boundaries : int array, shape (n_cases, L + 1)
        See `tscviz.types.Segmentation`; the last one is the case's own length.

    Raises
    ------
    ExplainError
        Where a case's boundaries do not rise, from 0.
    """
    cuts = np.asarray(boundaries, dtype=np.float64)
    if cuts.ndim != 2 or not len(cuts) or cuts[:, 0].any() or (np.diff(cuts, axis=1) < 1).any():
        raise ExplainError("wanted the boundaries of at least one case, each rising from 0.")
    common = np.floor(cuts.mean(0) + 0.5)  # mean lengths are at least 1: these rise, too
    at = np.arange(int(common[-1]) + 1.0)
    edges = np.stack([np.interp(at, common, own) for own in cuts])
    return TimeMap(int(common[-1]), common.astype(np.int64), edges)


def plain_time(lengths: Array) -> TimeMap:
    """Keep time as it is: point t of the common axis is point t of every case that reaches it."""
    lengths = np.asarray(lengths, dtype=np.int64)
    n_points = int(lengths.max())
    at = np.arange(n_points + 1.0)
    return TimeMap(n_points, None, np.where(at <= lengths[:, None], at, np.nan))


def stretched(rows: Array, edges: Array, *, keep_sum: bool = False) -> Array:
    """Bring one case onto the common axis.

    Parameters
    ----------
    rows : array, shape (n_channels, n_timepoints)
        Series or map; what lies beyond the last edge is ignored.
    edges : array, shape (n_points + 1,)
        See `TimeMap`.
    keep_sum : bool
        A map that adds up to a score: a segment's sum stays what it was, however much the segment
        is stretched. Otherwise values are read at the middles of the common points.

    Returns
    -------
    float64 array, shape (n_channels, n_points)
    """
    reached = np.isfinite(edges[1:])
    own = int(np.rint(np.nanmax(edges)))
    values = np.asarray(rows, dtype=np.float64)[:, :own]
    out = np.full((len(values), len(edges) - 1), np.nan)
    if keep_sum:
        sums = np.concatenate([np.zeros((len(values), 1)), values.cumsum(1)], axis=1)
        inside = edges[: int(reached.sum()) + 1]
        for row, total in zip(out, sums, strict=True):
            row[reached] = np.diff(np.interp(inside, np.arange(own + 1), total))
        return out
    middles = ((edges[1:] + edges[:-1]) / 2)[reached] - 0.5
    for row, line in zip(out, values, strict=True):
        row[reached] = np.interp(middles, np.arange(own), line)
    return out


def average(cases: Sequence[Array], time: TimeMap, *, keep_sum: bool = False) -> Average:
    """Average series or maps on a common time axis.

    Parameters
    ----------
    cases : sequence of arrays, shape (n_channels, n_timepoints)
        As many as the time map has.
    time : TimeMap
    keep_sum : bool
        See `stretched`.
    """
    if len(cases) != len(time.edges):
        raise ExplainError(f"{len(cases)} cases were given and the time of {len(time.edges)}.")
    rows = [
        stretched(case, edges, keep_sum=keep_sum)
        for case, edges in zip(cases, time.edges, strict=True)
    ]
    stack = np.stack(rows)  # (N, C, T')
    seen = np.isfinite(stack)
    n = seen.sum(0)
    mean = np.divide(np.where(seen, stack, 0).sum(0), n, out=np.full(n.shape, np.nan), where=n > 0)
    same = (np.sign(stack) == np.sign(mean)) & seen
    share = np.divide(same.sum(0), n, out=np.full(n.shape, np.nan), where=n > 0)
    low, high = np.nanquantile(stack, (0.1, 0.9), axis=0)
    return Average(mean, low, high, share, len(cases))


@dataclass(frozen=True)
class CommonStretch:
    """Where most maps are strongest.

    Parameters
    ----------
    first, last : int
        Points of the peaks in the stretch.
    n_inside, n_maps : int
        Maps whose strongest point lies in it, of all.
    width : int
        Points of the stretch that was slid over the series.
    """

    first: int
    last: int
    n_inside: int
    n_maps: int
    width: int


def common_stretch(
    maps: Sequence[Array], counted: Array, *, share: float = 0.1
) -> CommonStretch | None:
    """Find the stretch that holds the strongest points of most maps.

    The strongest point of a map is that of greatest magnitude, summed over the channels.

    Parameters
    ----------
    maps : sequence of arrays, shape (n_channels, n_timepoints)
    counted : bool array, shape (n_timepoints,)
        Padding and filled-in points are False, and left out.
    share : float
        Width of the stretch, as a share of the points of the series.

    Returns
    -------
    CommonStretch or None
        None where every map is flat, or nothing counts.
    """
    peaks = np.array(sorted(p for p in (_peak(m, counted) for m in maps) if p is not None))
    if not len(peaks):
        return None
    width = max(3, round(share * int(np.asarray(counted).sum())))
    inside = (peaks >= peaks[:, None]) & (peaks < peaks[:, None] + width)  # windows start at a peak
    best = inside[int(inside.sum(1).argmax())]
    return CommonStretch(
        int(peaks[best].min()), int(peaks[best].max()), int(best.sum()), len(peaks), width
    )


def _peak(values: Array, counted: Array) -> int | None:
    size = np.abs(np.asarray(values, dtype=np.float64)).sum(0)
    size = np.where(counted, size, -np.inf)
    finite = size[np.isfinite(size)]
    if not finite.size or np.ptp(finite) == 0:
        return None
    first = int(size.argmax())
    flat = int((size[first:] != size[first]).argmax()) or len(size) - first  # a plateau's width
    return first + (flat - 1) // 2
