"""How alike two maps are: rank correlation and the overlap of their highest points."""

from __future__ import annotations

import numpy as np

from tscviz.types import Array


def ranks(values: Array) -> Array:
    """Return ranks from 1, equal values sharing their mean rank, float64."""
    _, place, n = np.unique(values, return_inverse=True, return_counts=True)
    last = n.cumsum()
    return (last - (n - 1) / 2)[place]


def rank_correlation(a: Array, b: Array) -> float:
    """Return Spearman's rank correlation; NaN where a map is flat.

    Parameters
    ----------
    a, b : arrays, shape (n_features,)
    """
    first, second = (r - r.mean() for r in (ranks(a), ranks(b)))
    scale = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / scale if scale > 0 else float("nan")


def top_overlap(a: Array, b: Array, n_top: int) -> float:
    """Return the share of the `n_top` highest features of one map that the other shares.

    Where values tie at the edge of the top, each of them counts by its chance to be in it.

    Parameters
    ----------
    a, b : arrays, shape (n_features,)
    n_top : int
    """
    return float(_membership(a, n_top) @ _membership(b, n_top)) / n_top


def _membership(values: Array, n_top: int) -> Array:
    edge = np.sort(values)[-n_top]
    above, tied = values > edge, values == edge
    return above + tied * ((n_top - above.sum()) / tied.sum())
