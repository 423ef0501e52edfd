# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""Deletion and insertion: closed forms on a linear model, Quantus, ties, padding, verdicts."""

from __future__ import annotations

import copy
import sys
from types import ModuleType
from typing import Any, cast

import numpy as np
import pytest

import tscviz
from tests.explain.evidence.tools import BIAS, a_map, assert_same_state, linear, state_of
from tscviz.explain import ExplainError
from tscviz.explain.evidence import Pace, Stopped, deletion_insertion, subject_for
from tscviz.explain.evidence.curves import curve_of
from tscviz.explain.evidence.fill import fill_of
from tscviz.explain.evidence.orders import counts_of, places_of, ranks_of
from tscviz.models import Classifier, load_model
from tscviz.types import Array, TscvizError

LOGIT: dict[str, Any] = {"fill": "zero", "output": "logit"}


@pytest.fixture(scope="module")
def gunpoint() -> tuple[Classifier, Array]:
    return load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[3]


def partial_sums(shares: Array) -> Array:
    """Return what is left of a linear logit as its shares are deleted, the largest first."""
    return BIAS + shares.sum() - np.concatenate([[0], np.sort(shares)[::-1].cumsum()])


@pytest.mark.parametrize("per", ["time", "point"])
def test_a_linear_logit_falls_by_partial_sums(per) -> None:
    classifier, x, weight = linear((3, 10))
    shares = (weight * x).sum(0) if per == "time" else (weight * x).ravel()
    found = deletion_insertion(classifier, x, a_map(weight * x), per=per, steps=30, **LOGIT)
    n = len(shares)
    left = partial_sums(shares.astype(float))
    at = np.round(found.deletion.share * n).astype(int)
    assert set(at) == set(range(n + 1))
    np.testing.assert_allclose(found.deletion.score, left, atol=1e-5)
    assert found.deletion.area == pytest.approx(np.trapezoid(left, np.arange(n + 1) / n), abs=1e-5)
    put_back = BIAS + np.concatenate([[0], np.sort(shares)[::-1].cumsum()])
    np.testing.assert_allclose(found.insertion.score, put_back, atol=1e-5)
    smallest_first = BIAS + shares.sum() - np.concatenate([[0], np.sort(shares).cumsum()])
    np.testing.assert_allclose(found.deletion.reversed, smallest_first, atol=1e-5)
    assert found.deletion.verdict == found.insertion.verdict == "better"
    assert found.deletion.p_better == pytest.approx(1 / 21)
    assert found.whole == pytest.approx(BIAS + shares.sum(), abs=1e-5)
    assert found.without_top == pytest.approx(left[found.n_top], abs=1e-5)


def test_random_maps_fall_on_average_in_a_straight_line() -> None:
    classifier, x, weight = linear()
    found = deletion_insertion(
        classifier, x, a_map(weight * x), n_random=1000, steps=10, **LOGIT
    ).deletion
    line = BIAS + (weight * x).sum() * (1 - found.share)
    spread = found.random.std(0) / np.sqrt(1000)
    assert (np.abs(found.random_mean - line) <= 4 * spread + 1e-5).all()
    assert found.random_area == pytest.approx(found.random_areas.mean())
    assert (
        (found.random_low <= found.random_mean) & (found.random_mean <= found.random_high)
    ).all()


def test_the_reversed_map_is_worse_than_random_and_says_so() -> None:
    classifier, x, weight = linear()
    good = deletion_insertion(classifier, x, a_map(weight * x), **LOGIT)
    bad = deletion_insertion(classifier, x, a_map(-weight * x), **LOGIT)
    assert bad.deletion.verdict == bad.insertion.verdict == "worse"
    assert bad.deletion.area == pytest.approx(good.deletion.reversed_area, abs=1e-5)
    # to insert by a map is to delete by its reverse, seen from the end
    assert good.insertion.area == pytest.approx(good.deletion.reversed_area, abs=1e-12)
    assert good.deletion.gain > 0 > bad.deletion.gain


@pytest.mark.parametrize("control", ["points", "moved"])
def test_a_flat_map_is_no_different_from_random_ones(control) -> None:
    classifier, x, weight = linear()
    found = deletion_insertion(classifier, x, a_map(0 * weight), control=control, **LOGIT)
    assert found.deletion.verdict == found.insertion.verdict == "no different"


