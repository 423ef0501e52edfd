"""Lines of text to a checked table of numbers, with the text columns kept beside it."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tscviz.data.cells import (
    NumberReader,
    Splitter,
    first_beyond,
    infinite,
    is_missing,
    shorten,
)
from tscviz.data.errors import DataError, Setting
from tscviz.data.readers.dialect import is_any_number, is_date
from tscviz.data.readers.layout import Layout, find_column
from tscviz.data.readers.sample import looks_like_time
from tscviz.types import Array

_SIGNED = re.compile(r"\W{0,3}[0-9]")  # "4.2 mV", "$5": what is meant as a number


@dataclass(frozen=True, eq=False)
class Columns:
    """What to do with each column of a table; positions are 0-based, -1 is a row's last cell.

    Parameters
    ----------
    names : tuple of str or None
        Header.
    width : int
        Cells in a row.
    text : frozenset of int
        Columns kept as text.
    skip : frozenset of int
        Columns left out.
    ragged : bool
        Rows may have other numbers of cells.
    """

    names: tuple[str, ...] | None
    width: int
    text: frozenset[int] = frozenset()
    skip: frozenset[int] = frozenset()
    ragged: bool = False

    def numeric(self, width: int) -> list[int]:
        """Columns of numbers in a row of `width` cells."""
        other = {i % width if i < 0 else i for i in self.text | self.skip} if width else set()
        return [i for i in range(width) if i not in other]


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers and texts of a file.

    Parameters
    ----------
    columns : Columns
    flat : float64 array, shape (n_values,)
        Numbers, row after row; NaN where missing.
    counts : int64 array, shape (n_rows,)
        Numbers in each row.
    text : dict of int to list of str
        Text columns by position.
    rows : sequence of int
        Line of the file of each row, 1-based.
    """

    columns: Columns
    flat: Array
    counts: Array
    text: dict[int, list[str]]
    rows: Sequence[int]

    @property
    def matrix(self) -> Array:
        """Numbers, shape (n_rows, n_numeric_columns); rows must be equally long."""
        return self.flat.reshape(len(self.counts), -1)

    def place(self, position: int) -> tuple[int, int]:
        """Return ``(row, column)``, 1-based, of ``flat[position]``."""
        ends = np.cumsum(self.counts)
        i = int(np.searchsorted(ends, position, side="right"))
        within = position - int(ends[i] - self.counts[i])
        n_other = len(self.columns.text) + len(self.columns.skip)
        width = int(self.counts[i]) + n_other if self.columns.ragged else self.columns.width
        return self.rows[i], self.columns.numeric(width)[within] + 1


def read_table(
    lines: Iterable[tuple[int, str]], split: Splitter, numbers: NumberReader, columns: Columns
) -> Table:
    """Read all lines.

    Raises
    ------
    DataError
        A cell that is no number, a number too large, rows of unequal length, or no rows.
    """
    flat = array("d")
    counts, rows = array("q"), array("q")
    text: dict[int, list[str]] = {i: [] for i in columns.text}
    plain = not (columns.text or columns.skip)
    numeric: Sequence[int] = ()
    numeric_width = -1
    for row, line in lines:
        cells = split(line, row)
        width = len(cells)
        if width != columns.width:
            _check_width(width, columns, row)
        if width != numeric_width:
            numeric = range(width) if plain else columns.numeric(width)
            numeric_width = width
        for i in columns.text:
            text[i].append(cells[i])
        kept = cells if plain else _without(cells, columns.text | columns.skip)
        numbers.extend(flat, kept, row, numeric)
        counts.append(len(kept))
        rows.append(row)
    if not rows:
        raise DataError("the file has no rows of data; give a file with at least one series.")
    table = Table(columns, np.frombuffer(flat), np.frombuffer(counts, np.int64), text, rows)
    check_finite(table.flat, table)
    return table


