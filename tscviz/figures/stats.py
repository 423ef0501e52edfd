"""Small numbers the figures need: summaries, thinning for display, projections. numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tscviz.types import Array

MAX_POINTS = 5000


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean and quantiles over cases.

    Parameters
    ----------
    mean, low, high : float64 arrays, shape (n_timepoints,)
        NaN where no case has a value.
    n_cases : int
    """

    mean: Array
    low: Array
    high: Array
    n_cases: int


@dataclass(frozen=True, eq=False)
class Projection:
    """Cases as points of a plane.

    Parameters
    ----------
    points : float32 array, shape (n_cases, 2)
    explained : tuple of two floats
        Share of the variance on each component, 0 to 1; zeros for a map of neighbourhoods.
    method : "pca" or "umap"
    """

    points: Array
    explained: tuple[float, float] = (0.0, 0.0)
    method: Literal["pca", "umap"] = "pca"


def blank_padding(X: Array, mask: Array | None) -> Array:
    """Return a float64 copy of `X` (n_cases, n_channels, n_timepoints) with NaN on padding."""
    values = np.array(X, dtype=float)
    if mask is not None:
        values[np.broadcast_to(~np.asarray(mask, dtype=bool)[:, None, :], values.shape)] = np.nan
    return values


def spread(values: Array, quantiles: tuple[float, float] = (0.1, 0.9)) -> Spread:
    """Return mean and quantiles over the rows of `values` (n_cases, n_timepoints), NaN left out."""
    values = np.asarray(values, dtype=float)
    finite = np.isfinite(values)
    low, high = np.full((2, values.shape[1]), np.nan)
    full, some = finite.all(axis=0), finite.any(axis=0)
    if len(values):
        # nanquantile is slow: keep it for the columns that need it
        low[full], high[full] = np.quantile(values[:, full], quantiles, axis=0)
        if (part := some & ~full).any():
            low[part], high[part] = np.nanquantile(values[:, part], quantiles, axis=0)
    return Spread(mean(values), low, high, len(values))


def mean(values: Array) -> Array:
    """Return the mean over the rows of `values` (n_cases, n_timepoints), NaN left out."""
    finite = np.isfinite(values)
    total, n = np.where(finite, values, 0.0).sum(axis=0), finite.sum(axis=0)
    return np.divide(total, n, out=np.full(values.shape[1], np.nan), where=n > 0)


def thin(y: Array, limit: int = MAX_POINTS) -> Array:
    """Return the indices to draw: all, or the lowest and highest point of each block.

    A block with missing values also gives one of these, so that a line through the indices has
    a gap there.

    Parameters
    ----------
    y : array, shape (n_timepoints,)
        NaN where missing.
    limit : int
        Most indices returned, at least 5; the first and the last point are always among them.
    """
    n = len(y)
    if n <= limit:
        return np.arange(n)
    y = np.asarray(y, dtype=float)
    missing = np.isnan(y)
    n_blocks = (limit - 2) // (3 if missing.any() else 2)
    starts = np.linspace(0, n, n_blocks + 1).astype(int)[:-1]
    block = np.searchsorted(starts, np.arange(n), side="right") - 1
    low, high = np.where(missing, np.inf, y), np.where(missing, -np.inf, y)
    lowest = low == np.minimum.reduceat(low, starts)[block]
    highest = high == np.maximum.reduceat(high, starts)[block]
    picks = [_first_of_each(block, hit) for hit in (lowest, highest, missing)]
    return np.unique(np.concatenate([[0, n - 1], *picks]))


def _first_of_each(block: Array, hit: Array) -> Array:
    """Return the first index of each block at which `hit` is True."""
    at = np.flatnonzero(hit)
    return at[np.diff(block[at], prepend=-1) > 0]


def thin_rows(values: Array, limit: int = MAX_POINTS) -> Array:
    """Return what `thin` keeps of each row of `values` (n_rows, n_timepoints), each by itself.

    The result is float64 with a row for each row; NaN stands behind the shorter ones.
    """
    picks = [thin(row, limit) for row in values]
    kept = np.full((len(picks), max((len(row) for row in picks), default=0)), np.nan)
    for row, target in zip(picks, kept, strict=True):
        target[: len(row)] = row
    return kept


def take_rows(values: Array, picks: Array) -> Array:
    """Return `values` (n_rows, n_timepoints) at the indices of `thin_rows`, NaN behind these."""
    there = np.isfinite(picks)
    at = np.where(there, picks, 0).astype(int)
    return np.where(there, np.take_along_axis(values, at, axis=1), np.nan)


