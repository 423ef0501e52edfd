"""Bring the series into the form the model wants, in the open: switches, and what was done."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.types import Array, SeriesSet
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.sources import Source
from tscviz.ui.escape import escape_markdown

if TYPE_CHECKING:
    from tscviz.data import Preparation, Prepared

AS_IT_IS = "as it is"
GAPS = {"interpolate": "draw a line across", "zero": "set to zero"}


def controls(source: Source, series: SeriesSet, model: Model) -> Preparation:
    """Draw the switches and return what is to be done to the series."""
    from tscviz.data import Preparation

    card = Preparation(**model.preparation)
    key = f"{source.digest[:12]}_{model.entry.sha256[:8]}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        unit = st.toggle(
            "z-normalise every series",
            card.normalise == "z",
            key=f"classify_z_{key}",
            help="Mean 0 and standard deviation 1 per series and channel. The switch starts where "
            "the model's training data stood.",
        )
        length = _length_control(key, series, model)
        gaps = card.gaps
        if has_gaps(series):
            gaps = st.segmented_control(
                "Missing values", tuple(GAPS), required=True, format_func=GAPS.__getitem__,
                default=card.gaps if card.gaps in GAPS else "interpolate", key=f"classify_gaps_{key}",
            )  # fmt: skip
    return Preparation(
        gaps=gaps,
        normalise="z" if unit else "none",
        ddof=card.ddof,
        length=length,
        length_by="resample",
    )


def _length_control(key: str, series: SeriesSet, model: Model) -> int | None:
    low, high = model.lengths
    lengths = series.mask.sum(axis=1)
    if not high or (low <= lengths.min() and lengths.max() <= high):
        return None
    resample = f"resample to {high} points"
    chosen = st.segmented_control(
        "Length",
        (AS_IT_IS, resample),
        default=AS_IT_IS,
        required=True,
        key=f"classify_length_{key}",
        help=f"The model was trained on series of {model.length_text} points. It takes any length, "
        "but knows shapes at the speed it was trained on.",
    )
    return high if chosen == resample else None


def has_gaps(series: SeriesSet) -> bool:
    """Whether any value is missing."""
    return bool(np.isnan(series.X).any())


def prepared(source: Source, options: dict[str, Any], series: SeriesSet,
             preparation: Preparation) -> Prepared:  # fmt: skip
    """Return the series as the model takes them; computed once per file and setting."""
    return _prepared(source.digest, options, preparation.to_dict(), series.X, series.mask)


@st.cache_resource(max_entries=3, scope="session", show_spinner="Preparing the series …")
def _prepared(
    digest: str, options: dict[str, Any], preparation: dict[str, Any], _X: Array, _mask: Array
) -> Prepared:
    from tscviz.data import Preparation, prepare

    return prepare(_X, _mask, Preparation(**preparation))


def notes(ready: Prepared) -> str:
    """Say what was done, as Markdown."""
    if not ready.notes:
        return "Nothing was changed: the series go to the model as they are."
    text = "; ".join(escape_markdown(note) for note in ready.notes)
    return f"{text[0].upper()}{text[1:]}."
