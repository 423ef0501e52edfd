"""A line to cells and cells to numbers: the only place that decides what a cell may say."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_CELL_LENGTH, MAX_COLUMNS, MAX_VALUES
from tscviz.types import Array

MISSING = (
    "", "na", "nan", "?", "null", "none", "-", "--", ".", "n/a", "n.a.", "<na>", "#n/a", "#na",
    "#div/0!", "#num!", "#value!",
)  # fmt: skip
"""What marks a missing value, in lower case; a file's own marks are added to these."""

_GROUPED = {
    decimal: re.compile(rf"[+-]?[0-9]{{1,3}}(?:[{mark}][0-9]{{3}})+[{decimal}][0-9]+")
    for decimal, mark in ((".", ","), (",", "."))
}
# Groups of three without decimals: thousands, or a number with three decimals.
_BARE = {
    decimal: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+")
    for decimal, mark in ((".", ","), (",", "."))
}
_NAN = float("nan")
_MINUS = "\u2212"  # the minus sign of typesetters, as word processors write it
_LARGEST = float(np.finfo(np.float32).max)


# A no-break or thin space before three digits marks thousands; any other parts two cells.
_BLANKS = re.compile(r"(?!(?<=[0-9])[\u00a0\u2009\u202f][0-9]{3}(?![0-9]))\s+")


def split_at_blanks(line: str, most: int = MAX_COLUMNS) -> list[str]:
    """Split at runs of blanks, at most `most` times."""
    return line.split(None, most) if line.isascii() else _BLANKS.split(line.strip(), most)


class Splitter:
    """Split lines at a delimiter; cells in double quotes may hold it.

    Parameters
    ----------
    delimiter : str
        One character; " " stands for any run of blanks.
    trailing : bool
        Each line ends with a delimiter that no cell follows.
    """

    def __init__(self, delimiter: str, trailing: bool = False) -> None:
        self._delimiter = delimiter
        self._at = None if delimiter == " " else delimiter
        self._trailing = trailing and delimiter != " "

    def __call__(self, line: str, row: int) -> list[str]:
        """Return the cells of `line`, which is `row` (1-based) of the file."""
        most = MAX_COLUMNS + 1
        cells = line.split(self._at, most) if self._at else split_at_blanks(line, most)
        if len(cells) > MAX_COLUMNS:
            raise DataError(
                f"the line has more than {MAX_COLUMNS:,} columns, the most that is read; "
                "check the delimiter, or send shorter series.",
                row=row,
            )
        if '"' in line:
            cells = self._unquote(line if self._at else " ".join(cells), row)
        if self._trailing and len(cells) > 1 and not cells[-1].strip():
            cells.pop()
        return cells

    def _unquote(self, line: str, row: int) -> list[str]:
        reader = csv.reader([line], delimiter=self._delimiter, strict=True, skipinitialspace=True)
        try:
            return next(reader, [])
        except csv.Error as error:
            raise DataError(
                f"the quotes of the line do not match ({error}); a cell that starts with a quote "
                'must end with one, and a quote inside it is written "".',
                row=row,
            ) from error


class NumberReader:
    """Turn cells into float64, fast while all are plain numbers, exact about the culprit if not.

    Parameters
    ----------
    decimal : str
        "." or ",".
    missing : iterable of str
        Marks of missing values, in lower case.
    bare : bool
        Whole numbers may have marks for thousands: "1,234" is 1234.
    """

    def __init__(
        self, decimal: str = ".", missing: Iterable[str] = MISSING, bare: bool = False
    ) -> None:
        self._decimal = decimal
        self._bare = bare
        self._missing = frozenset(missing)
        self._missing_values = frozenset(missing_values(self._missing))
        self.grouped: str | None = None  # the first cell that had marks for thousands
        self.refused: str | None = None  # the cell that was no number

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

    def channels(
        self, parts: Iterable[Sequence[str]], row: int, passed_over: int | None = None
    ) -> list[Array]:
        """Return one float32 array for the cells of each channel of a case.

        Columns are counted on from channel to channel, as the cells stand in the line;
        `passed_over` (0-based) is a column among them that holds something else.

        Raises
        ------
        DataError
            With row and column of a cell that is no number, infinite or beyond float32.
        """
        out, column = [], 0
        for cells in parts:
            if len(cells) > MAX_COLUMNS:
                raise DataError(f"the case has more than {MAX_COLUMNS:,} points.", row=row)
            buffer = array("d")
            columns: Sequence[int] = range(column, column + len(cells))
            if passed_over is not None:
                columns = [i + (i >= passed_over) for i in columns]
            self.extend(buffer, cells, row, columns)
            values = np.frombuffer(buffer)
            bad = first_beyond(values)
            if bad is not None:
                raise infinite(values[bad], row, columns[bad] + 1)
            out.append(values.astype(np.float32))
            column += len(cells)
        return out

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
        if is_grouped(cell, self._decimal, self._bare):
            self.grouped = self.grouped or cell
            cell = without_groups(cell, self._decimal)
        plain = _pointed(cell, self._decimal)
        clean = len(cell) <= MAX_CELL_LENGTH and "_" not in cell
        if clean and not (self._decimal == "," and "." in cell) and _is_float(plain):
            value = float(plain)
            return _NAN if value in self._missing_values else value
        self.refused = cell
        raise DataError(*self._complaint(cell), row=row, column=column + 1)

    def _complaint(self, cell: str) -> tuple[str | Setting, ...]:
        other = {".": ",", ",": "."}[self._decimal]
        name = {".": "point", ",": "comma"}
        points = cell.replace(",", ".")
        if other in cell and _is_float(points.replace(".", "", points.count(".") - 1)):
            said = (
                f"found {shorten(cell)} where numbers have a decimal {name[self._decimal]}; "
                "write all numbers one way, without marks for thousands"
            )
            return said, Setting("decimal", other, ", or choose {}"), "."
        said = (
            f"found {shorten(cell)} where a number belongs; mend the cell, or leave it empty if "
            "the value is missing"
        )
        named = "; name another mark of missing values with the option {}"
        return said, Setting("missing", clause=named), "."


