"""Shapley values of features, from drawn orders of them (`captum.attr.ShapleyValueSampling`).

Where all coalitions take no more evaluations than the orders would, they are evaluated instead and
the values are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tscviz.explain.perturbation.enumeration import (
    SamplingOptions,
    scores_of_all,
    shapley_values,
    wants_all,
)
from tscviz.explain.perturbation.game import Game, completeness, explain_features
from tscviz.explain.private import seeded
from tscviz.explain.registry import Explainer, Request, register
from tscviz.options import option
from tscviz.types import Array

#: Of the coalitions that stand in memory, a row a coalition, a column a feature.
VALUES_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class ShapleySamplingOptions(SamplingOptions):
    """Options of `shapley_sampling`."""

    samples: int = option(25, "Orders of the features that are drawn.", minimum=1, maximum=100_000)


def _solve(game: Game, options: ShapleySamplingOptions) -> tuple[Array, Mapping[str, Any]]:
    n = game.n_features
    if wants_all(options, n, options.samples * n):
        effects = shapley_values(scores_of_all(game))
        return effects, {"exact": True} | completeness(game, effects)
    with seeded(options.seed):  # as Captum draws them
        orders = [torch.randperm(n) for _ in range(options.samples)]
    gains = _gains(game, orders)
    effects = mean_over_orders(game, orders)
    told = {"exact": False, "samples": options.samples, "standard_error": _error(gains)}
    return effects, told | completeness(game, effects)


def mean_over_orders(game: Game, orders: list[torch.Tensor]) -> Array:
    """Return Captum's Shapley values for given orders of the features, float64, (n_features,).

    Parameters
    ----------
    game : Game
    orders : list of int64 tensors, shape (n_features,)
        Permutations; of all n! of them the values are exact.
    """
    from captum.attr import ShapleyValueSampling

    given = [order.tolist() for order in orders]
    sampler = ShapleyValueSampling(game)
    sampler.permutation_generator = lambda num_features, num_samples: given  # noqa: ARG005
    found = sampler.attribute(
        torch.ones(1, game.n_features),
        n_samples=len(orders),
        perturbations_per_eval=game.n_features,
    )
    return found[0].double().numpy()


def _gains(game: Game, orders: list[torch.Tensor]) -> Array:
    """Return what each feature adds in each order, float64, shape (n_samples, n_features).

    The coalitions of many orders go to the network in one call, so in full batches.
    """
    n = game.n_features
    steps = torch.arange(n + 1)
    gains = []
    for part in torch.stack(orders).split(max(1, VALUES_AT_ONCE // (n * (n + 1)))):  # (S, n)
        rank = part.argsort(1)
        present = rank[:, None] < steps[:, None]  # (S, n + 1, n)
        scores = game(present.flatten(0, 1)).view(len(part), -1).double()
        gains.append(scores.diff(dim=1).gather(1, rank))
    return torch.cat(gains).numpy()


def _error(gains: Array) -> Array:
    """Return the standard error of the mean of each feature; NaN of one order."""
    n = len(gains)
    if n == 1:
        return np.full(gains.shape[1], np.nan, np.float32)
    return (gains.std(0, ddof=1) / np.sqrt(n)).astype(np.float32)


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    return explain_features(request, _solve)


register(
    Explainer(
        name="shapley_sampling",
        title="Shapley value sampling",
        summary="What a stretch adds to the score on average over the orders in which stretches "
        "take their places in the baseline. The values sum to the score less the baseline's.",
        needs=(),
        signed=True,
        uses_baseline=True,
        cost="dear",
        options=ShapleySamplingOptions,
        run=_run,
    )
)
