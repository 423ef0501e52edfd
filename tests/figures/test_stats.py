# pyright: reportAttributeAccessIssue=false

import numpy as np
import pytest

from tscviz.figures.stats import (
    block_extremes,
    cosine,
    even_step,
    mean,
    peak_stretch,
    project_cases,
    resample,
    spread,
    take_rows,
    thin,
    thin_rows,
    unit_range,
)


def test_thinning_keeps_ends_and_extremes() -> None:
    y = np.zeros(20_000)
    y[12_345], y[777] = 9, -9
    picks = thin(y, 1000)
    assert len(picks) <= 1000
    assert {0, 777, 12_345, 19_999} <= set(picks.tolist())
    assert np.array_equal(thin(np.zeros(5000)), np.arange(5000))


def test_thinning_keeps_a_point_of_each_short_gap() -> None:
    y = np.random.default_rng(0).normal(size=20_000)
    y[5001:5006] = y[11_000] = np.nan
    picks = thin(y, 1000)
    assert len(picks) <= 1000
    assert np.array_equal(picks, np.unique(picks))
    assert {0, 19_999, np.nanargmin(y), np.nanargmax(y)} <= set(picks.tolist())
    assert [int(np.isnan(y[picks][picks < 8000]).sum()), 11_000 in picks] == [1, True]


@pytest.mark.parametrize("limit", [5, 6, 7, 100, 101, 1000])
@pytest.mark.parametrize("gaps", [0.0, 0.5, 1.0])
def test_thinning_never_returns_more_than_its_limit(limit, gaps) -> None:
    rng = np.random.default_rng(limit)
    y = np.where(rng.random(3001) < gaps, np.nan, rng.normal(size=3001))
    picks = thin(y, limit)
    assert len(picks) <= limit
    assert (np.diff(picks) > 0).all()
    assert {0, 3000} <= set(picks.tolist())


def test_rows_are_thinned_each_by_its_own_values() -> None:
    values = np.zeros((2, 4000))
    values[0, 17], values[1, 3001] = 5, -7
    picks = thin_rows(values, 100)
    assert picks.shape[1] <= 100
    assert [17 in picks[0], 3001 in picks[1], 17 in picks[1]] == [True, True, False]
    taken = take_rows(values, picks)
    assert (np.nanmax(taken[0]), np.nanmin(taken[1])) == (5, -7)
    assert np.array_equal(np.isnan(taken), np.isnan(picks))


def test_a_block_is_missing_only_where_all_of_it_is() -> None:
    _, values = block_extremes(np.array([[1, np.nan, np.nan, np.nan]]), 2)
    assert values[0, 0] == 1
    assert np.isnan(values[0, 1])


def test_block_extremes_keep_the_strongest_value_of_each_block() -> None:
    at, values = block_extremes(np.array([[0, 1, -5, 2, 0, 3]]), 3)
    assert values.tolist() == [[1, -5, 3]]
    assert at.tolist() == [0.5, 2.5, 4.5]


def test_spread_equals_numpy_and_leaves_gaps_out() -> None:
    values = np.arange(12.0).reshape(4, 3)
    values[0, 1] = np.nan
    values[:, 2] = np.nan
    band = spread(values)
    assert np.allclose(band.low[0], np.quantile([0, 3, 6, 9], 0.1))
    assert np.allclose(band.high[1], np.quantile([4, 7, 10], 0.9))
    assert band.mean[:2].tolist() == [4.5, 7.0]
    assert np.isnan([band.mean[2], band.low[2], band.high[2]]).all()
    assert np.isnan(mean(np.empty((0, 2)))).all()


@pytest.mark.parametrize(
    ("values", "stretch"), [([0, 1, 3, 4, 3, 0], (2, 4)), ([5, 0, 0], (0, 0)), ([0, 9], (1, 1))]
)
def test_peak_stretch(values, stretch) -> None:
    assert peak_stretch(np.array(values)) == stretch


def test_unit_range_per_row_with_gaps_and_constants() -> None:
    out = unit_range(np.array([[1.0, 3.0, np.nan], [2.0, 2.0, 2.0]]))
    assert out[0, :2].tolist() == [0, 1]
    assert np.isnan(out[0, 2])
    assert out[1].tolist() == [0, 0, 0]


def test_resample_keeps_ends_and_stretches_one_point() -> None:
    assert resample(np.array([0.0, 2.0]), 5).tolist() == [0, 0.5, 1, 1.5, 2]
    assert resample(np.array([7.0]), 3).tolist() == [7, 7, 7]


def test_cosine_of_a_zero_vector_is_zero() -> None:
    a = np.array([[1.0, 0.0], [0.0, 0.0]])
    assert cosine(a, np.array([[1.0, 0.0], [-2.0, 0.0]])).tolist() == [[1, -1], [0, 0]]


@pytest.mark.parametrize("shape", [(30, 1, 8), (8, 2, 30)])
def test_projection_equals_the_singular_value_decomposition(shape) -> None:
    X = np.random.default_rng(1).normal(size=shape)
    found = project_cases(X)
    flat = X.reshape(len(X), -1)
    u, s, _ = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    assert np.allclose(np.abs(found.points), np.abs(u[:, :2] * s[:2]), atol=1e-5)
    assert np.allclose(found.explained, (s[:2] ** 2) / (s**2).sum())


def test_projection_takes_gaps_and_padding_and_single_cases() -> None:
    X = np.random.default_rng(2).normal(size=(5, 1, 6))
    X[0, 0, 2] = np.nan
    mask = np.ones((5, 6), bool)
    mask[1, 4:] = False
    assert np.isfinite(project_cases(X, mask).points).all()
    assert project_cases(X[1:2]).points.tolist() == [[0, 0]]
    assert project_cases(X[:, :, :1]).points.shape == (5, 2)


@pytest.mark.parametrize(("total", "step"), [(7, 1), (9, 2), (150, 20), (427, 100)])
def test_even_steps(total, step) -> None:
    assert even_step(total, 8) == step
