"""The editor on the page: it and everything that follows an edit is one fragment."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tscviz.ui import errors, shell
from tscviz.ui.components import editor
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.selection import Selection
from tscviz.ui.what_if import controls, flips, messages, store, table, takeaway, words
from tscviz.ui.what_if.data import Compared, compared
from tscviz.ui.what_if.history import History
from tscviz.ui.what_if.payload import editor_data
from tscviz.ui.what_if.sources import Sources

KEY = "what_if_editor"


@st.fragment  # an edit redraws this alone
def draw(selection: Selection, one: InsideCase) -> None:
    """Draw the controls, the editor, the downloads and the table of values."""
    with errors.guard():
        history = store.history(selection, one)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            method = controls.map_choice(selection)
            channels = controls.shown_channels(one)
            flips.draw(selection, one, history)
            follow = controls.follows(selection, history, method)
        both = compared(selection, one, history, method, follow=follow)
        _draw_editor(selection, one, history, both, channels)
        takeaway.draw(selection, one, history, both)
        table.draw(selection, one, history)


def _draw_editor(
    selection: Selection,
    one: InsideCase,
    history: History,
    both: Compared,
    channels: list[int],
) -> None:
    token, sources = store.token_of(selection, one), Sources(selection, one)

    def take() -> None:
        messages.take(editor.message(KEY), token, history, sources)

    data = editor_data(one, history, both, channels=channels, dark=shell.is_dark())
    editor.series_editor(
        data | frame_data(token, one, sources) | {"heard": store.last_heard()},
        key=KEY,
        on_edit=take,
    )


def frame_data(token: str, one: InsideCase, sources: Sources) -> dict[str, Any]:
    """Return what of the editor's data stays while a case is edited."""
    return {
        "token": token,
        "label": words.label(sources.selection, one),
        "n_channels": len(one.case.x),
        "n_cases": sources.n_cases,
        "case": sources.selection.case,
        "sources": sources.choices(),
    }
