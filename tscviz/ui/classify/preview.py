"""The first rows of a file with what each column was taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tscviz.data.readers.layout import Column, Layout
from tscviz.ui.classify.reading import Reading
from tscviz.ui.escape import plain_text

MAX_COLUMNS = 24
CUT = "..."


def draw(reading: Reading) -> None:
    """Draw the first rows; every column says what it is taken for."""
    rows, layout = reading.rows, reading.layout
    if not rows or layout is None:
        return
    body = rows[1:] if layout.header else rows
    width = max(map(len, rows))
    names = list(rows[0]) if layout.header else []
    names += [""] * (width - len(names))
    roles = column_roles(layout, names, width)
    columns = {str(i): [row[i] if i < len(row) else "" for row in body] for i in range(width)}
    st.dataframe(
        _coloured(columns, roles),
        hide_index=True,
        height=min(212, 38 + 35 * max(1, len(body))),
        column_config={
            str(i): st.column_config.TextColumn(
                _title(roles[i], names[i]), width=110 if roles[i] != CUT else 40
            )
            for i in range(width)
        },
        alt="The first rows of the file; " + ", ".join(
            f"column {i + 1}: {role}" for i, role in enumerate(roles) if role not in ("series", CUT)
        ),
    )  # fmt: skip


def column_roles(layout: Layout, names: Sequence[str], width: int) -> list[str]:
    """Return what each column shown is taken for.

    Parameters
    ----------
    layout : Layout
    names : sequence of str
        Header, empty texts where there is none.
    width : int
        Columns shown.

    Returns
    -------
    list of str
        "label", "name", "time", "channel", "value", "left out", "series" or "...".
    """
    if layout.format not in ("csv", "parquet", "npy", "npz"):
        return ["series"] * width
    rest = "left out" if layout.orientation == "long" else "series"
    roles = [rest] * width
    values = layout.value_column if isinstance(layout.value_column, tuple) else (
        layout.value_column,
    )  # fmt: skip
    cut = width > MAX_COLUMNS
    wanted: list[tuple[Column | None, str]] = [(column, "value") for column in values]
    wanted += [(column, "left out") for column in layout.drop_columns]
    wanted += [
        (layout.id_column, "name"),
        (layout.time_column, "time"),
        (layout.channel_column, "channel"),
        (layout.label_column, "label"),
    ]
    for column, role in wanted:
        at = _position(column, names, width, cut=cut)
        if at is not None:
            roles[at] = role
    if cut:
        roles[-1] = CUT
    return roles


def _position(column: Column | None, names: Sequence[str], width: int, *, cut: bool) -> int | None:
    if isinstance(column, int):
        return column - 1 if column <= width - cut else None
    if column in names:
        return list(names).index(str(column))
    if column == "first":
        return 0
    return width - 1 if column == "last" and not cut else None


def _title(role: str, name: str) -> str:
    if role == CUT:
        return CUT
    name = plain_text(name, max_length=24)
    return f"{role.upper() if role != 'series' else role}: {name}" if name else role


def _coloured(columns: dict[str, list[str]], roles: Sequence[str]) -> Any:
    """Return the table with the columns that are no series set off."""
    import pandas as pd

    styles = {
        "series": "",
        "value": "",
        "left out": "color: #8A929A; text-decoration: line-through",
    }
    mark = "background-color: rgba(0, 114, 178, 0.16); font-weight: 600"
    frame = pd.DataFrame(columns)
    return frame.style.apply(
        lambda column: [styles.get(roles[int(column.name)], mark)] * len(column), axis=0
    )
