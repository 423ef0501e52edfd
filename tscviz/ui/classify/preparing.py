"""Bring the series into the form the model wants, in the open: switches, and what was done."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.types import Array, SeriesSet
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.sources import Source
from tscviz.ui.escape import escape_markdown

if TYPE_CHECKING:
    from tscviz.data import Preparation, Prepared

AS_IT_IS, RESAMPLE, PAD = "as it is", "resample", "pad"
GAPS = {"interpolate": "draw a line across", "zero": "set to zero"}


def draw(source: Source, options: dict[str, Any], series: SeriesSet,
         model: Model) -> tuple[Preparation, Prepared]:  # fmt: skip
    """Show what is done to the series, with switches, and do it.

    Returns
    -------
    preparation : Preparation
    ready : Prepared
    """
    from tscviz.data import Preparation

    card = Preparation(**model.preparation)
    key = f"{source.digest[:12]}_{model.entry.sha256[:8]}"
    place = st.empty()
    chosen = _kept(key, card, series, model)
    ready = prepared(source, options, series, chosen)
    notable = has_gaps(series) or offers_length(series, model)
    with (
        place.expander(
            f"**Prepared for the model:** {notes(ready)}",
            expanded=notable,
            key=f"classify_prepared_{key}",
            icon=":material/tune:",
        ),
        st.container(horizontal=True, vertical_alignment="bottom", gap="medium"),
    ):
        _controls(key, card, series, model)
    return chosen, ready


def _kept(key: str, card: Preparation, series: SeriesSet, model: Model) -> Preparation:
    """Return what the switches say; they are drawn after what they lead to is known."""
    kept = st.session_state
    unit = kept.get(f"classify_z_{key}", card.normalise == "z")
    way = _ways(card, series)[0]
    if offers_length(series, model):
        way = kept.get(f"classify_length_{key}") or way
    length = card.length if way == AS_IT_IS else card.length or model.lengths[1]
    return replace(
        card,
        gaps=kept.get(f"classify_gaps_{key}") or _first_gaps(card),
        normalise="z" if unit else "none",
        length=length,
        length_by=card.length_by if way == AS_IT_IS else way,
    )


def _controls(key: str, card: Preparation, series: SeriesSet, model: Model) -> None:
    st.toggle(
        "z-normalise every series",
        card.normalise == "z",
        key=f"classify_z_{key}",
        help="Mean 0 and standard deviation 1 per series and channel. The switch starts where "
        "the model's training data stood.",
    )
    if offers_length(series, model):
        wanted, ways = card.length or model.lengths[1], _ways(card, series)
        st.segmented_control(
            "Length",
            ways,
            default=ways[0],
            required=True,
            format_func=lambda v: v if v == AS_IT_IS else f"{v} to {wanted} points",
            key=f"classify_length_{key}",
            help=_length_help(card, model),
        )
    if has_gaps(series):
        st.segmented_control(
            "Missing values",
            tuple(GAPS),
            default=_first_gaps(card),
            required=True,
            format_func=GAPS.__getitem__,
            key=f"classify_gaps_{key}",
        )


def _ways(card: Preparation, series: SeriesSet) -> tuple[str, ...]:
    """Return what can be done about the length, the usual way first; nothing is cut off."""
    if card.length is None:
        return AS_IT_IS, RESAMPLE
    fits = int(series.mask.sum(axis=1).max()) <= card.length
    if not fits:
        return (RESAMPLE,)
    return (PAD, RESAMPLE) if card.length_by == PAD else (RESAMPLE, PAD)


def _length_help(card: Preparation, model: Model) -> str:
    if card.length is not None:
        return (
            f"The model reads series of {card.length} points, no more and no fewer. Resample: the "
            "same shape at another speed. Pad: zeros behind the end."
        )
    return (
        f"The model was trained on series of {model.length_text} points. It takes any length, but "
        "knows shapes as wide as those it learned."
    )


def _first_gaps(card: Preparation) -> str:
    return card.gaps if card.gaps in GAPS else "interpolate"


def offers_length(series: SeriesSet, model: Model) -> bool:
    """Whether some series are shorter or longer than all of the training data."""
    low, high = model.lengths
    lengths = series.mask.sum(axis=1)
    return bool(high and (lengths.min() < low or lengths.max() > high))


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
