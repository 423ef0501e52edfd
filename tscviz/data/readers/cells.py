"""Cells to numbers and to names: the only place that decides what a cell may say."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Sequence

from tscviz.data.errors import DataError
from tscviz.data.readers.limits import MAX_CELL_LENGTH, MAX_NAME_LENGTH, MAX_VALUES

MISSING = ("", "na", "nan", "?", "null", "none", "-", "n/a", "#n/a")
"""What marks a missing value, in lower case; a file's own marks are added to these."""

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NAN = float("nan")


class NumberReader:
    """Turn cells into float64, fast while all are plain numbers, exact about the culprit if not.

    Parameters
    ----------
    decimal : str
        "." or ",".
    missing : iterable of str
        Marks of missing values, in lower case.
    """

    def __init__(self, decimal: str = ".", missing: Iterable[str] = MISSING) -> None:
        self._decimal = decimal
        self._missing = frozenset(missing)
        self._missing_values = frozenset(missing_values(self._missing))

    def extend(
        self, buffer: array[float], cells: Sequence[str], row: int, columns: Sequence[int]
    ) -> None:
        """Append the numbers of `cells`, standing in `row` (1-based), `columns` (0-based)."""
        start = len(buffer)
        if start + len(cells) > MAX_VALUES:
            raise too_many_values(start + len(cells), row)
        try:
            buffer.extend(map(float, self._plain(cells)))
        except ValueError:
            del buffer[start:]
            buffer.extend(
                self.number(cell, row, column) for cell, column in zip(cells, columns, strict=True)
            )

    def _plain(self, cells: Sequence[str]) -> Sequence[str]:
        """Cells that `float` reads as meant; raises ValueError where a closer look is due."""
        joined = "\n".join(cells)
        longest_possible = len(joined) - len(cells)
        if "_" in joined or self._missing_values:
            raise ValueError("closer look")
        if longest_possible > MAX_CELL_LENGTH and max(map(len, cells)) > MAX_CELL_LENGTH:
            raise ValueError("closer look")
        if self._decimal == ",":
            if "." in joined:
                raise ValueError("closer look")
            return joined.replace(",", ".").split("\n")
        return cells

    def number(self, cell: str, row: int, column: int) -> float:
        """Return the number in `cell`, NaN for a missing mark; `column` is 0-based."""
        cell = cell.strip()
        if cell.lower() in self._missing:
            return _NAN
        plain = cell.replace(",", ".") if self._decimal == "," else cell
        clean = len(cell) <= MAX_CELL_LENGTH and "_" not in cell
        if clean and not (self._decimal == "," and "." in cell) and _is_float(plain):
            value = float(plain)
            return _NAN if value in self._missing_values else value
        raise DataError(self._complaint(cell), row=row, column=column + 1)

    def _complaint(self, cell: str) -> str:
        other = {".": ",", ",": "."}[self._decimal]
        name = {".": "point", ",": "comma"}
        points = cell.replace(",", ".")
        if other in cell and _is_float(points.replace(".", "", points.count(".") - 1)):
            return (
                f"found {shorten(cell)} where numbers have a decimal {name[self._decimal]}; "
                f"write all numbers one way, without marks for thousands, or choose the decimal "
                f"{name[other]}."
            )
        return (
            f"found {shorten(cell)} where a number was expected; mend the cell, leave it empty if "
            "the value is missing, or choose another layout."
        )


def missing_values(missing: Iterable[str]) -> list[float]:
    """Return the marks of missing values that are numbers, such as "-999"."""
    return [float(mark) for mark in missing if mark != "nan" and _is_float(mark)]


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether `cell` is a finite-looking number with this decimal mark."""
    cell = cell.strip()
    if len(cell) > MAX_CELL_LENGTH or "_" in cell or not cell:
        return False
    if decimal == ",":
        if "." in cell or cell[0] == "," or cell[-1] == ",":
            return False
        cell = cell.replace(",", ".")
    return _is_float(cell)


def is_missing(cell: str, missing: Iterable[str] = MISSING) -> bool:
    """Whether `cell` marks a missing value."""
    return cell.strip().lower() in missing


def clean_name(
    text: str, what: str, row: int | None = None, column: int | str | None = None
) -> str:
    """Strip a label or name and refuse what no screen should show.

    Raises
    ------
    DataError
        Longer than the limit, or with control or text-direction characters.
    """
    name = text.strip()
    if len(name) > MAX_NAME_LENGTH:
        raise DataError(
            f"the {what} {shorten(name)} has {len(name)} characters; at most {MAX_NAME_LENGTH} "
            "are allowed. Shorten it, or choose another column.",
            row=row,
            column=column,
        )
    if not name.isprintable() and any(_is_odd(c) for c in name):
        raise DataError(
            f"the {what} {shorten(name)} has a control character; remove it.",
            row=row,
            column=column,
        )
    return name


def _is_odd(character: str) -> bool:
    return character in _BIDI or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def shorten(cell: str) -> str:
    """Quote a cell for a message: escaped, at most 40 characters."""
    return repr(cell) if len(cell) <= 40 else repr(cell[:37]) + "..."


def too_many_values(found: int, row: int | None = None) -> DataError:
    """Error for more values than the limit."""
    return DataError(
        f"the file holds {found:,} values or more (cases x channels x length, after padding); "
        f"at most {MAX_VALUES:,} are read. Send fewer or shorter series.",
        row=row,
    )
