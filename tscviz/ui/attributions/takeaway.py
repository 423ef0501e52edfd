"""Taking the page's case away: a report of it, and the specification of each map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from tscviz.ui import page_options
from tscviz.ui.attributions.compared import Side
from tscviz.ui.attributions.controls import Shown
from tscviz.ui.attributions.data import Answer
from tscviz.ui.report import report_button, spec_button

if TYPE_CHECKING:
    from tscviz.explain.case_report import ReportMap


def draw(side: Side, shown: Shown) -> None:
    """Draw the buttons for the case of one column, or say why there are none."""
    found = {one.wanted.method: one for one in own_maps(side)}
    if side.mean is not None:
        st.caption("A report and a specification are of one case, not of a mean of several.")
        return
    if not found:
        st.caption("No map is drawn that could be taken away.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        report_button(
            side.selection,
            lambda: report_maps(list(found.values()), shown),
            target=side.selection.target,
        )
        method = page_options.select(
            "spec", "Specification of", tuple(found), next(iter(found)),
            lambda name: found[name].explainer.title, width=240,
        )  # fmt: skip
        one = found[method]
        if one.attribution is not None:
            options = shown.question.options.get(method, {})
            spec_button(side.selection, one.attribution, options)


def own_maps(side: Side) -> list[Answer]:
    """Return the maps of the selected model, the model's own view first, each method once."""
    mine = [
        one
        for one in side.answers
        if one.attribution is not None and one.wanted.selection.model == side.selection.model
    ]
    return sorted(mine, key=lambda one: not one.wanted.native)


def report_maps(found: Sequence[Answer], shown: Shown) -> list[ReportMap]:
    """Return the maps as a report takes them."""
    from tscviz.explain.case_report import ReportMap

    return [
        ReportMap(one.attribution, dict(shown.question.options.get(one.wanted.method, {})))
        for one in found
        if one.attribution is not None
    ]
