"""Reference inputs against numbers by hand, and what is said where one cannot be had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tscviz
from tests.explain.perturbation.small import Linear, classifier_of
from tscviz.explain.baselines import BASELINES, TrainingSeries, reference_series, training_series
from tscviz.explain.request import Request
from tscviz.models import Classifier, load_model
from tscviz.types import Array, TscvizError

NEED_TRAINING = ("class_mean", "training_mean", "nearest")


@pytest.fixture
def classifier() -> Classifier:
    return classifier_of(Linear, 2)


@pytest.fixture
def x() -> Array:
    return np.array([[1, 2, 3, 6], [0, 0, 4, 4]], np.float32)


@pytest.fixture
def training() -> TrainingSeries:
    """Return cases of the classes 0, 0, 1 and 2; the third has two of the four points."""
    X = np.zeros((4, 2, 4), np.float32)
    X[0], X[1], X[3] = 1, 3, 9
    X[2, :, :2] = [[0, 3], [6, 0]]
    mask = np.ones((4, 4), bool)
    mask[2, 2:] = False
    return TrainingSeries(X, np.array([0, 0, 1, 2]), mask)


def test_there_are_six() -> None:
    names = ["zero", "case_mean", "class_mean", "training_mean", "noise", "nearest"]
    assert list(BASELINES) == names
    assert all(b.title and b.summary.endswith(".") for b in BASELINES.values())


def test_values_by_hand(classifier: Classifier, x: Array, training: TrainingSeries) -> None:
    def found(name: str, target: int = 0) -> Array:
        return reference_series(name, classifier, x, target, training=training)

    np.testing.assert_array_equal(found("zero"), np.zeros((2, 4)))
    np.testing.assert_array_equal(found("case_mean"), [[3] * 4, [2] * 4])
    np.testing.assert_array_equal(found("class_mean", 0), np.full((2, 4), 2))
    stretched = np.array([[0, 1, 2, 3], [6, 4, 2, 0]])
    np.testing.assert_allclose(found("class_mean", 1), stretched)
    np.testing.assert_allclose(found("training_mean"), (13 + stretched) / 4)
    np.testing.assert_allclose(found("nearest", 0), stretched)
    np.testing.assert_array_equal(found("nearest", 1), np.full((2, 4), 3))
    for name in BASELINES:
        assert found(name).dtype == np.float32
        assert found(name).shape == x.shape


def test_noise_has_each_channels_mean_and_deviation(classifier: Classifier) -> None:
    x = np.random.default_rng(1).normal([[5], [-2]], [[0.5], [3]], (2, 4000)).astype(np.float32)
    one, two, other = (reference_series("noise", classifier, x, 0, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert (one != other).mean() > 0.99
    np.testing.assert_allclose(one.mean(1), x.mean(1), atol=0.15)
    np.testing.assert_allclose(one.std(1), x.std(1), rtol=0.05)
    assert abs(np.corrcoef(one[0], x[0])[0, 1]) < 0.06


def test_the_nearest_is_never_the_case_itself(
    classifier: Classifier, training: TrainingSeries
) -> None:
    """A training case of class 0, explained as class 2."""
    x = training.X[0]
    found = reference_series("nearest", classifier, x, 2, training=training)
    np.testing.assert_array_equal(found, training.X[1])
    alone = TrainingSeries(training.X[:1], training.y[:1], training.mask[:1])
    with pytest.raises(TscvizError, match="no training case of another class differs"):
        reference_series("nearest", classifier, x, 2, training=alone)


def test_a_request_crops_its_padding(classifier: Classifier, training: TrainingSeries) -> None:
    x, mask = np.full((2, 6), 7, np.float32), np.array([True] * 4 + [False] * 2)
    x[:, :4] = [[1, 2, 3, 6], [0, 0, 4, 4]]
    for name in BASELINES:
        request = Request(classifier, x, mask, 0, name, None, None, training)
        wanted = reference_series(name, classifier, x[:, :4], 0, training=training)
        np.testing.assert_array_equal(request.reference(), wanted)
        assert request.reference().shape == (2, 4)


def test_the_models_own_training_split_is_found() -> None:
    classifier, dataset = load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint")
    found = training_series(classifier)
    assert training_series(classifier) is found
    np.testing.assert_array_equal(found.X, dataset.X_train)
    np.testing.assert_array_equal(found.y, dataset.y_train)
    x = dataset.X_test[0]
    for target in (0, 1):
        mine, others = (dataset.X_train[dataset.y_train == k] for k in (target, 1 - target))
        mean = reference_series("class_mean", classifier, x, target)
        np.testing.assert_allclose(mean, mine.mean(0), atol=1e-5)
        distance = np.sqrt(((others - x) ** 2).sum((1, 2)))
        nearest = reference_series("nearest", classifier, x, target)
        np.testing.assert_array_equal(nearest, others[distance.argmin()])


@pytest.mark.parametrize("name", NEED_TRAINING)
def test_a_model_without_a_dataset_says_so(classifier: Classifier, x: Array, name: str) -> None:
    with pytest.raises(TscvizError, match="does not say what it was trained on"):
        reference_series(name, classifier, x, 0)


def test_a_dataset_that_has_changed_is_not_used() -> None:
    bundled = load_model("dtp-fcn/GunPoint")
    card = bundled.card | {"dataset": {"name": "GunPoint", "digest": "0" * 64}, "options": {}}
    changed = Classifier(bundled.module, bundled.classes, card)
    with pytest.raises(TscvizError, match="is not the one"):
        training_series(changed)


def test_what_does_not_fit_is_named(
    classifier: Classifier, x: Array, training: TrainingSeries
) -> None:
    one_channel = replace(training, X=training.X[:, :1])
    with pytest.raises(TscvizError, match=r"have 1 channel\(s\) and the case has 2"):
        reference_series("training_mean", classifier, x, 0, training=one_channel)
    with pytest.raises(TscvizError, match="no baseline 'median'; the baselines are: zero"):
        reference_series("median", classifier, x, 0)
    first = TrainingSeries(training.X[:2], training.y[:2], training.mask[:2])
    with pytest.raises(TscvizError, match="no case of this class"):
        reference_series("class_mean", classifier, x, 1, training=first)
    with pytest.raises(TscvizError, match="no other class"):
        reference_series("nearest", classifier, x, 0, training=first)


def test_training_cases_are_never_downloaded() -> None:
    classifier = load_model("dtp-fcn/GunPoint")
    classifier.card["dataset"] = {"name": "ArticularyWordRecognition"}
    classifier.digest = "another"
    with pytest.raises(TscvizError, match="not on this machine"):
        training_series(classifier)
