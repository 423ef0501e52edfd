"""Counterfactuals: let a method find an edit that changes the answer."""

# ruff: noqa: ARG001  (arguments that only serve as keys of a cache)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from tscviz.ui import cache, page_options
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.words import signed
from tscviz.ui.selection import Selection
from tscviz.ui.what_if.data import digest, padded
from tscviz.ui.what_if.history import History
from tscviz.ui.what_if.messages import enter

if TYPE_CHECKING:
    from tscviz.explain.counterfactual import Counterfactual
    from tscviz.models import Classifier
    from tscviz.types import Array

_WEIGHTS = ("0", "0.1", "1", "10")
#: Method -> text of its button, icon.
_BUTTONS = {
    "native_guide": ("Native guide", ":material/content_copy:"),
    "minimal_change": ("Smallest change", ":material/compress:"),
}


def draw(selection: Selection, one: InsideCase, history: History) -> None:
    """Draw the buttons; what was found becomes the edited series, as a step like any other."""
    from tscviz.explain.counterfactual import counterfactual_methods

    target, known = _target_choice(one), counterfactual_methods()
    pressed = [
        name
        for name, (text, icon) in _BUTTONS.items()
        if st.button(text, icon=icon, key=f"what_if_{name}", help=known[name].summary)
    ]
    weights = _weights()
    for name in pressed:
        options = weights if name == "minimal_change" else {}
        clf = cache.classifier(str(selection.model))
        x, mask = padded(one, history.original), one.case.mask
        key = (digest(x), digest(mask))
        found = _found(key, clf.digest, name, target, options, x, mask, clf)
        fill(history, found, _BUTTONS[name][0])


def fill(history: History, found: Counterfactual, title: str) -> None:
    """Make a counterfactual the edited series, or say that none was found."""
    if not found.flipped:
        history.note = f"{title}: {found.message}"
        return
    edit = {"operation": found.method, "target": found.target, "details": dict(found.details)}
    x = found.x_new[:, : history.original.shape[1]]
    enter(history, x, title.lower(), edit, told=f"{title}: {found.message} {closeness(found)}")


def closeness(found: Counterfactual) -> str:
    """Say whether a counterfactual stays close to the data."""
    close = found.closeness
    if close is None:
        return ""
    near = f"{close.quantile:.0%} of the training cases lie nearer to their nearest other one"
    return (
        f"Nearest training case: {signed(close.distance).lstrip('+')} away "
        f"(before the change: {signed(close.before).lstrip('+')}); {near}."
    )


def _target_choice(one: InsideCase) -> int | None:
    """Let the visitor choose the class to reach where there are several others."""
    if len(one.names) == 2:
        return None
    others = [str(k) for k in range(len(one.names)) if k != one.case.predicted]
    chosen = page_options.select(
        "towards",
        "Towards",
        ["any", *others],
        "any",
        lambda k: "any other class" if k == "any" else plain_text(one.labels[int(k)]),
        width=170,
    )
    return None if chosen == "any" else int(chosen)


def _weights() -> dict[str, float]:
    with st.popover("Weights", icon=":material/tune:", help="Of the smallest change"):
        sparse = page_options.slider(
            "sparsity", "Sparsity: few points rather than many", _WEIGHTS, "1"
        )
        even = page_options.slider(
            "smoothness", "Smoothness: no jumps in the change", _WEIGHTS, "0"
        )
    return {"sparsity": float(sparse), "smoothness": float(even)}


@st.cache_resource(max_entries=64, show_spinner="Looking for a change that flips the class …")
def _found(
    key: tuple[str, ...],
    model_digest: str,
    method: str,
    target: int | None,
    options: dict[str, Any],
    _x: Array,
    _mask: Array,
    _classifier: Classifier,
) -> Counterfactual:
    from tscviz.explain.counterfactual import counterfactual

    return counterfactual(_classifier, _x, method, target=target, mask=_mask, **options)
