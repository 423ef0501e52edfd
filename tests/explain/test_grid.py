"""The whole grid: every model x every method x one channel, several, and padding at the end.

Each gives finite values of the case's shape, nothing on padding and there the numbers of the case
without it; or it is greyed with the reason, which is the error's text where it is asked for.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from tscviz.explain import ExplainError, explain, methods
from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.registered import Registered
from tscviz.models import Classifier, build_model, model_names
from tscviz.types import Array, Attribution

LENGTH, OWN, CHANNELS = 24, 19, 3

#: Options that keep a network small, by its name.
SMALL: dict[str, dict[str, Any]] = {
    "dsn": {"channels": 12, "kernel": 9, "pool": 6},
    "convtimenet": {"trunk": "random", "filters": 4, "lengths": (4, 8)},
    "lstm-fcn": {"cells": 4},
    "alstm-fcn": {"cells": 4},
}
#: Options that keep a method short, wherever it has them.
SHORT: dict[str, Any] = {
    "windows": 4,
    "samples": 8,
    "steps": 8,
    "max_steps": 16,
    "references": 4,
}
SINGLE_METHODS = {"attention": {"alstm-fcn"}}


@cache
def classifier_of(model: str, n_channels: int) -> Classifier:
    torch.manual_seed(0)
    module = build_model(
        model, n_channels=n_channels, n_classes=3, length=LENGTH, **SMALL.get(model, {})
    )
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm1d):
            layer.momentum = 1.0
    module.train()
    with torch.no_grad():
        module(torch.randn(8, n_channels, LENGTH))  # running statistics as after a training
    return Classifier(module, ("a", "b", "c"), {"model": model, "name": f"{model}/Grid"})


def short(method: str) -> dict[str, Any]:
    known = {f.name for f in fields(methods()[method].options)}
    return {name: value for name, value in SHORT.items() if name in known}


def training(n_channels: int) -> TrainingSeries:
    X = np.random.default_rng(5).standard_normal((6, n_channels, LENGTH)).astype(np.float32)
    return TrainingSeries(X, np.arange(6) % 3, np.ones((6, LENGTH), bool))


def case(n_channels: int) -> Array:
    draws = np.random.default_rng(3)
    return (draws.standard_normal((n_channels, LENGTH)) + 0.2).astype(np.float32)


def check_map(found: Attribution, x: Array, method: str) -> None:
    assert found.values.shape == x.shape
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()
    assert found.method == method
    assert found.signed == methods()[method].signed
    assert found.signed or (found.values >= 0).all()
    if not found.details["per_channel"]:
        assert (found.values == found.values[:1]).all()


@pytest.mark.parametrize("kind", ["univariate", "multivariate", "padded"])
@pytest.mark.parametrize("method", methods())
@pytest.mark.parametrize("model", model_names())
def test_every_cell(model: str, method: str, kind: str) -> None:
    n_channels = 1 if kind == "univariate" else CHANNELS
    classifier, x = classifier_of(model, n_channels), case(n_channels)
    obstacle = methods()[method].obstacle(classifier)
    options: dict[str, Any] = short(method) | {"target": 1, "training": training(n_channels)}
    if obstacle is not None:
        assert obstacle.endswith(".")
        assert len(obstacle) > 20
        with pytest.raises(ExplainError) as error:
            explain(classifier, x, method, **options)
        assert str(error.value) == obstacle
        return
    if kind != "padded":
        check_map(explain(classifier, x, method, **options), x, method)
        return
    mask = np.arange(LENGTH) < OWN
    junk = np.where(mask, x, 7.0).astype(np.float32)  # behind the mask anything may stand
    found = explain(classifier, junk, method, mask=mask, **options)
    check_map(found, x, method)
    assert (found.values[:, OWN:] == 0).all()
    if classifier.module.takes_mask:
        alone = explain(classifier, x[:, :OWN], method, **options).values
        top = float(np.abs(alone).max())
        np.testing.assert_allclose(found.values[:, :OWN], alone, rtol=0, atol=1e-4 * max(top, 0.1))


def test_what_is_greyed_is_what_the_networks_lack() -> None:
    """Methods that need nothing of a network are never greyed; the native ones, where they must."""
    names = model_names()
    assert len(names) == 10
    for name, method in methods().items():
        greyed = {m for m in names if method.obstacle(classifier_of(m, 1)) is not None}
        if not method.needs and method.unfit is None:
            assert not greyed
        if name in SINGLE_METHODS:
            assert greyed == set(names) - SINGLE_METHODS[name]
        assert greyed < set(names), f"{name} applies to no model"


@pytest.mark.parametrize("model", model_names())
def test_no_map_is_empty_or_forgets_its_case(model: str) -> None:
    classifier, x = classifier_of(model, CHANNELS), case(CHANNELS)
    options: dict[str, Any] = {"target": 1, "training": training(CHANNELS)}
    for name, method in methods().items():
        if method.obstacle(classifier) is None:
            one, two = (
                explain(classifier, given, name, **options | short(name)).values
                for given in (x, x[:, ::-1].copy())
            )
            assert np.abs(one).max() > 0, name
            if name != "attention":  # which a new network spreads evenly
                assert (one != two).any(), name


def test_methods_keep_the_order_of_their_files_whichever_is_imported_first() -> None:
    found = Registered("tscviz.explain", ("cam", "occlusion", "attention"))
    for name in ("attention", "occlusion", "cam"):
        found.add(methods()[name])
    assert list(found.all()) == ["cam", "occlusion", "attention"]
