"""How far a map moves between baselines, against closed forms of a linear model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from tests.explain.perturbation.small import Linear, Tangled, case, classifier_of
from tests.explain.test_grid import CHANNELS, short
from tests.explain.test_grid import case as small_case
from tests.explain.test_grid import classifier_of as small_network
from tests.explain.test_grid import training as small_training
from tscviz.explain import ExplainError, explain, methods
from tscviz.explain.baselines import BASELINES, TrainingSeries
from tscviz.explain.sensitivity import baseline_sensitivity, l1_distances, rank_correlations

METHOD = "feature_ablation"


@pytest.fixture
def training() -> TrainingSeries:
    X = np.random.default_rng(2).standard_normal((6, 2, 30)).astype(np.float32)
    return TrainingSeries(X, np.arange(6) % 3, np.ones((6, 30), bool))


def test_every_map_is_the_one_of_its_baseline(training: TrainingSeries) -> None:
    classifier, x = classifier_of(Tangled), case()
    calls: list[tuple[int, int]] = []
    found = baseline_sensitivity(
        classifier,
        x,
        METHOD,
        target=1,
        against=0,
        training=training,
        windows=5,
        on_progress=lambda *done: calls.append(done),
    )
    assert found.baselines == tuple(BASELINES)
    assert not found.obstacles
    assert calls == [(i, 6) for i in range(1, 7)]
    for name, shown in found.attributions.items():
        alone = explain(
            classifier, x, METHOD, target=1, against=0, baseline=name, training=training, windows=5
        )
        np.testing.assert_array_equal(shown.values, alone.values)
        assert shown.baseline == name
    np.testing.assert_allclose(found.references["case_mean"][:, 0], x.mean(1), rtol=1e-5)
    rows = np.stack([a.values[0] for a in found.attributions.values()])
    ranks: Any = spearmanr(rows, axis=1)
    np.testing.assert_allclose(found.rank_correlation, ranks.statistic)
    np.testing.assert_array_equal(found.distance, l1_distances(rows))
    for i, name in enumerate(found.baselines):
        assert found.moves[name] == pytest.approx(found.distance[i].sum() / 5)


def test_distances_of_a_linear_model_by_hand() -> None:
    """Effects are weight times difference, so a map moves by weight times the baselines' step."""
    classifier, x = classifier_of(Linear, 1), case(1)
    found = baseline_sensitivity(
        classifier, x, METHOD, target=0, baselines=["zero", "case_mean"], width=1
    )
    weight = classifier.module.get_parameter("weight").detach().numpy()[0, 0, :30]
    maps = np.stack([weight * x[0], weight * (x[0] - x.mean())])
    moved = np.abs(weight * x.mean()).sum() / np.abs(maps).sum()
    np.testing.assert_allclose(found.distance, [[0, moved], [moved, 0]], rtol=1e-3, atol=1e-6)
    assert found.rank_correlation[0, 1] == pytest.approx(spearmanr(maps[0], maps[1])[0], abs=1e-6)


@pytest.mark.parametrize("method", [m for m, e in methods().items() if e.uses_baseline])
def test_every_method_that_uses_a_baseline_moves_with_it(method: str) -> None:
    found = baseline_sensitivity(
        small_network("dtp-fcn", CHANNELS),
        small_case(CHANNELS),
        method,
        target=1,
        training=small_training(CHANNELS),
        **short(method),
    )
    assert found.baselines == tuple(BASELINES)
    apart = found.distance[~np.eye(6, dtype=bool)]
    assert np.isfinite(found.rank_correlation).all()
    assert (apart <= 1).all()
    assert (apart > 1e-3).all()
    np.testing.assert_allclose(found.distance, found.distance.T)


