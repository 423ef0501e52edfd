"""What the occlusion page shows: the map of one case, and what the filters of each length do."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.types import Array, Attribution
from tscviz.ui import cache
from tscviz.ui.components.waiting import progress
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.filters import FilterActivations, LengthAblation, LengthFilters
    from tscviz.models import Classifier

#: Most time points put through the networks of the ablation: some seconds' work.
MAX_TIMEPOINTS = 24_000
MAX_CASES = 200


@dataclass(frozen=True)
class Settings:
    """How stretches are hidden; see `tscviz.explain.occlusion.OcclusionOptions`."""

    window: int
    stride: int
    fill: str
    output: str
    per_channel: bool


@dataclass(eq=False)
class _Slot:
    """A place in a cache for something that reports its progress while it is made.

    Streamlit replays what a cached function draws, which a bar that moves would break.
    """

    lock: Lock = field(default_factory=Lock)
    value: Any = None

    def get(self, make: Callable[[], Any]) -> Any:
        with self.lock:
            if self.value is None:
                self.value = make()
            return self.value


@st.cache_resource(max_entries=128, show_spinner=False)
def _slot(key: tuple[Any, ...]) -> _Slot:
    return _Slot()


def occlusion(selection: Selection, one: InsideCase, settings: Settings) -> Attribution:
    """Return the occlusion map of the selected case, with a bar while it is computed."""
    clf = cache.classifier(str(selection.model))
    options = asdict(settings)
    key = (cache.case_key(selection), clf.digest, one.target, tuple(options.values()))

    def make() -> Attribution:
        from tscviz.explain.occlusion import occlude

        with progress("Hiding one stretch after another") as tell:
            return occlude(
                clf, one.case.x, one.case.mask, target=one.target, on_progress=tell, **options
            )

    return _slot(key).get(make)


def filling(one: InsideCase, found: Attribution) -> Array:
    """Return what stood in the window that costs most, NaN around it, (n_channels, n_timepoints).

    The points beside the window are kept, so that the line drawn joins the series.
    """
    from tscviz.explain.fills import filled
    from tscviz.figures import worst_window

    told, n_points = found.details, one.n_points
    worst = worst_window(told)
    start, stop = int(told["starts"][worst]), int(told["stops"][worst])
    first, last = max(start - 1, 0), min(stop + 1, n_points)
    x = one.case.x[:, :n_points]
    values = filled(x, told["fill"])(np.array([start]), np.array([stop]))[0]
    out = np.full(one.case.x.shape, np.nan, np.float32)
    out[:, first:last] = x[:, first:last]
    out[:, start:stop] = np.broadcast_to(values, x.shape)[:, start:stop]
    return out


# ---- the filters


def filters(selection: Selection) -> tuple[LengthFilters, ...]:
    """Return the first layer's filters of the selected model, by length."""
    from tscviz.explain.filters import first_layer_filters

    return first_layer_filters(cache.classifier(str(selection.model)))


def activations(selection: Selection, one: InsideCase) -> tuple[FilterActivations, ...]:
    """Return what the filters answer to the selected case, by length, without its padding."""
    clf = cache.classifier(str(selection.model))
    key = cache.case_key(selection)
    return _activations(key, clf.digest, one.case.x[:, : one.n_points], clf)


@st.cache_resource(max_entries=32, show_spinner=False)
def _activations(
    key: tuple[Any, ...], model_digest: str, _x: Array, _classifier: Classifier
) -> tuple[FilterActivations, ...]:
    from tscviz.explain.filters import filter_activations

    return filter_activations(_classifier, _x[None])


@dataclass(frozen=True, eq=False)
class Ablation:
    """What is lost without the filters of one length at a time.

    Parameters
    ----------
    case : LengthAblation
        Of the selected case.
    split : LengthAblation
        Of the cases of the split.
    y : int64 array, shape (n_cases,)
        Classes of the latter.
    n_split : int
        Cases in the whole split.
    """

    case: LengthAblation
    split: LengthAblation
    y: Array
    n_split: int


def ablation(selection: Selection, one: InsideCase, scope: str) -> Ablation:
    """Return the ablation of the selected case and of its split, each class in its share."""
    from tscviz.explain.segments_stats import even_picks

    clf = cache.classifier(str(selection.model))
    data = cache.dataset(selection.dataset)
    _, y, _ = data.split(selection.split)
    ready = cache.prepared(str(selection.model), selection.dataset, selection.split)
    idx = even_picks(y, min(MAX_CASES, max(1, MAX_TIMEPOINTS // ready.X.shape[2])))
    split = (data.digest, selection.split, len(idx))
    X, mask, case = ready.X, ready.mask, one.case
    return Ablation(
        _ablation(cache.case_key(selection), clf.digest, scope, case.x[None], case.mask[None], clf),
        _ablation(split, clf.digest, scope, X[idx], mask[idx], clf),
        y[idx],
        len(y),
    )


@st.cache_resource(
    max_entries=32, show_spinner="Taking the filters of one length out at a time …", show_time=True
)
def _ablation(
    key: tuple[Any, ...],
    model_digest: str,
    scope: str,
    _X: Array,
    _mask: Array,
    _classifier: Classifier,
) -> LengthAblation:
    from tscviz.explain.filters import length_ablation

    return length_ablation(_classifier, _X, _mask, scope=scope)
