"""Small networks for the tests of gradient attributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tscviz.explain.baselines import TrainingSeries
from tscviz.models import Classifier, SeriesModule, build_model
from tscviz.types import Array

LENGTH = 40
METHODS = (
    "saliency",
    "input_x_gradient",
    "integrated_gradients",
    "gradient_shap",
    "deep_lift",
    "deep_lift_shap",
    "guided_backprop",
    "smooth_grad",
    "grad_cam",
    "receptive_field_cam",
)
_SMALL: dict[str, dict[str, Any]] = {
    "dsn": {"channels": 9, "layers": 2, "kernel": 9, "pool": 5},
    "convtimenet": {"trunk": "random", "filters": 5, "lengths": (4, 8), "blocks": 2},
    "lstm-fcn": {"cells": 3},
    "alstm-fcn": {"cells": 4, "variant": "self", "heads": 2},
}
ARCHITECTURES = (
    "gtp-fcn",
    "stp-fcn",
    "dtp-fcn",
    "gtp-resnet",
    "stp-resnet",
    "dtp-resnet",
    "dsn",
    "lstm-fcn",
    "alstm-fcn",
    "convtimenet",
)
#: What the cards of those networks say does not apply, and why.
UNFIT = {
    (name, method): "multiply two activations"
    for name in ("lstm-fcn", "alstm-fcn")
    for method in ("deep_lift", "deep_lift_shap")
} | {
    (name, "receptive_field_cam"): "needs sparse layers" for name in ARCHITECTURES if name != "dsn"
}


def make(name: str, n_channels: int = 1, **options: Any) -> Classifier:
    """Return a small network with random weights and running statistics that fit them."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        given = _SMALL.get(name, {}) | options
        module = build_model(name, n_channels=n_channels, n_classes=3, length=LENGTH, **given)
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm1d):
                layer.momentum = 1.0
        module.train()
        with torch.no_grad():
            module(torch.randn(8, n_channels, LENGTH))
    return Classifier(module, ("a", "b", "c"), {"model": name, "name": f"{name}/Test"})


def case(n_channels: int = 1, length: int = 31, seed: int = 0) -> Array:
    """Return a smooth random case."""
    drawn = np.random.default_rng(seed).standard_normal((n_channels, length)).cumsum(1)
    return ((drawn - drawn.mean()) / drawn.std()).astype(np.float32)


def training(n_channels: int = 1, length: int = 31, n: int = 9) -> TrainingSeries:
    """Return random training cases of three classes."""
    X = np.stack([case(n_channels, length, seed=100 + i) for i in range(n)])
    return TrainingSeries(X, np.arange(n) % 3, np.ones((n, length), bool))


class Linear(SeriesModule):
    """Logits ``W . x + b``, where asked through a ReLU that is always open."""

    def __init__(self, n_channels: int, length: int, *, relu: bool = False) -> None:
        super().__init__(n_channels, 3)
        generator = torch.Generator().manual_seed(1)
        self.weight = nn.Parameter(torch.randn(3, n_channels, length, generator=generator))
        self.bias = nn.Parameter(torch.tensor([0.5, -1.0, 2.0]))
        self.relu = nn.ReLU() if relu else None

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        h = x if mask is None else x * mask.unsqueeze(1)
        return h if self.relu is None else self.relu(h + 1e3)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        h = self.features(x, mask)
        weight = self.weight[:, :, : h.shape[2]]
        return torch.einsum("bct,kct->bk", h, weight) + self.bias


def linear(n_channels: int = 2, length: int = 31, *, relu: bool = False) -> Classifier:
    """Return a linear classifier."""
    module = Linear(n_channels, length, relu=relu)
    return Classifier(module, ("a", "b", "c"), {"model": "linear", "name": "linear/Test"})


def weight_of(classifier: Classifier) -> Array:
    """Return the weights of a linear classifier, (3, C, T)."""
    assert isinstance(classifier.module, Linear)
    return classifier.module.weight.detach().numpy()
