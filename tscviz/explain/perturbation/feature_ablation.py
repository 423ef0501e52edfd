"""Feature ablation: hide one feature after another (`captum.attr.FeatureAblation`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from tscviz.explain.perturbation.game import Game, explain_features
from tscviz.explain.perturbation.grouping import FeatureOptions
from tscviz.explain.registry import Explainer, Request, register
from tscviz.types import Array


@dataclass(frozen=True)
class FeatureAblationOptions(FeatureOptions):
    """Options of `feature_ablation`."""


def _solve(game: Game, options: FeatureAblationOptions) -> tuple[Array, Mapping[str, Any]]:  # noqa: ARG001
    from captum.attr import FeatureAblation

    everything = torch.ones(1, game.n_features)
    found = FeatureAblation(game).attribute(everything, perturbations_per_eval=game.n_features)
    return found[0].double().numpy(), {}


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    return explain_features(request, _solve)


register(
    Explainer(
        name="feature_ablation",
        title="Feature ablation",
        summary="How far the score falls when one stretch is put at the baseline, the rest in "
        "place.",
        needs=(),
        signed=True,
        uses_baseline=True,
        cost="cheap",
        options=FeatureAblationOptions,
        run=_run,
    )
)