def test_a_baseline_that_cannot_be_had_is_left_out_with_its_reason() -> None:
    classifier, x = classifier_of(Tangled), case()
    found = baseline_sensitivity(classifier, x, METHOD, target=1)
    assert found.baselines == ("zero", "case_mean", "noise")
    assert set(found.obstacles) == {"class_mean", "training_mean", "nearest"}
    assert all("trained on" in reason for reason in found.obstacles.values())
    assert found.rank_correlation.shape == found.distance.shape == (3, 3)
    with pytest.raises(ExplainError, match=r"no baseline can be had: .* trained on"):
        baseline_sensitivity(classifier, x, METHOD, target=1, baselines=["nearest"])


def test_padding_counts_for_nothing(training: TrainingSeries) -> None:
    classifier, x = classifier_of(Tangled), case()
    padded, mask = np.full((2, 40), 9, np.float32), np.arange(40) < 30
    padded[:, :30] = x
    options: dict[str, Any] = {"target": 1, "training": training, "per_channel": True, "windows": 3}
    alone = baseline_sensitivity(classifier, x, METHOD, **options)
    together = baseline_sensitivity(classifier, padded, METHOD, mask=mask, **options)
    np.testing.assert_allclose(together.distance, alone.distance, atol=1e-5)
    np.testing.assert_allclose(together.rank_correlation, alone.rank_correlation, atol=1e-6)
    for reference in together.references.values():
        assert reference.shape == (2, 40)
        assert (reference[:, 30:] == 0).all()


def test_interpolated_points_count_for_nothing() -> None:
    """Effects of a linear model are weight times difference: what counts is the rest of them."""
    classifier, x = classifier_of(Linear, 1), case(1)
    usable = np.ones(30, bool)
    usable[[2, 3, 17]] = False
    found = baseline_sensitivity(
        classifier, x, METHOD, target=0, baselines=["zero", "case_mean"], width=1, usable=usable
    )
    weight = classifier.module.get_parameter("weight").detach().numpy()[0, 0, :30]
    maps = np.stack([weight * x[0], weight * (x[0] - x.mean())])[:, usable]
    moved = np.abs(maps[0] - maps[1]).sum() / np.abs(maps).sum()
    assert found.distance[0, 1] == pytest.approx(moved, rel=1e-3)
    assert found.rank_correlation[0, 1] == pytest.approx(spearmanr(*maps)[0], abs=1e-6)
    with pytest.raises(ExplainError, match="usable has shape"):
        baseline_sensitivity(classifier, x, METHOD, target=0, usable=usable[:9])
    with pytest.raises(ExplainError, match="neither padding nor interpolated"):
        baseline_sensitivity(classifier, x, METHOD, target=0, usable=np.arange(30) < 1)


def test_extremes() -> None:
    maps = np.array([[1.0, 2, 0, 0], [0, 0, 3, 1], [-1, -2, 0, 0], [0, 0, 0, 0]])
    distance, rank = l1_distances(maps), rank_correlations(maps)
    np.testing.assert_allclose(distance[0], [0, 1, 1, 1])
    assert distance[3, 3] == 0
    assert rank[0, 2] == pytest.approx(-1)
    np.testing.assert_allclose(rank[:3, :3].diagonal(), 1)
    assert np.isnan(rank[3]).all()
    assert np.isnan(rank[:, 3]).all()


def test_one_baseline_has_nothing_to_move_from() -> None:
    found = baseline_sensitivity(
        classifier_of(Tangled), case(), METHOD, target=1, baselines=["zero"]
    )
    assert np.isnan(found.moves["zero"])


@pytest.mark.parametrize(
    ("method", "given", "text"),
    [
        ("occlusion", {}, "uses no baseline; the methods that do are: .*lime"),
        ("magic", {}, "no method 'magic'"),
        (METHOD, {"baselines": ["zero", "median"]}, "no baseline 'median'"),
        (METHOD, {"baselines": ["zero", "zero"]}, "name each one once"),
        (METHOD, {"baselines": []}, "name each one once"),
        (METHOD, {"steps": 3}, "no option 'steps'"),
    ],
)
def test_bad_requests_are_named(method: str, given: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        baseline_sensitivity(classifier_of(Tangled), case(), method, target=1, **given)
