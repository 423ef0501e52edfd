"""What the attention page shows: one case and many through an LSTM-FCN or ALSTM-FCN.

Numbers come from `tscviz.explain` and are kept here by digests; `tscviz.ui.attention.words` says
them in plain words.
"""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.types import Array
from tscviz.ui import cache
from tscviz.ui.inside.case import InsideCase, inside_case
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.attention import AttentionMaps
    from tscviz.explain.branches import BranchShares
    from tscviz.models import Classifier

ARCHITECTURES = ("alstm-fcn", "lstm-fcn")
#: Most query-by-place pairs put through a model for the views of many cases: seconds of work.
MAX_PAIRS = 8_000_000
MAX_CASES = 300
#: Most entries of a query-by-place table that the page holds and draws.
MAX_TABLE = 4_000_000


@dataclass(frozen=True, eq=False)
class Attended:
    """The selected case as one model of the family sees it.

    Parameters
    ----------
    inside : InsideCase
    kind : str
        What its attention can look at: "time" points, "channels", "one" step, "filters"; "none".
    variant : str
        Of the architecture.
    maps : AttentionMaps or None
        Of the case alone; None where there is no attention over the series.
    table : array, shape (heads, queries, places), or None
        None where there is no such attention, or where it is too large to show.
    shares : BranchShares
        Of the case, one entry a class.
    """

    inside: InsideCase
    kind: str
    variant: str
    maps: AttentionMaps | None
    table: Array | None
    shares: BranchShares

    @property
    def heads(self) -> int:
        """Number of heads, 0 where there is no attention."""
        return 0 if self.maps is None else int(self.maps.weights.shape[1])

    @property
    def over_time(self) -> bool:
        """Whether the attention chooses among time points."""
        return self.kind == "time"

    @property
    def parts(self) -> Array:
        """What the LSTM, the FCN and the rest add to each class, shape (3, n_classes)."""
        return np.stack([self.shares.lstm, self.shares.fcn, self.shares.rest])

    def weights(self, head: int | None) -> Array:
        """Return the weights of one head, or their mean, shape (n_places,)."""
        if self.maps is None:
            raise ValueError("the model has no attention over the series")
        return of_head(self.maps.weights, head)[0]


@dataclass(frozen=True, eq=False)
class ManyCases:
    """Cases of a split, every class in its share.

    Parameters
    ----------
    idx : int64 array, shape (n_cases,)
        Their numbers in the split.
    X, mask : arrays, shapes (n_cases, n_channels, n_timepoints) and (n_cases, n_timepoints)
    y : int64 array, shape (n_cases,)
    rival : int64 array, shape (n_cases,)
        The most probable class beside the case's own.
    n_split : int
        Cases in the whole split.
    """

    idx: Array
    X: Array
    mask: Array
    y: Array
    rival: Array
    n_split: int


def attended(selection: Selection) -> Attended:
    """Return the selected case; the selected model must have the two branches."""
    inside, clf = inside_case(selection), cache.classifier(str(selection.model))
    key, case = cache.case_key(selection), inside.case
    kind = kind_of(clf)
    maps, table = None, None
    if kind in ("time", "channels"):
        maps, table = _one(key, clf.digest, case.x, case.mask, clf)
    return Attended(
        inside,
        kind,
        str(clf.card.get("options", {}).get("variant", "paper")),
        maps,
        table,
        _case_shares(key, clf.digest, case.x, case.mask, clf),
    )


def kind_of(classifier: Classifier) -> str:
    """Return what a model's attention can look at; see `Attended`."""
    module: Any = classifier.module
    if "attention" in module.offers:
        over = module.attends_to
        return "one" if over == "channels" and module.n_channels == 1 else over
    return "filters" if classifier.card.get("model") == "alstm-fcn" else "none"


def models_over_time(selection: Selection) -> tuple[str, ...]:
    """Return the dataset's models whose attention chooses among time points."""
    models = cache.models()
    names = cache.catalogue().models_for(selection.dataset, ARCHITECTURES)
    return tuple(
        name
        for name in names
        if models[name].architecture == "alstm-fcn" and kind_of(cache.classifier(name)) == "time"
    )


def of_head(weights: Array, head: int | None) -> Array:
    """Return one head of ``(n, heads, places)``, or the mean of all."""
    return weights.mean(1) if head is None else weights[:, head]


