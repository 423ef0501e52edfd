"""Features of a case: the points that a perturbation hides or shows together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.explain.request import ExplainError, Request
from tscviz.explain.segmentation import segment
from tscviz.options import option
from tscviz.types import Array


@dataclass(frozen=True)
class FeatureOptions:
    """Options that every method over features has."""

    segments: str = option(
        "windows",
        "Points that are hidden together: windows of one width, or the segments of the model's own "
        "temporal pooling (GTP, STP, DTP).",
        choices=("windows", "model"),
    )
    windows: int = option(
        8, "Number of windows, at most one a point; of eight all coalitions are tried.", minimum=1
    )
    width: int = option(0, "Time points of a window; 0: from the number of windows.", minimum=0)
    edges: tuple[int, ...] | None = option(
        None, "Time points at which features drawn by hand begin, e.g. 0,30,70; instead of windows."
    )
    per_channel: bool = option(
        False, "Each channel of a stretch is a feature; otherwise all of them together."
    )
    spread: str = option(
        "value",
        "What each point carries: the value of its feature, as in Captum, or its share of it, so "
        "that the map sums to the features' values.",
        choices=("value", "share"),
    )
    output: str = option("logit", "The score that is watched.", choices=("logit", "probability"))


@dataclass(frozen=True, eq=False)
class Grouping:
    """How the points of a case make features.

    Parameters
    ----------
    edges : int64 array, shape (n_segments + 1,)
        Stretch i covers the points ``edges[i] .. edges[i + 1] - 1``.
    n_channels : int
    per_channel : bool
        Whether feature ``c * n_segments + i`` is stretch i of channel c; otherwise feature i is
        stretch i of all channels.
    """

    edges: Array
    n_channels: int
    per_channel: bool

    @property
    def n_segments(self) -> int:
        """Number of stretches."""
        return len(self.edges) - 1

    @property
    def n_features(self) -> int:
        """Number of features."""
        return self.n_segments * (self.n_channels if self.per_channel else 1)

    def mask(self) -> Array:
        """Return the feature of each point, int64, (n_channels, n_points), as Captum takes it."""
        row = np.repeat(np.arange(self.n_segments), np.diff(self.edges))
        first = np.arange(self.n_channels) * (self.n_segments if self.per_channel else 0)
        return first[:, None] + row

    def rows(self, values: Array) -> Array:
        """Return one value a feature as (n_channels or 1, n_segments)."""
        return np.asarray(values).reshape(-1, self.n_segments)

    def spread(self, values: Array, how: str = "value") -> Array:
        """Return one value a point, float64, shape (n_channels, n_points).

        Parameters
        ----------
        values : array, shape (n_features,)
        how : str
            "value": each point carries its feature's value. "share": the value divided by the
            points of the stretch, so that a row sums to the values of its features (where channels
            are hidden together the row is repeated, as in a class activation map).
        """
        per_segment = self.rows(values).astype(np.float64)
        if how == "share":
            per_segment = per_segment / np.diff(self.edges)
        row = np.repeat(per_segment, np.diff(self.edges), axis=1)
        return np.broadcast_to(row, (self.n_channels, row.shape[1])).copy()


def grouping_of(request: Request) -> Grouping:
    """Return the features that the request's `FeatureOptions` ask for, over its own points.

    Raises
    ------
    ExplainError
        On options that contradict each other, edges or a width that do not fit the case, or the
        model's own segments where it has none.
    """
    options: FeatureOptions = request.options
    n_channels = len(request.x)
    if options.edges is not None:
        if options.segments != "windows" or options.width:
            raise ExplainError(
                "edges were given together with segments='model' or a width; leave one of them out."
            )
        edges = drawn_edges(options.edges, request.n_points)
    elif options.segments == "model":
        if options.width:
            raise ExplainError("a width was given with segments='model'; leave one of them out.")
        edges = segment(request.classifier, request.x, request.mask).boundaries
    else:
        edges = window_edges(request.n_points, options.windows, options.width)
    return Grouping(edges, n_channels, options.per_channel)


def window_edges(n_points: int, windows: int, width: int = 0) -> Array:
    """Return the edges of windows of one width, int64, from 0 to `n_points`.

    Parameters
    ----------
    n_points : int
    windows : int
        How many, where `width` is 0: their widths then differ by one point at most. A case with
        fewer points has one window a point.
    width : int
        Points of a window; the last one takes what is left.

    Raises
    ------
    ExplainError
        Where the width exceeds the case.
    """
    if width > n_points:
        raise ExplainError(
            f"width is {width} and the case has {n_points} points; choose a smaller width."
        )
    if width:
        return np.append(np.arange(0, n_points, width), n_points)
    count = min(windows, n_points)
    return np.arange(count + 1) * n_points // count


def drawn_edges(edges: tuple[int, ...], n_points: int) -> Array:
    """Return edges drawn by hand, with 0 and `n_points` added where they are missing.

    Raises
    ------
    ExplainError
        Where they do not rise, or lie outside the case.
    """
    found = np.asarray(edges, dtype=np.int64)
    if (np.diff(found) <= 0).any():
        raise ExplainError(f"edges are {_listed(edges)}; each must be greater than the one before.")
    if len(found) and (found[0] < 0 or found[-1] > n_points):
        raise ExplainError(
            f"edges are {_listed(edges)} and the case has {n_points} points; give numbers from 0 "
            f"to {n_points}."
        )
    return np.unique(np.concatenate([[0], found, [n_points]]))


def _listed(edges: tuple[int, ...]) -> str:
    return ", ".join(map(str, edges))
