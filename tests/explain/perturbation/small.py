"""Networks whose Shapley values and ablations are known, for the tests of perturbations."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tscviz.models import Classifier, SeriesModule
from tscviz.types import Array

N_CLASSES = 3


class Linear(SeriesModule):
    """Logits that are linear in every point of the case, for cases of up to 64 points."""

    def __init__(self, n_channels: int) -> None:
        super().__init__(n_channels, N_CLASSES)
        draws = torch.Generator().manual_seed(4)
        shape = (N_CLASSES, n_channels, 64)
        self.weight = torch.nn.Parameter(torch.randn(shape, generator=draws))
        self.bias = torch.nn.Parameter(torch.randn(N_CLASSES, generator=draws))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None:
            x = x * mask[:, None]
        return torch.einsum("bct,kct->bk", x, self.weight[:, :, : x.shape[2]]) + self.bias


class Tangled(Linear):
    """Logits with interactions of every order between the points."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        z = super().forward(x, mask) / 8
        return torch.stack([z[:, 0] * z[:, 1], z[:, 1].sin() * 2, (z[:, 2] ** 2).exp().log1p()], 1)


def classifier_of(kind: type[Linear], n_channels: int = 2) -> Classifier:
    return Classifier(kind(n_channels), ("a", "b", "c"), {"name": kind.__name__.lower()})


def case(n_channels: int = 2, n_points: int = 30, seed: int = 0) -> Array:
    draws = np.random.default_rng(seed)
    return (draws.standard_normal((n_channels, n_points)) + 0.3).astype(np.float32)


def by_captum(
    method: Callable[..., Any],
    classifier: Classifier,
    x: Array,
    feature_mask: Array,
    *,
    reference: Array | None = None,
    target: int = 0,
    seed: int = 0,
    **settings: Any,
) -> Array:
    """Return Captum's map on the series themselves, called by hand."""
    baselines = 0 if reference is None else torch.from_numpy(reference)[None]
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        found = method(classifier.module).attribute(
            torch.from_numpy(x)[None],
            baselines=baselines,
            target=target,
            feature_mask=torch.from_numpy(feature_mask)[None],
            **settings,
        )
    return found[0].numpy()


def brute_force(value: Callable[[tuple[int, ...]], float], n: int) -> Array:
    """Return Shapley values as the mean over all orders, straight from the definition."""
    total = np.zeros(n)
    for order in itertools.permutations(range(n)):
        for place, i in enumerate(order):
            before = order[:place]
            total[i] += value(tuple(sorted((*before, i)))) - value(tuple(sorted(before)))
    return total / factorial(n)


def scores(classifier: Classifier, x: Array, reference: Array, mask: Array, target: int) -> Any:
    """Return v(S): the logit with the features in S from `x`, the rest from `reference`."""

    @functools.cache
    def value(present: tuple[int, ...]) -> float:
        mixed = np.where(np.isin(mask, present), x, reference).astype(np.float32)
        return float(classifier.logits(mixed[None])[0, target])

    return value
