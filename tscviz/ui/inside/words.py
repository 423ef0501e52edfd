"""What the sentences of the pages about one model have in common."""

from __future__ import annotations

from collections.abc import Sequence

from tscviz.figures.text import class_labels, probability
from tscviz.types import Array
from tscviz.ui.escape import escape_markdown
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection

__all__ = ["class_labels", "first_classes", "points", "signed", "whose"]


def whose(
    selection: Selection, entry: ModelEntry, labels: Sequence[str], proba: Array, label: int
) -> str:
    """Say which case is shown, what the model makes of it, and what it is.

    Parameters
    ----------
    selection : Selection
    entry : ModelEntry
    labels : sequence of str
        See `class_labels`; escaped here.
    proba : array, shape (n_classes,)
    label : int
        Index of the true class.
    """
    predicted = int(proba.argmax())
    right = "rightly" if predicted == label else "wrongly"
    truth = "" if predicted == label else f"; it is {escape_markdown(labels[label])}"
    return (
        f"{escape_markdown(selection.dataset)}, {selection.split} case {selection.case}: "
        f"{escape_markdown(entry.label)} {right} says {escape_markdown(labels[predicted])} "
        f"({probability(float(proba[predicted]))}){truth}."
    )


def signed(value: float) -> str:
    """Return a number with its sign and three digits: "+3.3", "−0.25"."""
    if abs(value) < 0.0005:
        return "0"
    text = f"{abs(value):.0f}" if abs(value) >= 1000 else f"{abs(value):.3g}"
    return f"{'+' if value > 0 else '−'}{text}"


def points(first: int, last: int) -> str:
    """Return the time points from `first` to `last`: "points 39–98", "point 7"."""
    return f"point {first}" if first == last else f"points {first}–{last}"


def first_classes(n: int, most: int) -> str:
    """Say that not all `n` classes are drawn; empty where they are."""
    return f"The first {most} of {n} classes are drawn. " if n > most else ""
