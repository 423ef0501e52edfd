"""Filling gaps, normalising, bringing to length: hand-computed values."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tscviz.data import DataError, Preparation, detect_normalisation, load_dataset, prepare

nan = np.nan


def series(*cases: list[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    return np.array([[case] if np.ndim(case) == 1 else case for case in cases], dtype=np.float32)


def test_nothing_to_do_returns_the_same_array() -> None:
    X = series([1, 2, 3])
    done = prepare(X)
    assert done.X is X
    assert done.notes == ()
    assert not done.interpolated.any()
    assert done.mask.all()


def test_gaps_are_linear_in_time_with_constant_ends() -> None:
    X = series([nan, 1, nan, nan, 4, nan], [0, 1, 2, 3, 4, 5])
    done = prepare(X)
    np.testing.assert_allclose(done.X, series([1, 1, 2, 3, 4, 4], [0, 1, 2, 3, 4, 5]))
    assert done.interpolated[0, 0].tolist() == [True, False, True, True, False, True]
    assert not done.interpolated[1].any()
    assert done.notes == ("4 missing values in 1 case filled by linear interpolation",)
    assert np.isnan(X).sum() == 4, "the input must not change"


def test_gaps_use_the_points_of_the_series_only() -> None:
    X = series([1, 2, nan, 0, 0])
    mask = np.array([[True, True, True, False, False]])
    assert prepare(X, mask).X.tolist() == [[[1, 2, 2, 0, 0]]]


def test_gaps_per_channel() -> None:
    X = series([[0, nan, 2], [nan, 5, 6]])
    assert prepare(X).X.tolist() == [[[0, 1, 2], [5, 5, 6]]]


def test_gaps_set_to_zero_and_refused() -> None:
    X = series([1, nan, 3])
    done = prepare(X, preparation=Preparation(gaps="zero"))
    assert done.X.tolist() == [[[1, 0, 3]]]
    assert done.notes == ("1 missing value in 1 case set to zero",)
    assert done.interpolated.tolist() == [[[False, True, False]]]
    with pytest.raises(DataError, match="case 1, channel 1, time point 2 is missing"):
        prepare(X, preparation=Preparation(gaps="error"))


def test_a_channel_of_missing_values_is_an_error() -> None:
    X = series([[1, 2], [3, 4]], [[1, 2], [nan, nan]])
    with pytest.raises(DataError, match="case 2, channel 2 holds missing values only"):
        prepare(X)
    assert prepare(X, preparation=Preparation(gaps="zero")).X[1, 1].tolist() == [0, 0]


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_an_error(value: float) -> None:
    with pytest.raises(DataError, match="case 1, channel 1, time point 2 is infinite"):
        prepare(series([1, value, nan]))


def test_values_beyond_float32_are_infinite() -> None:
    with pytest.raises(DataError, match="time point 2 is infinite"):
        prepare(np.array([[[1.0, 1e39]]]))


@pytest.mark.parametrize(("ddof", "sd"), [(0, np.sqrt(2 / 3)), (1, 1.0)])
def test_z_normalisation(ddof: int, sd: float) -> None:
    done = prepare(series([1, 2, 3]), preparation=Preparation(normalise="z", ddof=ddof))
    np.testing.assert_allclose(done.X, series([-1 / sd, 0, 1 / sd]), rtol=1e-6)
    divisor = ("n", "n - 1")[ddof]
    assert done.notes == (
        f"each channel of each case set to mean 0 and standard deviation 1 (divisor {divisor})",
    )


def test_z_normalisation_leaves_padding_out() -> None:
    mask = np.array([[True, True, True, False], [True] * 4])
    done = prepare(
        series([1, 2, 3, 99], [0, 0, 2, 2]), mask, preparation=Preparation(normalise="z", ddof=1)
    )
    np.testing.assert_allclose(done.X[0, 0], [-1, 0, 1, 0], atol=1e-7)
    np.testing.assert_allclose(done.X[1, 0] * np.sqrt(4 / 3), [-1, -1, 1, 1], rtol=1e-6)


@pytest.mark.parametrize("ddof", [0, 1])
def test_constant_channels_become_zeros_with_a_note(ddof: int) -> None:
    X = series([[0.1] * 5, [1, 2, 3, 4, 5]], [[1e8] * 5, [7] * 5])
    done = prepare(X, preparation=Preparation(normalise="z", ddof=ddof))
    assert not done.X[0, 0].any()
    assert not done.X[1].any()
    assert done.X[0, 1].std() == pytest.approx(1 if ddof == 0 else np.sqrt(4 / 5), rel=1e-6)
    assert "3 constant channels in 2 cases set to zeros" in done.notes[1]
    one_point = prepare(series([5]), preparation=Preparation(normalise="z", ddof=ddof))
    assert one_point.X.tolist() == [[[0]]]


def test_small_variation_on_a_large_offset_is_still_signal() -> None:
    X = series([1000.0, 1000.5, 1001.0])
    done = prepare(X, preparation=Preparation(normalise="z", ddof=1))
    np.testing.assert_allclose(done.X, series([-1, 0, 1]), rtol=1e-5)


def test_resampling_is_linear() -> None:
    X = series([0, 2, 4, 0, 0], [0, 1, 2, 3, 4])
    mask = np.array([[True] * 3 + [False] * 2, [True] * 5])
    done = prepare(X, mask, Preparation(length=5))
    np.testing.assert_allclose(done.X, series([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]))
    assert done.mask.shape == (2, 5)
    assert done.mask.all()
    assert done.notes == ("1 case resampled from 3 to 5 points",)
    shorter = prepare(X, mask, Preparation(length=3))
    np.testing.assert_allclose(shorter.X, series([0, 2, 4], [0, 2, 4]))
    single = prepare(series([7]), preparation=Preparation(length=4))
    assert single.X.tolist() == [[[7] * 4]]


def test_resampling_marks_what_came_from_a_filled_gap() -> None:
    done = prepare(series([0, nan, 2, 3, 4]), preparation=Preparation(length=9))
    np.testing.assert_allclose(done.X[0, 0], np.arange(9) / 2)
    assert done.interpolated[0, 0].tolist() == [False, True, True, True] + [False] * 5
    same = prepare(series([0, nan, 2, 3, 4]), preparation=Preparation(length=3))
    assert same.interpolated[0, 0].tolist() == [False, False, False]
    assert same.notes == (
        "1 missing value in 1 case filled by linear interpolation",
        "1 case resampled from 5 to 3 points",
    )


def test_notes_tell_a_range_of_lengths() -> None:
    mask = np.arange(4) < np.array([[2], [3], [4]])
    done = prepare(np.ones((3, 1, 4)), mask, Preparation(length=6))
    assert done.notes == ("3 cases resampled from 2 to 4 to 6 points",)


def test_normalising_after_resampling_gives_exact_moments() -> None:
    X = np.random.default_rng(0).standard_normal((4, 2, 50)).astype(np.float32)
    done = prepare(X, preparation=Preparation(normalise="z", ddof=1, length=33))
    np.testing.assert_allclose(done.X.mean(axis=2), 0, atol=1e-6)
    np.testing.assert_allclose(done.X.std(axis=2, ddof=1), 1, rtol=1e-5)


def test_padding_adds_a_mask_and_never_cuts() -> None:
    mask = np.array([[True, True, False], [True] * 3])
    X = series([1, 2, 0], [1, 2, 3])
    done = prepare(X, mask, Preparation(length=5, length_by="pad"))
    assert done.X.tolist() == [[[1, 2, 0, 0, 0]], [[1, 2, 3, 0, 0]]]
    assert done.mask.sum(axis=1).tolist() == [2, 3]
    assert done.notes == ("2 cases padded at the end to 5 points (masked)",)
    narrower = prepare(X[:1], mask[:1], Preparation(length=2, length_by="pad"))
    assert narrower.X.tolist() == [[[1, 2]]]
    assert narrower.mask.all()
    with pytest.raises(DataError, match="case 2 has 3 points, more than the 2 to pad to"):
        prepare(X, mask, Preparation(length=2, length_by="pad"))


def test_json_round_trip_and_checks() -> None:
    chosen = Preparation(gaps="zero", normalise="z", ddof=1, length=150, length_by="pad")
    assert Preparation.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen
    with pytest.raises(DataError, match="no field 'scale'"):
        Preparation.from_dict({"scale": 1})


@pytest.mark.parametrize(
    "bad",
    [
        {"gaps": "mean"},
        {"normalise": "minmax"},
        {"ddof": 2},
        {"ddof": True},
        {"length": 0},
        {"length": 2.5},
        {"length": True},
        {"length_by": "cut"},
        {"gaps": ["zero"]},
    ],
)
def test_bad_preparations(bad: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=f"preparation: {next(iter(bad))} is"):
        Preparation(**bad)


def test_bad_shapes() -> None:
    with pytest.raises(DataError, match="series have shape"):
        prepare(np.zeros((2, 3)))
    with pytest.raises(DataError, match="mask has shape"):
        prepare(np.zeros((2, 1, 3)), np.ones((2, 2), bool))
    with pytest.raises(DataError, match="more than the"):
        prepare(np.zeros((2, 1, 3)), preparation=Preparation(length=10**9))


@pytest.mark.parametrize(
    ("name", "found"),
    [("GunPoint", ("z", 1)), ("ACSF1", ("z", 0)), ("BasicMotions", ("none", 0))],
)
def test_detect_normalisation_of_real_data(name: str, found: tuple[str, int]) -> None:
    data = load_dataset(name)
    assert detect_normalisation(data.X_train, data.mask_train) == found


@pytest.mark.parametrize("ddof", [0, 1])
def test_detect_normalisation_with_masks_and_constant_channels(ddof: int) -> None:
    rng = np.random.default_rng(0)
    mask = np.arange(40) < rng.integers(20, 41, 6)[:, None]
    X = rng.standard_normal((6, 2, 40))
    X[2, 1] = 3.0
    chosen = Preparation(normalise="z", ddof=ddof)
    done = prepare(X, mask, chosen)
    assert detect_normalisation(done.X, mask) == ("z", ddof)
    X = done.X.copy()
    X[0, 0, 3] += 1
    assert detect_normalisation(X, mask) == ("none", 0)
    assert detect_normalisation(np.zeros((2, 1, 5))) == ("none", 0)
    assert detect_normalisation(np.full((2, 1, 5), nan)) == ("none", 0)
