"""How a temporal pooling network divides many cases: boundaries, contributions, typical cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.registry import ExplainError
from tscviz.explain.segmentation import boundaries_of
from tscviz.models.classifier import Classifier
from tscviz.models.pooling import DynamicPooling
from tscviz.models.temporal_pooling import TemporalPoolingNet
from tscviz.types import Array

#: Ways to order cases, by the name `sort_cases` takes.
ORDERS = ("case", "class", "probability", "boundary", "cost")


@dataclass(frozen=True, eq=False)
class SegmentedCases:
    """What `tscviz.types.Segmentation` says of one case, for many.

    Parameters
    ----------
    boundaries : int64 array, shape (n_cases, L + 1)
        Segment l of case i covers ``boundaries[i, l] .. boundaries[i, l + 1] - 1``.
    contributions : float32 array, shape (n_cases, L, n_classes)
        What each segment adds to each score (DTP paper, equation 7, without the bias).
    logits : float32 array, shape (n_cases, n_classes)
    costs : float32 array, shape (n_cases, L), or None
        Mean alignment cost of a segment's points to its prototype (equation 5); None where the
        model aligns nothing.
    """

    boundaries: Array
    contributions: Array
    logits: Array
    costs: Array | None = None

    @property
    def n_segments(self) -> int:
        """Number of segments, L."""
        return int(self.boundaries.shape[1] - 1)

    @property
    def lengths(self) -> Array:
        """Time points in each segment, int64, shape (n_cases, L)."""
        return np.diff(self.boundaries, axis=1)

    @property
    def path_costs(self) -> Array | None:
        """Cost of the whole path divided by the case's length, shape (n_cases,)."""
        if self.costs is None:
            return None
        return (self.costs * self.lengths).sum(1) / self.lengths.sum(1)


@dataclass(frozen=True, eq=False)
class LengthStatistics:
    """Lengths of the segments in the cases of one class, in time points.

    Parameters
    ----------
    n_cases : int
    mean, std : float64 arrays, shape (L,)
        The standard deviation divides by the number of cases.
    low, high : int64 arrays, shape (L,)
        Shortest and longest.
    start : float64 array, shape (L,)
        Mean first time point.
    """

    n_cases: int
    mean: Array
    std: Array
    low: Array
    high: Array
    start: Array


def segment_cases(
    classifier: Classifier, X: Array, mask: Array | None = None, *, batch_size: int = 64
) -> SegmentedCases:
    """Divide many cases in one pass each.

    Parameters
    ----------
    classifier : Classifier
        Of a GTP, STP or DTP model.
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    batch_size : int

    Raises
    ------
    ExplainError
        Where the model has no temporal pooling layer, or there are no cases.
    """
    if "segments" not in classifier.module.offers:
        raise ExplainError(f"{classifier.name} has no temporal pooling layer, so no segments.")
    if not len(X):
        raise ExplainError("there are no cases to segment; give at least one.")
    module = cast("TemporalPoolingNet", classifier.module)
    with torch.no_grad():
        parts = [
            _segment_batch(module, x, m)
            for x, m in classifier.batches(X, mask, batch_size=batch_size)
        ]
    boundaries, contributions, logits, costs = zip(*parts, strict=True)
    return SegmentedCases(
        np.concatenate(boundaries),
        np.concatenate(contributions),
        np.concatenate(logits),
        None if costs[0] is None else np.concatenate(costs),
    )


def _segment_batch(
    module: TemporalPoolingNet, x: Tensor, mask: Tensor | None
) -> tuple[Array, Array, Array, Array | None]:
    h = module.features(x, mask)  # (B, K, T)
    segments = module.pool.segments(h, mask)
    pooled = module.pool(h, mask)  # (B, K, L)
    weight = module.fc.weight.view(module.n_classes, *pooled.shape[1:])  # (C, K, L)
    contributions = torch.einsum("bkl,ckl->blc", pooled, weight).cpu().numpy()
    logits = module.fc(pooled.flatten(1)).cpu().numpy()
    rows = segments.cpu().numpy()
    n_segments = module.pool.n_segments
    boundaries = np.stack([boundaries_of(row, n_segments) for row in rows])
    costs = None
    if isinstance(module.pool, DynamicPooling):
        costs = _mean_costs(module.pool.cost(h).cpu().numpy(), rows)
    return boundaries, contributions, logits, costs


def _mean_costs(cost: Array, segments: Array) -> Array:
    """Mean over each segment of ``cost`` (B, L, T), given the segment of each point (B, T)."""
    steps = np.arange(cost.shape[1])[:, None]
    inside = segments[:, None, :] == steps  # (B, L, T)
    return (np.where(inside, cost, 0.0).sum(2) / inside.sum(2)).astype(np.float32)


