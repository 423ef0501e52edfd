"""Mean maps: time brought together by segments, sums kept, spread, and where maps peak."""

from __future__ import annotations

import numpy as np
import pytest

import tscviz
from tscviz.explain.averages import (
    average,
    common_stretch,
    plain_time,
    segment_time,
    stretched,
)
from tscviz.explain.request import ExplainError


def test_common_segments_are_the_mean_ones_and_hold_every_case() -> None:
    cuts = np.array([[0, 2, 10], [0, 5, 10], [0, 8, 10]])
    time = segment_time(cuts)
    assert time.n_points == 10
    assert time.boundaries is not None
    np.testing.assert_array_equal(time.boundaries, [0, 5, 10])
    np.testing.assert_allclose(time.edges[:, [0, 5, 10]], cuts)  # cut falls on cut
    np.testing.assert_allclose(time.edges[1], np.arange(11.0))  # nothing to stretch


def test_the_same_pattern_at_different_times_is_kept_by_segments_alone() -> None:
    """A step at each case's own cut: its mean stays a step, point on point it is smeared."""
    cuts = np.array([[0, 4, 16], [0, 8, 16], [0, 12, 16]])
    steps = [np.repeat([-1.0, 1.0], np.diff(c))[None] for c in cuts]
    together = average(steps, segment_time(cuts)).mean[0]
    np.testing.assert_allclose(together[[0, 3, 6, 9, 12, 15]], [-1, -1, -1, 1, 1, 1])
    smeared = average(steps, plain_time(np.full(3, 16))).mean[0]
    np.testing.assert_allclose(smeared[[0, 6, 10, 15]], [-1, -1 / 3, 1 / 3, 1])


def test_a_map_that_adds_up_keeps_the_sum_of_each_segment() -> None:
    rng = np.random.default_rng(0)
    cuts = np.array([[0, 3, 7, 20], [0, 9, 12, 26], [0, 1, 18, 19]])
    maps = [rng.normal(size=(2, c[-1])) for c in cuts]
    time = segment_time(cuts)
    assert time.boundaries is not None
    common = time.boundaries
    for one, edges, own in zip(maps, time.edges, cuts, strict=True):
        moved = stretched(one, edges, keep_sum=True)
        np.testing.assert_allclose(
            np.add.reduceat(moved, common[:-1], axis=1), np.add.reduceat(one, own[:-1], axis=1)
        )
    mean = average(maps, time, keep_sum=True)
    np.testing.assert_allclose(mean.mean.sum(), np.mean([one.sum() for one in maps]))


def test_cases_that_are_not_stretched_stay_as_they_are() -> None:
    x = np.random.default_rng(1).normal(size=(2, 12))
    for time in (plain_time(np.array([12])), segment_time(np.array([[0, 5, 12]]))):
        for keep in (False, True):
            np.testing.assert_allclose(stretched(x, time.edges[0], keep_sum=keep), x, atol=1e-12)


def test_shorter_cases_count_where_they_reach() -> None:
    long, short = np.full((1, 4), 3.0), np.array([[1.0, 1.0, 99.0, 99.0]])  # 99: padding
    found = average([long, short], plain_time(np.array([4, 2])))
    np.testing.assert_allclose(found.mean, [[2, 2, 3, 3]])
    np.testing.assert_allclose(found.agreement, 1)
    assert found.n_cases == 2


def test_spread_and_agreement_of_sign() -> None:
    rows = [np.array([[v, 1.0]]) for v in (-1.0, 1.0, 2.0, 3.0, 5.0)]
    found = average(rows, plain_time(np.full(5, 2)))
    np.testing.assert_allclose(found.mean, [[2, 1]])
    np.testing.assert_allclose(found.agreement, [[0.8, 1.0]])
    np.testing.assert_allclose(found.low[0, 0], np.quantile([-1, 1, 2, 3, 5], 0.1))
    np.testing.assert_allclose(found.high[0, 0], np.quantile([-1, 1, 2, 3, 5], 0.9))


def test_the_mean_cam_of_a_dtp_class_sums_to_the_mean_score() -> None:
    model, data = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint")
    X = data.X_test[data.y_test == 1][:5]
    from tscviz.explain.segments_stats import segment_cases

    maps = [tscviz.explain(model, x, "cam", target=1) for x in X]
    time = segment_time(segment_cases(model, X).boundaries)
    mean = average([one.values for one in maps], time, keep_sum=True)
    wanted = np.mean([one.details["logit"] - one.details["bias"] for one in maps])
    np.testing.assert_allclose(mean.mean.sum(), wanted, rtol=1e-4)


@pytest.mark.parametrize("cuts", [[[0, 4, 4]], [[1, 4, 8]], [[0, 5, 3]], []])
def test_boundaries_that_do_not_rise_are_refused(cuts: list[list[int]]) -> None:
    with pytest.raises(ExplainError, match="rising from 0"):
        segment_time(np.asarray(cuts))


def test_as_many_cases_as_times() -> None:
    with pytest.raises(ExplainError, match="1 cases were given and the time of 2"):
        average([np.zeros((1, 3))], plain_time(np.array([3, 3])))


# ---- where most maps are strongest


def bump(at: int, *, sign: float = 1.0, n: int = 100) -> np.ndarray:
    values = np.zeros((2, n))
    values[:, at] = sign
    return values


def test_the_stretch_with_most_peaks() -> None:
    maps = [bump(40), bump(44, sign=-1), bump(48), bump(90)]
    found = common_stretch(maps, np.ones(100, bool))
    assert found is not None
    assert (found.first, found.last, found.n_inside, found.n_maps) == (40, 48, 3, 4)
    assert found.width == 10


def test_points_that_do_not_count_and_flat_maps_are_left_out() -> None:
    counted = np.ones(100, bool)
    counted[40] = False
    strong = bump(40) * 9 + bump(70)
    found = common_stretch([strong, np.ones((2, 100))], counted)
    assert found is not None
    assert (found.first, found.n_maps) == (70, 1)
    assert common_stretch([np.zeros((1, 100))], np.ones(100, bool)) is None


def test_a_plateau_peaks_in_its_middle() -> None:
    values = np.zeros((1, 50))
    values[:, 10:21] = 2.0
    found = common_stretch([values], np.ones(50, bool))
    assert found is not None
    assert found.first == found.last == 15
    values[:, :] = 0
    values[:, 41:] = 1.0  # to the end: points 41 to 49
    found = common_stretch([values], np.ones(50, bool))
    assert found is not None
    assert found.first == 45
