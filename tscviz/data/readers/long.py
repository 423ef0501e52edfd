"""A table with one value, or one point, per row to a SeriesSet."""

from __future__ import annotations

import numpy as np

from tscviz.data.cells import shorten, too_many_values
from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_VALUES
from tscviz.data.readers.finish import Places, allocate, finish, whole_label
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.table import Table
from tscviz.data.readers.times import gap_note, is_sortable, order_note, parse_times
from tscviz.types import Array, SeriesSet


def read_long(table: Table, roles: dict[str, int], layout: Layout) -> SeriesSet:
    """Gather the rows of each case, in the order of time.

    Without a time column the order in the file counts. Channels that have no value at a time
    at which another channel has one are missing there.
    """
    values = table.matrix  # (n_rows, n_value_columns)
    if not values.shape[1]:
        raise DataError(
            "no value column is left", Setting("value_column", clause="; name it with {}"), "."
        )
    case_of, cases = _codes(table, roles.get("id_column"), "name of the case")
    channel_of, channels = _codes(table, roles.get("channel_column"), "name of the channel")
    if len(channels) > 1 and values.shape[1] > 1:
        raise DataError("there is a channel column and several value columns; choose one of them.")
    layout, times = _times(table, roles, layout, case_of)
    position, lengths = _positions(times, case_of, channel_of, len(cases))
    by_column = "channel_column" not in roles
    n_channels = values.shape[1] if by_column else len(channels)
    X = allocate(len(cases), n_channels, int(lengths.max()))
    _check_once(case_of, channel_of, position, X.shape, table)
    if by_column:
        X[case_of, :, position] = values
    else:
        X[case_of, channel_of, position] = values[:, 0]
    first = _first_rows(case_of, len(cases))
    header = table.columns.names
    columns = table.columns.numeric(table.columns.width)
    value_names = [(header[i].strip() if header else "") or str(i + 1) for i in columns]
    return finish(
        X,
        lengths,
        layout,
        Places(rows=[table.rows[i] for i in first]),
        labels=_case_labels(table, roles, layout, case_of, first),
        names=cases if "id_column" in roles else None,
        channel_names=value_names if by_column else channels,
    )


def _codes(table: Table, column: int | None, what: str) -> tuple[Array, list[str]]:
    """Give numbers to the texts of a column in the order in which they first appear."""
    n = len(table.rows)
    if column is None:
        return np.zeros(n, dtype=np.int64), ["1"]
    known: dict[str, int] = {}
    cells = (cell.strip() for cell in table.text[column])
    codes = np.fromiter((known.setdefault(cell, len(known)) for cell in cells), np.int64, count=n)
    if "" in known and len(known) > 1:
        row = table.rows[int((codes == known[""]).argmax())]
        raise DataError(
            f"the {what} is empty; fill it in on every row.", row=row, column=column + 1
        )
    return codes, list(known)


def _first_rows(case_of: Array, n_cases: int) -> list[int]:
    first = np.full(n_cases, len(case_of), dtype=np.int64)
    np.minimum.at(first, case_of, np.arange(len(case_of)))
    return first.tolist()


def _times(
    table: Table, roles: dict[str, int], layout: Layout, case_of: Array
) -> tuple[Layout, Array | None]:
    """Return the time of each row, and the layout with a note where it is not quite told."""
    if "time_column" not in roles:
        return layout, None
    column = roles["time_column"]
    cells = table.text[column]
    times = parse_times(cells, table.rows, column, layout)
    sorts = is_sortable(cells, layout)
    note = gap_note(times, case_of, cells, table.rows) if sorts else order_note(cells)
    return (layout if note is None else layout.noted(note)), times


def _positions(
    times: Array | None, case_of: Array, channel_of: Array, n_cases: int
) -> tuple[Array, Array]:
    """Return the time index of each row and the length of each case."""
    if times is not None:
        group, key = case_of, times
    else:
        group = case_of * (int(channel_of.max()) + 1) + channel_of
        key = np.arange(len(case_of), dtype=float)
    order = np.lexsort((key, group))
    new_group = np.ones(len(order), dtype=bool)
    new_group[1:] = group[order][1:] != group[order][:-1]
    step = new_group.copy()
    step[1:] |= key[order][1:] != key[order][:-1]
    count = np.cumsum(step)
    start = np.maximum.accumulate(np.where(new_group, count, 0))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = count - start
    lengths = np.zeros(n_cases, dtype=np.int64)
    np.maximum.at(lengths, case_of, position + 1)
    return position, lengths


def _check_once(
    case_of: Array, channel_of: Array, position: Array, shape: tuple[int, ...], table: Table
) -> None:
    n_channels = max(shape[1], int(channel_of.max()) + 1)
    if shape[0] * n_channels * shape[2] > MAX_VALUES:
        raise too_many_values(shape[0] * n_channels * shape[2])
    flat = (case_of * n_channels + channel_of) * shape[2] + position
    order = np.argsort(flat, kind="stable")
    twice = np.flatnonzero(np.diff(flat[order]) == 0)
    if twice.size:
        row = table.rows[int(order[twice[0] + 1])]
        before = table.rows[int(order[twice[0]])]
        raise DataError(
            f"the same case, channel and time stand already in row {before}; keep one of them, "
            "or name the id and channel columns.",
            row=row,
        )


def _case_labels(
    table: Table, roles: dict[str, int], layout: Layout, case_of: Array, first: list[int]
) -> list[str] | None:
    if "label_column" not in roles:
        return None
    cells = [cell.strip() for cell in table.text[roles["label_column"]]]
    for i, case in enumerate(case_of.tolist()):
        if cells[i] != cells[first[case]]:
            before = f"{shorten(cells[first[case]])} in row {table.rows[first[case]]}"
            raise DataError(
                f"the label is {shorten(cells[i])}, but the same case has {before}; "
                "a case has one label.",
                row=table.rows[i],
                column=roles["label_column"] + 1,
            )
    return [whole_label(cells[i], layout.decimal) for i in first]
