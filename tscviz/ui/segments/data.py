"""What the segments page shows: one case through one or two models, and many cases at once.

Numbers come from `tscviz.explain` and are kept here by digests; `tscviz.ui.segments.words` says
them in plain words.
"""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.titles import title_of
from tscviz.types import Array, Attribution, Segmentation
from tscviz.ui import cache
from tscviz.ui.explained import Explained, explained
from tscviz.ui.inside.words import class_labels
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.segments_stats import SegmentedCases
    from tscviz.models import Classifier

KINDS = ("gtp", "stp", "dtp")
#: Most time points put through a model for the views of many cases: about two seconds' work.
MAX_TIMEPOINTS = 120_000
MAX_CASES = 300


@dataclass(frozen=True, eq=False)
class OneCase:
    """The selected case as one temporal pooling model sees it.

    Parameters
    ----------
    entry : ModelEntry
    result : Explained
    segmentation : Segmentation
        Of `result`.
    names : tuple of str
        Class names, as in the dataset; escape them.
    """

    entry: ModelEntry
    result: Explained
    segmentation: Segmentation
    names: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Return "gtp", "stp" or "dtp"."""
        return kind_of(self.entry)

    @property
    def target(self) -> int:
        """Index of the class explained."""
        return self.result.target

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names for a figure: "class 1" where the name is a bare number."""
        return class_labels(self.names)


@dataclass(frozen=True, eq=False)
class ManyCases:
    """Cases of a split, every class in its share, as one model divides and maps them.

    Parameters
    ----------
    idx : int64 array, shape (n_cases,)
        Their numbers in the split.
    X, mask : arrays, shapes (n_cases, n_channels, n_timepoints) and (n_cases, n_timepoints)
    y : int64 array, shape (n_cases,)
    probability : float32 array, shape (n_cases,)
        Of each case's own class.
    segmented : SegmentedCases
    cams : float32 array, shape (n_cases, n_timepoints)
        Map of each case for its own class (paper, equation 10).
    n_split : int
        Cases in the whole split.
    """

    idx: Array
    X: Array
    mask: Array
    y: Array
    probability: Array
    segmented: SegmentedCases
    cams: Array
    n_split: int


def kind_of(entry: ModelEntry) -> str:
    """Return the pooling in an architecture's name: "dtp" of "dtp-fcn"."""
    return entry.architecture.partition("-")[0]


def one_case(selection: Selection) -> OneCase:
    """Return the selected case; the selected model must be GTP, STP or DTP."""
    result = explained(selection)
    if result.segmentation is None:
        raise ValueError(f"{selection.model} has no temporal pooling layer")
    entry = cache.models()[str(selection.model)]
    return OneCase(entry, result, result.segmentation, cache.dataset(selection.dataset).class_names)


def others(selection: Selection) -> tuple[str, ...]:
    """Return the other temporal pooling models of the dataset, the selected one's sister first.

    The sister has the same backbone and the pooling of `sister_kind`.
    """
    models = cache.models()
    wanted = sister_architecture(models[str(selection.model)])
    names = [
        name
        for name in cache.catalogue().models_for(selection.dataset)
        if name != selection.model and kind_of(models[name]) in KINDS
    ]
    return tuple(sorted(names, key=lambda name: (models[name].architecture != wanted, name)))


def sister_architecture(entry: ModelEntry) -> str:
    """Return what the paper holds the model against: GTP, and for GTP itself DTP."""
    kind, _, backbone = entry.architecture.partition("-")
    return f"{'dtp' if kind == 'gtp' else 'gtp'}-{backbone}"


def short_labels(*names: str | None) -> dict[str, str]:
    """Return the shortest labels that tell models apart: "DTP-FCN" where that is enough."""
    entries = {name: cache.models()[name] for name in names if name is not None}
    short = {name: title_of(entry.architecture) for name, entry in entries.items()}
    if len(set(short.values())) == len(short):
        return short
    return {name: entry.label for name, entry in entries.items()}


