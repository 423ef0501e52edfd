"""How much the map of a method moves between baselines."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.explain.baselines import BASELINES
from tscviz.figures import ComparisonColumn, MapRow, plot_comparison
from tscviz.figures.text import minus
from tscviz.types import Array
from tscviz.ui import cache, page_options, shell
from tscviz.ui.attributions import data
from tscviz.ui.attributions.compared import Side
from tscviz.ui.attributions.controls import Shown
from tscviz.ui.components.chart import figure
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside.case import inside_case
from tscviz.ui.inside.controls import stem
from tscviz.ui.inside.words import whose
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.sensitivity import BaselineSensitivity

#: Least rank correlation of two maps that say much the same, and that say some of the same.
ALIKE, AKIN = 0.8, 0.4


def draw(side: Side, shown: Shown) -> None:
    """Draw the map of one method under every baseline, and how far they lie apart."""
    selection = side.selection
    if side.mean is not None:
        one = inside_case(selection)
        said = whose(selection, one.entry, one.labels, one.case.proba, one.case.label)
        st.caption(f"Of one case, not of the mean. {said}")
    names = [
        name
        for name, about in data.known().items()
        if about.uses_baseline and data.obstacle(str(selection.model), name) is None
    ]
    first = next((n for n in ("integrated_gradients", *shown.methods) if n in names), names[0])
    method = page_options.select(
        "moved", "Method", names, first, lambda n: data.known()[n].title, width=260
    )
    found = _sensitivity(selection, method, shown)
    title = data.known()[method].title
    st.markdown(sentence(found, title))
    draw_maps(side, found, shown, title)
    table = matrix_table(found)
    st.dataframe(table, hide_index=True)
    for name, reason in found.obstacles.items():
        st.caption(f"{BASELINES[name].title} is left out: {escape_markdown(reason)}")


def draw_maps(side: Side, found: BaselineSensitivity, shown: Shown, title: str) -> None:
    """Draw a row for each baseline, and the baselines themselves over the series."""
    case = cache.case(side.selection)
    rows = [
        MapRow(
            BASELINES[name].title, "", one, told=BASELINES[name].summary, family="baseline",
            group=f"{title} held against" if i == 0 else "",
        )
        for i, (name, one) in enumerate(found.attributions.items())
    ]  # fmt: skip
    references = {
        BASELINES[name].title: np.where(case.mask, reference, np.nan)
        for name, reference in found.references.items()
        if name != "noise"  # would hide the series
    }
    column = ComparisonColumn(
        case.x, rows, mask=case.mask, overlays=references, interpolated=side.column.interpolated
    )
    fig = plot_comparison(
        [column], each_channel=shown.each_channel, drawn=shown.drawn, scale="family",
        class_name=inside_case(side.selection).labels[found.target],
        dark=shell.is_dark(),
    )  # fmt: skip
    figure(
        fig,
        name=f"{stem(side.selection)}-{found.method}-baselines",
        caption="One scale for all rows. Thin lines over the series: the baselines, but for the "
        "noise.",
        document=found,
    )


def sentence(found: BaselineSensitivity, title: str) -> str:
    """Say how much the map moves; Markdown."""
    apart = found.rank_correlation[np.triu_indices(len(found.baselines), 1)]
    apart = apart[np.isfinite(apart)]
    if not len(apart):
        return f"**{title} cannot be compared:** fewer than two of its maps are not flat."
    low, high = float(apart.min()), float(apart.max())
    verdict = "moves far with the baseline"
    if low >= ALIKE:
        verdict = "hardly moves with the baseline"
    elif low >= AKIN:
        verdict = "moves with the baseline"
    far = max(found.moves, key=lambda name: found.moves[name])
    return (
        f"**{title} {verdict}:** rank correlations of its maps run from {_number(low)} to "
        f"{_number(high)}. "
        f"{BASELINES[far].title} lies furthest from the others."
    )


def _number(value: float) -> str:
    return minus(f"{value:.2f}")


def matrix_table(found: BaselineSensitivity) -> dict[str, list[Any]]:
    """Return the rank correlation of every pair of baselines, and the mean distance."""
    names = found.baselines
    columns: dict[str, list[Any]] = {"rank correlation": [BASELINES[n].title for n in names]}
    for j, name in enumerate(names):
        columns[BASELINES[name].title] = found.rank_correlation[:, j].round(2).tolist()
    columns["mean distance"] = [round(found.moves[name], 2) for name in names]
    return columns


def _sensitivity(selection: Selection, method: str, shown: Shown) -> BaselineSensitivity:
    clf, case = cache.classifier(str(selection.model)), cache.case(selection)
    options = tuple(sorted(shown.question.options.get(method, {}).items()))
    return _computed(
        cache.case_key(selection), clf.digest, method, int(selection.target or 0),
        shown.question.against, options, case.x, case.mask,
        np.asarray(~case.filled.any(0)), clf,
    )  # fmt: skip


@st.cache_resource(
    max_entries=64, show_spinner="Explaining under one baseline after another …", show_time=True
)
def _computed(
    key: tuple[str, str, int],
    model_digest: str,
    method: str,
    target: int,
    against: int | None,
    options: tuple[tuple[str, Any], ...],
    _x: Array,
    _mask: Array,
    _usable: Array,
    _classifier: Any,
) -> BaselineSensitivity:
    from tscviz.explain.sensitivity import baseline_sensitivity

    return baseline_sensitivity(
        _classifier, _x, method, target=target, against=against,
        mask=None if bool(_mask.all()) else _mask, usable=_usable, **dict(options),
    )  # fmt: skip
