"""Segments of many cases: against single cases, and against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tscviz.explain import ExplainError, class_activation, segment
from tscviz.explain.segments_stats import (
    SegmentedCases,
    even_picks,
    length_statistics,
    nearest_cases,
    reach_of,
    receptive_field,
    segment_cases,
    sort_cases,
    spread_map,
)
from tscviz.models import Classifier, build_model

#: Three cases of two segments, one of length 6 and two of length 4.
CASES = SegmentedCases(
    boundaries=np.array([[0, 2, 6], [0, 1, 4], [0, 3, 4]]),
    contributions=np.zeros((3, 2, 2), np.float32),
    logits=np.zeros((3, 2), np.float32),
    costs=np.array([[0.5, 0.25], [0.1, 0.3], [0.2, 0.6]], np.float32),
)
LABELS = np.array([1, 0, 1])


def make(name: str, **options: Any) -> Classifier:
    torch.manual_seed(0)
    module = build_model(name, n_channels=2, n_classes=3, **options)
    module.train()
    module(torch.randn(8, 2, 30))  # running statistics other than a new network's
    return Classifier(module, ("a", "b", "c"), {"model": name, "name": f"{name}/Test"})


@pytest.fixture
def unequal() -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(0).standard_normal((5, 2, 20)).astype(np.float32)
    mask = np.arange(20) < np.array([20, 17, 9, 20, 13])[:, None]
    return X * mask[:, None], mask


@pytest.mark.parametrize("name", ["gtp-fcn", "stp-fcn", "dtp-fcn"])
def test_many_cases_are_the_single_ones(name: str, unequal: tuple[np.ndarray, np.ndarray]) -> None:
    X, mask = unequal
    classifier = make(name)
    many = segment_cases(classifier, X, mask, batch_size=2)
    for i in range(len(X)):
        one = segment(classifier, X[i], mask[i])
        np.testing.assert_array_equal(many.boundaries[i], one.boundaries)
        np.testing.assert_allclose(many.contributions[i], one.contributions, atol=1e-5)
        np.testing.assert_allclose(many.logits[i], one.logits, atol=1e-5)
        if one.cost is None:
            assert many.costs is None
        else:
            assert many.costs is not None
            path = one.cost[one.segments[mask[i]], np.flatnonzero(mask[i])]
            wanted = [path[one.segments[mask[i]] == s].mean() for s in range(one.n_segments)]
            np.testing.assert_allclose(many.costs[i], wanted, atol=1e-6)
            assert many.path_costs is not None
            assert many.path_costs[i] == pytest.approx(path.mean(), abs=1e-6)


def test_lengths_and_path_costs_by_hand() -> None:
    np.testing.assert_array_equal(CASES.lengths, [[2, 4], [1, 3], [3, 1]])
    assert CASES.path_costs is not None
    by_hand = [(2 * 0.5 + 4 * 0.25) / 6, (0.1 + 3 * 0.3) / 4, (3 * 0.2 + 0.6) / 4]
    np.testing.assert_allclose(CASES.path_costs, by_hand, rtol=1e-6)


def test_length_statistics_by_hand() -> None:
    found = length_statistics(CASES, LABELS)
    assert list(found) == [0, 1]
    assert found[0].n_cases == 1
    np.testing.assert_array_equal(found[0].mean, [1, 3])
    np.testing.assert_array_equal(found[0].std, [0, 0])
    np.testing.assert_array_equal(found[1].mean, [2.5, 2.5])
    np.testing.assert_array_equal(found[1].std, [0.5, 1.5])
    np.testing.assert_array_equal(found[1].low, [2, 1])
    np.testing.assert_array_equal(found[1].high, [3, 4])
    np.testing.assert_array_equal(found[1].start, [0, 2.5])


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("case", [0, 1, 2]),
        ("class", [1, 0, 2]),
        ("probability", [2, 0, 1]),
        ("boundary", [1, 0, 2]),
        ("cost", [1, 2, 0]),
    ],
)
def test_cases_are_sorted(by: str, order: list[int]) -> None:
    proba = np.array([0.5, 0.4, 0.9])
    found = sort_cases(by, LABELS, probability=proba, cases=CASES)
    np.testing.assert_array_equal(found, order)


def test_a_sorting_that_needs_what_is_not_there_says_what_is_possible() -> None:
    with pytest.raises(ExplainError, match="'cost' here; possible: case, class, probability"):
        sort_cases("cost", LABELS, probability=np.zeros(3))
    with pytest.raises(ExplainError, match="sorted by 'size'"):
        sort_cases("size", LABELS)


def test_nearest_cases_are_those_of_least_cost() -> None:
    np.testing.assert_array_equal(nearest_cases(CASES, 2), [[1, 2], [0, 1]])
    np.testing.assert_array_equal(nearest_cases(CASES, 9), [[1, 2, 0], [0, 1, 2]])
    without = SegmentedCases(CASES.boundaries, CASES.contributions, CASES.logits)
    with pytest.raises(ExplainError, match="only DTP"):
        nearest_cases(without)


def test_no_case_and_no_pooling_layer_are_refused(
    unequal: tuple[np.ndarray, np.ndarray],
) -> None:
    classifier = make("dtp-fcn")
    with pytest.raises(ExplainError, match="no cases"):
        segment_cases(classifier, unequal[0][:0])
    classifier.module.offers = frozenset()
    with pytest.raises(ExplainError, match="no temporal pooling layer"):
        segment_cases(classifier, unequal[0])


def test_every_class_keeps_its_share() -> None:
    y = np.array([0] * 60 + [1] * 30 + [2] * 10)
    picks = even_picks(y, 20)
    np.testing.assert_array_equal(np.bincount(y[picks]), [12, 6, 2])
    assert picks[0] == 0
    assert picks[-1] == 99
    np.testing.assert_array_equal(even_picks(y, 100), np.arange(100))
    assert len(even_picks(np.arange(50), 3)) == 50  # at least one case a class


def test_receptive_field_is_one_plus_the_reach_of_each_convolution() -> None:
    assert receptive_field(make("dtp-fcn")) == 1 + 7 + 4 + 2
    assert receptive_field(make("gtp-fcn", kernels=(9, 5, 3))) == 1 + 8 + 4 + 2
    # three blocks of three; the shortcuts look at one point
    assert receptive_field(make("gtp-resnet")) == 1 + 3 * (7 + 4 + 2)


def test_a_value_is_shared_among_the_points_seen() -> None:
    cam = np.array([[0, 0, 6.0, 0, 0, 0, 4.0], [3.0, 0, 0, 0, 9.0, 0, 0]])
    found = spread_map(cam, 1, 2, np.array([7, 5]))
    # four points from one before to two after; what falls off the end stays inside
    np.testing.assert_allclose(found[0], [0, 1.5, 1.5, 1.5, 1.5, 2, 2])
    np.testing.assert_allclose(found[1], [1, 1, 1, 4.5, 4.5, 0, 0])
    np.testing.assert_array_equal(spread_map(cam[:1], 0, 0), cam[:1].astype(np.float32))


@given(st.integers(1, 12), st.integers(0, 15), st.integers(0, 15), st.integers(0, 10**6))
def test_spreading_keeps_the_sum(length: int, left: int, right: int, seed: int) -> None:
    cam = np.random.default_rng(seed).standard_normal((3, 12))
    cam[:, length:] = 0
    found = spread_map(cam, left, right, np.full(3, length))
    np.testing.assert_allclose(found.sum(1), cam.sum(1), atol=1e-5)
    assert not found[:, length:].any()


@pytest.mark.parametrize(
    ("name", "reach"), [("gtp-fcn", (6, 7)), ("gtp-resnet", (18, 21)), ("dtp-resnet", (18, 21))]
)
def test_a_value_goes_to_the_very_points_its_hidden_vector_reads(
    name: str, reach: tuple[int, int]
) -> None:
    classifier = make(name)
    assert reach_of(classifier) == reach
    x = torch.randn(1, 2, 100, requires_grad=True)
    classifier.module.features(x)[0, :, 50].sum().backward()
    assert x.grad is not None
    read = np.flatnonzero(x.grad[0].abs().sum(0).numpy())
    found = spread_map(np.eye(1, 100, 50), *reach_of(classifier))
    np.testing.assert_array_equal(np.flatnonzero(found[0]), read)
    np.testing.assert_allclose(found[0, read], 1 / (1 + sum(reach)))


def test_without_a_known_reach_nothing_is_spread() -> None:
    torch.manual_seed(0)
    module = build_model("alstm-fcn", n_channels=1, n_classes=2, length=30)
    with pytest.raises(ExplainError, match="no stretch of known width"):
        reach_of(Classifier(module, ("a", "b"), {"name": "alstm-fcn/Test"}))


def test_the_spread_map_still_adds_up_to_the_score(
    unequal: tuple[np.ndarray, np.ndarray],
) -> None:
    X, mask = unequal
    classifier = make("dtp-fcn")
    cam = class_activation(classifier, X, mask, target=1)
    many = segment_cases(classifier, X, mask)
    found = spread_map(cam, *reach_of(classifier), mask.sum(1))
    np.testing.assert_allclose(found.sum(1), many.contributions[:, :, 1].sum(1), atol=1e-4)
