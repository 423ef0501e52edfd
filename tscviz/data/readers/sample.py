"""A bounded look at a table, on which all guesses rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tscviz.data.readers.cells import is_missing, is_number
from tscviz.types import Array

MAX_SAMPLE_ROWS = 1000
MAX_SAMPLE_CELLS = 50_000
MAX_EDGE_ROWS = 20_000
_LARGEST = 1e38
_MATRIX_ROWS, _MATRIX_COLUMNS = 48, 256


@dataclass(frozen=True, eq=False)
class Sample:
    """First rows of a table as text.

    Parameters
    ----------
    names : tuple of str or None
        Header.
    rows : tuple of lists of str
        Data rows, without the header.
    first, last : tuple of str
        First and last cell of many more rows.
    n_rows : int
        Data rows of the whole table (of the first `MAX_EDGE_ROWS` at least).
    width : int
        Usual number of cells in a row.
    decimal : str
    missing : tuple of str
    """

    names: tuple[str, ...] | None
    rows: tuple[list[str], ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    n_rows: int
    width: int
    decimal: str
    missing: tuple[str, ...]

    def column(self, index: int) -> tuple[str, ...]:
        """Cells of one column, "" where a row is too short."""
        if index == 0:
            return self.first
        if index == self.width - 1:
            return self.last
        return tuple(row[index] if index < len(row) else "" for row in self.rows)

    def number(self, cell: str) -> float | None:
        """Value of a cell: NaN if it marks a missing value, None if it is no number."""
        if is_number(cell, self.decimal):
            return float(cell.replace(",", ".") if self.decimal == "," else cell)
        return float("nan") if is_missing(cell, self.missing) else None

    @cached_property
    def matrix(self) -> Array:
        """Values of the top left corner, NaN for what is no number or too large a one."""
        width = min(self.width, _MATRIX_COLUMNS)
        out = np.full((min(len(self.rows), _MATRIX_ROWS), width), np.nan)
        for i, row in enumerate(self.rows[:_MATRIX_ROWS]):
            for j, cell in enumerate(row[:width]):
                value = self.number(cell)
                out[i, j] = np.nan if value is None else value
        out[np.abs(out) > _LARGEST] = np.nan
        return out

    def names_of(self, index: int) -> str:
        """Header of a column in lower case, "" where there is none."""
        return self.names[index].strip().lower() if self.names else ""
