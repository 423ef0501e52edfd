"""Native guide: parts of a real neighbour of another class, as few as it takes.

Delaney, Greene & Keane, "Instance-Based Counterfactual Explanations for Time Series
Classification", ICCBR 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.explain.counterfactual.registry import CounterfactualMethod, register
from tscviz.explain.counterfactual.result import Counterfactual, Subject, finish
from tscviz.explain.registry import explain
from tscviz.options import option
from tscviz.types import Array

_AT_ONCE = 32


@dataclass(frozen=True)
class NativeGuideOptions:
    """Options of the native guide."""

    attribution: str = option("occlusion", "Method that says which stretch matters.")
    explained: str = option(
        "guide",
        "Whose explanation: the neighbour's for its class (as in the paper), or the case's own "
        "for the class it has.",
        choices=("guide", "case"),
    )
    grow: str = option(
        "anew",
        "Longer stretches: the best one of each length (as in the paper), or the last one with "
        "its better neighbour.",
        choices=("anew", "nested"),
    )
    criterion: str = option(
        "flip",
        "Stop where the class is reached, or where its probability is, too.",
        choices=("flip", "probability"),
    )
    probability: float = option(0.5, "For that criterion.", minimum=0.0, maximum=1.0)
    baseline: str = option("zero", "Baseline of that method.")
    prune: bool = option(
        True, "Give back the channels that are not needed, those of least relevance first."
    )


def _run(subject: Subject, options: NativeGuideOptions) -> Counterfactual:
    cases = subject.known().fitted(subject.n_points)
    guide = nearest_unlike(subject, cases)
    if guide is None:
        return _no_guide(subject)
    other = cases[guide]
    relevance = _relevance(subject, other, options)
    windows = _windows(relevance.sum(0), options.grow)
    found, steps, proba = _first(subject, other, windows, options)
    start, stop = (int(v) for v in windows[found])
    new = _swapped(subject.cropped(), other, windows[found][None])[0]
    enough, why_not = _enough(subject, proba, options), ""
    if not enough:
        why_not = (
            f"even the best stretch of the guide gives {_wanted(subject)} no more than "
            f"{_progress(subject, proba):.2f}, and {options.probability:.2f} was asked for."
        )
    elif options.prune and len(new) > 1:
        new, extra = _pruned(subject, new, relevance[:, start:stop].sum(1), options)
        steps += extra
    return finish(
        subject,
        "native_guide",
        new,
        steps=steps,
        why_not=why_not,
        details={"guide": guide, "start": start, "stop": stop},
    )


def _no_guide(subject: Subject) -> Counterfactual:
    return finish(
        subject,
        "native_guide",
        subject.cropped(),
        steps=0,
        why_not=f"no training case is predicted as {_wanted(subject)}, so there is no guide.",
        details={"guide": None},
    )


def _wanted(subject: Subject) -> str:
    return "another class" if subject.target is None else subject.classifier.classes[subject.target]


def nearest_unlike(subject: Subject, cases: Array) -> int | None:
    """Return the nearest training case, by Euclidean distance, predicted as the class wanted.

    Parameters
    ----------
    subject : Subject
    cases : float32 array, shape (n_cases, n_channels, n_points)
        At the length of the case.

    Returns
    -------
    int or None
        None where no case is predicted so.
    """
    unlike = subject.reached(subject.proba(cases))
    if not unlike.any():
        return None
    squares = np.square(cases - subject.cropped(), dtype=np.float64).sum((1, 2))
    return int(np.where(unlike, squares, np.inf).argmin())


def _relevance(subject: Subject, other: Array, options: NativeGuideOptions) -> Array:
    """Return what speaks for the class, (n_channels, n_points), nowhere negative."""
    explained = subject.cropped() if options.explained == "case" else other
    X, mask = subject.whole(explained[None])
    found = explain(
        subject.classifier,
        X[0],
        options.attribution,
        baseline=options.baseline,
        mask=None if mask is None else mask[0],
        training=subject.training,
    )
    return np.maximum(found.values[:, : subject.n_points], 0).astype(np.float64)


def _windows(relevance: Array, grow: str) -> Array:
    """Return for each length 1 .. n the stretch swapped in, int64, shape (n, 2)."""
    n = len(relevance)
    sums = np.append(0.0, np.cumsum(relevance))
    if grow == "anew":
        starts = [int((sums[w:] - sums[: n + 1 - w]).argmax()) for w in range(1, n + 1)]
        return np.array([(start, start + w) for w, start in enumerate(starts, start=1)])
    start = int(relevance.argmax())
    stop = start + 1
    out = [(start, stop)]
    while stop - start < n:
        left = relevance[start - 1] if start else -np.inf
        right = relevance[stop] if stop < n else -np.inf
        start, stop = (start - 1, stop) if left >= right else (start, stop + 1)
        out.append((start, stop))
    return np.array(out)


def _swapped(x: Array, other: Array, windows: Array) -> Array:
    time = np.arange(x.shape[1])
    inside = (time >= windows[:, :1]) & (time < windows[:, 1:])  # (W, T)
    return np.where(inside[:, None], other, x)


def _first(
    subject: Subject, other: Array, windows: Array, options: NativeGuideOptions
) -> tuple[int, int, Array]:
    """Return the first window that is enough, else the best; how many were tried; its outcome."""
    tried = []
    for first in range(0, len(windows), _AT_ONCE):
        part = windows[first : first + _AT_ONCE]
        for proba in subject.proba(_swapped(subject.cropped(), other, part)):
            tried.append(proba)
            if _enough(subject, proba, options):
                return len(tried) - 1, len(tried), proba
    best = int(np.argmax([_progress(subject, proba) for proba in tried]))
    return best, len(tried), tried[best]


def _enough(subject: Subject, proba: Array, options: NativeGuideOptions) -> bool:
    reached = bool(subject.reached(proba[None])[0])
    if options.criterion == "probability":
        return reached and bool(proba.max() >= options.probability)
    return reached


def _progress(subject: Subject, proba: Array) -> float:
    """Return the probability of the class wanted, or the greatest of any other."""
    if subject.target is not None:
        return float(proba[subject.target])
    return float(np.delete(proba, subject.source).max())


def _pruned(
    subject: Subject, new: Array, relevance: Array, options: NativeGuideOptions
) -> tuple[Array, int]:
    for channel in relevance.argsort(kind="stable"):
        tried = new.copy()
        tried[channel] = subject.cropped()[channel]
        if _enough(subject, subject.proba(tried[None])[0], options):
            new = tried
    return new, len(relevance)


register(
    CounterfactualMethod(
        "native_guide",
        "Native guide",
        "The stretch that matters most, taken from the nearest case of another class.",
        NativeGuideOptions,
        _run,
        needs_training=True,
    )
)
