"""Mean maps of a class or of selected cases: brought onto one time axis, by segments."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.figures.stats import even_picks
from tscviz.types import Array, Attribution, TscvizError
from tscviz.ui import cache
from tscviz.ui.attributions.data import Answer, Question, Wanted, adds_up, compute, obstacle
from tscviz.ui.components.waiting import progress
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.averages import Average, TimeMap
    from tscviz.models import Classifier


@dataclass(frozen=True, eq=False)
class CasesMean:
    """Cases of one class, or selected ones, on one time axis.

    Parameters
    ----------
    cases : tuple of Selection
        Each with the class explained as its target.
    n_all : int
        Cases they were taken from: those of the class in the split, or those selected.
    by_class : tuple of int
        How many of the cases are of each class.
    series : Average
    time : TimeMap
        Its boundaries are the mean segments; None where time is kept as it is.
    filled : bool array, shape (n_points,)
        Points at which a value of any of the cases was filled in.
    selected : bool
        Whether they were selected, and not the class.
    """

    cases: tuple[Selection, ...]
    n_all: int
    by_class: tuple[int, ...]
    series: Average
    time: TimeMap
    filled: Array
    selected: bool = False

    @property
    def boundaries(self) -> Array | None:
        """Mean segments on the common axis."""
        return self.time.boundaries


def class_mean(selection: Selection, *, n_cases: int, aligned: bool) -> CasesMean:
    """Return cases of the class explained on one time axis.

    Parameters
    ----------
    selection : Selection
        With its target.
    n_cases : int
        At most so many, spread evenly over the cases of the class.
    aligned : bool
        Bring them together segment by segment, where the model has segments.

    Raises
    ------
    TscvizError
        Where the split has no case of the class.
    """
    y = cache.dataset(selection.dataset).split(selection.split)[1]
    mine = np.flatnonzero(y == selection.target)
    if not len(mine):
        raise TscvizError(f"The {selection.split} split has no case of this class.")
    return _mean_of(selection, mine, n_cases, aligned=aligned, selected=False)


def selected_mean(
    selection: Selection, case_idx: Sequence[int], *, n_cases: int, aligned: bool
) -> CasesMean:
    """Return selected cases, of whatever class, on one time axis; see `class_mean`.

    Parameters
    ----------
    selection : Selection
        With its target, for which every case is explained.
    case_idx : sequence of int
        At least one case of the selection's split.
    n_cases : int
        At most so many, spread evenly over those selected.
    aligned : bool
    """
    return _mean_of(selection, np.asarray(case_idx), n_cases, aligned=aligned, selected=True)


def _mean_of(
    selection: Selection, pool: Array, n_cases: int, *, aligned: bool, selected: bool
) -> CasesMean:
    from tscviz.explain.averages import average, plain_time, segment_time

    clf, data = cache.classifier(str(selection.model)), cache.dataset(selection.dataset)
    ready = cache.prepared(str(selection.model), selection.dataset, selection.split)
    idx = pool[even_picks(len(pool), n_cases)]
    X, mask = ready.X[idx], ready.mask[idx]
    if aligned and "segments" in clf.module.offers:
        key = (data.digest, selection.split, tuple(idx.tolist()))
        time = segment_time(_boundaries(key, clf.digest, X, mask, clf))
    else:
        time = plain_time(mask.sum(1))
    holes = [flags.any(0, keepdims=True) for flags in ready.interpolated[idx]]
    classes = data.split(selection.split)[1][idx]
    return CasesMean(
        tuple(replace(selection, case=int(i)) for i in idx),
        len(pool),
        tuple(np.bincount(classes, minlength=data.n_classes).tolist()),
        average(list(X), time),
        time,
        average(holes, time).mean[0] > 0,
        selected,
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _boundaries(
    key: tuple[Any, ...], model_digest: str, _X: Array, _mask: Array, _classifier: Classifier
) -> Array:
    from tscviz.explain.segments_stats import segment_cases

    return segment_cases(_classifier, _X, _mask).boundaries


def mean_answers(wanted: Sequence[Wanted], question: Question, mean: CasesMean) -> list[Answer]:
    """Return the mean of each map wanted over the cases, with a bar while they are computed."""
    total, done = len(wanted) * len(mean.cases), 0
    found = []
    with progress(f"Computing the maps of {len(mean.cases)} cases") as tell:
        for one in wanted:
            maps, seconds, reason = [], 0.0, obstacle(str(one.selection.model), one.method) or ""
            for case in () if reason else mean.cases:
                try:
                    chosen = replace(case, model=one.selection.model)
                    got, spent = compute(chosen, one.method, question)
                except TscvizError as error:
                    reason = str(error)
                    break
                reason = other_axis(got, _shape(case))
                if reason:
                    break
                maps.append(got)
                seconds += spent
                tell(done + len(maps), total)
            done += len(mean.cases)
            made = None if reason else _mean_map(maps, mean)
            found.append(Answer(one, made, seconds, reason))
    return found


def _shape(selection: Selection) -> tuple[int, ...]:
    """Return the shape of a case as the selected model takes it."""
    ready = cache.prepared(str(selection.model), selection.dataset, selection.split)
    return ready.X.shape[1:]


def other_axis(found: Attribution, shape: tuple[int, ...]) -> str:
    """Return why a map cannot stand beside a series of `shape`; "" where it can."""
    if found.values.shape == shape:
        return ""
    n = found.values.shape[1]
    return f"this model takes the series at {n} points, so its map lies on another time axis"


def _mean_map(maps: Sequence[Attribution], mean: CasesMean) -> Attribution:
    """Average maps of one method; those that add up to a score keep the sum of each segment."""
    from tscviz.explain.averages import average

    keep_sum = all(adds_up(one.details) for one in maps)
    values = average([one.values for one in maps], mean.time, keep_sum=keep_sum)
    details = {
        "per_channel": maps[0].details.get("per_channel", True),
        "n_cases": len(maps),
        "keeps_sums": keep_sum,
        "sign_agreement": values.agreement,
        "low": values.low,
        "high": values.high,
    }
    if len(values.mean) > 1 and details["per_channel"]:
        summed = average([one.values.sum(0, keepdims=True) for one in maps], mean.time,
                         keep_sum=keep_sum)  # fmt: skip
        details |= {"low_summed": summed.low, "high_summed": summed.high}
    return replace(maps[0], values=values.mean.astype(np.float32), details=details)
