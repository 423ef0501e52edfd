"""Take things away: a figure as HTML or SVG, its numbers as CSV, the whole result as JSON.

The files are made when a button is pressed, not while the page is drawn.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from tscviz.figures import export
from tscviz.ui.escape import escape_csv, safe_file_name

#: Column name -> values, all of one length.
Table = Mapping[str, Sequence[Any]]


def to_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8; no text cell can start a formula in a spreadsheet.

    Parameters
    ----------
    table : mapping
        Column name -> values, all of one length. NaN and None become empty cells.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([escape_csv(str(name)) for name in table])
    for row in zip(*(list(column) for column in table.values()), strict=True):
        writer.writerow([_csv_cell(value) for value in row])
    return out.getvalue().encode("utf-8")


def to_json(document: Any) -> bytes:
    """Return dataclasses, arrays and plain values as JSON; NaN and infinities become null."""
    return json.dumps(_plain(document), indent=1, allow_nan=False).encode("utf-8")


def download_row(
    name: str,
    *,
    fig: go.Figure | None = None,
    table: Table | Callable[[], Table] | None = None,
    document: Any = None,
) -> None:
    """Draw the row of download buttons that stands under a figure.

    Parameters
    ----------
    name : str
        Start of the file names; made safe here. Also tells the buttons of one page apart.
    fig : plotly.graph_objects.Figure, optional
        Offered as HTML and, where the server can draw, as SVG; gives the CSV and the JSON where
        `table` and `document` do not. (Elsewhere the camera of the figure's bar writes the SVG.)
    table : mapping of columns, or a function returning one, optional
        Offered as CSV.
    document : any, or a function returning it, optional
        Offered as JSON: dataclasses, mappings, arrays, plain values.
    """
    stem = safe_file_name(name)
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"
    ):
        for label, make in _makers(stem, fig, table, document).items():
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
    "CSV": ("text/csv", "the numbers in the figure as a table"),
    "JSON": ("application/json", "the result with everything that led to it"),
}


def _makers(
    stem: str, fig: go.Figure | None, table: Table | Callable[[], Table] | None, document: Any
) -> dict[str, Callable[[], bytes]]:
    makers: dict[str, Callable[[], bytes]] = {}
    if fig is not None:
        makers["HTML"] = lambda: export.to_html(fig, title=stem).encode()
        if export.can_export_images():
            makers["SVG"] = lambda: export.to_image(fig, "svg")
        makers["CSV"] = lambda: export.to_csv(fig).encode()
        makers["JSON"] = lambda: export.to_json(fig).encode()
    if table is not None:
        makers["CSV"] = lambda: to_csv(_made(table))
    if document is not None:
        makers["JSON"] = lambda: to_json(_made(document))
    return makers


def _made(value: Any) -> Any:
    return value() if callable(value) else value


def _csv_cell(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return escape_csv(value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
