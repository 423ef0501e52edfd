"""How well a map finds what is known to matter: scores against a planted truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tscviz.explain.request import ExplainError
from tscviz.types import Array

#: How values become relevance; one rule for all methods compared.
USES: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "absolute": np.abs,
        "positive": lambda values: np.maximum(values, 0.0),
        "raw": lambda values: values,
    }
)
OVER = ("points", "time")
SCORES = ("average_precision", "roc_auc", "pointing", "mass")


@dataclass(frozen=True)
class Localisation:
    """Scores of one map against the truth; 1 is best, a map that says nothing has `chance`.

    Parameters
    ----------
    average_precision : float
        Area under precision and recall, ``sum_n (R_n - R_(n-1)) P_n`` over the distinct values
        as thresholds: points of equal value enter together.
    roc_auc : float
        Probability that a true point ranks above a false one, a tie counting half.
    pointing : float
        Pointing game: 1 where the greatest value is on the truth; among several greatest ones
        the share that is.
    mass : float
        Share of the relevance that lies on the truth; NaN for "raw" values, which may cancel.
    chance : float
        Share of points that are true: the score of a constant map, but for `roc_auc` (0.5).
    n_true, n_points : int
        Points of the truth, and all that count; without padding.
    """

    average_precision: float
    roc_auc: float
    pointing: float
    mass: float
    chance: float
    n_true: int
    n_points: int


def localisation(
    values: Array,
    truth: Array,
    mask: Array | None = None,
    *,
    use: str = "absolute",
    over: str = "points",
) -> Localisation:
    """Score one map.

    Parameters
    ----------
    values : array, shape (n_channels, n_timepoints)
        `Attribution.values`.
    truth : bool array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional
        Padding is False and does not count.
    use : {"absolute", "positive", "raw"}
        What of a signed value is relevance. One rule has to serve all methods that are compared:
        "absolute", the default, treats signed and unsigned methods alike; "positive" takes only
        what speaks for the class; "raw" ranks by the values as they are.
    over : {"points", "time"}
        "points": every point of every channel counts; "time": relevance is summed over the
        channels and a time point is true where any channel is, which is fair to methods that do
        not tell channels apart.

    Returns
    -------
    Localisation
        All NaN where the truth has no point, or every point.

    Raises
    ------
    ExplainError
        On shapes that differ, values that are not finite, or an unknown rule.
    """
    scores, true = _relevance(values, truth, mask, use, over)
    n, n_true = len(true), int(true.sum())
    if not 0 < n_true < n:
        nan = float("nan")
        return Localisation(nan, nan, nan, nan, nan, n_true, n)
    best = scores == scores.max()
    return Localisation(
        _average_precision(scores, true),
        _roc_auc(scores, true),
        float(true[best].mean()),
        float("nan") if use == "raw" else _mass(scores, true),
        n_true / n,
        n_true,
        n,
    )


def _relevance(
    values: Array, truth: Array, mask: Array | None, use: str, over: str
) -> tuple[Array, Array]:
    values = np.asarray(values, dtype=np.float64)
    truth = np.asarray(truth)
    if values.ndim != 2 or values.shape != truth.shape or truth.dtype != bool:
        raise ExplainError(
            f"the map has shape {values.shape} and the truth {truth.shape} of {truth.dtype}; "
            "wanted one shape (n_channels, n_timepoints), the truth of bool."
        )
    if use not in USES or over not in OVER:
        raise ExplainError(
            f"use is {use!r} and over {over!r}; wanted one of {', '.join(USES)} and one of "
            f"{', '.join(OVER)}."
        )
    inside = np.ones(values.shape[1], bool) if mask is None else np.asarray(mask, dtype=bool)
    if inside.shape != values.shape[1:]:
        raise ExplainError(f"the mask has shape {inside.shape}; wanted {values.shape[1:]}.")
    values, truth = values[:, inside], truth[:, inside]
    if not np.isfinite(values).all():
        raise ExplainError("the map has values that are not finite; it cannot be scored.")
    relevance = USES[use](values)
    if over == "time":
        return relevance.sum(0), np.logical_or.reduce(truth, axis=0)
    return relevance.ravel(), truth.ravel()


def _average_precision(scores: Array, true: Array) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(true[order])
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # of each run of ties
    precision, recall = hits[ends] / (ends + 1), hits[ends] / hits[-1]
    return float(np.diff(recall, prepend=0.0) @ precision)


def _roc_auc(scores: Array, true: Array) -> float:
    """Mann-Whitney: the mean of (true > false) + (true == false) / 2 over all pairs."""
    false = np.sort(scores[~true])
    below = np.searchsorted(false, scores[true], side="left")
    upto = np.searchsorted(false, scores[true], side="right")
    return float((below + upto).mean() / 2 / len(false))


def _mass(scores: Array, true: Array) -> float:
    total = scores.sum()
    # A map of zeros points nowhere, like a constant one.
    return float(scores[true].sum() / total) if total > 0 else float(true.mean())


@dataclass(frozen=True)
class Mean:
    """Mean over cases with its interval.

    Parameters
    ----------
    mean, low, high : float
        95 % percentile bootstrap over the cases; NaN without a case.
    n : int
        Cases that count.
    """

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, eq=False)
class Localisations:
    """Scores of the maps of several cases.

    Parameters
    ----------
    cases : tuple of Localisation
    """

    cases: tuple[Localisation, ...]

    def column(self, score: str) -> Array:
        """Return one score of all cases, float64, shape (n_cases,)."""
        return np.array([getattr(case, score) for case in self.cases], dtype=np.float64)

    def mean(self, score: str, *, draws: int = 2000, seed: int = 0) -> Mean:
        """Return the mean of a score over the cases where it is defined, with its interval."""
        return bootstrap_mean(self.column(score), draws=draws, seed=seed)


def localisations(
    maps: Array,
    truth: Array,
    mask: Array | None = None,
    *,
    use: str = "absolute",
    over: str = "points",
) -> Localisations:
    """Score the maps of several cases; see `localisation`.

    Parameters
    ----------
    maps : array, shape (n_cases, n_channels, n_timepoints)
    truth : bool array, the same shape
    mask : bool array, shape (n_cases, n_timepoints), optional
    use, over : str
    """
    if len(maps) != len(truth):
        raise ExplainError(f"there are {len(maps)} maps and {len(truth)} truths.")
    masks = [None] * len(maps) if mask is None else mask
    return Localisations(
        tuple(
            localisation(values, true, m, use=use, over=over)
            for values, true, m in zip(maps, truth, masks, strict=True)
        )
    )


def bootstrap_mean(values: Array, *, draws: int = 2000, seed: int = 0) -> Mean:
    """Return the mean of the values that are not NaN, with a 95 % percentile bootstrap."""
    values = np.asarray(values, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        nan = float("nan")
        return Mean(nan, nan, nan, 0)
    rng = np.random.default_rng(seed)
    means = values[rng.integers(len(values), size=(draws, len(values)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Mean(float(values.mean()), float(low), float(high), len(values))
