"""One line of delimited text to its cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from tscviz.data.errors import DataError
from tscviz.data.readers.limits import MAX_COLUMNS
from tscviz.data.readers.text import Text


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
        cells = line.split(self._at, MAX_COLUMNS + 1)
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


def data_lines(text: Text, skip: int, keep_blank: bool = False) -> Iterator[tuple[int, str]]:
    """Yield ``(row, line)`` after the first `skip` lines, without blank lines.

    `keep_blank` keeps those that stand between others: a gap in a file of one column.
    """
    blank: list[int] = []
    for row, line in text.lines():
        if row <= skip:
            continue
        if not line or line.isspace():
            if keep_blank:
                blank.append(row)
            continue
        for gap in blank:
            yield gap, ""
        blank.clear()
        yield row, line
