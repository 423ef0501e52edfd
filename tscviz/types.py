"""Frozen dataclasses that cross layers, and the base of every error a user may see.

Shapes follow aeon: a collection ``X`` is ``(n_cases, n_channels, n_timepoints)``, one case ``x``
is ``(n_channels, n_timepoints)``, both float32. A mask is boolean, ``(n_cases, n_timepoints)``:
True on the points of the series, False on the padding after its end. Padding holds zeros.
A missing value is NaN at a point whose mask is True.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class TscvizError(ValueError):
    """Something the caller can mend: its text says what was found, what was wanted, what to do."""


@dataclass(frozen=True, eq=False)
class SeriesSet:
    """Series without a train/test split, as read from a user's file.

    Parameters
    ----------
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
        Zeros on padding, NaN on missing values.
    mask : bool array, shape (n_cases, n_timepoints)
    labels : tuple of str or None
        One per case, as written in the file; None where the file has none.
    names : tuple of str
        One per case; the file's own, else "1", "2", ...
    layout : mapping
        What was detected or chosen while reading (format, encoding, delimiter, orientation, ...).
    """

    X: Array
    mask: Array
    labels: tuple[str, ...] | None
    names: tuple[str, ...]
    layout: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A classification problem with its default split.

    Parameters
    ----------
    name : str
    X_train, X_test : float32 arrays, shape (n_cases, n_channels, n_timepoints)
    y_train, y_test : int64 arrays, shape (n_cases,)
        Indices into `class_names`.
    class_names : tuple of str
    mask_train, mask_test : bool arrays, shape (n_cases, n_timepoints)
    digest : str
        sha256 over shapes, values, masks, labels and class names.
    source : str
        "bundled", "archive", "download", "file" or "synthetic".
    """

    name: str
    X_train: Array
    y_train: Array
    X_test: Array
    y_test: Array
    class_names: tuple[str, ...]
    mask_train: Array
    mask_test: Array
    digest: str
    source: str = "archive"

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.X_train.shape[1])

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def length(self) -> int:
        """Longest series of both splits, in time points."""
        return int(max(self.X_train.shape[2], self.X_test.shape[2]))

    def split(self, which: str) -> tuple[Array, Array, Array]:
        """Return ``(X, y, mask)`` of the split "train" or "test"."""
        if which not in ("train", "test"):
            raise TscvizError(f"split is {which!r}; it must be 'train' or 'test'.")
        if which == "train":
            return self.X_train, self.y_train, self.mask_train
        return self.X_test, self.y_test, self.mask_test


@dataclass(frozen=True, eq=False)
class Prediction:
    """Class probabilities of some cases.

    Parameters
    ----------
    proba : float32 array, shape (n_cases, n_classes)
    class_names : tuple of str
    names : tuple of str
        One per case.
    """

    proba: Array
    class_names: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def label_idx(self) -> Array:
        """Index of the most probable class of each case, shape (n_cases,)."""
        return self.proba.argmax(axis=1)

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of the most probable class of each case."""
        return tuple(self.class_names[i] for i in self.label_idx)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """How a temporal pooling layer divides one case, and what each part adds to the scores.

    Parameters
    ----------
    segments : int64 array, shape (n_timepoints,)
        Segment of each time point, 0 to L-1; -1 on padding.
    boundaries : int64 array, shape (L + 1,)
        Segment l covers the time points ``boundaries[l] .. boundaries[l + 1] - 1``.
    contributions : float32 array, shape (L, n_classes)
        Sum over the features of pooled value times class weight (DTP paper, equation 7);
        ``contributions.sum(0) + bias`` is `logits`.
    bias, logits : float32 arrays, shape (n_classes,)
    cost : float32 array, shape (L, n_timepoints), or None
        Alignment cost (DTP paper, equation 5); None for global and static pooling.
    soft_alignment : float32 array, shape (L, n_timepoints), or None
        Gradient of soft-DTW with respect to `cost`; columns sum to one.
    """

    segments: Array
    boundaries: Array
    contributions: Array
    bias: Array
    logits: Array
    cost: Array | None = None
    soft_alignment: Array | None = None

    @property
    def n_segments(self) -> int:
        """Number of segments, L."""
        return len(self.boundaries) - 1


@dataclass(frozen=True, eq=False)
class Attribution:
    """One explanation of one case: a value per channel and time point.

    Parameters
    ----------
    values : float32 array, shape (n_channels, n_timepoints)
        The shape of the case explained.
    method : str
        Registered name of the explainer.
    target : int
        Class index explained.
    baseline : str
        Name of the reference input, "none" where the method has none.
    signed : bool
        True where negative values speak against the class.
    details : mapping
        What the method tells beside the map (logit, completeness gap, options, seconds, ...).
    against : int or None
        Class index whose score was subtracted: the map explains the difference of two classes.
    """

    values: Array
    method: str
    target: int
    baseline: str
    signed: bool
    details: Mapping[str, Any] = field(default_factory=dict)
    against: int | None = None


@dataclass(frozen=True)
class ModelCost:
    """Size of a network and the work of one forward pass over one case.

    Parameters
    ----------
    parameters : int
        Trainable, non-zero parameters.
    flops : float
        As the model's paper counts them.
    macs : float
        Multiply-accumulate operations of convolutions and dense layers.
    """

    parameters: int
    flops: float
    macs: float
