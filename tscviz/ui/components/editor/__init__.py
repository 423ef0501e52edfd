"""An editor for one series: a Streamlit component (version 2) of our own.

The parts beside this file are one JavaScript module, put together here; the browser runs it as
code of the page. It is given data alone, writes text with ``textContent`` alone, and asks no
other machine for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components import v2

#: In the order in which they are put together; the last one holds the module's entry.
PARTS = (
    "numbers.js",
    "nodes.js",
    "shapes.js",
    "widgets.js",
    "readout.js",
    "plot.js",
    "strips.js",
    "edits.js",
    "pointer.js",
    "keyboard.js",
    "main.js",
)
_FOLDER = Path(__file__).parent


@cache
def _component() -> Callable[..., Any]:
    script = "\n".join((_FOLDER / part).read_text(encoding="utf-8") for part in PARTS)
    style = (_FOLDER / "editor.css").read_text(encoding="utf-8")
    return v2.component(
        "tscviz_series_editor", html='<div class="editor"></div>', css=style, js=script
    )


def series_editor(data: Mapping[str, Any], *, key: str, on_edit: Callable[[], None]) -> None:
    """Draw the editor.

    Parameters
    ----------
    data : mapping
        Plain values only; see `tscviz.ui.what_if.payload`.
    key : str
        Of the widget.
    on_edit : callable
        Called when the visitor has edited; ``message(key)`` then returns what was done.
    """
    _component()(key=key, data=dict(data), on_edit_change=on_edit)


def message(key: str) -> Any:
    """Return what the editor with this key has just sent, None where it sent nothing."""
    state = st.session_state.get(key)
    return None if state is None else state.get("edit")
