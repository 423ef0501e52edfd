"""Cases as points of a space: their places on a map (UMAP), and the prototype of each class.

McInnes, Healy & Melville: UMAP, arXiv:1802.03426, through ``umap-learn``.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tscviz.explain.request import ExplainError
from tscviz.types import Array

#: Fewer cases have no neighbourhoods.
MIN_CASES = 5
_ONE_AT_A_TIME = threading.Lock()  # numba compiles and draws its threads once for all of us


def umap_places(
    rows: Array,
    *,
    neighbours: int = 15,
    min_dist: float = 0.1,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Array:
    """Return a place on a map for each case: those that are near in the space stay near.

    The layout begins with the first two principal components, so that the same rows give the same
    map. Distances between groups that lie far apart, and their sizes, say little.

    Parameters
    ----------
    rows : array, shape (n_cases, n_features)
        Without NaN; distances are Euclidean.
    neighbours : int
        Neighbours of a case that are to stay near; fewer where there are fewer cases.
    min_dist : float
        Least distance of two points on the map.
    seed : int
    on_progress : callable, optional
        ``on_progress(done, total)`` after some epochs of the layout.

    Returns
    -------
    float32 array, shape (n_cases, 2)

    Raises
    ------
    ExplainError
        With fewer than five cases that differ, or fewer than two features that do.
    """
    rows = np.ascontiguousarray(rows, dtype=np.float32)
    start = _components(rows)
    indices, distances = _nearest(rows, min(neighbours, len(rows)))
    with _ONE_AT_A_TIME:
        umap, random = _umap(), np.random.RandomState(seed)
        metric, a_b = "euclidean", _curve(umap, min_dist)
        graph, *_ = umap.fuzzy_simplicial_set(
            rows, indices.shape[1], random, metric, knn_indices=indices, knn_dists=distances
        )
        places, _ = umap.simplicial_set_embedding(
            rows, graph, 2, 1.0, *a_b, 1.0, 5, 500 if len(rows) <= 1000 else 200,
            start + random.normal(scale=1e-4, size=start.shape), random, metric, {},
            False, {}, False, tqdm_kwds=_told(on_progress),
        )  # fmt: skip
    return np.asarray(places, dtype=np.float32)


def _curve(umap: Any, min_dist: float) -> tuple[float, float]:
    """Return a and b of the curve ``1 / (1 + a d^(2b))`` of closeness on the map."""
    return umap.find_ab_params(1.0, min_dist)


def _components(rows: Array) -> Array:
    """Return the first two principal components within -10 .. 10; refuse what has fewer."""
    n = len(np.unique(rows, axis=0)) if len(rows) else 0
    if n >= MIN_CASES and rows.shape[1] > 1:
        from sklearn.decomposition import PCA

        points = PCA(2, svd_solver="randomized", random_state=0).fit_transform(rows)
        spread = points.std(0)
        if spread[1] > 1e-6 * spread[0]:
            return 10 * points / np.abs(points).max()
    raise ExplainError(
        f"UMAP was given {n} different cases and wants at least {MIN_CASES} that differ in "
        "two directions; show the principal components instead."
    )


def _nearest(rows: Array, k: int) -> tuple[Array, Array]:
    """Return the `k` nearest cases of each, itself first, and their distances, each (n, k).

    Exact: up to some ten thousand cases that is quicker than to compile an approximate search.
    """
    found, n = np.empty((len(rows), k), np.int32), len(rows)
    distances = np.empty((n, k), np.float32)
    for start, squares in _squared_distances(rows.astype(np.float64)):
        own = np.arange(len(squares))
        squares[own, start + own] = -1.0  # first also among equals
        near = np.argpartition(squares, k - 1, axis=1)[:, :k]
        order = np.take_along_axis(squares, near, 1).argsort(axis=1, kind="stable")
        part = slice(start, start + len(squares))
        found[part] = np.take_along_axis(near, order, 1)
        near_squares = np.take_along_axis(squares, found[part], 1)
        distances[part] = np.sqrt(np.maximum(near_squares, 0))
    return found, distances


def _squared_distances(rows: Array) -> Iterator[tuple[int, Array]]:
    """Yield the first row of each block and its squared distances to all rows, (<=512, n)."""
    squares = (rows**2).sum(1)
    for start in range(0, len(rows), 512):
        part = slice(start, start + 512)
        yield start, np.maximum(squares[part, None] + squares - 2 * rows[part] @ rows.T, 0)


def medoids(rows: Array, y: Array) -> dict[int, int]:
    """Return the prototype of each class: the case with the least mean distance to its class.

    Parameters
    ----------
    rows : array, shape (n_cases, n_features)
        Distances are Euclidean.
    y : int array, shape (n_cases,)

    Returns
    -------
    dict
        Class index -> case index, for the classes that have cases; the first of equals.
    """
    rows, y = np.asarray(rows, dtype=np.float64), np.asarray(y)
    found = {}
    for k in np.unique(y):
        mine = np.flatnonzero(y == k)
        found[int(k)] = int(mine[_mean_distances(rows[mine]).argmin()])
    return found


def _mean_distances(rows: Array) -> Array:
    """Return the mean distance of each row to all rows, shape (n,), block by block."""
    out = np.empty(len(rows))
    for start, squares in _squared_distances(rows - rows.mean(0)):
        out[start : start + len(squares)] = np.sqrt(squares).mean(1)
    # equal to the last digits is equal: the first one is to win
    return out.round(9 - int(np.ceil(np.log10(max(out.max(), 1e-9)))))


def _umap() -> Any:
    """Import UMAP, which loads scikit-learn; its first call compiles for some seconds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # its Tensorflow part, of no use here
            import umap.umap_ as umap
    except RuntimeError as error:  # numba finds no folder for its cache
        raise ExplainError(
            f"UMAP cannot be loaded: {error}. Set NUMBA_CACHE_DIR to a folder that can be written."
        ) from error
    return umap


class _Listener:
    """A file for the progress bar of UMAP, which reports in no other way."""

    def __init__(self, tell: Callable[[int, int], None]) -> None:
        self.tell = tell

    def write(self, text: str) -> None:
        """Read "12/500"; the line ends that stand between are passed over."""
        done, _, total = text.strip().partition("/")
        if done.isdigit() and total.isdigit() and done != "0":
            self.tell(int(done), int(total))

    def flush(self) -> None:
        """Nothing is held back."""


def _told(on_progress: Callable[[int, int], None] | None) -> dict[str, Any]:
    if on_progress is None:
        return {"disable": True}
    return {
        "disable": False,
        "file": _Listener(on_progress),
        "bar_format": "{n}/{total}",
        "mininterval": 0.1,
    }
