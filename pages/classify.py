"""Classify your CSV: drop a file; see the class, how sure the model is, and what decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from tscviz.types import SeriesSet
from tscviz.ui import cache, components, shell
from tscviz.ui.classify import (
    answer_view,
    checks,
    layout_form,
    model_choice,
    notices,
    preparing,
    preview,
    reading,
    sources,
    table_view,
    words,
)
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.one import explain_one
from tscviz.ui.classify.session import chosen_case, result_key
from tscviz.ui.classify.sources import Source
from tscviz.ui.errors import guard

if TYPE_CHECKING:
    from tscviz.ui.classify.reading import Reading


def draw_reading(source: Source, found: Reading) -> None:
    """Show how the file was read, and let every guess be set right."""
    failed = found.error is not None
    line = words.layout(found.layout) if found.layout else "not recognised"
    with st.expander(
        f"**How the file was read:** {line}",
        expanded=source.is_own,
        key=f"classify_read_{source.digest[:12]}_{failed}",
        icon=":material/table_view:",
    ):
        if found.series is not None:
            labels = found.series.labels
            said = f" Labels: {words.label_counts(labels)}." if labels else ""
            st.markdown(f"{words.shape(found.series)}.{said}")
        preview.draw(found)
        change = st.toggle(
            "Change how the file is read",
            found.layout is None,
            key=f"classify_change_{source.digest[:12]}",
        )
        if change:
            layout_form.draw(source, found)
            layout_form.reasons(found)
    layout_form.notes(found)


def draw_results(source: Source, options: dict[str, Any], series: SeriesSet, model: Model) -> None:
    """Prepare in the open, warn where the file is unlike the training data, then answer."""
    preparation, ready = preparing.draw(source, options, series, model)
    clf = cache.classifier(model.entry.name)
    found = checks.find(
        ready.X, ready.mask, clf.module.min_length, model, normalise=preparation.normalise
    )
    for notice in found:
        notices.show(notice)
    if any(notice.stops for notice in found):
        return
    key = result_key(source, options, preparation)
    one = explain_one(key, series, ready, model, chosen_case(source, len(series.X)))
    answer_view.draw(source, series, model, one, unit=preparation.normalise == "z")
    table_view.draw(key, source, series, ready, model, one)


def draw_page(models: dict[str, Model]) -> None:
    """From the model and the series to the answer."""
    model, source = sources.choose(models)
    if source is None:
        return
    options = layout_form.chosen_options(source)
    found = reading.read(source, options)
    if found.error is not None:
        notices.unreadable(source, found.error, recognised=found.layout is not None)
    if source.kind != "draw":
        draw_reading(source, found)
    if found.series is not None and notices.channels_fit(found.series, model, models):
        with guard(words.control):
            draw_results(source, options, found.series, model)


shell.page_header(
    "Classify your CSV",
    "Which class is each of your series, how sure is the model, and which stretch decided it?",
)
all_models = model_choice.all_models()
if all_models:
    draw_page(all_models)
else:
    components.empty_state(
        "No model yet",
        "Train one in the browser; it then classifies your series here.",
        page="train",
        label="Train a model",
    )
