"""What stands behind the mask has no say, NaN and infinity included."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.training.test_all_models import SMALL
from tscviz.explain import class_activation, explain
from tscviz.explain.filters import filter_activations
from tscviz.models import Classifier, build_model, load_model, model_names
from tscviz.types import Array

LENGTHS = np.array([30, 17, 8])


def padded(with_what: float) -> tuple[Array, Array]:
    X = np.random.default_rng(3).normal(size=(3, 2, 30)).astype(np.float32)
    mask = np.arange(30) < LENGTHS[:, None]
    return np.where(mask[:, None], X, np.float32(with_what)), mask


def small(name: str) -> Classifier:
    options: dict[str, Any] = SMALL.get(name, {})
    torch.manual_seed(0)
    module = build_model(name, n_channels=2, n_classes=3, length=30, **options)
    return Classifier(module, ("a", "b", "c"), {"name": name})


@pytest.mark.parametrize("name", model_names())
def test_what_is_not_finite_on_padding_changes_no_prediction(name: str) -> None:
    model = small(name)
    zeros, mask = padded(0.0)
    wanted = model.logits(zeros, mask)
    assert np.isfinite(wanted).all()
    for what in (np.nan, np.inf, -np.inf):
        X, _ = padded(what)
        before = X.copy()
        np.testing.assert_array_equal(model.logits(X, mask), wanted)
        np.testing.assert_array_equal(X, before)
        alone = [model.logits(X[i : i + 1], mask[i : i + 1])[0] for i in range(3)]
        np.testing.assert_allclose(alone, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", model_names())
def test_what_is_not_finite_on_padding_changes_no_explanation(name: str) -> None:
    model = small(name)
    (zeros, mask), (X, _) = padded(0.0), padded(np.nan)
    for method in ("occlusion", "saliency", "kernel_shap"):
        options: dict[str, Any] = {"samples": 40} if method == "kernel_shap" else {}
        found = explain(model, X[1], method, target=0, mask=mask[1], **options)
        wanted = explain(model, zeros[1], method, target=0, mask=mask[1], **options)
        np.testing.assert_array_equal(found.values, wanted.values)
        assert np.isfinite(found.values).all()


def test_views_of_whole_collections_read_no_padding() -> None:
    model, (X, mask) = load_model("convtimenet/GunPoint"), padded(np.nan)
    for found in filter_activations(model, X[:, :1], mask):
        assert np.isfinite(found.activations).all()
    maps = class_activation(load_model("dtp-fcn/GunPoint"), X[:, :1], mask)
    assert np.isfinite(maps).all()
