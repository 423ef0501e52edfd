"""Localisation scores: closed forms, ties, padding, and scikit-learn's numbers."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tscviz.explain.localisation import SCORES, bootstrap_mean, localisation, localisations
from tscviz.explain.registry import ExplainError


def _some(seed, ties) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 40))
    return (values.round(0) if ties else values), rng.random((3, 40)) < 0.2


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("use", ["absolute", "positive", "raw"])
@pytest.mark.parametrize("seed", range(5))
def test_areas_equal_scikit_learn(seed, use, ties) -> None:
    values, truth = _some(seed, ties)
    used = {"absolute": np.abs(values), "positive": values.clip(0), "raw": values}[use]
    got = localisation(values, truth, use=use)
    flat = truth.ravel(), used.ravel()
    assert got.average_precision == pytest.approx(average_precision_score(*flat), abs=1e-12)
    assert got.roc_auc == pytest.approx(roc_auc_score(*flat), abs=1e-12)
    over = localisation(values, truth, use=use, over="time")
    flat = truth.any(0), used.sum(0)
    assert over.average_precision == pytest.approx(average_precision_score(*flat), abs=1e-12)
    assert over.n_points == 40


def test_perfect_reversed_and_constant_maps() -> None:
    truth = np.zeros((2, 10), bool)
    truth[0, 3:6] = True
    perfect = localisation(truth * 2.0, truth)
    assert [getattr(perfect, s) for s in SCORES] == [1, 1, 1, 1]
    wrong = localisation(1.0 - truth, truth)
    assert (wrong.roc_auc, wrong.pointing, wrong.mass) == (0, 0, 0)
    assert wrong.average_precision == pytest.approx(0.15)  # all true points enter last
    for level in (0.0, 1.0):  # says nothing, also where it is all zero
        flat = localisation(np.full((2, 10), level), truth)
        assert flat.chance == pytest.approx(0.15)
        assert [getattr(flat, s) for s in SCORES] == pytest.approx([0.15, 0.5, 0.15, 0.15])


def test_by_hand() -> None:
    values = np.array([[0.5, -2.0, 1.0, 0.5]])
    truth = np.array([[True, True, False, False]])
    got = localisation(values, truth)  # |v|: 2 (true), 1 (false), then 0.5 twice (one true)
    assert got.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 4)
    assert got.roc_auc == pytest.approx((2 + 0 + 0.5) / 4)
    assert (got.pointing, got.mass) == (1, pytest.approx(2.5 / 4))
    positive = localisation(values, truth, use="positive")  # the -2 is no longer relevant
    assert (positive.pointing, positive.mass) == (0, pytest.approx(0.25))
    assert np.isnan(localisation(values, truth, use="raw").mass)
    tied = localisation(np.array([[1.0, -1.0, 1.0, 0.0]]), truth)
    assert tied.pointing == pytest.approx(2 / 3)


def test_padding_does_not_count() -> None:
    values, truth = _some(0, ties=False)
    mask = np.arange(40) < 30
    loud = np.where(mask, values, 100.0)
    assert localisation(loud, truth, mask) == localisation(values[:, :30], truth[:, :30])


def test_no_truth_is_no_score_and_does_not_enter_the_mean() -> None:
    values, truth = _some(1, ties=False)
    some = localisations(np.stack([values] * 3), np.stack([truth, truth & False, ~truth | truth]))
    assert np.isnan(some.column("mass")).tolist() == [False, True, True]
    mean = some.mean("roc_auc")
    assert mean.n == 1
    assert mean.mean == localisation(values, truth).roc_auc == mean.low == mean.high
    empty = localisations(values[None], (truth & False)[None]).mean("mass")
    assert (empty.n, np.isnan(empty.mean)) == (0, True)


def test_bootstrap_interval_is_that_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(3, 2, size=400)
    got = bootstrap_mean(values)
    half = 1.96 * values.std() / 20
    assert got.mean == pytest.approx(values.mean())
    assert got.high - got.mean == pytest.approx(half, rel=0.1)
    assert got.mean - got.low == pytest.approx(half, rel=0.1)
    assert got == bootstrap_mean(values)


@pytest.mark.parametrize(
    ("values", "truth", "options", "text"),
    [
        (np.zeros((1, 4)), np.zeros((1, 5), bool), {}, "one shape"),
        (np.zeros((1, 4)), np.zeros((1, 4)), {}, "of bool"),
        (np.full((1, 4), np.nan), np.eye(1, 4, dtype=bool), {}, "not finite"),
        (np.zeros((1, 4)), np.eye(1, 4, dtype=bool), {"use": "square"}, "absolute, positive, raw"),
        (np.zeros((1, 4)), np.eye(1, 4, dtype=bool), {"mask": np.ones(3, bool)}, "mask"),
    ],
)
def test_what_cannot_be_scored_is_refused(values, truth, options, text) -> None:
    with pytest.raises(ExplainError, match=text):
        localisation(values, truth, **options)
