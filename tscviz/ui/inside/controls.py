"""Choices that the pages about one model share: the class explained, the channel."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tscviz.ui import page_options, state
from tscviz.ui.escape import plain_text
from tscviz.ui.selection import Selection


def stem(selection: Selection) -> str:
    """Return the start of the download names of a page about one case."""
    return f"{selection.model}-{selection.split}-{selection.case}"


def channel_choice(n_channels: int) -> int:
    """Let the visitor choose a channel where there are several; return its index."""
    if n_channels == 1:
        return 0
    choices = [str(c + 1) for c in range(n_channels)]
    return int(page_options.select("channel", "Channel", choices, "1", width=140)) - 1


def target_choice(
    label: str, names: Sequence[str], target: int, predicted: int, *, key: str
) -> None:
    """Let the visitor choose the class explained, near the figure; the sidebar follows.

    Parameters
    ----------
    label : str
        Of the select box.
    names : sequence of str
        Class names; escaped here.
    target, predicted : int
        Class explained, and the one that is explained while nothing is chosen.
    key : str
        Of the widget, one for each page.
    """
    st.session_state[key] = target

    def take() -> None:
        chosen = st.session_state[key]
        state.select(target=None if chosen == predicted else chosen)

    st.selectbox(
        label,
        range(len(names)),
        format_func=lambda k: (
            plain_text(names[k], max_length=30) + (" (predicted)" if k == predicted else "")
        ),
        key=key,
        on_change=take,
        width=choice_width(names),
    )


def choice_width(names: Sequence[str]) -> int:
    """Return the pixels that a box of classes needs for the longest name and "(predicted)"."""
    return min(300, max(170, 7 * max(map(len, names)) + 140))