def sort_cases(
    by: str, y: Array, *, probability: Array | None = None, cases: SegmentedCases | None = None
) -> Array:
    """Return the order of cases, as indices; equal ones stay as they were.

    Parameters
    ----------
    by : str
        "case": as stored; "class": by label; "probability": the surest first; "boundary": where
        segment 2 begins, the earliest first; "cost": the best aligned first.
    y : int array, shape (n_cases,)
    probability : array, shape (n_cases,), optional
        Needed by "probability".
    cases : SegmentedCases, optional
        Needed by "boundary" and "cost".

    Raises
    ------
    ExplainError
        Where `by` is unknown, or what it needs is not there.
    """
    keys = {
        "case": np.arange(len(y)),
        "class": np.asarray(y),
        "probability": None if probability is None else -np.asarray(probability),
        "boundary": None if cases is None or cases.n_segments < 2 else cases.boundaries[:, 1],
        "cost": None if cases is None else cases.path_costs,
    }
    key = keys.get(by)
    if key is None:
        known = ", ".join(name for name, value in keys.items() if value is not None)
        raise ExplainError(f"cases cannot be sorted by {by!r} here; possible: {known}.")
    return np.argsort(key, kind="stable")


def nearest_cases(cases: SegmentedCases, n_nearest: int = 3) -> Array:
    """Return, for each prototype, the cases whose segment lies closest to it.

    Parameters
    ----------
    cases : SegmentedCases
        Of a DTP model.
    n_nearest : int
        How many; at most the number of cases.

    Returns
    -------
    int64 array, shape (L, n_nearest)
        Indices of cases, the closest first.

    Raises
    ------
    ExplainError
        Where the model has no prototypes.
    """
    if cases.costs is None:
        raise ExplainError("this model has no prototypes; only DTP models learn them.")
    return np.argsort(cases.costs, axis=0, kind="stable")[:n_nearest].T.copy()


def length_statistics(cases: SegmentedCases, y: Array) -> dict[int, LengthStatistics]:
    """Return the lengths of the segments by class index; classes without a case are left out."""
    found = {}
    for k in np.unique(y):
        mine = np.asarray(y) == k
        lengths = cases.lengths[mine]
        found[int(k)] = LengthStatistics(
            n_cases=int(mine.sum()),
            mean=lengths.mean(0),
            std=lengths.std(0),
            low=lengths.min(0),
            high=lengths.max(0),
            start=cases.boundaries[mine, :-1].mean(0),
        )
    return found


def even_picks(y: Array, limit: int) -> Array:
    """Return the indices of at most `limit` cases in stored order, evenly from every class.

    Every class present keeps at least one case, so that the limit is passed where there are more
    classes than that.
    """
    y = np.asarray(y)
    if len(y) <= limit:
        return np.arange(len(y))
    picks = []
    for k in np.unique(y):
        members = np.flatnonzero(y == k)
        n = max(1, limit * len(members) // len(y))
        picks.append(members[np.linspace(0, len(members) - 1, n).astype(int)])
    return np.sort(np.concatenate(picks))


def reach_of(classifier: Classifier) -> tuple[int, int]:
    """Return how many points to its left and right a hidden vector sees.

    Raises
    ------
    ExplainError
        Where a hidden vector sees the whole series, or there is none.
    """
    found = classifier.module.reach()
    if found is None:
        raise ExplainError(
            f"a hidden vector of {classifier.name} sees no stretch of known width; choose a GTP, "
            "STP or DTP model."
        )
    return found


def receptive_field(classifier: Classifier) -> int:
    """Return how many time points one hidden vector sees: 1 plus each convolution's reach."""
    return 1 + sum(reach_of(classifier))


def spread_map(cam: Array, left: int, right: int, lengths: Array | None = None) -> Array:
    """Share each value of a map evenly among the points its hidden vector sees.

    Maximum pooling leaves a map on a few points, though each of them stands for a stretch of the
    series. The sum of a map stays what it is, since what would fall off an end stays inside.

    Parameters
    ----------
    cam : array, shape (n_cases, n_timepoints)
    left, right : int
        Points a hidden vector sees before and behind its own; see `reach_of`.
    lengths : int array, shape (n_cases,), optional
        Time points before the padding; all where left out.

    Returns
    -------
    float32 array, shape (n_cases, n_timepoints)
        Zero on padding.
    """
    cam = np.asarray(cam, dtype=np.float64)
    n_cases, n_timepoints = cam.shape
    ends = np.full(n_cases, n_timepoints) if lengths is None else np.asarray(lengths)
    time = np.arange(n_timepoints)
    first = np.maximum(time - left, 0)[None]  # (1, T)
    stop = np.minimum(time + right + 1, ends[:, None])  # (N, T)
    share = np.where(time < ends[:, None], cam / np.maximum(stop - first, 1), 0.0)
    steps = np.zeros((n_cases, n_timepoints + 1))
    rows = np.broadcast_to(np.arange(n_cases)[:, None], cam.shape)
    np.add.at(steps, (rows, np.broadcast_to(first, cam.shape)), share)
    np.subtract.at(steps, (rows, np.maximum(stop, first)), share)
    spread = np.cumsum(steps[:, :-1], axis=1)
    return np.where(time < ends[:, None], spread, 0.0).astype(np.float32)
