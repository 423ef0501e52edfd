"""A figure with its text alternative and its downloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from tscviz.figures import export
from tscviz.ui.downloads import Table, download_row
from tscviz.ui.escape import escape_markdown, plain_text, safe_file_name

SelectionMode = Literal["points", "box", "lasso"]


def figure(
    fig: go.Figure,
    *,
    name: str,
    caption: str | None = None,
    table: Table | Callable[[], Table] | None = None,
    document: Any = None,
    select: tuple[SelectionMode, ...] = (),
    on_select: Callable[[Any], None] | None = None,
    generation: int = 0,
    downloads: bool = True,
) -> Any:
    """Show a figure across the page, with alternative text and a row of downloads.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
        From `tscviz.figures`, made with ``dark=shell.is_dark()``; its text alternative is for
        those who cannot see it.
    name : str
        Unique on the page; also the start of the file names.
    caption : str, optional
        How to read the figure; Markdown, with what comes from files escaped. It stands between
        the figure and its downloads, and goes into the HTML page.
    table : mapping of columns, or a function returning one, optional
        The numbers, as CSV; by default those that the figure shows.
    document : any, or a function returning it, optional
        The result, as JSON; by default the figure itself.
    select : tuple of "points", "box", "lasso"
        What the visitor may select; the page runs again after a selection.
    on_select : callable, optional
        With `select`: called with the new selection before the page runs again.
    generation : int
        With another number what the visitor has selected in the figure is forgotten.
    downloads : bool
        False leaves the row of buttons out.

    Returns
    -------
    PlotlyState or None
        With `select`: ``.selection.points`` and ``.selection.box``.
    """
    key = f"figure_{safe_file_name(name)}" + (f"_{generation}" if generation else "")
    config = export.chart_config(safe_file_name(name))
    config["modeBarButtonsToRemove"] += ["zoomIn2d", "zoomOut2d", "pan2d"]  # a narrow bar
    text = plain_text(export.alt_text(fig) or name, max_length=600)
    state: Any = None
    if select:
        state = st.plotly_chart(
            fig, theme=None, key=key, config=config, alt=text, selection_mode=select,
            on_select="rerun" if on_select is None else lambda: on_select(st.session_state[key]),
        )  # fmt: skip
    else:
        st.plotly_chart(fig, theme=None, key=key, config=config, alt=text)
    said = (caption or "").strip()
    if said:
        st.caption(said)
    for note in export.notes(fig):
        st.caption(escape_markdown(note))
    if downloads:
        download_row(name, fig=fig, caption=said, table=table, document=document)
    return state
