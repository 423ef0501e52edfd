"""KernelSHAP (Lundberg and Lee, NeurIPS 2017): Shapley values by a weighted regression.

From drawn coalitions through `captum.attr.KernelShap`; where all coalitions take no more
evaluations, the regression is over all of them, and its solution is the Shapley values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from tscviz.explain.perturbation.enumeration import (
    SamplingOptions,
    coalitions_wanted,
    kernel_regression,
    scores_of_all,
    wants_all,
)
from tscviz.explain.perturbation.game import Game, completeness, explain_features
from tscviz.explain.private import seeded
from tscviz.explain.registry import Explainer, Request, register
from tscviz.options import option
from tscviz.types import Array


@dataclass(frozen=True)
class KernelShapOptions(SamplingOptions):
    """Options of `kernel_shap`."""

    samples: int = option(
        0, "Coalitions drawn; 0: ten a feature, at least 256.", minimum=0, maximum=1_000_000
    )


def _solve(game: Game, options: KernelShapOptions) -> tuple[Array, Mapping[str, Any]]:
    samples = coalitions_wanted(options.samples, game.n_features)
    if wants_all(options, game.n_features, samples):
        effects = kernel_regression(scores_of_all(game))
        return effects, {"exact": True} | completeness(game, effects)
    from captum.attr import KernelShap

    with seeded(options.seed):
        found = KernelShap(game).attribute(
            torch.ones(1, game.n_features), n_samples=samples, perturbations_per_eval=game.batch
        )
    effects = found[0].double().numpy()
    return effects, {"exact": False, "samples": samples} | completeness(game, effects)


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    return explain_features(request, _solve)


register(
    Explainer(
        name="kernel_shap",
        title="KernelSHAP",
        summary="Shapley values of stretches, from a weighted linear regression over coalitions. "
        "The values sum to the score less the baseline's.",
        needs=(),
        signed=True,
        uses_baseline=True,
        cost="dear",
        options=KernelShapOptions,
        run=_run,
    )
)
