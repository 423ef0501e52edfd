# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""Networks whose evidence is known, for the tests of evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tscviz.models import Classifier
from tscviz.models.base import SeriesModule
from tscviz.types import Array, Attribution

BIAS = 0.25


class Linear(SeriesModule):
    """Logits (0, w . x + b): of class 1, what a linear model says."""

    def __init__(self, weight: Array) -> None:
        super().__init__(len(weight), 2)
        self.dense = nn.Linear(weight.size, 1)
        with torch.no_grad():
            self.dense.weight.copy_(torch.from_numpy(weight.reshape(1, -1)))
            self.dense.bias.fill_(BIAS)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None:
            x = x * mask[:, None]
        score = self.dense(x.flatten(1))
        return torch.cat([torch.zeros_like(score), score], 1)


def linear(shape: tuple[int, int] = (1, 30), *, seed: int = 0) -> tuple[Classifier, Array, Array]:
    """Return a linear classifier, a case and its weights, all (n_channels, n_points)."""
    rng = np.random.default_rng(seed)
    weight, x = (rng.standard_normal(shape).astype(np.float32) for _ in range(2))
    card = {"name": "linear", "model": "linear"}
    return Classifier(Linear(weight), ("no", "yes"), card), x, weight


def a_map(values: Array, *, signed: bool = True, target: int = 1, **more: Any) -> Attribution:
    """Return a map of the method "occlusion", which every network can be given."""
    return Attribution(
        np.asarray(values, np.float32), "occlusion", target, "none", signed, {}, **more
    )


def state_of(classifier: Classifier) -> list[Any]:
    """Return everything of a shared classifier that evidence might touch."""
    module = classifier.module
    return [
        {name: value.clone() for name, value in module.state_dict().items()},
        [m.training for m in module.modules()],
        [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules()],
        [(p.requires_grad, p.grad is None) for p in module.parameters()],
        torch.get_rng_state(),
        repr(np.random.get_state()),  # noqa: NPY002
        torch.is_grad_enabled(),
        classifier.digest,
    ]


def assert_same_state(before: list[Any], after: list[Any]) -> None:
    """Assert that nothing moved between two calls of `state_of`."""
    assert before[0].keys() == after[0].keys()
    assert all(torch.equal(value, after[0][name]) for name, value in before[0].items())
    assert torch.equal(before[4], after[4])
    for i in (1, 2, 3, 5, 6, 7):
        assert before[i] == after[i]
