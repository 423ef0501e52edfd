"""What a counterfactual is: a changed series, whether the class changed, how far it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.types import Array

_MOST_NEIGHBOURS = 500
_BORDER = "the change ends on the border between two classes."


@dataclass(frozen=True, eq=False)
class Subject:
    """The case, the class it has and the class it should get.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), or None
    source : int
        Predicted class.
    target : int or None
        Class to reach; None: any other.
    training : TrainingSeries or None
        None where there is none to be had.
    """

    classifier: Classifier
    x: Array
    mask: Array | None
    source: int
    target: int | None
    training: TrainingSeries | None

    @property
    def n_points(self) -> int:
        """Time points without padding."""
        return self.x.shape[1] if self.mask is None else int(self.mask.sum())

    def cropped(self) -> Array:
        """Return the case without padding, float32, shape (n_channels, n_points)."""
        return self.x[:, : self.n_points]

    def whole(self, X: Array) -> tuple[Array, Array | None]:
        """Put series (B, n_channels, n_points) before the case's padding; return them, masked."""
        if self.mask is None:
            return X.astype(np.float32), None
        out = np.zeros((len(X), *self.x.shape), np.float32)
        out[:, :, : self.n_points] = X
        return out, np.repeat(self.mask[None], len(X), axis=0)

    def proba(self, X: Array) -> Array:
        """Return class probabilities of series (B, n_channels, n_points)."""
        return self.classifier.predict_proba(*self.whole(X))

    def reached(self, proba: Array) -> Array:
        """Return which rows of probabilities have the class wanted as the greatest, bool (B,)."""
        found = proba.argmax(1)
        return found != self.source if self.target is None else found == self.target

    def aim(self, proba: Array) -> int:
        """Return the class to reach: the one asked for, or the most probable other one."""
        if self.target is not None:
            return self.target
        others = proba.copy()
        others[self.source] = -1.0
        return int(others.argmax())

    def known(self) -> TrainingSeries:
        """Return the training cases, or raise an `ExplainError` where there are none."""
        if self.training is None:
            raise ExplainError("this needs training cases; pass `training`.")
        return self.training


@dataclass(frozen=True)
class Closeness:
    """Whether a series stays close to the data.

    Parameters
    ----------
    distance : float
        Euclidean distance of the changed series to the nearest training case, the case itself
        left out where it is one.
    before : float
        The same of the case as it was.
    typical : float
        Median, over training cases, of the distance to the nearest other training case.
    quantile : float
        Share of training cases whose nearest other one is not farther than `distance`; 1 means
        farther from the data than any training case is from the others.
    nearest : int
        Training case nearest to the changed series.
    """

    distance: float
    before: float
    typical: float
    quantile: float
    nearest: int


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """A series that gets another class, or the nearest a method came to one.

    Parameters
    ----------
    x_new : float32 array, shape (n_channels, n_timepoints)
        The shape of the case; zero on padding.
    method : str
    flipped : bool
        Whether the class wanted is reached.
    source, target : int
        Predicted class before, and the class wanted or reached.
    proba_before, proba_after : float32 arrays, shape (n_classes,)
    changed : bool array, shape (n_channels, n_timepoints)
        Where `x_new` differs from the case.
    l1, l2, linf : float
        Distances of `x_new` to the case: sum, Euclidean, greatest.
    steps : int
        Series tried (native guide) or gradients taken (minimal change).
    closeness : Closeness or None
        None where there are no training cases to compare with; the message says why.
    message : str
        Whether the class changed and by how much of a change; or why not. Where it changed, but
        falls short of the margin or the probability asked for, a second sentence says so.
    details : mapping
    """

    x_new: Array
    method: str
    flipped: bool
    source: int
    target: int
    proba_before: Array
    proba_after: Array
    changed: Array
    l1: float
    l2: float
    linf: float
    steps: int
    closeness: Closeness | None
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_changed(self) -> int:
        """Points changed, each channel's counted."""
        return int(self.changed.sum())


def finish(
    subject: Subject,
    method: str,
    new: Array,
    *,
    steps: int,
    why_not: str,
    details: Mapping[str, Any],
) -> Counterfactual:
    """Measure a change, see whether the class wanted is reached, and put both into words.

    Parameters
    ----------
    subject : Subject
    method : str
    new : array, shape (n_channels, n_points)
    steps : int
    why_not : str
        Why not all that was asked for is reached, and how far it got: ends the sentence "No flip
        found: ", or follows "But " where the class did flip. Empty where all of it is reached.
    details : mapping
    """
    old = subject.cropped()
    new = new.astype(np.float32)
    before, after = subject.proba(np.stack([old, new]))
    target, flipped = subject.aim(after), bool(subject.reached(after[None])[0])
    change = new.astype(np.float64) - old
    shown, _ = subject.whole(new[None])
    changed = np.zeros(subject.x.shape, bool)
    changed[:, : subject.n_points] = new != old
    close = None if subject.training is None else closeness(subject.training, old, new)
    names, points = subject.classifier.classes, int(changed.sum())
    if flipped:
        share = f"{points} of {new.size} points ({100 * points / new.size:.1f} %)"
        message = (
            f"Changing {share} turns {names[subject.source]} into {names[target]}: its "
            f"probability goes from {before[target]:.2f} to {after[target]:.2f}."
        )
        message += f" But {why_not}" if why_not else ""
    else:
        message = f"No flip found: {why_not or _BORDER}"
    return Counterfactual(
        shown[0],
        method,
        flipped,
        subject.source,
        target,
        before,
        after,
        changed,
        float(np.abs(change).sum()),
        float(np.sqrt(np.square(change).sum())),
        float(np.abs(change).max()),
        steps,
        close,
        message,
        dict(details),
    )


def closeness(training: TrainingSeries, old: Array, new: Array) -> Closeness:
    """Compare a changed series (n_channels, n_points) with the training cases.

    Cases of other lengths are stretched to that of the series. Of more than 500 training cases
    500, evenly spread over the split, are asked for their nearest other one among all. A training
    case equal to the series as it was is left out, unless there is no other.
    """
    flat = training.fitted(new.shape[1]).reshape(len(training.X), -1).astype(np.float64)
    to_new, to_old = (np.sqrt(np.square(flat - x.ravel()).sum(1)) for x in (new, old))
    itself = to_old == 0
    if not itself.all():
        to_new[itself] = to_old[itself] = np.inf
    own = _nearest_others(flat)
    return Closeness(
        float(to_new.min()),
        float(to_old.min()),
        float(np.median(own)),
        float((own <= to_new.min()).mean()),
        int(to_new.argmin()),
    )


def _nearest_others(flat: Array) -> Array:
    """Return the distance of training cases to their nearest other one."""
    if len(flat) < 2:
        return np.array([np.nan])
    asked = np.unique(np.linspace(0, len(flat) - 1, _MOST_NEIGHBOURS).astype(int))
    flat = flat - flat.mean(0)  # differences stay, and squares lose fewer digits
    sizes = np.square(flat).sum(1)
    squares = sizes[asked][:, None] + sizes - 2 * flat[asked] @ flat.T  # (asked, n_cases)
    squares[np.arange(len(asked)), asked] = np.inf
    return np.sqrt(np.maximum(squares.min(1), 0.0))
