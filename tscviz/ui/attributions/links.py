"""Links between a map and the evidence for it: the same case, model, class, method and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tscviz.ui import cache
from tscviz.ui.attributions.controls import ALONE
from tscviz.ui.attributions.data import Answer, Question, known
from tscviz.ui.attributions.texts import OptionText, Several
from tscviz.ui.components.cards import go_to
from tscviz.ui.selection import Selection


def evidence_params(
    selection: Selection,
    method: str,
    *,
    against: int | None,
    baseline: str,
    options: Mapping[str, Any],
) -> dict[str, str]:
    """Return what a link to Evidence names beside the page: the map in every respect.

    Values that are the default are named too: the other page may remember another choice.
    """
    return {
        **selection.to_params(), "method": method, **_question(against, baseline),
        **_options({method: options}),
    }  # fmt: skip


def attributions_params(
    selection: Selection,
    methods: Sequence[str],
    *,
    against: int | None,
    baseline: str,
    options: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    """Return what a link to Attributions names beside the page."""
    names = [name for name in known() if name in methods]  # another order is no other choice
    return {
        **selection.to_params(), "of": "case", "methods": Several.write(names),
        **_question(against, baseline), **_options(options),
    }  # fmt: skip


def draw_evidence(answers: Sequence[Answer], question: Question) -> None:
    """Draw a link to the evidence for each map."""
    found = [one for one in answers if one.attribution is not None]
    if not found:
        return
    several = len({one.wanted.selection.model for one in found}) > 1
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("How far can each be trusted?", width="content")
        for one in found:
            wanted = one.wanted
            label = one.explainer.title
            if several:
                label += f" · {cache.models()[str(wanted.selection.model)].label}"
            params = evidence_params(
                wanted.selection, wanted.method, against=question.against,
                baseline=question.baseline, options=question.options.get(wanted.method, {}),
            )  # fmt: skip
            go_to("evidence", label, icon=":material/verified:", width="content", **params)


def _question(against: int | None, baseline: str) -> dict[str, str]:
    return {"against": ALONE if against is None else str(against), "baseline": baseline}


def _options(options: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    texts = {name: OptionText(name, known()[name].options) for name in options}
    return {
        f"{name}_options": texts[name].write(dict(given))
        for name, given in options.items()
        if given
    }
