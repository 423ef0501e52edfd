"""Take things away: a figure as HTML, SVG or PNG, its numbers as CSV, the whole result as JSON.

The files are made when a button is pressed, not while the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from tscviz.figures import export
from tscviz.tables import Table, to_csv, to_json
from tscviz.ui.escape import safe_file_name, unmarked

__all__ = ["Table", "download_row", "to_csv", "to_json"]


def download_row(
    name: str,
    *,
    fig: go.Figure | Callable[[], go.Figure] | None = None,
    caption: str = "",
    table: Table | Callable[[], Table] | None = None,
    document: Any = None,
) -> None:
    """Draw the row of download buttons that stands under a figure.

    Parameters
    ----------
    name : str
        Start of the file names; made safe here. Also tells the buttons of one page apart.
    fig : plotly.graph_objects.Figure, or a function returning one, optional
        Offered as HTML and, where the server can draw, as SVG and PNG; gives the CSV and the JSON
        where `table` and `document` do not. (Elsewhere the camera of the figure's bar writes SVG.)
    caption : str
        How to read `fig`, as Markdown; goes into the HTML page as plain text.
    table : mapping of columns, or a function returning one, optional
        Offered as CSV.
    document : any, or a function returning it, optional
        Offered as JSON: dataclasses, mappings, arrays, plain values.
    """
    stem = safe_file_name(name)
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"
    ):
        for label, make in _makers(stem, fig, unmarked(caption), table, document).items():
            mime, what = _KINDS[label]
            st.download_button(
                label,
                make,
                f"{stem}.{label.lower()}",
                mime,
                key=f"download_{stem}_{label}",
                help=f"Download {what}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


_KINDS = {
    "HTML": ("text/html", "the figure as one HTML page that works offline"),
    "SVG": ("image/svg+xml", "the figure as a drawing; takes some seconds"),
    "PNG": ("image/png", "the figure as a picture; takes some seconds"),
    "CSV": ("text/csv", "the numbers in the figure as a table"),
    "JSON": ("application/json", "the result with everything that led to it"),
}


def _makers(
    stem: str,
    fig: go.Figure | Callable[[], go.Figure] | None,
    caption: str,
    table: Table | Callable[[], Table] | None,
    document: Any,
) -> dict[str, Callable[[], bytes]]:
    makers: dict[str, Callable[[], bytes]] = {}
    if fig is not None:
        makers["HTML"] = lambda: _page(_made(fig), stem, caption)
        if export.can_export_images():
            makers["SVG"] = lambda: export.to_image(_made(fig), "svg")
            makers["PNG"] = lambda: export.to_image(_made(fig), "png")
        makers["CSV"] = lambda: export.to_csv(_made(fig)).encode()
        makers["JSON"] = lambda: export.to_json(_made(fig)).encode()
    if table is not None:
        makers["CSV"] = lambda: to_csv(_made(table))
    if document is not None:
        makers["JSON"] = lambda: to_json(_made(document))
    return makers


def _page(fig: go.Figure, title: str, caption: str) -> bytes:
    return export.to_html(fig, title=title, caption=caption).encode()


def _made(value: Any) -> Any:
    return value() if callable(value) else value
