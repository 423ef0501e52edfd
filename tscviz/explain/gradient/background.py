"""Which references the SHAP methods average over: training cases, or noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tscviz.explain.baselines import TrainingSeries, training_series
from tscviz.explain.request import ExplainError, Request
from tscviz.options import option
from tscviz.types import Array

BACKGROUNDS = ("training", "others", "noise")


def background_option() -> Any:
    """Declare the option `background`."""
    return option(
        "training",
        "References to average over: training cases, those of other classes than the target, or "
        "Gaussian noise of each channel's mean and deviation.",
        choices=BACKGROUNDS,
    )


def background(request: Request, kind: str, n: int, seed: int) -> Array:
    """Draw the references, float32, shape (n or fewer, n_channels, n_points).

    Training cases are drawn without replacement (all of them where there are no more than `n`)
    and stretched to the case's own length by linear interpolation.

    Raises
    ------
    TscvizError
        Where training cases are needed and cannot be had.
    """
    return _DRAWN[kind](request, n, np.random.default_rng(seed))


def _noise(request: Request, n: int, rng: np.random.Generator) -> Array:
    x = request.cropped()
    mean, deviation = (f(x, axis=1, keepdims=True, dtype=np.float64) for f in (np.mean, np.std))
    drawn = rng.standard_normal((n, *x.shape))
    return (mean + deviation * drawn).astype(np.float32)


def _training(request: Request, n: int, rng: np.random.Generator) -> Array:
    cases = _cases(request)
    return _sample(cases, np.arange(len(cases.y)), request, n, rng)


def _others(request: Request, n: int, rng: np.random.Generator) -> Array:
    cases = _cases(request)
    return _sample(cases, np.flatnonzero(cases.y != request.target), request, n, rng)


def _cases(request: Request) -> TrainingSeries:
    return training_series(request.classifier) if request.training is None else request.training


def _sample(
    cases: TrainingSeries, among: Array, request: Request, n: int, rng: np.random.Generator
) -> Array:
    if len(among) < 2:
        raise ExplainError(
            f"there are {len(among)} training cases to average over and at least 2 are needed; "
            "choose another background, such as noise."
        )
    some = np.sort(rng.choice(among, min(n, len(among)), replace=False))
    few = TrainingSeries(cases.X[some], cases.y[some], cases.mask[some])
    return few.fitted(request.n_points)


_DRAWN: dict[str, Callable[[Request, int, np.random.Generator], Array]] = {
    "training": _training,
    "others": _others,
    "noise": _noise,
}
