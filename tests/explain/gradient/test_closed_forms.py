"""Every gradient method on a linear network, where its map is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tscviz
from tests.explain.gradient.networks import case, linear, training, weight_of
from tscviz.explain import ExplainError, methods
from tscviz.explain.baselines import BASELINES, TrainingSeries, reference_series
from tscviz.types import Array

TARGET, OTHER = 1, 2


@pytest.fixture
def x() -> Array:
    return case(2)


def run(x: Array, method: str, **given: Any) -> tuple[Array, Any]:
    found = tscviz.explain(linear(), x, method, target=TARGET, training=training(2), **given)
    assert found.details["per_channel"]
    return found.values, found


@pytest.mark.parametrize("against", [None, OTHER])
def test_plain_gradients(x: Array, against: int | None) -> None:
    w = weight_of(linear())
    slope = w[TARGET] if against is None else w[TARGET] - w[against]
    for method, wanted in (
        ("saliency", np.abs(slope)),
        ("input_x_gradient", slope * x),
        ("smooth_grad", slope),
    ):
        values, found = run(x, method, against=against)
        np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-5)
        logits = linear().logits(x[None])[0]
        logit = logits[TARGET] - (0.0 if against is None else logits[against])
        assert found.details["logit"] == pytest.approx(logit, rel=1e-5)


@pytest.mark.parametrize("against", [None, OTHER])
@pytest.mark.parametrize("baseline", tuple(BASELINES))
@pytest.mark.parametrize("method", ["integrated_gradients", "deep_lift"])
def test_differences_from_a_baseline(
    x: Array, method: str, baseline: str, against: int | None
) -> None:
    w = weight_of(linear())
    slope = w[TARGET] if against is None else w[TARGET] - w[against]
    reference = reference_series(baseline, linear(), x, TARGET, training=training(2))
    values, found = run(x, method, baseline=baseline, against=against)
    np.testing.assert_allclose(values, slope * (x - reference), rtol=1e-4, atol=1e-5)
    assert found.baseline == baseline
    assert found.details["complete"]
    logits = linear().logits(reference[None])[0]
    wanted = logits[TARGET] - (0.0 if against is None else logits[against])
    assert found.details["reference_logit"] == pytest.approx(wanted, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("background", ["training", "others"])
def test_deep_lift_shap_is_the_difference_from_the_mean_reference(
    x: Array, background: str
) -> None:
    cases = training(2)
    kept = cases.X if background == "training" else cases.X[cases.y != TARGET]
    values, found = run(x, "deep_lift_shap", background=background)
    wanted = weight_of(linear())[TARGET] * (x - kept.mean(0))
    np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-5)
    assert found.details["references"] == len(kept)
    assert found.details["complete"]


def test_gradient_shap_lies_between_the_references(x: Array) -> None:
    """Its places do not matter to a linear network; which references were drawn does."""
    same = training(2)
    same = TrainingSeries(np.repeat(same.X[:1], 9, 0), same.y, same.mask)
    found = tscviz.explain(linear(), x, "gradient_shap", target=TARGET, training=same)
    wanted = weight_of(linear())[TARGET] * (x - same.X[0])
    np.testing.assert_allclose(found.values, wanted, rtol=1e-4, atol=1e-5)
    assert found.details["complete"]
    many, _ = run(x, "gradient_shap", samples=4000)
    wanted = weight_of(linear())[TARGET] * (x - training(2).X.mean(0))
    assert np.abs(many - wanted).max() < 0.15  # 4000 draws of 9 references


def test_smooth_grad_of_input_times_gradient_keeps_the_mean(x: Array) -> None:
    values, _ = run(x, "smooth_grad", of="input_x_gradient", noise=0.0, samples=3)
    np.testing.assert_allclose(values, weight_of(linear())[TARGET] * x, rtol=1e-4, atol=1e-5)


def test_guided_backprop_stops_what_is_negative_at_a_relu(x: Array) -> None:
    open_ = linear(relu=True)
    found = tscviz.explain(open_, x, "guided_backprop", target=TARGET)
    np.testing.assert_allclose(found.values, weight_of(open_)[TARGET].clip(0), rtol=1e-6)
    assert found.details["guided"] == 1
    obstacle = methods()["guided_backprop"].obstacle(linear())
    assert obstacle is not None
    assert "no ReLU module" in obstacle
    with pytest.raises(ExplainError, match="no ReLU module"):
        tscviz.explain(linear(), x, "guided_backprop")


def test_grad_cam_weights_a_channel_by_its_mean_gradient(x: Array) -> None:
    open_ = linear(relu=True)
    h, w = x + 1e3, weight_of(open_)[TARGET]
    wanted = (w.mean(1, keepdims=True) * h).sum(0)
    found = tscviz.explain(open_, x, "grad_cam", target=TARGET)
    np.testing.assert_allclose(found.values, np.stack([wanted, wanted]), rtol=1e-4)
    assert not found.details["per_channel"]
    positive = tscviz.explain(open_, x, "grad_cam", target=TARGET, relu=True)
    np.testing.assert_allclose(positive.values[0], wanted.clip(0), rtol=1e-4)


def test_noise_follows_each_channels_own_range() -> None:
    x = case(2)
    x[1] *= 100
    found = tscviz.explain(linear(), x, "smooth_grad", noise=0.5)
    np.testing.assert_allclose(found.details["noise"], 0.5 * np.ptp(x, axis=1), rtol=1e-5)


def test_too_few_training_cases_are_refused() -> None:
    one = training(2, n=1)
    with pytest.raises(ExplainError, match=r"1 training cases .* choose another background"):
        tscviz.explain(linear(), case(2), "deep_lift_shap", training=one)
    found = tscviz.explain(linear(), case(2), "deep_lift_shap", background="noise")
    assert found.details["references"] == 16
