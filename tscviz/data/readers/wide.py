"""A table in rows or in columns to a SeriesSet."""

from __future__ import annotations

import numpy as np

from tscviz.data.cells import is_missing, shorten
from tscviz.data.errors import DataError, Setting
from tscviz.data.readers.finish import (
    Places,
    allocate,
    finish,
    trimmed_lengths,
    whole_label,
)
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.long import read_long
from tscviz.data.readers.table import Table
from tscviz.data.readers.times import gap_note, parse_times
from tscviz.types import Array, SeriesSet


def table_to_series(table: Table, roles: dict[str, int], layout: Layout) -> SeriesSet:
    """Build the series of a table.

    Parameters
    ----------
    table : Table
    roles : dict
        Position (0-based) of "label_column", "id_column", "time_column", "channel_column".
    layout : Layout

    Raises
    ------
    DataError
        The table does not hold usable series in this layout.
    """
    readers = {"rows": read_rows, "columns": read_columns, "long": read_long}
    return readers[layout.orientation](table, roles, layout)


def read_rows(table: Table, roles: dict[str, int], layout: Layout) -> SeriesSet:
    """One case per row; `layout.channels` channels share a row."""
    X = _ragged_rows(table, layout) if layout.ragged else _equal_rows(table, layout)
    lengths = trimmed_lengths(X)
    texts = {role: table.text[i] for role, i in roles.items() if i in table.text}
    n = _without_empty_end(lengths, list(texts.values()))
    if n < len(X):
        note = f"{len(X) - n} empty rows at the end are left out."
        layout = layout.noted(note)
    labels, names = texts.get("label_column"), texts.get("id_column")
    return finish(
        X[:n],
        lengths[:n],
        layout,
        Places(rows=table.rows),
        labels=None
        if labels is None
        else [whole_label(label, layout.decimal) for label in labels[:n]],
        names=None if names is None else names[:n],
    )


def _equal_rows(table: Table, layout: Layout) -> Array:
    values, k = table.matrix, layout.channels
    n, width = values.shape
    if width == 0 or width % k:
        raise _not_divisible(width, k, None)
    if layout.channel_order == "blocks":
        return values.reshape(n, k, width // k)
    return values.reshape(n, width // k, k).transpose(0, 2, 1)


def _ragged_rows(table: Table, layout: Layout) -> Array:
    k, counts = layout.channels, table.counts
    odd = np.flatnonzero((counts % k != 0) | (counts == 0))
    if odd.size:
        raise _not_divisible(int(counts[odd[0]]), k, table.rows[int(odd[0])])
    X = allocate(len(counts), k, int(counts.max()) // k)
    start = 0
    for i, count in enumerate(counts.tolist()):
        part = table.flat[start : start + count]
        blocks = layout.channel_order == "blocks"
        X[i, :, : count // k] = part.reshape(k, -1) if blocks else part.reshape(-1, k).T
        start += count
    return X


def _not_divisible(found: int, channels: int, row: int | None) -> DataError:
    return DataError(
        f"{found} values in a row cannot be shared by {channels} channels; "
        "choose another number of channels, or check label, id and dropped columns.",
        row=row,
    )


def _without_empty_end(lengths: Array, texts: list[list[str]]) -> int:
    n = len(lengths)
    while n > 1 and lengths[n - 1] == 0 and not any(text[n - 1].strip() for text in texts):
        n -= 1
    return n


def read_columns(table: Table, roles: dict[str, int], layout: Layout) -> SeriesSet:
    """One case, or one channel, per column."""
    if "time_column" in roles:
        layout = _check_clock(table, roles["time_column"], layout)
    values = table.matrix.T  # (n_columns, n_rows)
    where = table.columns.numeric(table.columns.width)
    if not where:
        raise DataError("no column of numbers is left; choose another layout.")
    header = table.columns.names
    names = [(header[i].strip() if header else "") or str(i + 1) for i in where]
    label = _file_label(table, roles, layout)
    if layout.columns_are == "case.channel":
        return _case_channel(values, names, where, layout)
    if layout.columns_are == "channels":
        X = values[None]
        return finish(X, trimmed_lengths(X), layout, Places(rows=table.rows[:1]),
                      labels=label, channel_names=names)  # fmt: skip
    if label is not None and len(names) > 1:
        raise DataError(
            "the label column holds one label for the file, but every column is a case of its own; "
            "take the label column out of the file",
            Setting(
                "columns_are", "channels", "; if the columns are channels of one case, choose {}"
            ),
            Setting("label_column", None, "; to read no label, choose {} and leave the column out"),
            ".",
        )
    X = values[:, None]
    return finish(X, trimmed_lengths(X), layout, Places(columns=[i + 1 for i in where]),
                  labels=label, names=names if header else None)  # fmt: skip


def _case_channel(values: Array, names: list[str], where: list[int], layout: Layout) -> SeriesSet:
    parts = [name.rpartition(".") for name in names]
    for (case, dot, channel), column in zip(parts, where, strict=True):
        if not (case and dot and channel):
            raise DataError(
                f"the column name {shorten(case + dot + channel)} does not read case.channel; "
                "rename it",
                Setting("columns_are", "cases", ", or choose {}"),
                Setting("columns_are", "channels", " or {}"),
                ".",
                column=column + 1,
            )
    cases = {case: i for i, case in enumerate(dict.fromkeys(p[0] for p in parts))}
    channels = {c: i for i, c in enumerate(dict.fromkeys(p[2] for p in parts))}
    X = allocate(len(cases), len(channels), values.shape[1])
    first: dict[str, int] = {}
    for row, (case, _, channel), column in zip(values, parts, where, strict=True):
        X[cases[case], channels[channel]] = row
        first.setdefault(case, column + 1)
    return finish(X, trimmed_lengths(X), layout, Places(columns=list(first.values())),
                  names=list(cases), channel_names=list(channels))  # fmt: skip


def _file_label(table: Table, roles: dict[str, int], layout: Layout) -> list[str] | None:
    """One label for the whole file; it may not change on the way down."""
    if "label_column" not in roles:
        return None
    cells = table.text[roles["label_column"]]
    for cell, row in zip(cells, table.rows, strict=True):
        if cell.strip() != cells[0].strip():
            raise DataError(
                f"the label changes from {shorten(cells[0])} to {shorten(cell)} within the series; "
                "add an id column for several series",
                Setting("label_column", None, ", or choose {} and leave the column out"),
                ".",
                row=row,
                column=roles["label_column"] + 1,
            )
    return [whole_label(cells[0], layout.decimal)]


def _check_clock(table: Table, column: int, layout: Layout) -> Layout:
    """Points are taken in the order of the file, so a time that goes back is an error.

    Return the layout, with a note where the time jumps.
    """
    cells = table.text[column]
    known = [i for i, cell in enumerate(cells) if not is_missing(cell, layout.missing)]
    cells, rows = [cells[i] for i in known], [table.rows[i] for i in known]
    times = parse_times(cells, rows, column, layout)
    back = np.flatnonzero(times[1:] < times[:-1])
    if back.size:
        row = rows[int(back[0]) + 1]
        raise DataError(
            "the time goes back; sort the rows, or add an id column if several series follow each "
            "other",
            Setting(
                "time_column", None, "; to ignore the time, choose {} and leave the column out"
            ),
            ".",
            row=row,
            column=column + 1,
        )
    jump = gap_note(times, np.zeros(len(times)), cells, rows)
    return layout if jump is None else layout.noted(jump)
