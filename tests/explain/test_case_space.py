"""Cases as points of a space: UMAP keeps neighbours together, prototypes are medoids."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tscviz.explain.case_space import medoids, umap_places
from tscviz.explain.request import ExplainError
from tscviz.types import Array


def groups(n: int = 40, n_features: int = 20) -> Array:
    """Return two groups far apart, half of the rows each."""
    rows = np.random.default_rng(0).normal(size=(n, n_features))
    rows[n // 2 :] += 8
    return rows


def test_umap_keeps_groups_apart_and_gives_the_same_map_again() -> None:
    rows, told = groups(), []
    places = umap_places(rows, on_progress=lambda done, total: told.append((done, total)))
    assert places.shape == (40, 2)
    assert places.dtype == np.float32
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(1)
    assert ((nearest < 20) == (np.arange(40) < 20)).all()
    assert told[-1] == (500, 500)
    assert all(a < b for (a, _), (b, _) in pairwise(told))
    np.testing.assert_array_equal(umap_places(rows), places)


def test_umap_takes_a_handful_of_cases_and_equal_ones() -> None:
    rows = np.concatenate([groups(6, 3), groups(6, 3)])
    assert np.isfinite(umap_places(rows)).all()


@pytest.mark.parametrize(
    "rows",
    [np.zeros((10, 4)), groups(4), np.outer(np.arange(10.0), np.ones(3)), np.zeros((0, 3)),
     np.arange(9.0)[:, None]],
)  # fmt: skip
def test_too_few_cases_or_directions_are_refused(rows: Array) -> None:
    with pytest.raises(ExplainError, match="wants at least 5 that differ in two directions"):
        umap_places(rows)


def test_a_prototype_is_nearest_to_all_of_its_class() -> None:
    rows = np.array([[0.0, 0], [1, 0], [2, 0], [10, 10], [10, 11], [0, 30], [5, 5]])
    y = np.array([0, 0, 0, 1, 1, 1, 3])
    assert medoids(rows, y) == {0: 1, 1: 4, 3: 6}


def test_prototypes_of_many_cases_are_those_of_all_distances() -> None:
    rows, y = np.random.default_rng(1).normal(size=(1100, 5)), np.zeros(1100, int)
    distances = np.linalg.norm(rows[:, None] - rows, axis=2)
    assert medoids(rows, y) == {0: int(distances.mean(1).argmin())}
