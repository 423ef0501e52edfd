"""Drawing stretches on a series: a Streamlit component (version 2) of our own.

Numbers and elements are those of the series editor. The script is given data alone, writes text
with ``textContent`` alone, and asks no other machine for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components import v2

_FOLDER = Path(__file__).parent
#: In the order in which they are put together; the last one holds the module's entry.
PARTS = ("../editor/numbers.js", "../editor/nodes.js", "drawing.js", "main.js")


@cache
def _component() -> Callable[..., Any]:
    script = "\n".join((_FOLDER / part).read_text(encoding="utf-8") for part in PARTS)
    style = (_FOLDER / "stretches.css").read_text(encoding="utf-8")
    return v2.component(
        "tscviz_stretches", html='<div class="stretches"></div>', css=style, js=script
    )


def stretch_drawing(data: Mapping[str, Any], *, key: str, on_cuts: Callable[[], None]) -> None:
    """Draw the series with its stretches.

    Parameters
    ----------
    data : mapping
        Plain values only; see `tscviz.ui.attributions.stretches`.
    key : str
        Of the widget.
    on_cuts : callable
        Called when the visitor has changed the stretches; ``message(key)`` then returns the cuts.
    """
    _component()(key=key, data=dict(data), on_cuts_change=on_cuts)


def message(key: str) -> Any:
    """Return the cuts that the drawing with this key has just sent, None where it sent none."""
    state = st.session_state.get(key)
    return None if state is None else state.get("cuts")
