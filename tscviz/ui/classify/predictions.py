"""Class probabilities of all series of a file, batch by batch, and how they agree with its labels.

A large file takes minutes: the work goes on where it stopped when the visitor clicks something.
"""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.data.labels import match_labels
from tscviz.types import Array, SeriesSet

if TYPE_CHECKING:
    from tscviz.data import Prepared
    from tscviz.models import Classifier

#: Time points that go through the network together.
BATCH_POINTS = 40_000
MAX_BATCH = 256


@dataclass(eq=False)
class Predictions:
    """Probabilities so far.

    Parameters
    ----------
    proba : float32 array, shape (n_cases, n_classes)
        Rows from `done` on are not computed yet.
    done : int
    """

    proba: Array
    done: int = 0

    @property
    def finished(self) -> bool:
        """Whether every case has its probabilities."""
        return self.done >= len(self.proba)


@st.cache_resource(max_entries=6, scope="session", show_spinner=False)
def holder(key: tuple[Any, ...], n_cases: int, n_classes: int) -> Predictions:
    """Return the predictions kept for this file, setting and model."""
    return Predictions(np.zeros((n_cases, n_classes), np.float32))


def batch_size(n_timepoints: int) -> int:
    """Return how many cases go through the network together."""
    return max(1, min(MAX_BATCH, BATCH_POINTS // max(1, n_timepoints)))


def fill(
    kept: Predictions,
    ready: Prepared,
    classifier: Classifier,
    on_progress: Callable[[int, int, float], None],
) -> None:
    """Classify what is left.

    Parameters
    ----------
    kept : Predictions
        Filled in place.
    ready : Prepared
    classifier : Classifier
    on_progress : callable
        Called with (done, all, seconds left) after each batch; it may raise to stop.
    """
    size, first, start = batch_size(ready.X.shape[2]), kept.done, time.monotonic()
    for begin in range(kept.done, len(ready.X), size):
        rows = slice(begin, begin + size)
        X, mask = _trimmed(ready.X[rows], ready.mask[rows])
        kept.proba[rows] = classifier.predict_proba(X, mask, batch_size=size)
        kept.done = min(begin + size, len(ready.X))
        spent = time.monotonic() - start
        left = spent / (kept.done - first) * (len(ready.X) - kept.done)
        on_progress(kept.done, len(ready.X), left)


def _trimmed(X: Array, mask: Array) -> tuple[Array, Array]:
    """Leave out what is padding for the whole batch."""
    longest = int(mask.sum(axis=1).max())
    return X[:, :, :longest], mask[:, :longest]


@dataclass(frozen=True)
class Agreement:
    """How the labels in a file compare with the predicted classes.

    Parameters
    ----------
    known : tuple of int or None
        Per case, the index of the class its label names; None where it names none.
    n_known : int
    n_right : int
    """

    known: tuple[int | None, ...]
    n_known: int
    n_right: int

    @property
    def accuracy(self) -> float | None:
        """Share of the cases with a known label that were classified so."""
        return self.n_right / self.n_known if self.n_known else None


def agreement(series: SeriesSet, classes: Sequence[str], predicted: Array) -> Agreement | None:
    """Compare a file's labels with the predicted classes; None where the file has no labels.

    Parameters
    ----------
    series : SeriesSet
    classes : sequence of str
    predicted : int array, shape (n_cases,)
    """
    if series.labels is None:
        return None
    known = match_labels(series.labels, classes)
    right = sum(k == p for k, p in zip(known, predicted.tolist(), strict=True) if k is not None)
    return Agreement(known, sum(k is not None for k in known), right)
