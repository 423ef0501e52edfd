"""The whole grid: every model x every method x one channel, several, and padding at the end.

Each gives finite values of the case's shape, nothing on padding and there the numbers of the case
without it; or it is greyed with the reason, which is the error's text where it is asked for.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from tscviz.explain import ExplainError, explain, methods
from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.registered import Registered
from tscviz.explain.registry import _NEEDS
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
#: Native methods: models that have them, and models that do not.
NATIVE = {
    "attention": ({"alstm-fcn"}, {"lstm-fcn", "dsn", "dtp-fcn", "gtp-resnet", "convtimenet"}),
    "receptive_field_cam": ({"dsn"}, {"lstm-fcn", "alstm-fcn", "dtp-fcn", "convtimenet"}),
}


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
    alone = explain(classifier, x[:, :OWN], method, **options).values
    top = float(np.abs(alone).max())
    np.testing.assert_allclose(found.values[:, :OWN], alone, rtol=0, atol=1e-4 * max(top, 0.1))


def test_what_is_greyed_is_what_the_networks_lack() -> None:
    """Methods that need nothing of a network are never greyed; the native ones, where they must."""
    names = model_names()
    offers = {m: classifier_of(m, 1).module.offers for m in names}
    for name, method in methods().items():
        greyed = {m for m in names if method.obstacle(classifier_of(m, 1)) is not None}
        lacking = {m for m in names if not offers[m].issuperset(method.needs)}
        assert greyed >= lacking
        if method.unfit is None:
            assert greyed == lacking
        applies, does_not = NATIVE.get(name, (set(), set()))
        assert greyed.isdisjoint(applies)
        assert greyed >= does_not
        assert greyed < set(names), f"{name} applies to no model"


def test_every_word_that_a_network_offers_has_its_reason() -> None:
    """A method that needs a word is greyed with a sentence where a network does not offer it."""
    found = [classifier_of(m, 1) for m in model_names()]
    words = frozenset().union(*(one.module.offers for one in found))
    assert words >= {"cam", "segments", "prototypes", "sparse", "attention"}
    assert words >= {"branches", "multi_length"}
    for word in words:
        method = replace(methods()["cam"], title="New", needs=(word,))
        for one in found:
            lacks = word not in one.module.offers
            reason = f"New needs {_NEEDS[word]}, and {one.name} has none."
            assert method.obstacle(one) == (reason if lacks else None)


@pytest.mark.parametrize(
    ("word", "what"),
    [
        ("multi_length", "filters of several lengths side by side"),
        ("branches", "a recurrent and a convolutional branch side by side"),
        ("gates", "'gates'"),  # nobody has explained it yet
    ],
)
def test_a_need_that_no_method_of_ours_has_gives_a_reason(word: str, what: str) -> None:
    needy = replace(methods()["cam"], needs=(word,))
    assert needy.obstacle(classifier_of("dtp-fcn", 1)) == (
        f"Class activation map needs {what}, and dtp-fcn/Grid has none."
    )


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
