"""From what was chosen to what is drawn: columns of series with their rows of maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tscviz.figures import ComparisonColumn, MapRow
from tscviz.figures.stats import Spread
from tscviz.types import Array, TscvizError
from tscviz.ui import cache
from tscviz.ui.attributions import data, words
from tscviz.ui.attributions.controls import SELECTED, Shown
from tscviz.ui.attributions.data import Answer, Wanted
from tscviz.ui.attributions.means import (
    CasesMean,
    class_mean,
    mean_answers,
    other_axis,
    selected_mean,
)
from tscviz.ui.selection import Selection

NATIVE = "The model's own view"
METHODS = "Methods"


@dataclass(frozen=True, eq=False)
class Side:
    """One column: a case, or the mean of several, with its maps.

    Parameters
    ----------
    selection : Selection
        With its target.
    x : array, shape (n_channels, n_timepoints)
    counted : bool array, shape (n_timepoints,)
        False on padding and on filled-in points.
    answers : list of Answer
        In the order of the rows.
    mean : CasesMean or None
        None for a case.
    column : ComparisonColumn
    """

    selection: Selection
    x: Array
    counted: Array
    answers: list[Answer]
    mean: CasesMean | None
    column: ComparisonColumn


def sides(selection: Selection, shown: Shown) -> list[Side]:
    """Return the columns: what is pinned, then what is selected."""
    current, _ = data.with_target(selection)
    if shown.pinned is None or shown.pinned == current:
        return [_side(current, shown.models, [list(shown.models)], shown, "")]
    models = [[str(shown.pinned.model)], [str(current.model)]]
    return [
        _side(shown.pinned, models[0], models, shown, "Pinned: "),
        _side(current, models[1], models, shown, ""),
    ]


def _plan(models: Sequence[str], all_models: Sequence[Sequence[str]], shown: Shown) -> list[tuple]:
    """Return (model, method, native) of each row; the same methods in every column."""
    own = {data.native_method(m) for column in all_models for m in column}
    rows = [(m, data.native_method(m), True) for m in models]
    for method in shown.methods:
        if own != {method}:  # where it is everybody's own view, it stands there already
            rows += [(m, method, False) for m in models]
    return rows


def _side(
    selection: Selection,
    models: Sequence[str],
    all_models: Sequence[Sequence[str]],
    shown: Shown,
    pinned: str,
) -> Side:
    wanted = [
        Wanted(replace(selection, model=model), method, native)
        for model, method, native in _plan(models, all_models, shown)
    ]
    mean = _mean(selection, shown)
    if mean is not None:
        found = mean_answers(wanted, shown.question, mean)
        x, mask, filled = mean.series.mean, np.ones(mean.time.n_points, bool), mean.filled[None]
    else:
        found = data.answers(wanted, shown.question)
        case = cache.case(selection)
        x, mask, filled = case.x, case.mask, case.filled
    found = [_fitting(one, x.shape) for one in found]
    several, title = len(models) > 1, ""
    if len(all_models) > 1 or mean is not None:
        title = words.column_title(selection, mean)
        title = pinned + title if pinned else title[0].upper() + title[1:]
    column = ComparisonColumn(
        x,
        rows_of(found, several=several, native_titled=len(all_models) > 1),
        title,
        mask,
        np.broadcast_to(filled, x.shape) if filled.any() else None,
        _boundaries(selection, mean),
        _bands(mean),
        stretches=drawn_edges(found),
    )
    return Side(selection, x, mask & ~filled.any(0), found, mean, column)


def _mean(selection: Selection, shown: Shown) -> CasesMean | None:
    """Return the cases whose mean the column shows, None where it shows one case."""
    if shown.subject == "class":
        return class_mean(selection, n_cases=shown.n_cases, aligned=shown.aligned)
    if shown.subject != SELECTED:
        return None
    if selection.split != shown.split:
        raise TscvizError(
            f"The selected cases are of the {shown.split} split and what is pinned is of the "
            f"{selection.split} split; unpin it, or select cases there."
        )
    return selected_mean(
        selection, shown.selected, n_cases=shown.n_cases, aligned=shown.aligned
    )  # fmt: skip


def _fitting(one: Answer, shape: tuple[int, ...]) -> Answer:
    """Give up a map on another time axis: the other model resamples the series."""
    reason = "" if one.attribution is None else other_axis(one.attribution, shape)
    return replace(one, attribution=None, reason=reason) if reason else one


def rows_of(found: Sequence[Answer], *, several: bool, native_titled: bool = False) -> list[MapRow]:
    """Return the rows of a figure.

    Parameters
    ----------
    found : sequence of Answer
    several : bool
        Name the model in each row.
    native_titled : bool
        Name the native method above its row, and not at the left: columns may differ in it.
    """
    out: list[MapRow] = []
    before: Answer | None = None
    for one in found:
        wanted, about = one.wanted, one.explainer
        named = before is None or before.wanted.native != wanted.native
        group = (NATIVE if wanted.native else METHODS) if named else ""
        title = about.title
        if wanted.native and native_titled:
            group, title = about.title, "Own view"
        out.append(
            MapRow(
                title,
                cache.models()[str(wanted.selection.model)].label if several else "",
                one.attribution,
                words.short_reason(one),
                words.told(one),
                group,
                _own_cuts(one, several=several),
                wanted.method,
                continues=not named
                and before is not None
                and before.wanted.method == wanted.method,
            )
        )
        before = one
    return out


def _own_cuts(one: Answer, *, several: bool) -> Array | None:
    """Return the edges of drawn stretches, or the cuts of the row's own model beside others."""
    drawn = drawn_edges([one])
    if drawn is not None or not (several and one.wanted.native):
        return drawn
    found = data.segmentation(one.wanted.selection)
    return None if found is None else found.boundaries


def drawn_edges(found: Sequence[Answer]) -> Array | None:
    """Return the edges of the stretches drawn by hand that a map rests on, None without one."""
    for one in found:
        about = {} if one.attribution is None else one.attribution.details
        if about.get("segments") == "drawn" and "edges" in about:
            return np.asarray(about["edges"])
    return None


def _boundaries(selection: Selection, mean: CasesMean | None) -> Array | None:
    if mean is not None:
        return mean.boundaries
    found = data.segmentation(selection)
    return None if found is None else found.boundaries


def _bands(mean: CasesMean | None) -> tuple[Spread, ...]:
    if mean is None:
        return ()
    s = mean.series
    return tuple(
        Spread(a, low, high, s.n_cases) for a, low, high in zip(s.mean, s.low, s.high, strict=True)
    )
