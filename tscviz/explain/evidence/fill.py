"""What stands where points are deleted, however they lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tscviz.explain.evidence.subject import Subject
from tscviz.types import Array

LINEAR = "linear"

#: ``fill(gone)``: bool (B, n_channels, n_points) -> copies of the case, float32, same shape.
Fill = Callable[[Array], Array]


def fill_of(subject: Subject, name: str) -> Fill:
    """Return the fill called `name` for the case.

    Parameters
    ----------
    subject : Subject
    name : str
        One of `tscviz.explain.baselines.BASELINES`, or "linear": a straight line between the
        points of the channel that are left; at an end the last one goes on, and where none is
        left, the channel's mean.
    """
    x = subject.case
    if name == LINEAR:
        return lambda gone: _lines(x, gone)
    reference = subject.request(baseline=name).reference()
    return lambda gone: np.where(gone, reference, x)


def _lines(x: Array, gone: Array) -> Array:
    n_points = x.shape[1]
    time = np.arange(n_points)
    before = np.maximum.accumulate(np.where(gone, -1, time), axis=2)
    after = np.minimum.accumulate(np.where(gone, n_points, time)[..., ::-1], axis=2)[..., ::-1]
    no_before, no_after = before < 0, after >= n_points
    left = np.where(no_before, after, before).clip(0, n_points - 1)
    right = np.where(no_after, before, after).clip(0, n_points - 1)
    rows = np.broadcast_to(x, gone.shape)
    low, high = (np.take_along_axis(rows, place, axis=2) for place in (left, right))
    share = (time - left) / np.maximum(right - left, 1)
    lines = np.where(no_before | no_after, low, low + (high - low) * share)
    mean = x.mean(1, keepdims=True, dtype=np.float64)
    return np.where(no_before & no_after, mean, lines).astype(np.float32)
