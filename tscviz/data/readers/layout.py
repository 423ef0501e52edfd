"""What a file looks like: the guesses, and the options that override them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from tscviz.data.cells import MISSING
from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_COLUMNS, MAX_ROWS
from tscviz.data.readers.text import ENCODINGS
from tscviz.options import did_you_mean

Column = str | int
"""A column by its header or by its 1-based position."""

FORMATS = ("csv", "ts", "arff", "npy", "npz", "parquet")
ORIENTATIONS = ("rows", "columns", "long")
_MOST_NAMES = 10_000  # beyond these, columns are told by their position


@dataclass(frozen=True)
class Layout:
    """How a file is read. Every field but `reasons` is an option of `read_series`.

    Parameters
    ----------
    format : str
        "csv" (any delimited text), "ts", "arff", "npy", "npz" or "parquet".
    compression : str or None
        "gzip" where the file was packed; found, not chosen.
    encoding : str or None
        Of a text file; one of `ENCODINGS`.
    skip_rows : int
        Lines to leave out at the top (comments, notes of a device).
    delimiter : str or None
        One character; " " stands for any run of blanks.
    decimal : str
        "." or ",".
    header : bool
        Whether the first line after `skip_rows` holds column names.
    orientation : str
        "rows" (one series per row), "columns" (one per column) or "long" (one value per row).
    label_column, id_column, time_column, channel_column : str, int or None
        Column by name or 1-based position; "first" and "last" are understood. A time column is
        left out ("columns") or orders the points ("long").
    value_column : str, int, tuple of these, or None
        Long layout. Several columns without a channel column are the channels.
    columns_are : str
        Columns layout: "cases", "channels" (of one case) or "case.channel".
    channels : int
        Rows layout: number of channels that share a row.
    channel_order : str
        Rows layout: "blocks" (all points of channel 1, then channel 2, ...) or "interleaved".
    drop_columns : tuple of str or int
        Columns to leave out.
    missing : tuple of str
        Marks of missing values; given ones are added to the usual ones.
    ragged : bool
        Rows layout: let rows with fewer cells be shorter series.
    allow_constant : bool
        Let a series be the same value throughout.
    units_row : bool
        The line below the header holds units.
    trailing_delimiter : bool
        Every line ends with a delimiter that no cell follows.
    array : str or None
        Name of the array of series in an npz file.
    reasons : tuple of str
        Why each guess was made, in plain sentences.
    notes : tuple of str
        Those of them that tell what of the file is not in the series, or what to look at twice.
    """

    format: str
    compression: str | None = None
    encoding: str | None = None
    skip_rows: int = 0
    delimiter: str | None = None
    decimal: str = "."
    header: bool = False
    orientation: str = "rows"
    label_column: Column | None = None
    id_column: Column | None = None
    time_column: Column | None = None
    channel_column: Column | None = None
    value_column: Column | tuple[Column, ...] | None = None
    columns_are: str = "cases"
    channels: int = 1
    channel_order: str = "blocks"
    drop_columns: tuple[Column, ...] = ()
    missing: tuple[str, ...] = MISSING
    ragged: bool = False
    allow_constant: bool = False
    units_row: bool = False
    trailing_delimiter: bool = False
    array: str | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def noted(self, note: str) -> Layout:
        """Return the layout with one more reason, which is also a note."""
        return replace(self, reasons=(*self.reasons, note), notes=(*self.notes, note))

    def options(self) -> dict[str, Any]:
        """Return the options of `read_series` that repeat this layout without guessing."""
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: v for k, v in named.items() if k not in ("reasons", "notes", "compression")}


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Check names and values of options given by a caller, and bring them to one form.

    Raises
    ------
    DataError
        An unknown option or a value it cannot take.
    """
    unknown = sorted(set(options) - set(_CHECKS))
    if unknown:
        raise DataError(
            f"there is no option {', '.join(map(repr, unknown))}; "
            f"the options are {', '.join(sorted(_CHECKS))}."
            f"{did_you_mean(unknown[0], _CHECKS)}"
        )
    return {name: _CHECKS[name](name, value) for name, value in options.items()}


