"""What an explanation method gets: one case, its class and its reference, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.explain.baselines import TrainingSeries, reference_series
from tscviz.models.classifier import Classifier
from tscviz.types import Array, TscvizError

#: Fewer points cannot be ranked.
LEAST = 2


class ExplainError(TscvizError):
    """An explanation cannot be computed as asked."""


@dataclass(frozen=True, eq=False)
class Request:
    """One case, ready for the network.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), or None
    target : int
    baseline : str
        A name of `tscviz.explain.baselines.BASELINES`.
    options : object
        An instance of the method's `options` class.
    against : int or None
        Class index whose score is subtracted.
    training : TrainingSeries or None
        Where the baseline takes its training cases from; None: the model's own training split.
    reference_seed : int
        Of a baseline that is drawn.
    """

    classifier: Classifier
    x: Array
    mask: Array | None
    target: int
    baseline: str
    options: Any
    against: int | None = None
    training: TrainingSeries | None = None
    reference_seed: int = 0

    @property
    def n_points(self) -> int:
        """Time points of the case without padding."""
        return int(self.mask.sum()) if self.mask is not None else self.x.shape[1]

    @property
    def padded(self) -> bool:
        """Whether the case came with padding."""
        return self.n_points < self.x.shape[1]

    def cropped(self) -> Array:
        """Return the case without padding, float32, shape (n_channels, n_points)."""
        return self.x[:, : self.n_points]

    def reference(self) -> Array:
        """Return the baseline for the case's own points, float32, shape (n_channels, n_points)."""
        return reference_series(
            self.baseline, self.classifier, self.cropped(), self.target, training=self.training,
            seed=self.reference_seed,
        )  # fmt: skip

    def whole(self, values: Array) -> Array:
        """Put values (n_channels, n_points) back behind zeros for the padding."""
        out = np.zeros(self.x.shape, np.float32)
        out[:, : self.n_points] = values
        return out


def counted_points(x: Array, mask: Array | None, usable: Array | None) -> Array:
    """Return which points of a case count in a score, bool, shape (n_points,) without padding.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), or None
        Padding is False.
    usable : array, shape (n_timepoints,), or None
        Interpolated points are False.

    Raises
    ------
    ExplainError
        On a wrong shape, or where fewer than two points count.
    """
    n_points = int(mask.sum()) if mask is not None else x.shape[1]
    counted = np.ones(n_points, bool)
    if usable is not None:
        usable = np.asarray(usable, dtype=bool)
        if usable.shape != (x.shape[1],):
            raise ExplainError(
                f"usable has shape {usable.shape}; wanted one value for each of the "
                f"{x.shape[1]} time points."
            )
        counted = usable[:n_points].copy()
    if int(counted.sum()) < LEAST:
        raise ExplainError(
            f"{int(counted.sum())} time point(s) of the case are neither padding nor "
            f"interpolated; a ranking needs at least {LEAST}."
        )
    return counted
