"""A bounded look at a table, on which all guesses rest, and what one column of it looks like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tscviz.data.cells import is_missing, is_number, to_number
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
    bare : bool
        No number has decimals, so that "1,234" may be one with a mark for thousands.
    """

    names: tuple[str, ...] | None
    rows: tuple[list[str], ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    n_rows: int
    width: int
    decimal: str
    missing: tuple[str, ...]
    bare: bool = False

    def column(self, index: int) -> tuple[str, ...]:
        """Cells of one column, "" where a row is too short."""
        if index == 0:
            return self.first
        if index == self.width - 1:
            return self.last
        return tuple(row[index] if index < len(row) else "" for row in self.rows)

    def number(self, cell: str) -> float | None:
        """Value of a cell: NaN if it marks a missing value, None if it is no number."""
        if is_number(cell, self.decimal, self.bare):
            return to_number(cell, self.decimal, self.bare)
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


_FRACTIONS = 0.5  # share of the other values that must not be whole before a column is a label
_MAX_CLASSES = 1000
_LARGEST_LABEL = 1e15
_LARGEST_TIME = 1e30
NUMBERED = (
    "id",
    (
        "The first column has another whole number in every row while the other values have "
        "fractions: names of the cases."
    ),
)
"""What `judge_edge` says of numbers of cases that do not count the rows."""
_TIME_CHARACTERS = frozenset("0123456789-/:. TZtzQqAPMapm+,")


def judge_edge(sample: Sample, index: int) -> tuple[str | None, str]:
    """Return ``("label" | "id" | None, reason)`` for column `index` of a row layout.

    Text beside numbers is a label, or a name if no two are alike and they end in digits. Whole
    numbers are a label only if few and repeated while most other values have fractions; if no two
    are alike, they may be names. Beside a word and no number, "none", "NA" and their like are
    words, too.
    """
    cells = [cell.strip() for cell in sample.column(index)]
    where = "first" if index == 0 else "last" if index == sample.width - 1 else f"{index + 1}."
    values = [sample.number(cell) for cell in cells]
    words = [cell for cell, value in zip(cells, values, strict=True) if value is None]
    n_text = len(words)
    if words and all(value is None or math.isnan(value) for value in values):
        n_text = sum(map(bool, cells))
    if 2 * n_text > len(cells):
        return _judge_text(cells, words, where)
    if words or (index == 0 and sample.width < 3):
        return None, ""
    rest = sample.matrix
    if index < rest.shape[1]:
        rest = np.delete(rest, index, axis=1)
    numbers = np.array(values, dtype=float)
    return _judge_whole(cells, numbers, rest, _has_plain_rest(sample, index), where)


def _judge_text(cells: Sequence[str], words: Sequence[str], where: str) -> tuple[str | None, str]:
    if sum(map(looks_like_time, words)) * 2 > len(words):
        return None, ""
    distinct = len(set(cells))
    ends = sum(cell[-1:].isdigit() or "." in cell for cell in cells)
    if distinct == len(cells) >= 4 and 2 * ends > len(cells):
        return "id", f"The {where} column is text, different in every row: names of the cases."
    return (
        "label",
        f"The {where} column is text beside numbers, {distinct} different: class labels.",
    )


def _judge_whole(
    cells: Sequence[str], values: Array, rest: Array, decimals: bool, where: str
) -> tuple[str | None, str]:
    rest = rest[np.isfinite(rest)]
    known = values[~np.isnan(values)]
    if len(known) < len(values) and 2 * len(known) > len(values):
        values = known  # a label may be missing, which reading then refuses
    whole = bool((np.abs(values) < _LARGEST_LABEL).all() and (values == np.round(values)).all())
    if not whole or not rest.size or np.mean(rest != np.round(rest)) < _FRACTIONS:
        return None, ""
    n, distinct = len(values), len(np.unique(values))
    plain = decimals and not any(mark in cell for cell in cells for mark in ".,eE")
    if where == "first" and n >= 5 and (np.diff(values) == 1).all() and values[0] in (0, 1):
        return "id", "The first column counts the rows: numbers of the cases."
    repeated = 2 <= distinct <= min(max(2, n // 2), _MAX_CLASSES) and n >= 4
    by_writing = plain and rest.size >= 10 and bool(values.any()) and (where == "first")
    if by_writing and distinct == n >= 4:
        return NUMBERED
    if repeated or (by_writing and distinct <= _MAX_CLASSES):
        return "label", (
            f"The {where} column has {distinct} different whole number{'s' * (distinct != 1)} in "
            f"{n} rows while the other values have fractions: class labels."
        )
    return None, ""


def _has_plain_rest(sample: Sample, index: int) -> bool:
    """Whether nearly all other cells are written with decimals, so that a bare "1" stands out."""
    cells = [c for row in sample.rows[:10] for j, c in enumerate(row[:256]) if j != index]
    cells = [c for c in cells if sample.number(c) is not None and c.strip()]
    written = sum("." in c or "," in c or "e" in c.lower() for c in cells)
    return bool(cells) and written >= 0.95 * len(cells)


def looks_like_time(cell: str) -> bool:
    """Whether a cell that is no number is written like a date or a time of day."""
    cell = cell.strip()
    return (
        4 <= len(cell) <= 40
        and cell[0].isdigit()
        and any(mark in cell[1:] for mark in "-/:Q.")
        and _TIME_CHARACTERS.issuperset(cell)
    )


def is_clock(sample: Sample, index: int) -> bool:
    """Whether a column goes up by equal steps, or holds dates: a time axis down the file."""
    cells = sample.column(index)[:1000]
    values = [sample.number(cell) for cell in cells]
    if all(value is None for value in values):
        return all(looks_like_time(cell) for cell in cells)
    if len(cells) < 4 or any(value is None for value in values):
        return False
    times = np.array(values, dtype=float)
    if not (np.abs(times) < _LARGEST_TIME).all():
        return False
    steps = np.diff(times)
    if not (steps > 0).all():
        return False
    return bool(np.abs(steps - np.median(steps)).max() <= 0.02 * np.median(steps))
