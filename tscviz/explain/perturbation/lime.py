"""LIME (Ribeiro et al., KDD 2016): a linear model of the score around the case.

Through `captum.attr.Lime`. Each coalition is drawn by a fair coin a feature and weighted with an
exponential kernel of its distance from the case. Defaults are Captum's: a Lasso of alpha 0.01, the
cosine distance between the series, width 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.perturbation.enumeration import (
    SamplingOptions,
    all_coalitions,
    coalitions_wanted,
    wants_all,
)
from tscviz.explain.perturbation.game import Game, explain_features
from tscviz.explain.private import seeded
from tscviz.explain.registry import Explainer, ExplainError, Request, register
from tscviz.options import option
from tscviz.types import Array


@dataclass(frozen=True)
class LimeOptions(SamplingOptions):
    """Options of `lime`."""

    samples: int = option(
        0, "Coalitions drawn; 0: ten a feature, at least 256.", minimum=0, maximum=1_000_000
    )
    surrogate: str = option(
        "lasso", "The linear model that is fitted.", choices=("lasso", "ridge", "linear")
    )
    alpha: float = option(0.01, "Penalty of lasso and ridge; 0: none.", minimum=0)
    distance: str = option(
        "cosine",
        "Between the case and a coalition: cosine between the series, Euclidean between them as a "
        "share of the distance to the baseline, or cosine between the features, on and off.",
        choices=("cosine", "euclidean", "features"),
    )
    kernel_width: float = option(1.0, "Width of the kernel, in units of the distance.", above=0)


def _solve(game: Game, options: LimeOptions) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import Lime

    samples = coalitions_wanted(options.samples, game.n_features)
    every = wants_all(options, game.n_features, samples)
    weigh = _Weights(game, options)
    surrogate = _surrogate(options)
    lime = Lime(game, surrogate, weigh, _enumerate if every else None)
    try:
        with seeded(options.seed):
            found = lime.attribute(
                torch.ones(1, game.n_features),
                n_samples=2**game.n_features if every else samples,
                perturbations_per_eval=game.batch,
            )
    except (ValueError, ZeroDivisionError) as error:
        if np.any(np.array(weigh.weights, np.float32)):
            raise
        raise ExplainError(
            f"kernel_width is {options.kernel_width:g} and no coalition drawn is that near to the "
            "case; choose a greater width."
        ) from error
    effects = found[0].double().numpy()
    intercept = float(surrogate.bias())
    fit = weigh.fit(effects, intercept)
    told = {"exact": every, "intercept": intercept, "surrogate_r2": fit}
    return effects, told | {"samples": len(weigh.rows)}


def _surrogate(options: LimeOptions) -> Any:
    """Return Captum's wrapper of the scikit-learn model."""
    from captum._utils.models import linear_model as models

    if options.surrogate == "linear" or not options.alpha:
        return models.SkLearnLinearRegression()
    if options.surrogate == "ridge":
        return models.SkLearnRidge(alpha=options.alpha)
    return models.SkLearnLasso(alpha=options.alpha, max_iter=100_000)


def _enumerate(original: Tensor, **_: Any) -> Iterator[Tensor]:
    """Yield every coalition once: what fair coins give on average."""
    for row in all_coalitions(original.shape[1]):
        yield torch.from_numpy(row).long()[None]


class _Weights:
    """Captum's similarity kernel, which notes the coalitions it weighs."""

    def __init__(self, game: Game, options: LimeOptions) -> None:
        from captum.attr._core.lime import get_exp_kernel_similarity_function

        mode, width = "cosine", options.kernel_width
        if options.distance == "euclidean":  # as a share: a width that fits any length
            mode, width = "euclidean", width * (float(torch.dist(game.x, game.reference)) or 1.0)
        self._kernel: Callable[..., float] = get_exp_kernel_similarity_function(mode, width)
        self._game = game
        self._on_series = options.distance != "features"
        self.rows: list[Tensor] = []
        self.weights: list[float] = []

    def __call__(self, original: Tensor, altered: Tensor, present: Tensor, **_: Any) -> float:
        """Return the weight of one coalition."""
        pair = (original, altered)
        if self._on_series:
            pair = (self._game.x[None], self._game.series(present))
        weight = self._kernel(*pair, present)
        self.rows.append(present)
        self.weights.append(weight)
        return weight

    def fit(self, effects: Array, intercept: float) -> float:
        """Return the weighted R squared of the linear model; NaN of a constant score."""
        present = torch.cat(self.rows)
        y, w = self._game(present).double().numpy(), np.array(self.weights)
        left = y - intercept - present.double().numpy() @ effects
        spread = w @ np.square(y - w @ y / w.sum())
        return float(1 - w @ np.square(left) / spread) if spread > 0 else float("nan")


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    return explain_features(request, _solve)


register(
    Explainer(
        name="lime",
        title="LIME",
        summary="Coefficients of a sparse linear model of the score, fitted to coalitions of "
        "stretches near the case.",
        needs=(),
        signed=True,
        uses_baseline=True,
        cost="dear",
        options=LimeOptions,
        run=_run,
    )
)
