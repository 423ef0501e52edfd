"""Whether several maps of one case say the same, and the same as the model's own view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tscviz.explain.evidence.likeness import rank_correlation, top_overlap
from tscviz.explain.evidence.orders import top_count
from tscviz.explain.evidence.subject import check_map, features_of
from tscviz.explain.registry import methods
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.types import Array, Attribution

#: What a network offers -> the view it brings along, the most particular first. ConvTimeNet's paper
#: shows its decisions by occlusion, though it has a CAM layer. Every network can be occluded.
NATIVE = (
    ("sparse", "receptive_field_cam"),
    ("attention", "attention"),
    ("multi_length", "occlusion"),
    ("cam", "cam"),
)
FALLBACK = "occlusion"


@dataclass(frozen=True, eq=False)
class Agreement:
    """How alike maps are, pair by pair.

    Parameters
    ----------
    names : tuple of str
    native : str or None
        Which of them is the model's own view.
    correlation : float64 array, shape (n_maps, n_maps)
        Rank correlation; NaN beside a flat map.
    overlap : float64 array, shape (n_maps, n_maps)
        Share of one map's top points that are in the other's top.
    by_magnitude : bool array, shape (n_maps, n_maps)
        True where one of the two has no sign, so that absolute values are compared.
    n_top : int
        Points of the top.
    chance : float
        Overlap that random maps have on average.
    """

    names: tuple[str, ...]
    native: str | None
    correlation: Array
    overlap: Array
    by_magnitude: Array
    n_top: int
    chance: float

    def with_native(self, name: str) -> tuple[float, float]:
        """Return correlation and overlap of a map with the native view; NaN without one."""
        if self.native is None:
            return float("nan"), float("nan")
        i, j = self.names.index(name), self.names.index(self.native)
        return float(self.correlation[i, j]), float(self.overlap[i, j])


def native_method(classifier: Classifier) -> str:
    """Return the method that is the model's own view; see `NATIVE`.

    Parameters
    ----------
    classifier : Classifier

    Returns
    -------
    str
        A name of `tscviz.explain.methods`.
    """
    offers, known = classifier.module.offers, methods()
    for need, name in NATIVE:
        if need in offers and known[name].obstacle(classifier) is None:
            return name
    return FALLBACK


def agreement(
    maps: Mapping[str, Attribution],
    *,
    native: str | None = None,
    mask: Array | None = None,
    usable: Array | None = None,
    share: float = 0.1,
    per: str = "time",
) -> Agreement:
    """Compare maps of one case with each other.

    Parameters
    ----------
    maps : mapping of str to Attribution
        Of the same case and the same class.
    native : str, optional
        Name of the one that is the model's own view.
    mask, usable : bool arrays, shape (n_timepoints,), optional
        Padding and interpolated points are False, and are left out.
    share : float
        Share of the points that is the top.
    per : {"time", "point"}
        Compare time points, summed over the channels, or channel by channel.

    Raises
    ------
    ExplainError
        On fewer than two maps, or maps of different cases or classes.
    """
    _check(maps, native)
    names, found = tuple(maps), list(maps.values())
    n_timepoints = found[0].values.shape[1]
    counted = np.ones(n_timepoints, bool)
    for one in (mask, usable):
        if one is not None:
            counted &= np.asarray(one, bool)
    rows = [features_of(one, counted, per) for one in found]
    n_top = top_count(len(rows[0]), share)
    unsigned = np.array([not one.signed for one in found])
    by_magnitude = unsigned[:, None] | unsigned[None]
    correlation, overlap = (np.eye(len(rows)) for _ in range(2))
    for i, j in np.ndindex(correlation.shape):
        a, b = (np.abs(rows[i]), np.abs(rows[j])) if by_magnitude[i, j] else (rows[i], rows[j])
        correlation[i, j] = rank_correlation(a, b)
        overlap[i, j] = top_overlap(a, b, n_top)
    return Agreement(names, native, correlation, overlap, by_magnitude, n_top, n_top / len(rows[0]))


def _check(maps: Mapping[str, Attribution], native: str | None) -> None:
    if len(maps) < 2:
        raise ExplainError(f"{len(maps)} map(s) given; agreement needs at least two.")
    if native is not None and native not in maps:
        raise ExplainError(f"the native view {native!r} is not among the maps: {', '.join(maps)}.")
    first = max(maps.values(), key=lambda one: one.against is not None)
    for name, one in maps.items():
        check_map(one, first.values.shape)
        known = methods().get(one.method)
        free = known is not None and not known.contrasts  # the same for every class
        if not free and (one.target, one.against) != (first.target, first.against):
            raise ExplainError(
                f"the map {name} explains class {one.target} against {one.against} and the first "
                f"one {first.target} against {first.against}; they must be of the same class."
            )
