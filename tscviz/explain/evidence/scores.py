"""Class scores of many copies of one case, in batched forward passes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from tscviz.explain.altered import BATCH_POINTS, MAX_BATCH
from tscviz.explain.evidence.subject import Pace, Subject
from tscviz.explain.private import score_of
from tscviz.models.fourier import for_evaluation
from tscviz.types import Array

#: ``make(first, last)`` gives those copies, float32, (last - first, n_channels, n_points).
Make = Callable[[int, int], Array]


def batch_size(n_points: int) -> int:
    """Return how many copies of a series pass through a network at once."""
    return min(MAX_BATCH, max(4, BATCH_POINTS // n_points))


def n_batches(n_copies: int, n_points: int) -> int:
    """Return how many passes so many copies take."""
    return -(-n_copies // batch_size(n_points))


def scores_of(subject: Subject, n_copies: int, make: Make, *, output: str, pace: Pace) -> Array:
    """Return the score of the target (less that of `against`) of each copy.

    The network runs in evaluation mode and without gradients, which leaves a shared one as it is.

    Parameters
    ----------
    subject : Subject
    n_copies : int
    make : callable
    output : {"probability", "logit"}
    pace : Pace
        Ticks once a batch.

    Returns
    -------
    float64 array, shape (n_copies,)
    """
    n_points, device = len(subject.counted), subject.classifier.device
    size = batch_size(n_points)
    parts = []
    with torch.inference_mode():
        twin = for_evaluation(subject.classifier.module, n_points)
        score = score_of(twin, subject.request(), output=output)
        for first in range(0, n_copies, size):
            copies = make(first, min(first + size, n_copies))
            x = torch.from_numpy(np.ascontiguousarray(copies, dtype=np.float32)).to(device)
            parts.append(score(x).double().cpu().numpy())
            pace.tick()
    return np.concatenate(parts)
