"""What the attributions page shows: each map computed by itself, and kept by what it depends on."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.types import Array, Attribution, Segmentation, TscvizError
from tscviz.ui import cache
from tscviz.ui.components.waiting import progress
from tscviz.ui.inside.case import inside_case
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain import Explainer
    from tscviz.models import Classifier


def adds_up(details: Mapping[str, Any]) -> bool:
    """Return whether the points of a map sum to a score, not only the features they lie in.

    Parameters
    ----------
    details : mapping
        Of an `Attribution`.
    """
    return "completeness_gap" in details and details.get("spread", "share") == "share"


@dataclass(frozen=True)
class Question:
    """What every map of the page is asked.

    Parameters
    ----------
    against : int or None
        Class whose score is subtracted.
    baseline : str
    options : mapping of str to mapping
        By method: options that differ from their defaults.
    """

    against: int | None = None
    baseline: str = "zero"
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Wanted:
    """One map to be had.

    Parameters
    ----------
    selection : Selection
        With its target: the class explained.
    method : str
    native : bool
        Whether it stands there as the model's own view.
    """

    selection: Selection
    method: str
    native: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """A map, or the reason why there is none.

    Parameters
    ----------
    wanted : Wanted
    attribution : Attribution or None
    seconds : float
        Spent on it when it was computed; 0 where there is none.
    reason : str
    """

    wanted: Wanted
    attribution: Attribution | None
    seconds: float = 0.0
    reason: str = ""

    @property
    def explainer(self) -> Explainer:
        """The method."""
        return known()[self.wanted.method]


def known() -> dict[str, Explainer]:
    """Return every method by name."""
    from tscviz.explain import methods

    return methods()


def native_method(model: str) -> str:
    """Return the method that is the model's own view."""
    from tscviz.explain.evidence import native_method

    return native_method(cache.classifier(model))


def obstacle(model: str, method: str) -> str | None:
    """Return why a method does not apply to a model, None where it does."""
    return known()[method].obstacle(cache.classifier(model))


def with_target(selection: Selection) -> tuple[Selection, int]:
    """Return the selection with the class explained spelled out, and that class."""
    one = inside_case(selection)
    chosen = {"target": one.target}
    return Selection(**{**selection.__dict__, **chosen}), one.target


def segmentation(selection: Selection) -> Segmentation | None:
    """Return the segments of the case, None where the model has none."""
    if "segments" not in cache.classifier(str(selection.model)).module.offers:
        return None
    return cache.segmentation(selection)


def answers(wanted: Sequence[Wanted], question: Question) -> list[Answer]:
    """Return the maps wanted, with a bar while they are computed."""
    found = []
    with progress("Computing the maps") as tell:
        for i, one in enumerate(wanted):
            found.append(answer(one, question))
            tell(i + 1, len(wanted))
    return found


def answer(wanted: Wanted, question: Question) -> Answer:
    """Return one map, or why there is none."""
    chosen, method = wanted.selection, wanted.method
    reason = obstacle(str(chosen.model), method)
    if reason is not None:
        return Answer(wanted, None, reason=reason)
    try:
        attribution, seconds = compute(chosen, method, question)
    except TscvizError as error:
        return Answer(wanted, None, reason=str(error))
    return Answer(wanted, attribution, seconds)


def compute(selection: Selection, method: str, question: Question) -> tuple[Attribution, float]:
    """Return one map and the seconds it took when it was computed.

    Raises
    ------
    TscvizError
        Where the method cannot answer, such as a baseline whose training cases are not at hand.
    """
    clf, one, about = cache.classifier(str(selection.model)), cache.case(selection), known()[method]
    return _computed(
        cache.case_key(selection),
        clf.digest,
        method,
        int(selection.target or 0),
        question.against if about.contrasts else None,
        question.baseline if about.uses_baseline else "zero",
        tuple(sorted(question.options.get(method, {}).items())),
        one.x,
        one.mask,
        clf,
    )


@st.cache_resource(max_entries=2048, show_spinner=False)
def _computed(
    key: tuple[str, str, int],
    model_digest: str,
    method: str,
    target: int,
    against: int | None,
    baseline: str,
    options: tuple[tuple[str, Any], ...],
    _x: Array,
    _mask: Array,
    _classifier: Classifier,
) -> tuple[Attribution, float]:
    from tscviz.explain import explain

    mask = None if bool(np.all(_mask)) else _mask
    started = time.perf_counter()
    found = explain(
        _classifier, _x, method, target=target, against=against, baseline=baseline, mask=mask,
        **dict(options),
    )  # fmt: skip
    return found, time.perf_counter() - started
