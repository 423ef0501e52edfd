"""Which character separates the cells, and which marks the decimals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tscviz.data.readers.cells import is_missing, is_number

_CANDIDATES = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."),
               (" ", ","), ("|", "."), ("|", ","))  # fmt: skip
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", " ": "blanks", "|": "bar"}
_LINES, _CHARACTERS, _CELLS = 40, 50_000, 100


def guess_delimiter(lines: Sequence[str], given: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return ``(delimiter, decimal, reason)`` for some lines of a file.

    The pair wins under which most cells of rows with several cells are numbers; `given`
    may fix either of them.
    """
    lines = [line[:_CHARACTERS] for line in lines[:_LINES]]
    fixed, mark = given.get("delimiter"), given.get("decimal")
    pairs = [(d, p) for d, p in _CANDIDATES if fixed in (None, d) and mark in (None, p)]
    if fixed is not None and not pairs:
        pairs = [(fixed, p) for p in (".", ",") if mark in (None, p) and p != fixed]
    scored = [(_score(lines, delimiter, decimal), -i) for i, (delimiter, decimal)
              in enumerate(pairs)]  # fmt: skip
    (share, steady, width), rank = max(scored)
    delimiter, decimal = pairs[-rank]
    if width <= 1:
        return _single_column(lines, fixed, mark)
    name = _NAMES.get(delimiter, repr(delimiter))
    mark = "point" if decimal == "." else "comma"
    reason = (
        f"Cells are separated by {name} and decimals by a {mark}: "
        f"{share:.0%} of the cells in the first lines are numbers then, "
        f"and {steady:.0%} of the lines have {width} cells."
    )
    return delimiter, decimal, reason


def _score(lines: Sequence[str], delimiter: str, decimal: str) -> tuple[float, float, int]:
    rows = [_cells(line, delimiter) for line in lines]
    widths = Counter(map(len, rows))
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width <= 1:
        return 0.0, 0.0, 1
    cells = [cell for row in rows for cell in row[:_CELLS]]
    numbers = sum(is_number(cell, decimal) for cell in cells)
    filled = sum(not is_missing(cell) for cell in cells)
    return numbers / max(filled, 1), times / len(rows), width


def _cells(line: str, delimiter: str) -> list[str]:
    cells = line.split(None if delimiter == " " else delimiter)
    return [cell.strip().strip('"') for cell in cells]


def _single_column(
    lines: Sequence[str], fixed: str | None, mark: str | None
) -> tuple[str, str, str]:
    """One cell a line: only the decimal mark is open, and any delimiter will do."""
    commas = sum(is_number(line, ",") and "," in line for line in lines)
    decimal = mark or ("," if commas > len(lines) // 2 and fixed != "," else ".")
    delimiter = fixed or (";" if decimal == "," else ",")
    return delimiter, decimal, "Every line is one cell: no delimiter was found in the first lines."