def check_for_numbers(
    rows: Sequence[tuple[int, list[str]]], columns: Columns, header: bool
) -> None:
    """Refuse units and other signs in all cells: they hide whether the first line is a header.

    Parameters
    ----------
    rows : sequence of (int, list of str)
        The first rows and their cells.
    columns : Columns
    header : bool
        Whether they stand below a header.

    Raises
    ------
    DataError
        No column of numbers, or a first line of words; it names a cell with a sign where it can.
    """
    if not rows:
        return
    top, (row, cells) = rows[0][1], rows[-1]
    numeric = columns.numeric(columns.width)
    if not numeric:
        _refuse_sign(
            row, cells, sorted(columns.skip | columns.text), "no column of numbers is left"
        )
        raise DataError("no column of numbers is left; choose another layout.")
    found = [top[i] for i in numeric if i < len(top) and not is_missing(top[i])]
    if found and not header and not any(map(is_any_number, found)):
        for row, cells in rows[1:]:
            signed = {i for i in columns.skip if i < len(cells) and _SIGNED.match(cells[i].strip())}
            _refuse_sign(row, cells, sorted({*numeric, *signed}), "the first line has no number")


def _refuse_sign(row: int, cells: Sequence[str], columns: Iterable[int], why: str) -> None:
    for i in columns:
        cell = cells[i].strip() if i < len(cells) else ""
        dated = is_date(cell) or (looks_like_time(cell) and any(m in cell for m in "-/:Q"))
        if any(map(str.isdigit, cell)) and not (is_any_number(cell) or dated):
            raise DataError(
                f"{why}; found {shorten(cell)}. Write plain numbers, without units or other signs, "
                "or choose another layout.",
                row=row,
                column=i + 1,
            )


def check_finite(flat: Array, table: Table) -> None:
    """Refuse infinities and what float32 cannot hold."""
    bad = first_beyond(flat)
    if bad is not None:
        raise infinite(float(flat[bad]), *table.place(bad))


def _without(cells: list[str], other: Collection[int]) -> list[str]:
    left_out = {i % len(cells) for i in other}
    if len(left_out) > 8:
        return [cell for i, cell in enumerate(cells) if i not in left_out]
    kept = list(cells)
    for i in sorted(left_out, reverse=True):
        del kept[i]
    return kept


def _check_width(width: int, columns: Columns, row: int) -> None:
    needed = max((i + 1 if i >= 0 else 1 for i in columns.text | columns.skip), default=0)
    if columns.ragged and width > needed:
        return
    cells = f"the row has {width} cell{'s' * (width != 1)}"
    if columns.ragged:
        last = columns.width - 1 in columns.text
        ends = Setting("label_column", "last", "; if the label ends every row, choose {}")
        raise DataError(
            f"{cells}, and column {needed} of it is no value of the series; mend the row",
            *((ends,) if last else ()),
            ".",
            row=row,
        )
    raise DataError(
        f"{cells} where {columns.width} were expected; mend the row, or end shorter series with "
        "empty cells",
        Setting("ragged", True, "; where rows are series of unequal length, choose {}"),
        ".",
        row=row,
    )


def plan_columns(
    layout: Layout, roles: Mapping[str, int], names: tuple[str, ...] | None, width: int
) -> Columns:
    """Sort columns into text, numbers and left out."""
    skip = {find_column(c, names, width) for c in layout.drop_columns}
    text = set(roles.values())
    if layout.orientation == "long":
        value = layout.value_column
        wanted = value if isinstance(value, tuple) else () if value is None else (value,)
        values = {find_column(c, names, width) for c in wanted}
        skip |= set(range(width)) - values - text
    if text & skip:
        column = min(text & skip) + 1
        raise DataError("the column has a role and is also left out; choose one.", column=column)
    ragged = layout.ragged and layout.orientation == "rows"
    return Columns(names, width, frozenset(text), frozenset(skip), ragged)
