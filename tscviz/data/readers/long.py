"""A table with one value, or one point, per row to a SeriesSet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from tscviz.data.cells import is_missing, is_number, shorten, to_number, too_many_values
from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_VALUES
from tscviz.data.readers.finish import Places, allocate, finish, whole_label
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.table import Table
from tscviz.types import Array, SeriesSet

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    position, lengths = _positions(table, roles, layout, case_of, channel_of, len(cases))
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
    layout = _told_of_order(table, roles, layout)
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


def _told_of_order(table: Table, roles: dict[str, int], layout: Layout) -> Layout:
    """Add a note where the times can be told apart and not be sorted."""
    column = roles.get("time_column")
    if column is None or _kind(table.text[column][0], layout) is not None:
        return layout
    found = shorten(table.text[column][0].strip())
    note = (
        f"Times such as {found} are neither numbers nor dates like 2024-01-31 12:00: points are in "
        "the order of the file."
    )
    return replace(layout, reasons=(*layout.reasons, note))


def _first_rows(case_of: Array, n_cases: int) -> list[int]:
    first = np.full(n_cases, len(case_of), dtype=np.int64)
    np.minimum.at(first, case_of, np.arange(len(case_of)))
    return first.tolist()


def _positions(
    table: Table,
    roles: dict[str, int],
    layout: Layout,
    case_of: Array,
    channel_of: Array,
    n_cases: int,
) -> tuple[Array, Array]:
    """Return the time index of each row and the length of each case."""
    if "time_column" in roles:
        column = roles["time_column"]
        group = case_of
        key = parse_times(table.text[column], table.rows, column, layout)
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


def parse_times(cells: Sequence[str], rows: Sequence[int], column: int, layout: Layout) -> Array:
    """Return sortable numbers for a column of numbers, of ISO dates, or else of texts in order.

    Raises
    ------
    DataError
        A missing time, or one written another way than the first.
    """
    if not cells:
        return np.zeros(0)
    kind = _kind(cells[0], layout)
    if kind is None:
        known: dict[str, float] = {}
        return np.array([known.setdefault(cell.strip(), float(len(known))) for cell in cells])
    out = np.empty(len(cells))
    for i, cell in enumerate(cells):
        value = _number(cell, layout) if kind == "number" else _date(cell)
        if value is None or not np.isfinite(value):
            found = "no time" if is_missing(cell, layout.missing) else shorten(cell)
            wanted = "a number" if kind == "number" else "a date like 2024-01-31 12:00"
            raise DataError(
                f"found {found} where the time column has {wanted}; mend the cell, or choose "
                "another time column.",
                row=rows[i],
                column=column + 1,
            )
        out[i] = value
    return out


def _kind(cell: str, layout: Layout) -> str | None:
    if _number(cell, layout) is not None:
        return "number"
    return "date" if _date(cell) is not None else None


def _number(cell: str, layout: Layout) -> float | None:
    if not is_number(cell, layout.decimal):
        return None
    return to_number(cell, layout.decimal)


def _date(cell: str) -> float | None:
    try:
        date = datetime.fromisoformat(cell.strip())
        return ((date if date.tzinfo else date.replace(tzinfo=UTC)) - _EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None
