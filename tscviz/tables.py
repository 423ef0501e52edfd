"""Results as files: tables as CSV, anything as JSON; for commands, pages and reports."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from tscviz.types import Array

#: Column name -> values, all of one length.
Table = Mapping[str, Sequence[Any] | Array]

#: The starts that make a spreadsheet read a cell as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guard(text: str) -> str:
    """Return `text` with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def to_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8; no text cell can start a formula in a spreadsheet.

    Parameters
    ----------
    table : mapping
        Column name -> values, all of one length. NaN and None become empty cells.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(str(name)) for name in table])
    for row in zip(*(list(column) for column in table.values()), strict=True):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8")


def to_json(document: Any) -> bytes:
    """Return dataclasses, arrays and plain values as JSON; NaN and infinities become null."""
    return json.dumps(plain(document), indent=1, allow_nan=False).encode("utf-8")


def plain(value: Any) -> Any:
    """Return dataclasses and arrays as mappings, lists, numbers and text that JSON can hold.

    NaN and infinities become None, objects of other types their text.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _cell(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    # csv quotes a cell for "\n" but not for a lone "\r", at which readers break the row
    return guard(value).replace("\r", "\n") if isinstance(value, str) else value