def many_cases(selection: Selection) -> ManyCases:
    """Return the cases of the selected split that the views of many cases show."""
    from tscviz.explain.segments_stats import even_picks

    model = str(selection.model)
    ready = cache.prepared(model, selection.dataset, selection.split)
    y = cache.dataset(selection.dataset).split(selection.split)[1]
    limit = min(MAX_CASES, max(1, MAX_PAIRS // ready.X.shape[2] ** 2))
    idx = even_picks(y, limit)
    proba = cache.probabilities(model, selection.dataset, selection.split)[idx]
    others = np.where(np.arange(proba.shape[1]) == y[idx][:, None], -1.0, proba)
    return ManyCases(idx, ready.X[idx], ready.mask[idx], y[idx], others.argmax(1), len(ready.X))


def many_maps(selection: Selection, cases: ManyCases) -> AttentionMaps:
    """Return the attention of those cases."""
    clf = cache.classifier(str(selection.model))
    return _many_maps(_many_key(selection, cases), clf.digest, cases.X, cases.mask, clf)


def many_shares(selection: Selection, cases: ManyCases, *, lead: bool) -> Array:
    """Return what both branches add to each case's own class, shape (n_cases, 2).

    Parameters
    ----------
    selection : Selection
    cases : ManyCases
    lead : bool
        Less what they add to the most probable other class: only this changes the answer.
    """
    clf = cache.classifier(str(selection.model))
    key = _many_key(selection, cases)
    own = _many_shares(key, clf.digest, "own", cases.X, cases.mask, cases.y, clf)
    if not lead:
        return own
    return own - _many_shares(key, clf.digest, "rival", cases.X, cases.mask, cases.rival, clf)


def case_scales(selection: Selection, one: Attended) -> tuple[Array, ...]:
    """Return the filters' scales of the case, (K,) a block; empty where the model has none."""
    clf, case = cache.classifier(str(selection.model)), one.inside.case
    found = _scales(cache.case_key(selection), clf.digest, case.x[None], case.mask[None], clf)
    return tuple(block[0] for block in found)


def many_scales(selection: Selection, cases: ManyCases) -> tuple[Array, ...]:
    """Return the filters' scales of many cases, (n_cases, K) a block."""
    clf = cache.classifier(str(selection.model))
    return _scales(_many_key(selection, cases), clf.digest, cases.X, cases.mask, clf)


def has_scales(selection: Selection) -> bool:
    """Tell whether the model has squeeze-and-excitation."""
    options = cache.classifier(str(selection.model)).card.get("options", {})
    return options.get("variant") == "report" and options.get("squeeze", True)


def _many_key(selection: Selection, cases: ManyCases) -> tuple[Any, ...]:
    return (cache.dataset(selection.dataset).digest, selection.split, "many", len(cases.idx))


@st.cache_resource(max_entries=32, show_spinner="Reading the attention …")
def _one(
    key: tuple[Any, ...], model_digest: str, _x: Array, _mask: Array, _classifier: Classifier
) -> tuple[AttentionMaps, Array | None]:
    from tscviz.explain.attention import attention_of, attention_table

    maps = attention_of(_classifier, _x[None], _mask[None])
    _, heads, places = maps.weights.shape
    small = heads * places**2 <= MAX_TABLE
    return maps, attention_table(_classifier, _x, _mask) if small else None


@st.cache_resource(max_entries=256, show_spinner=False)
def _case_shares(
    key: tuple[Any, ...], model_digest: str, _x: Array, _mask: Array, _classifier: Classifier
) -> BranchShares:
    from tscviz.explain.branches import branch_shares

    n = len(_classifier.classes)
    X, mask = (np.broadcast_to(a, (n, *a.shape)) for a in (_x, _mask))
    return branch_shares(_classifier, X, mask, target=np.arange(n))


@st.cache_resource(max_entries=12, show_spinner="Reading the attention of all cases …")
def _many_maps(
    key: tuple[Any, ...], model_digest: str, _X: Array, _mask: Array, _classifier: Classifier
) -> AttentionMaps:
    from tscviz.explain.attention import attention_of

    return attention_of(_classifier, _X, _mask)


@st.cache_resource(max_entries=24, show_spinner="Dividing the scores of all cases …")
def _many_shares(
    key: tuple[Any, ...],
    model_digest: str,
    whose: str,
    _X: Array,
    _mask: Array,
    _target: Array,
    _classifier: Classifier,
) -> Array:
    from tscviz.explain.branches import branch_shares

    found = branch_shares(_classifier, _X, _mask, target=_target)
    return np.stack([found.lstm, found.fcn], axis=1)


@st.cache_resource(max_entries=24, show_spinner="Reading the filters' scales …")
def _scales(
    key: tuple[Any, ...], model_digest: str, _X: Array, _mask: Array, _classifier: Classifier
) -> tuple[Array, ...]:
    from tscviz.explain.branches import filter_scales

    return filter_scales(_classifier, _X, _mask)