def block_extremes(values: Array, limit: int) -> tuple[Array, Array]:
    """Return positions and values of at most `limit` columns of `values` (n_rows, n_timepoints).

    Where columns are left out, each block keeps its value of largest magnitude; it is NaN only
    where the whole block is.
    """
    n = values.shape[1]
    if n <= limit:
        return np.arange(n), values
    starts = np.unique(np.linspace(0, n, limit + 1).astype(int)[:-1])
    high = np.fmax.reduceat(values, starts, axis=1)
    low = np.fmin.reduceat(values, starts, axis=1)
    centres = (starts + np.append(starts[1:], n) - 1) / 2
    return centres, np.where(np.abs(low) > np.abs(high), low, high)


def peak_stretch(values: Array) -> tuple[int, int]:
    """Return the first and last point of the stretch around the maximum.

    The stretch is the run of points that stay above the middle of the range.
    """
    values = np.asarray(values, dtype=float)
    finite = np.where(np.isfinite(values), values, -np.inf)
    top = int(finite.argmax())
    floor = (np.nanmax(values) + np.nanmin(values)) / 2
    first = last = top
    while first > 0 and finite[first - 1] > floor:
        first -= 1
    while last + 1 < len(values) and finite[last + 1] > floor:
        last += 1
    return first, last


def unit_range(values: Array) -> Array:
    """Return `values` moved to [0, 1] along the last axis, as the paper's Figure 8 does.

    A constant row becomes zero; NaN stays NaN.
    """
    values = np.asarray(values, dtype=float)
    flat = values.reshape(-1, values.shape[-1])
    out = np.full_like(flat, np.nan)
    for row, target in zip(flat, out, strict=True):
        seen = np.isfinite(row)
        if seen.any():
            low, high = row[seen].min(), row[seen].max()
            target[seen] = (row[seen] - low) / (high - low) if high > low else 0.0
    return out.reshape(values.shape)


def resample(piece: Array, n_points: int) -> Array:
    """Return the points of `piece` at `n_points` even positions, by linear interpolation."""
    piece = np.asarray(piece, dtype=float)
    at = np.linspace(0, len(piece) - 1, n_points)
    return np.interp(at, np.arange(len(piece)), piece)


def even_picks(n: int, limit: int) -> Array:
    """Return at most `limit` indices spread evenly over ``range(n)``."""
    return np.arange(n) if n <= limit else np.unique(np.linspace(0, n - 1, limit).astype(int))


def cosine(a: Array, b: Array) -> Array:
    """Return the cosine of every row of `a` (n, K) with every row of `b` (m, K), shape (n, m)."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    norms = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)[None, :]
    return np.divide(a @ b.T, norms, out=np.zeros_like(norms), where=norms > 0)


def project_cases(X: Array, mask: Array | None = None) -> Projection:
    """Project cases on their first two principal components.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), or None
        See `centred_rows` for padding and missing values.
    """
    centred = centred_rows(X, mask)
    left, values = _components(centred)
    total = float((centred**2).sum()) or 1.0
    points = np.zeros((len(X), 2), dtype=np.float32)
    points[:, : left.shape[1]] = left
    shares = [float(v) / total for v in values] + [0.0, 0.0]
    return Projection(points, (shares[0], shares[1]))


def centred_rows(X: Array, mask: Array | None = None) -> Array:
    """Return each case as one row less the mean of all, float64, (n_cases, n_channels * T).

    Missing values and padding take the mean of their time point, so they pull nowhere.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), or None
    """
    flat = blank_padding(X, mask).reshape(len(X), -1)  # (N, C*T)
    seen = np.isfinite(flat)
    counts = np.maximum(seen.sum(axis=0), 1)
    centred = np.where(seen, flat, 0.0)
    return np.where(seen, centred - centred.sum(axis=0) / counts, 0.0)


def _components(centred: Array) -> tuple[Array, Array]:
    """Return scores (N, <=2) and their sums of squares."""
    axes = _axes(centred[even_picks(len(centred), 1500)])
    scores = centred @ axes
    # the sign of a component is arbitrary: fix it so that the same data give the same picture
    signs = np.sign(scores[np.abs(scores).argmax(axis=0), np.arange(scores.shape[1])])
    return scores * np.where(signs == 0, 1.0, signs), (scores**2).sum(axis=0)


def _axes(rows: Array) -> Array:
    """Return the first two principal directions (d, <=2), from the smaller Gram matrix."""
    n, d = rows.shape
    values, vectors = np.linalg.eigh(rows @ rows.T if d > n else rows.T @ rows)
    vectors = vectors[:, np.argsort(values)[::-1][:2]]
    axes = rows.T @ vectors if d > n else vectors
    norms = np.linalg.norm(axes, axis=0)
    return np.divide(axes, norms, out=np.zeros_like(axes), where=norms > 0)


def even_step(total: float, parts: int) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... that cuts `total` into at most `parts` steps."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if total / (step * factor) <= parts:
                return step * factor
        step *= 10
