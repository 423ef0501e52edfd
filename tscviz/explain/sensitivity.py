"""How much a map moves between baselines: the same method, case and class under each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.explain.baselines import BASELINES, TrainingSeries, reference_series
from tscviz.explain.registry import ExplainError, check_case, explain, methods
from tscviz.explain.request import counted_points
from tscviz.models.classifier import Classifier
from tscviz.types import Array, Attribution, TscvizError


@dataclass(frozen=True, eq=False)
class BaselineSensitivity:
    """One explanation under several baselines, and how far they lie apart.

    Parameters
    ----------
    method : str
    target : int
    against : int or None
    attributions : mapping
        Baseline name to `Attribution`, in the order asked for.
    references : mapping
        Baseline name to the reference series, float32, (n_channels, n_timepoints), zero on padding.
    obstacles : mapping
        Baseline name to the reason why it could not be had.
    rank_correlation : float64 array, shape (n_baselines, n_baselines)
        Spearman's, over the case's own points (and channels, where the rows differ), ties at their
        mean rank. NaN where a map is constant. Padding and interpolated points are left out here
        and in `distance`.
    distance : float64 array, shape (n_baselines, n_baselines)
        ``|a - b| / (|a| + |b|)`` in the L1 norm: 0 for the same map, 1 where no point
        has the same sign in both.
    """

    method: str
    target: int
    against: int | None
    attributions: Mapping[str, Attribution]
    references: Mapping[str, Array]
    obstacles: Mapping[str, str]
    rank_correlation: Array
    distance: Array

    @property
    def baselines(self) -> tuple[str, ...]:
        """Names of the baselines that could be had."""
        return tuple(self.attributions)

    @property
    def moves(self) -> Mapping[str, float]:
        """How far each baseline's map lies from the others, mean distance; NaN of a single one."""
        n = len(self.distance)
        means = self.distance.sum(1) / (n - 1) if n > 1 else np.full(n, np.nan)
        return {name: float(mean) for name, mean in zip(self.baselines, means, strict=True)}


def baseline_sensitivity(  # noqa: PLR0913
    classifier: Classifier,
    x: Array,
    method: str,
    *,
    target: int | None = None,
    against: int | None = None,
    baselines: Sequence[str] | None = None,
    mask: Array | None = None,
    usable: Array | None = None,
    training: TrainingSeries | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> BaselineSensitivity:
    """Explain one case under each baseline and tell how far the maps lie apart.

    A baseline that cannot be had (a training split that is not here) is left out and its reason
    kept.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    method : str
        One that uses a baseline.
    target, against, mask, training
        As in `tscviz.explain`.
    baselines : sequence of str, optional
        Names of `BASELINES`; all of them by default.
    usable : bool array, shape (n_timepoints,), optional
        Interpolated points are False: they count neither in the correlations nor in the distances.
    on_progress : callable, optional
        ``on_progress(done, n_baselines)`` after each baseline.
    **options
        Fields of the method's option class.

    Raises
    ------
    ExplainError
        Where the method uses no baseline, a name is unknown or comes twice, or no baseline can be
        had; and as `tscviz.explain` does.
    """
    names = tuple(BASELINES) if baselines is None else tuple(baselines)
    _check(method, names)
    x, mask, target = check_case(classifier, x, mask, target)
    counted = counted_points(x, mask, usable)
    own = len(counted)
    maps: dict[str, Attribution] = {}
    references: dict[str, Array] = {}
    obstacles: dict[str, str] = {}
    for done, name in enumerate(names, 1):
        try:
            reference = reference_series(name, classifier, x[:, :own], target, training=training)
        except TscvizError as error:
            obstacles[name] = str(error)
        else:
            references[name] = np.pad(reference, ((0, 0), (0, x.shape[1] - own)))
            maps[name] = explain(
                classifier,
                x,
                method,
                target=target,
                against=against,
                baseline=name,
                mask=mask,
                training=training,
                **options,
            )
        if on_progress is not None:
            on_progress(done, len(names))
    if not maps:
        raise ExplainError(f"no baseline can be had: {next(iter(obstacles.values()))}")
    rows = _own_rows(maps, counted)
    return BaselineSensitivity(
        method,
        target,
        against,
        maps,
        references,
        obstacles,
        rank_correlations(rows),
        l1_distances(rows),
    )


def rank_correlations(maps: Array) -> Array:
    """Return Spearman's correlations between flat maps (n, size), float64, shape (n, n).

    Ties get their mean rank. NaN where a map is constant, on the diagonal, too.
    """
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(row) for row in maps.astype(np.float64)])
    centred = ranks - ranks.mean(1, keepdims=True)
    length = np.sqrt(np.square(centred).sum(1))
    products = np.outer(length, length)
    return np.where(
        products > 0, (centred @ centred.T) / np.where(products > 0, products, 1), np.nan
    ).clip(-1, 1)


def l1_distances(maps: Array) -> Array:
    """Return ``|a - b| / (|a| + |b|)`` between flat maps (n, size), float64, shape (n, n).

    0 between two maps of zeros.
    """
    maps = maps.astype(np.float64)
    size = np.abs(maps).sum(1)
    apart = np.stack([np.abs(maps - row).sum(1) for row in maps])
    both = size[:, None] + size
    return np.where(both > 0, apart / np.where(both > 0, both, 1), 0.0)


def _check(method: str, names: tuple[str, ...]) -> None:
    known = methods()
    if method in known and not known[method].uses_baseline:
        raise ExplainError(
            f"{known[method].title} uses no baseline; the methods that do are: "
            f"{', '.join(name for name, entry in known.items() if entry.uses_baseline)}."
        )
    unknown = [name for name in names if name not in BASELINES]
    if unknown:
        raise ExplainError(
            f"there is no baseline {unknown[0]!r}; the baselines are: {', '.join(BASELINES)}."
        )
    if len(set(names)) < len(names) or not names:
        raise ExplainError(f"baselines are {', '.join(names) or 'none'}; name each one once.")


def _own_rows(maps: Mapping[str, Attribution], counted: Array) -> Array:
    """Return the maps at the points that count, flat; one row where the channels share it."""
    rows = []
    for found in maps.values():
        apart = found.details.get("per_channel", True)
        values = found.values if apart else found.values[:1]
        rows.append(values[:, : len(counted)][:, counted].ravel())
    return np.stack(rows)
