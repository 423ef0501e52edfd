"""The answer: class, probability, the deciding stretch, the figure and what stands beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tscviz.data.labels import match_labels
from tscviz.figures.cam import plot_cam
from tscviz.figures.prediction import plot_probabilities
from tscviz.figures.segments import plot_contributions
from tscviz.figures.text import class_labels
from tscviz.types import SeriesSet
from tscviz.ui import components, shell, state
from tscviz.ui.classify import words
from tscviz.ui.classify.marks import mark_filled
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.one import One, map_table
from tscviz.ui.classify.session import choose_case
from tscviz.ui.classify.sources import Source
from tscviz.ui.escape import escape_markdown, plain_text, safe_file_name
from tscviz.ui.inside.controls import choice_width

MAX_NAMED = 500


def draw(source: Source, series: SeriesSet, model: Model, one: One, *, unit: bool) -> None:
    """Draw the answer for the chosen series.

    Parameters
    ----------
    source : Source
    series : SeriesSet
    model : Model
    one : One
        The chosen series.
    unit : bool
        Whether values are z-normalised.
    """
    _sentence(one, model)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _case_choice(source, series, model, one)
        _target_choice(model, one)
    stem = f"{safe_file_name(source.name)}-{one.index + 1}-{safe_file_name(model.entry.name)}"
    _figure(stem, series, model, one, unit=unit)
    _beside(stem, model, one)


def _sentence(one: One, model: Model) -> None:
    share = float(one.proba[one.target])
    name = model.classes[one.target]
    top = one.target == one.predicted
    with st.container(key="classify_answer", gap="xsmall"):
        st.subheader(words.answer(name, share, one.attribution, is_top=top), anchor=False)
        known = None if one.label is None else match_labels([one.label], model.classes)[0]
        said = [
            words.sureness(one.proba, model.classes),
            words.given_label(one.label, known, one.predicted),
        ]
        if any(said):
            st.markdown(" ".join(part for part in said if part))


def _case_choice(source: Source, series: SeriesSet, model: Model, one: One) -> None:
    n = len(series.X)
    key = "classify_case"
    if n == 1:
        return
    if n <= MAX_NAMED:
        st.session_state[key] = one.index
        st.selectbox(
            f"Series, 1 to {n}",
            range(n),
            format_func=lambda i: plain_text(_numbered(i, series.names[i]), max_length=40),
            key=key,
            on_change=lambda: choose_case(source, model, st.session_state[key]),
            width=200,
        )
        return
    st.session_state[key] = one.index + 1
    st.number_input(
        f"Series, 1 to {n:,}", 1, n, step=1, key=key, width=200,
        on_change=lambda: choose_case(source, model, st.session_state[key] - 1),
    )  # fmt: skip


def _numbered(index: int, name: str) -> str:
    return str(index + 1) if name == str(index + 1) else f"{index + 1}: {name}"


def _target_choice(model: Model, one: One) -> None:
    if state.current().model != model.entry.name:
        return
    key = "classify_target"
    st.session_state[key] = one.target

    def take() -> None:
        chosen = st.session_state[key]
        state.select(target=None if chosen == one.predicted else chosen)

    st.selectbox(
        "Map of class",
        range(len(model.classes)),
        format_func=lambda k: (
            plain_text(model.classes[k], max_length=30)
            + (" (predicted)" if k == one.predicted else "")
        ),
        key=key,
        on_change=take,
        width=choice_width(model.classes),
    )


def _figure(stem: str, series: SeriesSet, model: Model, one: One, *, unit: bool) -> None:
    dark = shell.is_dark()
    common: dict[str, Any] = {
        "value_label": "value, z-normalised" if unit else "value",
        "channel_names": series.layout.get("channel_names"),
        "dark": dark,
    }
    label = "CAM" if one.attribution.method == "cam" else "fall of the probability"
    fig = plot_cam(
        one.x, one.attribution, segmentation=one.segmentation, class_names=model.classes,
        probability=float(one.proba[one.target]), cam_label=label, **common,
    )  # fmt: skip
    mark_filled(fig, one.x, one.filled, dark=dark)
    components.figure(
        fig, name=stem, caption=_legend(one, model), table=lambda: map_table(one), document=one
    )


def _legend(one: One, model: Model) -> str:
    """Say what the colours, lines and circles of the figure are; Markdown."""
    name = escape_markdown(model.classes[one.target], max_length=40)
    parts = [f"Orange stretches speak for class {name}, blue ones against it."]
    if one.attribution.method != "cam":
        parts.append("This model has no class activation map: the map is of occlusion.")
    if one.segmentation is not None and one.segmentation.n_segments > 1:
        parts.append("Dashed lines divide the segments that the model pools one by one.")
    if one.filled.any():
        n = int(one.filled.sum())
        parts.append(f"Open circles: {words.counted(n, 'missing value')} filled in.")
    return " ".join(parts)


def _beside(stem: str, model: Model, one: One) -> None:
    divided = one.segmentation is not None and one.segmentation.n_segments > 1
    labels = class_labels(model.classes)
    grid = st.grid(2 if divided else 1, min_column_width=340, gap="large")
    with grid.container():
        st.markdown("##### How sure the model is", anchors=False)
        fig = plot_probabilities(one.proba, labels, dark=shell.is_dark())
        components.figure(fig, name=f"{stem}-probabilities", downloads=False)
    if divided and one.segmentation is not None:
        with grid.container():
            st.markdown("##### What each segment adds", anchors=False)
            fig = plot_contributions(one.segmentation, labels, dark=shell.is_dark())
            components.figure(fig, name=f"{stem}-contributions", downloads=False)
