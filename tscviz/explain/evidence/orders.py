"""In which order points are deleted: by a map, its reverse, and the random maps beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tscviz.types import Array


@dataclass(frozen=True)
class Control:
    """One kind of random map.

    Parameters
    ----------
    name, title, summary : str
    words : str
        What the sentence calls it.
    draw : callable
        ``draw(values, n_rows, rng)``: a map's features (n_rows * n_counted,) -> random ones.
    symmetric : bool
        Whether such a map reversed is as likely, so that one set serves both directions.
    """

    name: str
    title: str
    summary: str
    words: str
    draw: Callable[[Array, int, np.random.Generator], Array]
    symmetric: bool


def _points(values: Array, n_rows: int, rng: np.random.Generator) -> Array:  # noqa: ARG001
    return rng.permutation(len(values)).astype(np.float64)


def _moved(values: Array, n_rows: int, rng: np.random.Generator) -> Array:
    n_points = len(values) // n_rows
    shift = int(rng.integers(1, n_points))
    return np.roll(values.reshape(n_rows, n_points), shift, axis=1).ravel()


#: Random maps by name. Scattered points break a series up, which a network may take for anything;
#: the map moved along the series deletes stretches as wide as the map's own.
CONTROLS: Mapping[str, Control] = MappingProxyType(
    {
        c.name: c
        for c in (
            Control(
                "points",
                "Random points",
                "Points in random order.",
                "random points",
                _points,
                symmetric=True,
            ),
            Control(
                "moved",
                "The map, moved",
                "The map itself, moved along the series by a random number of points.",
                "the map moved at random",
                _moved,
                symmetric=False,
            ),
        )
    }
)


def ranks_of(values: Array, ties: Array) -> Array:
    """Return the place of each feature, from 0 for the highest value.

    Parameters
    ----------
    values : array, shape (n_features,)
        Signed: what speaks most against the class comes last.
    ties : array, shape (n_features,)
        Features of equal value follow this order. It is drawn once, so that a flat map is a
        random map and not one that begins at the left.
    """
    order = np.lexsort((ties, -values))
    places = np.empty(len(values), np.int64)
    places[order] = np.arange(len(values))
    return places


def places_of(values: Array, n_rows: int, *, control: str, n_random: int, seed: int) -> Array:
    """Return the places of the features by the map, and by random maps.

    Returns
    -------
    int64 array, shape (1 + n_random, n_features)
    """
    rng = np.random.default_rng(seed)
    ties = rng.permutation(len(values))
    draw = CONTROLS[control].draw
    maps = [values, *(draw(values, n_rows, rng) for _ in range(n_random))]
    return np.stack([ranks_of(one, ties) for one in maps])


def counts_of(n_features: int, steps: int, share: float) -> Array:
    """Return how many features are gone at each step, int64, from 0 to all.

    The same seen from both ends, and with the top `share` among them.
    """
    half = [int(j * n_features / steps + 0.5) for j in range(steps // 2 + 1)]
    found = {*half, top_count(n_features, share)}
    return np.array(sorted(found | {n_features - n for n in found}), np.int64)


def top_count(n_features: int, share: float) -> int:
    """Return how many features the top `share` is: at least one."""
    return min(max(1, int(share * n_features + 0.5)), n_features)
