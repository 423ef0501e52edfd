"""How each field of a `Layout` is asked for; `layout_form` draws the form from this.

Every control offers "as found" first: a field left there is guessed, one that is set is an option
of `read_series`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tscviz.data.readers.layout import FORMATS, ORIENTATIONS
from tscviz.data.readers.text import ENCODINGS

FOUND = "\0found"
NOTHING = "\0nothing"

TEXT, TABLE, VALUES = "The file", "Rows and columns", "Values"
_DELIMITED = ("csv",)
_TEXTS = ("csv", "ts", "arff")
_TABLES = ("csv", "parquet")
_ARRAYS = ("npy", "npz")


@dataclass(frozen=True)
class Field:
    """One control of the form.

    Parameters
    ----------
    label, group : str
    choices : tuple
        Values to choose from; empty for a text that is typed.
    shows : mapping
        Value -> what it is called.
    formats : tuple of str
        Formats for which the field means something.
    orientations : tuple of str
        Directions of the series for which it does.
    kind : str
        "choice", "column" (also by name or position), "columns" (typed), "words" (typed), "count".
    help : str
    """

    label: str
    group: str
    choices: tuple[Any, ...] = ()
    shows: Mapping[Any, str] | None = None
    formats: tuple[str, ...] = FORMATS
    orientations: tuple[str, ...] = ORIENTATIONS
    kind: str = "choice"
    help: str | None = None


_YES = {True: "yes", False: "no"}
_SIGNS = {",": "comma ,", ";": "semicolon ;", "\t": "tab", " ": "blanks", "|": "pipe |"}
_POINTS = {".": "point, 0.5", ",": "comma, 0,5"}
_WAYS = {
    "rows": "one series per row",
    "columns": "one series per column",
    "long": "one value per row (long)",
}
_COLUMNS = {
    "cases": "cases: a series each",
    "channels": "channels of one case",
    "case.channel": "named case.channel",
}
_ORDERS = {"blocks": "channel after channel", "interleaved": "point after point"}

#: Every option of `read_series`; tests hold it against `Layout`.
FIELDS: dict[str, Field] = {
    "format": Field("Format", TEXT, FORMATS, {"csv": "delimited text (csv)"}),
    "encoding": Field("Encoding", TEXT, ENCODINGS, formats=_TEXTS),
    "delimiter": Field("Between cells", TEXT, tuple(_SIGNS), _SIGNS, _DELIMITED),
    "decimal": Field("Decimals", TEXT, (".", ","), _POINTS, _DELIMITED),
    "header": Field("First row has column names", TEXT, (True, False), _YES, _DELIMITED),
    "skip_rows": Field("Rows to skip at the top", TEXT, formats=_DELIMITED, kind="count"),
    "units_row": Field(
        "Units below the column names", TEXT, (True, False), _YES, _DELIMITED
    ),
    "trailing_delimiter": Field(
        "Rows end with a delimiter", TEXT, (True, False), _YES, _DELIMITED
    ),
    "array": Field("Array of the series", TEXT, formats=("npz",), kind="words"),
    "orientation": Field(
        "Series run", TABLE, ORIENTATIONS, _WAYS, (*_TABLES, *_ARRAYS)
    ),
    "label_column": Field("Class label", TABLE, formats=(*_TABLES, *_ARRAYS), kind="column"),
    "id_column": Field("Name of the case", TABLE, formats=_TABLES, kind="column",
                       orientations=("rows", "long")),
    "time_column": Field("Time", TABLE, formats=_TABLES, kind="column",
                         orientations=("columns", "long")),
    "channel_column": Field("Name of the channel", TABLE, formats=_TABLES, kind="column",
                            orientations=("long",)),
    "value_column": Field("Values", TABLE, formats=_TABLES, kind="columns",
                          orientations=("long",),
                          help="One column, or several, by commas, that are the channels."),
    "columns_are": Field("Columns are", TABLE, tuple(_COLUMNS), _COLUMNS, _TABLES,
                         orientations=("columns",)),
    "channels": Field("Channels sharing a row", TABLE, formats=(*_TABLES, *_ARRAYS),
                      kind="count", orientations=("rows",)),
    "channel_order": Field("Their order", TABLE, tuple(_ORDERS), _ORDERS,
                           (*_TABLES, *_ARRAYS), orientations=("rows",)),
    "drop_columns": Field("Columns to leave out", TABLE, formats=_TABLES, kind="columns"),
    "missing": Field("Further marks of missing values", VALUES, kind="words",
                     help="Such as -999; empty cells, NaN, NA and ? are known."),
    "ragged": Field("Shorter rows are shorter series", VALUES, (True, False), _YES, _DELIMITED,
                    orientations=("rows", "columns")),  # where columns were found, it means rows
    "allow_constant": Field("Series may be constant", VALUES, (True, False), _YES),
}  # fmt: skip


def offered(form: str, orientation: str | None = None) -> dict[str, Field]:
    """Return the fields that mean something here, in the order of the form.

    Parameters
    ----------
    form : str
        Format of the file.
    orientation : str, optional
        Which way its series run; None where that is not known.
    """
    return {
        name: field
        for name, field in FIELDS.items()
        if form in field.formats and (orientation is None or orientation in field.orientations)
    }


def show_value(name: str, value: Any) -> str:
    """Return what a value of a field is called, as plain text."""
    if value is None or value == ():
        return "none"
    field = FIELDS[name]
    if name == "missing":
        return ", ".join(mark for mark in value if mark)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if field.kind == "column" and isinstance(value, int):
        return f"column {value}"
    return str((field.shows or {}).get(value, value))


def parse_typed(kind: str, text: str) -> Any:
    """Return the option that a typed text means.

    Parameters
    ----------
    kind : str
        "column": a name, or a position counted from 1. "columns", "words": several, by commas.
    """
    if kind == "column":
        return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else text
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if kind == "columns":
        return tuple(parse_typed("column", part) for part in parts)
    return tuple(parts)


def options_from(
    values: Mapping[str, Any], check: Callable[[Mapping[str, Any]], Any] | None = None
) -> dict[str, Any]:
    """Return the options of `read_series` from what stands in the controls."""
    options: dict[str, Any] = {}
    for name, value in values.items():
        kind = FIELDS[name].kind
        if value is None or value == FOUND or (isinstance(value, str) and not value.strip()):
            continue
        if value == NOTHING:
            options[name] = None
        elif kind in ("column", "columns", "words") and isinstance(value, str):
            parsed = parse_typed(kind, value.strip())
            options[name] = value.strip() if name == "array" else parsed
        else:
            options[name] = value
    if check is not None:
        check(options)
    return options