@pytest.mark.parametrize("control", ["points", "moved"])
@pytest.mark.parametrize("fill", ["case_mean", "linear", "noise"])
def test_curves_by_hand(gunpoint, control, fill) -> None:
    """Every order and count, one forward pass at a time."""
    classifier, x = gunpoint
    found = tscviz.explain(classifier, x, "cam", target=0)
    options: dict[str, Any] = {"control": control, "n_random": 2, "steps": 4, "seed": 5}
    curves = deletion_insertion(classifier, x, found, fill=fill, **options)
    maps = places_of(
        found.values[0].astype(float), 1, control=control, n_random=2, seed=5
    )  # first the map
    subject = subject_for(classifier, x, found)
    make = fill_of(subject, fill)
    counts = counts_of(150, 4, 0.1)
    np.testing.assert_allclose(curves.deletion.share, counts / 150)

    def score(gone: Array) -> float:
        return float(classifier.predict_proba(make(gone[None, None]))[0, 0])

    by_hand = np.array([[score(places < n) for n in counts] for places in maps])
    np.testing.assert_allclose(curves.deletion.score, by_hand[0], atol=2e-5)
    np.testing.assert_allclose(curves.deletion.random, by_hand[1:], atol=2e-5)
    inserted = [score(places_of_first >= n) for places_of_first in maps[:1] for n in counts]
    np.testing.assert_allclose(curves.insertion.score, inserted, atol=2e-5)
    if control == "moved":
        put_back = [[score(places >= n) for n in counts] for places in maps[1:]]
        np.testing.assert_allclose(curves.insertion.random, put_back, atol=2e-5)


@pytest.mark.parametrize(("name", "case"), [("stp-fcn/GunPoint", 3), ("dtp-fcn/BasicMotions", 5)])
def test_deletion_is_the_pixel_flipping_of_quantus(name, case, monkeypatch) -> None:
    # Quantus imports OpenCV, for pictures, and OpenCV needs a library of the screen.
    monkeypatch.setitem(sys.modules, "cv2", ModuleType("cv2"))
    from quantus import PixelFlipping

    classifier = load_model(name)
    x = tscviz.load_dataset(name.split("/")[1]).X_test[case]
    values = np.random.default_rng(1).standard_normal(x.shape)  # no ties: those are ours to break
    target, step = int(classifier.predict(x[None])[0]), x.size // 30
    flipping = PixelFlipping(
        features_in_step=step, normalise=False, disable_warnings=True,
        perturb_baseline=cast("str", 0.0),
    )  # fmt: skip
    (theirs,) = flipping(
        model=copy.deepcopy(classifier.module), x_batch=x[None].copy(),
        y_batch=np.array([target]), a_batch=values[None].astype(np.float32), softmax=False,
        channel_first=True, device="cpu",
    )  # fmt: skip
    ours = deletion_insertion(
        classifier, x, a_map(values, target=target), per="point", steps=30, share=1 / 30, **LOGIT,
    ).deletion  # fmt: skip
    np.testing.assert_allclose(ours.share, np.arange(31) / 30, atol=1e-12)
    np.testing.assert_allclose(ours.score[1:], theirs, rtol=1e-4, atol=1e-4)
    assert np.ptp(theirs) > 0.5


def test_ties_keep_one_order_that_is_not_the_time() -> None:
    places = places_of(np.zeros(50), 1, control="points", n_random=1, seed=3)
    again = places_of(np.zeros(50), 1, control="points", n_random=1, seed=3)
    np.testing.assert_array_equal(places, again)
    assert sorted(places[0]) == list(range(50))
    assert abs(np.corrcoef(places[0], np.arange(50))[0, 1]) < 0.5
    np.testing.assert_array_equal(
        ranks_of(np.array([1.0, 3.0, 1.0, -2.0]), np.array([1, 0, 0, 0])), [2, 0, 1, 3]
    )


def test_a_moved_map_is_the_map_moved_in_every_channel_alike() -> None:
    values = np.random.default_rng(0).standard_normal((2, 9))
    places = places_of(values.ravel(), 2, control="moved", n_random=5, seed=0)
    for moved in places[1:]:
        rolls = [ranks_of(np.roll(values, s, axis=1).ravel(), np.zeros(18)) for s in range(1, 9)]
        assert any((moved == one).all() for one in rolls)


@pytest.mark.parametrize(("n", "steps", "share"), [(150, 20, 0.1), (7, 20, 0.1), (2, 2, 0.5),
                                                   (31, 3, 0.07), (1000, 10, 0.123)])  # fmt: skip
def test_steps_look_the_same_from_both_ends(n, steps, share) -> None:
    counts = counts_of(n, steps, share)
    assert counts[0] == 0
    assert counts[-1] == n
    assert (np.diff(counts) > 0).all()
    np.testing.assert_array_equal(n - counts[::-1], counts)
    assert max(1, int(share * n + 0.5)) in counts
    assert len(counts) <= steps + 3


