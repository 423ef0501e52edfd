"""The sentences of the What-if page."""

from __future__ import annotations

from typing import Any

import numpy as np

from tscviz.figures.text import probability
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.words import signed
from tscviz.ui.selection import Selection
from tscviz.ui.what_if.data import Compared
from tscviz.ui.what_if.history import History


def answer(one: InsideCase, both: Compared) -> dict[str, Any]:
    """Return the readout's headline: class and probability before and after, and a verdict.

    Names are plain text, not Markdown.
    """
    first, last = both.before.predicted, both.after.predicted
    return {
        "before": _said(one, first, float(both.before.proba[first])),
        "after": _said(one, last, float(both.after.proba[last])),
        "before_class": first,
        "after_class": last,
        "flipped": both.flipped,
        "verdict": "the class flips" if both.flipped else "the class stays",
    }


def _said(one: InsideCase, k: int, p: float) -> str:
    return f"{plain_text(one.labels[k], max_length=30)} {probability(p)}"


def extent(history: History) -> str:
    """Say how much was changed: "14 of 150 points changed, by 0.41 on average"."""
    changed = history.changed
    n = int(changed.any(0).sum())
    if n == 0:
        return "nothing changed yet"
    mean = signed(float(np.abs(history.x - history.original)[changed].mean())).lstrip("+")
    on_average = " on average" if changed.sum() > 1 else ""
    return f"{n} of {changed.shape[1]} points changed, by {mean}{on_average}"


def map_title(method: str, one: InsideCase) -> str:
    """Return the heading of a map; plain text."""
    from tscviz.explain.registry import methods

    return f"{methods()[method].title} for {plain_text(one.labels[one.target], max_length=30)}"


def label(selection: Selection, one: InsideCase) -> str:
    """Return the accessible name of the editor; plain text."""
    channels = len(one.case.x)
    several = f" of {channels} channels" if channels > 1 else ""
    return (
        f"Editor of {plain_text(selection.dataset)}, {selection.split} case {selection.case}: "
        f"{one.n_points} points{several}"
    )