def find_column(reference: Column, names: Sequence[str] | None, width: int) -> int:
    """Return the 0-based position of a column given by name, position, "first" or "last".

    Raises
    ------
    DataError
        No such column, or a name that several columns have.
    """
    if isinstance(reference, int):
        if 1 <= reference <= width:
            return reference - 1
        raise DataError(f"there is no column {reference}; the file has {width} columns.")
    matches = [i for i, name in enumerate(names or ()) if name.strip() == reference.strip()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise DataError(
            f"{len(matches)} columns are named {reference[:80]!r}; choose one by its position."
        )
    if reference in ("first", "last"):
        return 0 if reference == "first" else width - 1
    shown = ", ".join(repr(name[:40]) for name in (names or ())[:12])
    raise DataError(
        f"there is no column named {reference[:80]!r}; "
        + (f"the columns are {shown}{', ...' if len(names or ()) > 12 else ''}."
           if names else "the file has no header, so give its position (1, 2, ...).")
    )  # fmt: skip


def column_reference(index: int, names: Sequence[str] | None) -> Column:
    """Name a column by its header where that is unique, else by its 1-based position."""
    if names and len(names) <= _MOST_NAMES and 0 < len(names[index].strip()) <= 80:
        name = names[index].strip()
        if name not in ("first", "last") and sum(n.strip() == name for n in names) == 1:
            return name
    return index + 1


def _wrong(name: str, value: Any, wanted: str) -> DataError:
    said = f" is {repr(value)[:80]}; it must be {wanted}."
    return DataError(Setting(name, clause="option {}"), said)


def _one_of(*allowed: str) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if not isinstance(value, str) or value not in allowed:
            raise _wrong(name, value, "one of " + ", ".join(map(repr, allowed)))
        return value

    return check


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, value, "True or False")
    return value


def _count(low: int, high: int) -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(name, value, f"a whole number from {low} to {high}")
        return value

    return check


def _delimiter(name: str, value: Any) -> str:
    words = {"comma": ",", "semicolon": ";", "tab": "\t", "blank": " ", "space": " ", "pipe": "|"}
    value = words.get(value, value) if isinstance(value, str) else value
    bad = "\"'.+-_\r\n\0"
    if not isinstance(value, str) or len(value) != 1 or value in bad or value.isalnum():
        raise _wrong(name, value, "one character such as ',', ';', tab or ' ' (any blanks)")
    return value


def _column(name: str, value: Any) -> Column | None:
    if value is None or isinstance(value, str):
        return value
    return _count(1, MAX_COLUMNS)(name, value)


def _columns(name: str, value: Any) -> tuple[Column, ...]:
    values = value if isinstance(value, (list, tuple)) else (value,)
    found = tuple(_column(name, v) for v in values)
    return tuple(v for v in found if v is not None)


def _value_column(name: str, value: Any) -> Column | tuple[Column, ...] | None:
    return _columns(name, value) if isinstance(value, (list, tuple)) else _column(name, value)


def _missing(name: str, value: Any) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(v, str) for v in values):
        raise _wrong(name, value, "a list of texts")
    extra = tuple(v.strip().lower() for v in values)
    return MISSING + tuple(v for v in dict.fromkeys(extra) if v not in MISSING)


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _wrong(name, value, "a text")
    return value


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "format": _one_of(*FORMATS),
    "encoding": lambda n, v: None if v is None else _one_of(*ENCODINGS)(n, v),
    "skip_rows": _count(0, MAX_ROWS),
    "delimiter": lambda n, v: None if v is None else _delimiter(n, v),
    "decimal": _one_of(".", ","),
    "header": _flag,
    "orientation": _one_of(*ORIENTATIONS),
    "label_column": _column,
    "id_column": _column,
    "time_column": _column,
    "channel_column": _column,
    "value_column": _value_column,
    "columns_are": _one_of("cases", "channels", "case.channel"),
    "channels": _count(1, MAX_COLUMNS),
    "channel_order": _one_of("blocks", "interleaved"),
    "drop_columns": _columns,
    "missing": _missing,
    "ragged": _flag,
    "allow_constant": _flag,
    "units_row": _flag,
    "trailing_delimiter": _flag,
    "array": _text,
}