def test_padding_and_interpolated_points_are_in_no_score() -> None:
    classifier, x, weight = linear((2, 30))
    usable = np.ones(40, bool)
    usable[[3, 4, 17]] = False
    mask = np.arange(40) < 30
    padded = np.concatenate([x, np.zeros((2, 10), np.float32)], 1)
    values = np.concatenate([weight * x, np.full((2, 10), 99.0)], 1)
    values[:, [3, 4, 17]] = 99  # would come first
    found = deletion_insertion(
        classifier, padded, a_map(values), mask=mask, usable=usable, steps=27, **LOGIT
    )
    assert found.n_features == 27
    kept = usable[:30]
    shares = (weight * x).sum(0)
    fixed = float(shares[~kept].sum())
    left = partial_sums(shares[kept].astype(float)) + fixed
    np.testing.assert_allclose(found.deletion.score, left, atol=1e-5)
    assert found.deletion.score[-1] == pytest.approx(BIAS + fixed, abs=1e-5)


def test_lines_join_what_is_left() -> None:
    classifier, _, _ = linear((2, 6))
    x = np.array([[0, 9, 9, 3, 9, 5], [1, 2, 3, 4, 5, 6]], np.float32)
    fill = fill_of(subject_for(classifier, x, a_map(x)), "linear")
    gone = np.zeros((3, 2, 6), bool)
    gone[0, 0, [1, 2, 4]] = True
    gone[1, 0, [0, 1, 5]] = True
    gone[2, 0] = True
    lines = fill(gone)
    np.testing.assert_allclose(lines[0, 0], [0, 1, 2, 3, 4, 5])
    np.testing.assert_allclose(lines[1, 0], [9, 9, 9, 3, 9, 9])  # at an end the last one goes on
    np.testing.assert_allclose(lines[2, 0], x[0].mean())
    np.testing.assert_array_equal(lines[:, 1], np.broadcast_to(x[1], (3, 6)))


def test_the_difference_of_two_classes_is_watched() -> None:
    classifier, x, weight = linear()
    found = deletion_insertion(
        classifier, x, a_map(-weight * x, target=0, against=1), steps=30, **LOGIT
    )
    falls = partial_sums((-weight * x)[0].astype(float)) - 2 * BIAS  # the sign of the bias turns
    np.testing.assert_allclose(found.deletion.score, falls, atol=1e-5)


def test_a_tie_with_random_maps_is_no_win() -> None:
    share, flat = np.linspace(0, 1, 5), np.full(5, 0.7)
    curve = curve_of("deletion", share, flat, flat, np.tile(flat, (99, 1)))
    assert (curve.p_better, curve.p_worse, curve.verdict) == (1, 1, "no different")
    few = curve_of("deletion", share, flat - 0.5, flat, np.tile(flat, (10, 1)))
    assert few.verdict == "no different"  # ten random maps cannot show it at 5 %
    assert few.gain == pytest.approx(0.5)


def test_progress_and_a_stop(gunpoint) -> None:
    classifier, x = gunpoint
    found = tscviz.explain(classifier, x, "cam")
    seen: list[tuple[int, int]] = []
    deletion_insertion(classifier, x, found, pace=Pace(on_progress=lambda *a: seen.append(a)))
    assert seen == [(i, len(seen)) for i in range(1, len(seen) + 1)]
    assert len(seen) > 5
    before = state_of(classifier)
    pace = Pace(should_stop=lambda: len(seen) > 3, on_progress=lambda *a: seen.append(a))
    seen.clear()
    with pytest.raises(Stopped):
        deletion_insertion(classifier, x, found, pace=pace)
    assert len(seen) == 4
    assert_same_state(before, state_of(classifier))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"values": np.zeros((1, 20))}, "the map has shape"),
        ({"values": np.full((1, 30), np.nan)}, "not finite"),
        ({"usable": np.zeros(30, bool)}, "0 time point"),
        ({"usable": np.zeros(20, bool)}, "usable has shape"),
        ({"fill": "median"}, "must be one of"),
        ({"n_random": 1}, "at least 2"),
        ({"colour": 1}, "has no option 'colour'"),
    ],
)
def test_what_does_not_fit_is_refused(change, text) -> None:
    classifier, x, weight = linear()
    values = change.pop("values", weight)
    with pytest.raises(TscvizError, match=text):
        deletion_insertion(classifier, x, a_map(values), **change)
    assert issubclass(ExplainError, TscvizError)
