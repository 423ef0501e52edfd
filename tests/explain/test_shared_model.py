"""A model shared by many: every method on every model at once, and after a network that fails."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch

from tests.explain.gradient.test_contract import Watched
from tests.explain.test_grid import CHANNELS, case, classifier_of, short, training
from tscviz.explain import explain, methods
from tscviz.explain.cam import class_activation
from tscviz.models import Classifier, model_names
from tscviz.types import Array


def fitting(model: str) -> list[str]:
    """Return every method that applies to a model."""
    classifier = classifier_of(model, CHANNELS)
    return [name for name, method in methods().items() if method.obstacle(classifier) is None]


def values_of(model: str, method: str) -> Array:
    given: dict[str, Any] = {"target": 1, "training": training(CHANNELS)}
    classifier = classifier_of(model, CHANNELS)
    return explain(classifier, case(CHANNELS), method, **given, **short(method)).values


@contextmanager
def watched(*models: str) -> Iterator[None]:
    """Assert that none of the models and nothing of the process is another afterwards."""
    all_of_them = [Watched(classifier_of(model, CHANNELS)) for model in models]
    process = torch.get_num_threads(), torch.get_default_dtype(), torch.is_inference_mode_enabled()
    yield
    for one in all_of_them:
        one.check()
    now = torch.get_num_threads(), torch.get_default_dtype(), torch.is_inference_mode_enabled()
    assert now == process


@pytest.mark.parametrize("model", model_names())
def test_eight_threads_on_one_model_get_what_one_gets(model: str) -> None:
    """Also in inference mode, in which a caller may ask though gradients are needed."""
    names = fitting(model)
    assert len(names) > 12
    with watched(model):
        with torch.inference_mode():
            alone = [values_of(model, name) for name in names]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(values_of, [model] * len(names), names))
    for name, one, other in zip(names, alone, together, strict=True):
        scale = max(1.0, float(np.abs(one).max()))
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5 * scale, err_msg=name)


@contextmanager
def breaking_down(classifier: Classifier, after: int) -> Iterator[None]:
    """Let a layer of the network, or of any clone of it, fail after so many layers."""
    left = [after]

    def fail(*_: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("broken layer")

    leaves = [m for m in classifier.module.modules() if not [*m.children()]]
    hooks = [leaf.register_forward_hook(fail) for leaf in leaves]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize("model", model_names())
def test_a_network_that_fails_leaves_no_trace(model: str) -> None:
    classifier = classifier_of(model, CHANNELS)
    for name in fitting(model):
        if name == "attention":  # reads weights without calling a layer
            continue
        broken = breaking_down(classifier, after=2)
        with watched(model), broken, pytest.raises(RuntimeError, match="broken layer"):
            values_of(model, name)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_class_activations_of_many_cases_whatever_the_callers_mode(mode: Any) -> None:
    classifier, X = classifier_of("dtp-fcn", CHANNELS), case(CHANNELS)[None]
    wanted = class_activation(classifier, X, target=1)
    with mode():
        np.testing.assert_array_equal(class_activation(classifier, X, target=1), wanted)
        assert not torch.is_grad_enabled()