def many_cases(selection: Selection, *, spread: bool = False) -> ManyCases:
    """Return the cases of the selected split as the selected model divides and maps them.

    Parameters
    ----------
    selection : Selection
    spread : bool
        Spread each value of a map over the points it stands for; see `spread_out`.
    """
    from tscviz.explain.segments_stats import even_picks

    model = str(selection.model)
    clf, data = cache.classifier(model), cache.dataset(selection.dataset)
    _, y, _ = data.split(selection.split)
    ready = cache.prepared(model, selection.dataset, selection.split)
    idx = even_picks(y, min(MAX_CASES, max(1, MAX_TIMEPOINTS // ready.X.shape[2])))
    key = (data.digest, selection.split, len(idx))
    X, mask, y = ready.X[idx], ready.mask[idx], y[idx]
    proba = cache.probabilities(model, selection.dataset, selection.split)[idx]
    cams = _own_maps(key, clf.digest, X, mask, y, clf)
    return ManyCases(
        idx=idx,
        X=X,
        mask=mask,
        y=y,
        probability=proba[np.arange(len(idx)), y],
        segmented=_segmented(key, clf.digest, X, mask, clf),
        cams=_spread(cams, mask, clf) if spread else cams,
        n_split=len(ready.X),
    )


def cams_of(selection: Selection, cases: ManyCases, model: str, *, spread: bool = False) -> Array:
    """Return another model's maps of the same cases, each for its own class."""
    clf = cache.classifier(model)
    ready = cache.prepared(model, selection.dataset, selection.split)
    key = (cache.dataset(selection.dataset).digest, selection.split, len(cases.idx))
    X, mask = ready.X[cases.idx], ready.mask[cases.idx]
    cams = _own_maps(key, clf.digest, X, mask, cases.y, clf)
    return _spread(cams, mask, clf) if spread else cams


def spread_out(result: Explained, model: str) -> Attribution:
    """Return a map whose values are shared among the points each hidden vector sees.

    Parameters
    ----------
    result : Explained
    model : str
        Name of the model `result` is of.
    """
    clf, values = cache.classifier(model), result.attribution.values
    row = _spread(values[:1], result.mask[None], clf)
    return replace(result.attribution, values=np.broadcast_to(row, values.shape).copy())


def points_seen(model: str) -> int:
    """Return how many time points one hidden vector of the model sees."""
    from tscviz.explain.segments_stats import receptive_field

    return receptive_field(cache.classifier(model))


def _spread(cams: Array, mask: Array, classifier: Classifier) -> Array:
    from tscviz.explain.segments_stats import reach_of, spread_map

    return spread_map(cams, *reach_of(classifier), mask.sum(1))


@st.cache_resource(max_entries=12, show_spinner="Dividing all cases into segments …")
def _segmented(
    key: tuple[Any, ...], model_digest: str, _X: Array, _mask: Array, _classifier: Classifier
) -> SegmentedCases:
    from tscviz.explain.segments_stats import segment_cases

    return segment_cases(_classifier, _X, _mask)


@st.cache_resource(max_entries=12, show_spinner="Computing the maps of all cases …")
def _own_maps(
    key: tuple[Any, ...],
    model_digest: str,
    _X: Array,
    _mask: Array,
    _y: Array,
    _classifier: Classifier,
) -> Array:
    from tscviz.explain import class_activation

    return class_activation(_classifier, _X, _mask, target=_y)


def resmoothed(one: OneCase, gamma: float) -> tuple[Segmentation, float]:
    """Return the segmentation with the soft alignment for another gamma, and soft-DTW's value.

    Parameters
    ----------
    one : OneCase
        Of a DTP model.
    gamma : float
        Smoothing, in the unit of the cost.
    """
    from tscviz.kernels import soft_dtw

    cost = one.segmentation.cost
    if cost is None:
        raise ValueError(f"{one.entry.name} aligns nothing")
    n_points = int(one.segmentation.boundaries[-1])
    value, soft = soft_dtw(cost[None, :, :n_points].astype(np.float64), gamma)
    wide = np.full(cost.shape, np.nan, np.float32)
    wide[:, :n_points] = soft[0]
    return replace(one.segmentation, soft_alignment=wide), float(value[0])
