"""Boxes of the classify page: what is wrong with a file, what to know before trusting an answer."""

from __future__ import annotations

import logging

import streamlit as st

from tscviz.types import SeriesSet, TscvizError
from tscviz.ui.classify import checks, model_choice, words
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.sources import Source
from tscviz.ui.errors import said
from tscviz.ui.escape import escape_markdown

logger = logging.getLogger("tscviz.ui")


def unreadable(source: Source, error: TscvizError, *, recognised: bool) -> None:
    """Show why a file could not be read, and where to go on.

    Parameters
    ----------
    source : Source
    error : TscvizError
    recognised : bool
        Whether a layout was found, so that the guess may be at fault.
    """
    logger.info("a file could not be read: %s", error)
    text = said(error, words.control)
    advice = (
        "\n\nIf the guess is wrong rather than the file, set it right under *How the file was "
        "read*."
    )
    st.error(
        f"**{escape_markdown(source.name, max_length=80)} cannot be read.** "
        f"{escape_markdown(text[:1].upper() + text[1:])}{advice if recognised else ''}",
        icon=":material/error:",
    )


def show(notice: checks.Notice) -> None:
    """Show a notice: red where nothing can be computed, yellow otherwise."""
    if notice.stops:
        st.error(notice.text, icon=":material/error:")
    else:
        st.warning(notice.text, icon=":material/warning:")


def channels_fit(series: SeriesSet, model: Model, models: dict[str, Model]) -> bool:
    """Return whether the model takes that many channels; say what to do where it does not."""
    n = series.X.shape[1]
    others = model_choice.fitting(models, n)
    notice = checks.channel_notice(series, model, others)
    if notice is None:
        return True
    show(notice)
    with st.container(horizontal=True):
        for other in others[:3]:
            st.button(
                f"Use {escape_markdown(other.title)}",
                key=f"classify_use_{other.entry.name}",
                icon=":material/swap_horiz:",
                on_click=model_choice.take,
                args=(other.entry.name,),
            )
    return False
