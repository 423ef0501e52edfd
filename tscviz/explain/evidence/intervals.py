"""Means over cases with bootstrap confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.types import Array

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over cases.

    Parameters
    ----------
    mean : float
    low, high : float
        Bounds of its 95 % confidence interval; NaN for a single case.
    n : int
        Cases for which there is a value.
    """

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, eq=False)
class Estimates:
    """Means over cases at several places, each field of shape (n_places,)."""

    mean: Array
    low: Array
    high: Array


def estimate(values: Array, *, seed: int = 0) -> Estimate:
    """Return the mean of the values that are numbers, with its confidence interval.

    Parameters
    ----------
    values : array, shape (n_cases,)
        NaN where a case has none.
    seed : int
        Of the resamples.
    """
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    found = estimates(known[:, None], seed=seed)
    mean, low, high = (float(part[0]) for part in (found.mean, found.low, found.high))
    return Estimate(mean, low, high, len(known))


def estimates(values: Array, *, seed: int = 0) -> Estimates:
    """Return means over the first axis with percentile bootstrap intervals (Efron, 1979).

    Cases are drawn with replacement, whole rows at a time; 2000 resamples.

    Parameters
    ----------
    values : float array, shape (n_cases, n_places)
    seed : int
    """
    n_cases = len(values)
    mean = values.mean(0, dtype=np.float64)
    if n_cases < 2:
        return Estimates(mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan))
    rng = np.random.default_rng(seed)
    times_drawn = rng.multinomial(n_cases, np.full(n_cases, 1 / n_cases), size=RESAMPLES)
    means = times_drawn @ (values / n_cases)  # (resamples, n_places)
    edge = (1 - LEVEL) / 2
    low, high = np.quantile(means, (edge, 1 - edge), axis=0)
    return Estimates(mean, low, high)
