"""How alike two maps are: rank correlation and the overlap of their highest points."""

from __future__ import annotations

import numpy as np

from tscviz.types import Array

_ORDERS = 32


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
    """Return the share of the `n_top` highest features of one map that are among the other's.

    Equal values at the edge of the top are taken in random order, the same for both maps: the
    mean over 32 fixed orders, so that a map overlaps with itself wholly and a flat one by chance.

    Parameters
    ----------
    a, b : arrays, shape (n_features,)
    """
    orders = _ORDERS if _tied(a, n_top) or _tied(b, n_top) else 1
    rng, shared = np.random.default_rng(0), 0
    for _ in range(orders):
        ties = rng.permutation(len(a))
        first, second = (np.lexsort((ties, -values))[:n_top] for values in (a, b))
        shared += len(np.intersect1d(first, second, assume_unique=True))
    return shared / (n_top * orders)


def _tied(values: Array, n_top: int) -> bool:
    if n_top >= len(values):
        return False
    edge = np.partition(values, (len(values) - n_top - 1, len(values) - n_top))[-n_top - 1 :]
    return bool(edge[0] == edge[1])
