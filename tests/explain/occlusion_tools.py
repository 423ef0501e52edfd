"""Networks and altered cases for the tests of occlusion."""

from __future__ import annotations

from typing import Any

import torch

from tscviz.models import Classifier, build_model
from tscviz.types import Array


def untrained(name: str, *, n_classes: int = 2, length: int = 60, **options: Any) -> Classifier:
    """Return a network with random weights and running statistics that fit them."""
    torch.manual_seed(0)
    if name == "convtimenet":
        options["trunk"] = "random"
    module = build_model(name, n_channels=1, n_classes=n_classes, length=length, **options)
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm1d):
            layer.momentum = 1.0
    module.train()
    with torch.no_grad():
        module(torch.randn(8, 1, length))  # running statistics as after a training
    classes = tuple(f"class {k}" for k in range(n_classes))
    return Classifier(module, classes, {"name": name, "model": name})


def by_hand(x: Array, start: int, stop: int, value: float | None = None) -> Array:
    """Return the case with a stretch at `value`, by default at each channel's mean."""
    copy = x.copy()
    copy[:, start:stop] = x.mean(1, keepdims=True) if value is None else value
    return copy
