"""What the model makes of the edited case: probabilities, segments and a map, before and after."""

# ruff: noqa: ARG001  (arguments that only serve as keys of a cache)

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import numpy as np
import streamlit as st

from tscviz.models import Classifier
from tscviz.types import Array, Attribution, Segmentation
from tscviz.ui import cache
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.selection import Selection
from tscviz.ui.what_if.history import History


@dataclass(frozen=True, eq=False)
class View:
    """What the model makes of one version of the case.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_timepoints)
        With the case's own padding.
    proba : float32 array, shape (n_classes,)
    segmentation : Segmentation or None
        None where the model has no segments.
    attribution : Attribution or None
        None where no map is wanted.
    """

    x: Array
    proba: Array
    segmentation: Segmentation | None
    attribution: Attribution | None

    @property
    def predicted(self) -> int:
        """Index of the most probable class."""
        return int(self.proba.argmax())


@dataclass(frozen=True, eq=False)
class Compared:
    """The case and its edited version.

    Parameters
    ----------
    before, after : View
    """

    before: View
    after: View

    @property
    def flipped(self) -> bool:
        """Whether the edit changed the predicted class."""
        return self.before.predicted != self.after.predicted


def padded(one: InsideCase, x: Array) -> Array:
    """Return the case's own points `x` behind which the case's padding stands again."""
    whole = one.case.x.copy()
    whole[:, : one.n_points] = x
    return whole


def digest(x: Array) -> str:
    """Return what tells one version of a series apart in a cache."""
    return hashlib.sha256(x.tobytes()).hexdigest()


def compared(
    selection: Selection,
    one: InsideCase,
    history: History,
    method: str | None,
    *,
    follow: bool = True,
) -> Compared:
    """Return what the model makes of the case before and after the edits.

    Parameters
    ----------
    selection : Selection
    one : InsideCase
    history : History
    method : str or None
        Of the map; it is for the class explained, before and after.
    follow : bool
        False leaves the map of the edited case out.
    """
    before = view(selection, one, history.original, method)
    if not history.changed.any():
        return Compared(before, before)
    return Compared(before, view(selection, one, history.x, method if follow else None))


def view(selection: Selection, one: InsideCase, points: Array, method: str | None) -> View:
    """Return what the model makes of a series (n_channels, n_points) without its padding.

    Everything is kept, so that undo costs nothing.
    """
    clf = cache.classifier(str(selection.model))
    x, mask = padded(one, points), one.case.mask
    key = ("what-if", digest(x), digest(mask))
    divided = "segments" in clf.module.offers
    cuts = cache.segmentation_of(key, clf.digest, x, mask, clf) if divided else None
    drawn = None if method is None else _map_of(key, clf.digest, method, one.target, x, mask, clf)
    return View(x, _proba_of(key, clf.digest, x, mask, clf), cuts, drawn)


def seconds(selection: Selection, method: str) -> float:
    """Return how long the quickest map of a method and the model took; infinity before it."""
    digest_ = cache.classifier(str(selection.model)).digest
    return _timings().get((digest_, method), float("inf"))


@st.cache_resource(max_entries=1, show_spinner=False)
def _timings() -> dict[tuple[str, str], float]:
    return {}


@st.cache_resource(max_entries=512, show_spinner=False)
def _proba_of(
    key: tuple[str, ...], model_digest: str, _x: Array, _mask: Array, _classifier: Classifier
) -> Array:
    return _classifier.predict_proba(_x[None], _mask[None])[0]


@st.cache_resource(max_entries=256, show_spinner="Computing the map …")
def _map_of(
    key: tuple[str, ...],
    model_digest: str,
    method: str,
    target: int,
    _x: Array,
    _mask: Array,
    _classifier: Classifier,
) -> Attribution:
    from tscviz.explain import explain

    started = time.perf_counter()
    found = explain(_classifier, _x, method, target=target, mask=_mask)
    took = time.perf_counter() - started
    known = _timings().get((model_digest, method), took)
    _timings()[model_digest, method] = min(known, took)
    return found


def map_limits(both: Compared) -> tuple[float, float] | None:
    """Return the common ends of the colour scale of both maps; None where there is no map."""
    maps = [v.attribution for v in (both.before, both.after) if v.attribution is not None]
    if not maps:
        return None
    values = np.stack([m.values for m in maps])
    top = float(np.abs(values).max()) or 1.0
    return (-top, top) if maps[0].signed else (min(0.0, float(values.min())), top)


def one_row(attribution: Attribution) -> bool:
    """Return True where all channels share the map."""
    values = attribution.values
    return bool((values == values[:1]).all())
