"""The one error that everything about series and datasets raises, and the settings it advises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tscviz.types import TscvizError

_NO_VALUE: Any = object()


@dataclass(frozen=True)
class Setting:
    """A part of an error's text that advises a setting: each way in has its own word for it.

    Python says ``ragged=True``, the command line ``--read ragged=true``, the app "Shorter rows are
    shorter series: yes", and where nothing can be set the part is left out.

    Parameters
    ----------
    name : str
        Option of `read_series`, or field of `Preparation`.
    value : object, optional
        What to set it to; left out where the reader has to find it.
    clause : str
        What is said around the setting, which stands for ``{}``.
    """

    name: str
    value: Any = _NO_VALUE
    clause: str = "{}"

    @property
    def has_value(self) -> bool:
        """Whether the advice is one certain value."""
        return self.value is not _NO_VALUE

    def __str__(self) -> str:
        return f"{self.name}={self.value!r}" if self.has_value else self.name


Say = Callable[[Setting], "str | None"]
"""What a setting is called; None where it cannot be set."""


class DataError(TscvizError):
    """A dataset or file could not be used; the text says what, where and what to do.

    Parameters
    ----------
    *parts : str or Setting
        What was found, what was wanted, what to do; the text is all of them in a row. Where `row`
        or `column` is given and they do not name it already, the place is put in front.
    row : int, optional
        1-based row (line) of the file.
    column : int or str, optional
        1-based column of the file, or the column's name.

    Attributes
    ----------
    parts : tuple of str or Setting
    row : int or None
    column : int, str or None
    """

    def __init__(
        self, *parts: str | Setting, row: int | None = None, column: int | str | None = None
    ) -> None:
        place = _place(_join(parts, str), row, column)
        self.parts = (f"{place}: ", *parts) if place else parts
        super().__init__(_join(self.parts, str))
        self.row = row
        self.column = column

    def worded(self, say: Say = lambda _: None) -> str:
        """Return the text in the words of another way in than Python.

        Parameters
        ----------
        say : callable
            Default: nothing can be set.
        """
        return _join(self.parts, say)


def _join(parts: tuple[str | Setting, ...], say: Say) -> str:
    return "".join(part if isinstance(part, str) else _clause(part, say) for part in parts)


def _clause(setting: Setting, say: Say) -> str:
    words = say(setting)
    return "" if words is None else setting.clause.replace("{}", words)


def _place(message: str, row: int | None, column: int | str | None) -> str:
    text = message.lower()
    parts = []
    if row is not None and f"row {row}" not in text:
        parts.append(f"row {row}")
    if column is not None and f"column {column}".lower() not in text:
        parts.append(f"column {column}")
    return ", ".join(parts)