def missing_values(missing: Iterable[str]) -> list[float]:
    """Return the marks of missing values that are numbers, such as "-999"."""
    return [float(mark) for mark in missing if mark != "nan" and _is_float(mark)]


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_grouped(cell: str, decimal: str = ".", bare: bool = False) -> bool:
    """Whether `cell` has marks for thousands that cannot be anything else, as in "1,234.5".

    Both marks must be there, and all groups have three digits: "1,234" may be a number with
    three decimals, or two cells. `bare` lets it count.
    """
    if len(cell) > MAX_CELL_LENGTH:
        return False
    number = cell.replace(_MINUS, "-")
    return bool(_GROUPED[decimal].fullmatch(number) or (bare and _BARE[decimal].fullmatch(number)))


def without_groups(cell: str, decimal: str = ".") -> str:
    """Leave out the marks for thousands of a cell for which `is_grouped` holds."""
    return cell.replace({".": ",", ",": "."}[decimal], "")


def is_number(cell: str, decimal: str = ".", bare: bool = False) -> bool:
    """Whether `cell` is a finite-looking number with this decimal mark; `bare` as above."""
    cell = cell.strip().replace(_MINUS, "-")
    if is_grouped(cell, decimal, bare):
        return True
    if len(cell) > MAX_CELL_LENGTH or "_" in cell or not cell:
        return False
    if decimal == ",":
        if "." in cell or cell[0] == "," or cell[-1] == ",":
            return False
        cell = cell.replace(",", ".")
    return _is_float(cell)


def to_number(cell: str, decimal: str = ".", bare: bool = False) -> float:
    """Return the value of a cell for which `is_number` holds."""
    cell = cell.strip()
    cell = without_groups(cell, decimal) if is_grouped(cell, decimal, bare) else cell
    return float(_pointed(cell, decimal))


def _pointed(cell: str, decimal: str) -> str:
    """Write a number with a point and with ASCII's minus, as `float` reads it."""
    return (cell.replace(",", ".") if decimal == "," else cell).replace(_MINUS, "-")


def is_missing(cell: str, missing: Iterable[str] = MISSING) -> bool:
    """Whether `cell` marks a missing value."""
    return cell.strip().lower() in missing


def shorten(cell: str) -> str:
    """Quote a cell for a message: escaped, at most 40 characters."""
    return repr(cell) if len(cell) <= 40 else repr(cell[:37]) + "..."


def first_beyond(values: Array) -> int | None:
    """Return the (flat) place of the first value that is infinite or that float32 cannot hold."""
    beyond = (values > _LARGEST) | (values < -_LARGEST)
    return int(beyond.argmax()) if beyond.any() else None


def infinite(value: float, row: int | None, column: int | None) -> DataError:
    """Error for a value that is infinite or beyond float32."""
    what = "an infinite value" if np.isinf(value) else f"the value {value:g}"
    return DataError(
        f"found {what}; values must lie within +-3.4e38. Mend it, or leave the cell empty if the "
        "value is missing.",
        row=row,
        column=column,
    )


def too_many_values(found: int, row: int | None = None, limit: int = MAX_VALUES) -> DataError:
    """Error for more values than the limit."""
    return DataError(
        f"the file holds {found:,} values or more (cases x channels x length, after padding); "
        f"at most {limit:,} are read. Send fewer or shorter series.",
        row=row,
    )
