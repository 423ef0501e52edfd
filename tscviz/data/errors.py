"""The one error that everything about series and datasets raises."""

from __future__ import annotations

from tscviz.types import TscvizError


class DataError(TscvizError):
    """A dataset or file could not be used; the text says what, where and what to do.

    Parameters
    ----------
    message : str
        What was found, what was wanted, what to do. Where `row` or `column` is given and the
        message does not name it already, the place is put in front of it.
    row : int, optional
        1-based row (line) of the file.
    column : int or str, optional
        1-based column of the file, or the column's name.

    Attributes
    ----------
    row : int or None
    column : int, str or None
    """

    def __init__(
        self, message: str, *, row: int | None = None, column: int | str | None = None
    ) -> None:
        place = _place(message, row, column)
        super().__init__(f"{place}: {message}" if place else message)
        self.row = row
        self.column = column


def _place(message: str, row: int | None, column: int | str | None) -> str:
    text = message.lower()
    parts = []
    if row is not None and f"row {row}" not in text:
        parts.append(f"row {row}")
    if column is not None and f"column {column}".lower() not in text:
        parts.append(f"column {column}")
    return ", ".join(parts)
