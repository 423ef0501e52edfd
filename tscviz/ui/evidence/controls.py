"""What the visitor chooses on the evidence page: the map, and how it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from tscviz.explain.baselines import BASELINES
from tscviz.explain.evidence.fill import LINEAR
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.orders import CONTROLS
from tscviz.options import describe_options
from tscviz.ui import page_options
from tscviz.ui.attributions.chooser import method_form, reason_of
from tscviz.ui.attributions.controls import against_choice
from tscviz.ui.attributions.data import known, native_method, obstacle, with_target
from tscviz.ui.attributions.texts import OptionText
from tscviz.ui.attributions.words import in_sentence
from tscviz.ui.errors import guard
from tscviz.ui.escape import escape_markdown
from tscviz.ui.evidence.data import Asked
from tscviz.ui.evidence.settings import SettingText, draw_settings
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.controls import target_choice
from tscviz.ui.selection import Selection

HELD = {"points": "random points", "moved": "the map, moved"}


def main_options(selection: Selection, one: InsideCase) -> Asked:
    """Draw the options above the main figure."""
    defaults = EvidenceOptions()
    model, (chosen, _) = str(selection.model), with_target(selection)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        method = _method(model)
        target_choice(
            "Speaks for", one.labels, one.target, one.case.predicted, key="evidence_target"
        )
        against = against_choice(one)
        fill = page_options.select(
            "replaced", "Deleted points become", fills(), defaults.fill, fill_title, width=183,
            help="No choice is neutral: a network may take what stands there for something. A "
            "straight line joins the points that are left. The tab Other choices tries them all.",
        )  # fmt: skip
        control = page_options.select(
            "held", "Held against", tuple(CONTROLS), defaults.control, HELD.__getitem__, width=155,
            help="Scattered random points leave spikes, which a network may take for anything. "
            "The map itself, moved along the series, deletes stretches as wide as its own.",
        )  # fmt: skip
    about = known()[method]
    baseline, options, settings = _folded(model, method, against)
    return Asked(
        chosen, method, against if about.contrasts else None,
        baseline if about.uses_baseline else "zero", options,
        replace(settings, fill=fill, control=control),
    )  # fmt: skip


def offer_native(asked: Asked) -> None:
    """Offer the model's own view, where another method has no map."""
    native = native_method(str(asked.selection.model))
    if native != asked.method:
        st.button(
            f"Judge the model's own view: {in_sentence(known()[native].title)}",
            icon=":material/verified:", key="judge_native",
            on_click=page_options.set_value, args=("method", native),
        )  # fmt: skip


def fills() -> tuple[str, ...]:
    """Return what can take the place of a deleted point."""
    return (*BASELINES, LINEAR)


def fill_title(name: str) -> str:
    """Return how a fill is called."""
    return "Straight line" if name == LINEAR else BASELINES[name].title


def _method(model: str) -> str:
    """Let the visitor choose the method; those that do not apply come last, marked."""
    fits = [name for name in known() if obstacle(model, name) is None]
    others = [name for name in known() if name not in fits]

    def show(name: str) -> str:
        title = known()[name].title
        return title if name in fits else f"{title} · does not apply"

    return page_options.select(
        "method", "Map by", (*fits, *others), native_method(model), show, width=215
    )


def _folded(
    model: str, method: str, against: int | None
) -> tuple[str, Mapping[str, Any], EvidenceOptions]:
    """Draw the folded settings; return baseline, the method's options, and the settings."""
    about, text = known()[method], OptionText(method, known()[method].options)
    options = text.read(page_options.value(f"{method}_options", text, ""))
    settings = SettingText()
    changed = settings.read(page_options.value("evidence", settings, ""))
    n = len(options) + len(changed)
    label = "Settings of the method and of the evidence" + (f": {n} changed" if n else "")
    baseline = "zero"
    with st.expander(label, icon=":material/tune:", key="evidence_settings"), guard():
        st.markdown(f"**{escape_markdown(about.title)}.** {escape_markdown(about.summary)}")
        if against is not None and not about.contrasts:
            st.caption("It is the same for every class, so there is no class to subtract.")
        if about.uses_baseline:
            baseline = page_options.select(
                "baseline", "Baseline", tuple(BASELINES), "zero",
                lambda name: BASELINES[name].title, width=190,
                help="What the method holds the case against.",
            )  # fmt: skip
        if describe_options(about.options):
            options = method_form(text, options, page="evidence")
        changed = draw_settings(settings, changed)
        _draw_greyed(model)
    return baseline, options, EvidenceOptions(**changed)


def _draw_greyed(model: str) -> None:
    reasons = [
        f"- :gray[**{escape_markdown(about.title)}**: {escape_markdown(reason_of([model], name))}]"
        for name, about in known().items()
        if obstacle(model, name) is not None
    ]
    if reasons:
        st.caption("Methods that do not apply to this model:\n" + "\n".join(reasons))
