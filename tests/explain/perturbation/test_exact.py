"""Shapley values of small games against the definition, and closed forms of a linear model."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

import tscviz
from tests.explain.perturbation.small import (
    Linear,
    Tangled,
    brute_force,
    case,
    classifier_of,
    scores,
)
from tscviz.explain.baselines import reference_series
from tscviz.explain.perturbation import shapley_sampling
from tscviz.explain.perturbation.enumeration import (
    all_coalitions,
    kernel_regression,
    shapley_values,
)
from tscviz.explain.perturbation.game import Game
from tscviz.explain.perturbation.grouping import Grouping, grouping_of, window_edges
from tscviz.explain.perturbation.shapley_sampling import ShapleySamplingOptions, mean_over_orders
from tscviz.explain.request import Request

METHODS = ("feature_ablation", "shapley_sampling", "kernel_shap", "lime")
#: LIME without penalty; what is drawn, drawn.
PLAIN: dict[str, dict[str, Any]] = {"lime": {"surrogate": "linear"}}


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_values_of_any_game_are_those_of_the_definition(n: int) -> None:
    game = np.random.default_rng(n).standard_normal(2**n)
    wanted = brute_force(lambda s: float(game[sum(1 << i for i in s)]), n)
    np.testing.assert_allclose(shapley_values(game), wanted, atol=1e-12)
    np.testing.assert_allclose(kernel_regression(game), wanted, atol=1e-9)


def test_a_glove_game_by_hand() -> None:
    """One left glove (0) and two right ones (1, 2): 2/3, 1/6, 1/6."""
    pairs = all_coalitions(3)
    game = (pairs[:, 0] & (pairs[:, 1] | pairs[:, 2])).astype(float)
    for values in (shapley_values(game), kernel_regression(game)):
        np.testing.assert_allclose(values, [2 / 3, 1 / 6, 1 / 6], atol=1e-12)


@pytest.mark.parametrize("method", ["shapley_sampling", "kernel_shap"])
@pytest.mark.parametrize("per_channel", [False, True])
def test_few_features_are_exact(method: str, per_channel: bool) -> None:
    classifier, x = classifier_of(Tangled), case()
    grouping = Grouping(window_edges(30, 3), 2, per_channel)
    value = scores(classifier, x, np.zeros_like(x), grouping.mask(), 1)
    wanted = brute_force(value, grouping.n_features)
    found = tscviz.explain(
        classifier, x, method, target=1, windows=3, per_channel=per_channel
    ).details
    assert found["exact"]
    assert found["evaluations"] == 2**grouping.n_features
    np.testing.assert_allclose(found["feature_values"].ravel(), wanted, atol=2e-6)
    assert found["completeness_gap"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("baseline", ["zero", "case_mean", "noise"])
def test_the_reference_is_the_baseline(baseline: str) -> None:
    classifier, x = classifier_of(Tangled), case()
    found = tscviz.explain(
        classifier, x, "shapley_sampling", target=2, baseline=baseline, edges="7,18"
    ).details
    reference = reference_series(baseline, classifier, x, 2)
    mask = Grouping(np.array([0, 7, 18, 30]), 2, False).mask()
    value = scores(classifier, x, reference, mask, 2)
    np.testing.assert_allclose(found["feature_values"][0], brute_force(value, 3), atol=2e-6)
    assert found["logit"] == pytest.approx(value((0, 1, 2)), abs=1e-6)
    assert found["reference_logit"] == pytest.approx(value(()), abs=1e-6)


def test_many_drawn_orders_come_close_and_say_how_close() -> None:
    classifier, x = classifier_of(Tangled), case()
    options: dict[str, Any] = {"target": 1, "windows": 4}
    exact = tscviz.explain(classifier, x, "shapley_sampling", **options).details
    drawn = tscviz.explain(
        classifier, x, "shapley_sampling", exact="never", samples=1000, **options
    ).details
    assert not drawn["exact"]
    away = np.abs(drawn["feature_values"] - exact["feature_values"])[0]
    assert (drawn["standard_error"] > 0).all()
    assert (away < 4 * drawn["standard_error"]).all()
    assert away.max() < 0.05 * np.abs(exact["feature_values"]).max()
    assert drawn["evaluations"] == 16  # every coalition once


def test_orders_taken_in_parts_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier, x = classifier_of(Tangled), case()
    options: dict[str, Any] = {"target": 1, "windows": 4, "exact": "never", "samples": 7}
    whole = tscviz.explain(classifier, x, "shapley_sampling", **options).details
    monkeypatch.setattr(shapley_sampling, "VALUES_AT_ONCE", 2 * 4 * 5)  # two orders at a time
    parts = tscviz.explain(classifier, x, "shapley_sampling", **options).details
    for name in ("feature_values", "standard_error"):
        np.testing.assert_array_equal(parts[name], whole[name])


@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_many_drawn_coalitions_come_close_to_all_of_them(method: str) -> None:
    classifier, x = classifier_of(Tangled), case()
    options: dict[str, Any] = {"target": 1, "windows": 4} | PLAIN.get(method, {})
    exact = tscviz.explain(classifier, x, method, exact="always", **options).details
    few, many = (
        tscviz.explain(classifier, x, method, exact="never", samples=n, **options).details
        for n in (20, 1500)
    )
    assert exact["exact"]
    assert not many["exact"]
    assert many["samples"] == 1500
    wanted = exact["feature_values"]
    away = [float(np.abs(d["feature_values"] - wanted).max()) for d in (few, many)]
    assert away[1] < 0.05 * np.abs(wanted).max()
    assert away[1] < away[0]


@pytest.mark.parametrize("method", METHODS[1:])
def test_of_one_feature_nothing_is_drawn(method: str) -> None:
    classifier, x = classifier_of(Tangled), case()
    found = tscviz.explain(
        classifier, x, method, target=1, windows=1, exact="never", **PLAIN.get(method, {})
    ).details
    whole, empty = classifier.logits(np.stack([x, np.zeros_like(x)]))[:, 1]
    assert found["exact"]
    assert found["feature_values"].item() == pytest.approx(whole - empty, abs=1e-6)


@pytest.mark.parametrize("n", [2, 4])
def test_the_sampler_given_every_order_is_exact(n: int) -> None:
    classifier, x = classifier_of(Tangled), case()
    options = ShapleySamplingOptions(windows=n)
    request = Request(classifier, x, None, 0, "zero", options)
    grouping = grouping_of(request)
    orders = [torch.tensor(order) for order in itertools.permutations(range(n))]
    found = mean_over_orders(Game(request, grouping), orders)
    value = scores(classifier, x, np.zeros_like(x), grouping.mask(), 0)
    np.testing.assert_allclose(found, brute_force(value, n), atol=2e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("exact", ["always", "never"])
@pytest.mark.parametrize("against", [None, 2])
def test_a_linear_model_gives_weight_times_difference(
    method: str, exact: str, against: int | None
) -> None:
    classifier, x = classifier_of(Linear), case()
    options: dict[str, Any] = {} if method == "feature_ablation" else {"exact": exact}
    found = tscviz.explain(
        classifier,
        x,
        method,
        target=0,
        against=against,
        baseline="case_mean",
        windows=4,
        per_channel=True,
        **options | PLAIN.get(method, {}),
    )
    weight = classifier.module.get_parameter("weight").detach().numpy()[..., :30]
    weight = weight[0] - (0 if against is None else weight[against])
    per_point = weight * (x - x.mean(1, keepdims=True))
    wanted = np.add.reduceat(per_point, window_edges(30, 4)[:-1], axis=1)
    np.testing.assert_allclose(found.details["feature_values"], wanted, rtol=0, atol=2e-4)
    assert found.values.shape == x.shape
    assert found.against == against


def test_a_ridge_and_a_lasso_solve_their_own_problem() -> None:
    """Weighted normal equations of ridge; a lasso's gradient is alpha where it is not zero."""
    classifier, x = classifier_of(Linear), case()
    z = all_coalitions(4).astype(np.float64)
    weight = classifier.module.get_parameter("weight").detach().numpy()[1, :, :30]
    effects = np.add.reduceat((weight * x).sum(0), window_edges(30, 4)[:-1])
    bias = classifier.module.get_parameter("bias")[1].item()
    y = z @ effects + bias
    w = _cosine_weights(x, z)
    centred = z - w @ z / w.sum()
    for name, alpha in (("ridge", 0.5), ("lasso", 0.3)):
        found = tscviz.explain(
            classifier, x, "lime", target=1, windows=4, surrogate=name, alpha=alpha
        ).details
        assert found["exact"]
        values = found["feature_values"][0].astype(np.float64)
        left = y - w @ y / w.sum() - centred @ values
        gradient = centred.T @ (w * left)
        if name == "ridge":
            np.testing.assert_allclose(gradient, alpha * values, atol=1e-4)
        else:
            gradient /= w.sum()
            moved = values != 0
            np.testing.assert_allclose(gradient[moved], alpha * np.sign(values[moved]), atol=1e-3)
            assert (np.abs(gradient[~moved]) <= alpha + 1e-3).all()
        assert found["surrogate_r2"] == pytest.approx(
            1 - w @ left**2 / (w @ (y - w @ y / w.sum()) ** 2), abs=2e-2
        )


def _cosine_weights(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    mask = Grouping(window_edges(30, 4), len(x), False).mask()
    length = np.linalg.norm(x)
    shown = np.linalg.norm(np.where(z[:, mask] > 0, x, 0), axis=(1, 2))
    return np.exp(-((1 - shown / length) ** 2) / 2)


@pytest.mark.parametrize("method", METHODS)
def test_the_probability_can_be_watched(method: str) -> None:
    classifier, x = classifier_of(Linear), case()
    found = tscviz.explain(
        classifier,
        x,
        method,
        target=1,
        output="probability",
        edges="",
        windows=1,
        **PLAIN.get(method, {}),
    ).details
    both = classifier.predict_proba(np.stack([x, np.zeros_like(x)]))[:, 1]
    assert found["probability"] == pytest.approx(both[0], abs=1e-6)
    assert found["reference_probability"] == pytest.approx(both[1], abs=1e-6)
    np.testing.assert_allclose(found["feature_values"], both[0] - both[1], atol=1e-6)
