"""The editor's twin: every value in a table that can be typed into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from tscviz.types import Array
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.words import points
from tscviz.ui.selection import Selection
from tscviz.ui.what_if import store
from tscviz.ui.what_if.history import History
from tscviz.ui.what_if.messages import enter

_BASE = "_tscviz_what_if_table"


def draw(selection: Selection, one: InsideCase, history: History) -> None:
    """Draw the table, folded; a typed value is an edit like any other."""
    with st.expander(
        "Values as a table", icon=":material/table:", key="what_if_table_open", on_change="rerun"
    ) as folded:
        if not folded.open:  # a table of thousands of rows costs nothing while it is folded
            return
        st.caption("Type a value and press Enter: the editor above follows.")
        key = f"what_if_table_{store.token_of(selection, one)}_{history.epoch}"
        known = st.session_state.get(_BASE)
        if known is None or known[0] != key:
            known = (key, history.x)  # the table keeps its cursor: its own edits come on top
            st.session_state[_BASE] = known
        base = known[1]

        def take() -> None:
            typed(history, base, st.session_state[key]["edited_rows"])

        st.data_editor(
            columns(base, history.original),
            key=key,
            hide_index=True,
            disabled=["point", "original"],
            num_rows="fixed",
            height=380,
            on_change=take,
        )


def columns(x: Array, original: Array) -> dict[str, Array]:
    """Return the table: a row a point, a column a channel."""
    found: dict[str, Any] = {"point": np.arange(x.shape[1])}
    if len(x) == 1:
        return found | {"original": original[0], "edited": x[0]}
    return found | {f"channel {c + 1}": row for c, row in enumerate(x)}


def typed(history: History, base: Array, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Enter what was typed since the table was drawn from `base`.

    Parameters
    ----------
    history : History
        Changed in place.
    base : float32 array, shape (n_channels, n_points)
    rows : mapping
        Point -> column -> value, as `st.data_editor` reports them; None is an emptied cell.
    """
    new = base.astype(np.float64)
    for point, cells in rows.items():
        for name, value in cells.items():
            c = 0 if name == "edited" else int(name.removeprefix("channel ")) - 1
            new[c, int(point)] = np.nan if value is None else float(value)
    before, epoch = history.x, history.epoch
    with np.errstate(over="ignore"):  # beyond float32: refused below
        enter(history, new.astype(np.float32), _text(new, before), {"operation": "table"})
    if history.note is None:
        history.epoch = epoch  # nothing was cut or refused: the table shows what is true


def _text(new: Array, before: Array) -> str:
    changed = np.flatnonzero((new.astype(np.float32) != before).any(0))
    return f"type {points(int(changed[0]), int(changed[-1]))}" if len(changed) else "type"
