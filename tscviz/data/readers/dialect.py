"""How a table is written: the delimiter, the decimal mark, and whether there is a header."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from tscviz.data.cells import is_missing, is_number, split_at_blanks, to_number
from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_COLUMNS

_CANDIDATES = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."),
               (" ", ","), ("|", "."), ("|", ","))  # fmt: skip
# Cells left out at the front and at the back of a line: labels and names of cases.
WITHOUT_EDGES = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 2))
_LEAST_RAMP, _RAMP_CELLS = 8, 2000
_ROUNDED = 0.01  # of a step: what writing times with few digits does to them
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", " ": "blanks", "|": "bar"}
_LINES, _CHARACTERS, _CELLS = 40, 50_000, 100
_DATE = re.compile(
    r"([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[ T]?)?([0-9]{1,2}:[0-9]{2}(:[0-9]{2})?[.,0-9Z+:]*)?"
)
# Two marks, or one of them twice: what cannot be a plain number under either decimal mark.
_THOUSANDS = {
    ",": re.compile(r"[+-]?[0-9]{1,3}((\.[0-9]{3})+,[0-9]+|(\.[0-9]{3}){2,})"),
    ".": re.compile(r"[+-]?[0-9]{1,3}((,[0-9]{3})+\.[0-9]+|(,[0-9]{3}){2,})"),
}
_TWICE = {
    ",": re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}"),
    ".": re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3}){2,}"),
}
# A second cell such as "013", or a first such as "-0", is the fraction of a decimal comma.
_COMMA_LINE = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")
_FRACTION = re.compile(r"\s*(-0,[0-9]+|[+-]?[0-9]+,0[0-9]+)\s*")
_QUOTED_COMMA = re.compile(r'"\s*[+\-\u2212]?[0-9]+,[0-9]')  # a comma in a cell, not between two


def guess_delimiter(lines: Sequence[str], given: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return ``(delimiter, decimal, reason)`` for some lines of a file.

    The pair wins under which most cells of rows with several cells are numbers; `given`
    may fix either of them.
    """
    lines = [line[:_CHARACTERS] for line in lines[:_LINES]]
    fixed, mark = given.get("delimiter"), given.get("decimal")
    pairs = _pairs(lines, fixed, mark)
    scored = [(_score(lines, delimiter, decimal, mark is not None), -i)
              for i, (delimiter, decimal) in enumerate(pairs)]  # fmt: skip
    (share, steady, width), rank = max(scored)
    delimiter, decimal = pairs[-rank]
    if width <= 1 or (delimiter == "," and fixed is None and _is_comma_column(lines)):
        return _single_column(lines, fixed, mark)
    name = _NAMES.get(delimiter, repr(delimiter))
    mark = "point" if decimal == "." else "comma"
    reason = (
        f"Cells are separated by {name} and decimals by a {mark}: "
        f"{share:.0%} of the cells in the first lines are numbers then, "
        f"and {steady:.0%} of the lines have {width} cells."
    )
    return delimiter, decimal, reason


def _pairs(lines: Sequence[str], fixed: str | None, mark: str | None) -> list[tuple[str, str]]:
    """Return what delimiter and decimal mark may be; both are a comma only where cells are quoted.

    A comma as the decimal mark then stands in quotes, as programs of a German system write it.
    """
    quoted = any(map(_QUOTED_COMMA.search, lines))
    candidates = (*_CANDIDATES, (",", ",")) if quoted else _CANDIDATES
    pairs = [(d, p) for d, p in candidates if fixed in (None, d) and mark in (None, p)]
    if fixed is not None and not pairs:
        pairs = [(fixed, p) for p in (".", ",") if mark in (None, p) and p != fixed]
    if not pairs:
        raise DataError(
            Setting("delimiter"), " and ", Setting("decimal"),
            f" are both {mark!r}; they must differ where numbers are not in quotes.",
        )  # fmt: skip
    return pairs


def _score(
    lines: Sequence[str], delimiter: str, decimal: str, bare: bool
) -> tuple[float, float, int]:
    rows = [cells_of(line, delimiter) for line in lines]
    widths = Counter(map(len, rows))
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width <= 1:
        return 0.0, 0.0, 1
    cells = [cell for row in rows for cell in row[:_CELLS]]
    bare = bare or any(map(_TWICE[decimal].fullmatch, cells))
    numbers = sum(is_meant(cell, decimal) or is_number(cell, decimal, bare) for cell in cells)
    filled = sum(not (is_missing(cell) or is_date(cell)) for cell in cells)
    return numbers / max(filled, 1), times / len(rows), width


def is_meant(cell: str, decimal: str) -> bool:
    """Whether a cell is a number, be it one with marks for thousands, which reading refuses."""
    return is_number(cell, decimal) or bool(_THOUSANDS[decimal].fullmatch(cell[:40]))


def is_date(cell: str) -> bool:
    """Whether a cell is a date in digits, a time of day, or both."""
    return 4 < len(cell) <= 40 and _DATE.fullmatch(cell) is not None


def cells_of(line: str, delimiter: str, most: int = MAX_COLUMNS) -> list[str]:
    """Split a line for a guess: quotes are heeded where they match, and never an error.

    Of a line with more than `most` cells the first ones are returned.
    """
    cells = split_at_blanks(line, most) if delimiter == " " else line.split(delimiter, most)
    if '"' in line and delimiter != " " and line.count(delimiter) <= MAX_COLUMNS:
        with suppress(csv.Error):
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    return [cell.strip().strip('"') for cell in cells[:most]]


def _is_comma_column(lines: Sequence[str]) -> bool:
    """Whether "0,013" is one number of a single column, not the numbers 0 and 13."""
    return any(map(_FRACTION.fullmatch, lines)) and all(
        _COMMA_LINE.fullmatch(line) for line in lines[1:]
    )


def _single_column(
    lines: Sequence[str], fixed: str | None, mark: str | None
) -> tuple[str, str, str]:
    """One cell a line: only the decimal mark is open, and any delimiter will do."""
    cells = [line.strip().strip('"') for line in lines]
    commas = sum(is_number(cell, ",") and "," in cell for cell in cells)
    decimal = mark or ("," if commas > len(lines) // 2 and fixed != "," else ".")
    delimiter = fixed or (";" if decimal == "," else ",")
    return delimiter, decimal, "Every line is one cell: no delimiter was found in the first lines."


LABEL_NAMES = frozenset((
    "label", "labels", "class", "classes", "target", "class_label", "classlabel", "class_val",
    "y_true", "category", "activity", "klasse",
))  # fmt: skip
ID_NAMES = frozenset((
    "id", "case", "case_id", "caseid", "case_index", "series", "series_id", "seriesid", "sample",
    "sample_id", "unique_id", "uid", "index", "name", "subject", "recording", "recording_id",
    "instance", "unnamed:0", "subject_id", "user", "user_id", "userid", "participant",
    "participant_id", "patient", "patient_id", "person", "trial", "trial_id", "session",
    "session_id",
))  # fmt: skip
TIME_NAMES = frozenset((
    "time", "t", "timestamp", "date", "datetime", "ds", "seconds", "sec", "ms", "time_s",
    "time_ms", "step", "timestep", "time_step", "timepoint", "time_point", "time_index", "tick",
    "frame", "date_time", "datetime_gmt", "year", "quarter", "month", "week", "day", "hour",
    "minute", "time_stamp", "elapsed", "elapsed_time", "zeit", "datum", "uhrzeit", "zeitstempel",
))  # fmt: skip
COUNT_NAMES = frozenset((
    "index", "nr", "nr.", "no", "no.", "#", "row", "line", "record", "sample", "unnamed:0",
    "unnamed:_0",
))  # fmt: skip
CHANNEL_NAMES = frozenset((
    "channel", "dim", "dimension", "variable", "sensor", "signal", "feature", "kanal",
))  # fmt: skip
VALUE_NAMES = frozenset((
    "value", "values", "val", "reading", "measurement", "wert", "messwert",
))  # fmt: skip
_ANY = LABEL_NAMES | ID_NAMES | TIME_NAMES | CHANNEL_NAMES | VALUE_NAMES
_COUNTED = re.compile(r"([^0-9]{0,60})([0-9]{1,9})")  # text of a fixed length, then a number


def plain_name(name: str) -> str:
    """Lower case, without a unit in brackets, blanks as underscores: how names are compared."""
    return name.strip().lower().split("(")[0].split("[")[0].strip().replace(" ", "_")


def counted_prefixes(names: Sequence[str]) -> list[tuple[str, int]] | None:
    """Split names such as "t0", "t1", ... into ``(prefix, number)``; None if one has no number."""
    out = []
    for name in names:
        match = _COUNTED.fullmatch(name.strip()[:80])
        if match is None:
            return None
        out.append((match[1], int(match[2])))
    return out


def is_counted(names: Sequence[str]) -> bool:
    """Whether names count on by one ("0", "1", ... or "t1", "t2", ...), four of them or more."""
    parts = counted_prefixes(names[:2000])
    if parts is None or len(parts) < 4:
        return False
    steps = [b[1] - a[1] for a, b in pairwise(parts)]
    return len({p for p, _ in parts}) == 1 and all(step == 1 for step in steps)


def guess_header(rows: Sequence[list[str]], decimal: str) -> tuple[bool, str]:
    """Return whether ``rows[0]`` is a header, and the reason.

    It is one when most columns that hold numbers below have text there, or when it counts
    0, 1, 2, ... or 1, 2, 3, ... while the rows below do not.
    """
    if len(rows) < 2:
        words = not any(is_number(cell, decimal) for cell in rows[0])
        return words, "There is one line only" + (", without a number." if words else ": data.")
    top, below = rows[0], rows[1:]
    if names_first_columns(top, below, decimal):
        return True, f"The first line names the first columns, e.g. {top[0][:40]!r}: a header."
    numeric = [j for j in range(min(len(top), 2000)) if _is_numeric(below, j)]
    words = [j for j in numeric if not is_any_number(top[j]) and not is_missing(top[j])]
    if numeric and 2 * len(words) > len(numeric):
        return (
            True,
            f"The first line has text above numbers, e.g. {top[words[0]][:40]!r}: a header.",
        )
    for start, end in WITHOUT_EDGES:
        names, following = top[start : len(top) - end], below[0][start : len(below[0]) - end]
        if is_counted(names) and not _repeats(names, following, decimal):
            return True, "The first line counts the points and the next line does not: a header."
        if is_ramp(names, decimal) and not any(_has_ramp(row, decimal) for row in below[:50]):
            reason = "The first line goes up by equal steps, the others do not: a header of times."
            return True, reason
    if any(plain_name(cell) in _ANY for cell in top) and len(words) > 0:
        return True, "The first line has names of columns that tables of series have: a header."
    return False, "The first line has numbers where the other lines have them: no header."


def names_first_columns(top: Sequence[str], below: Sequence[list[str]], decimal: str) -> bool:
    """Whether a line names the first columns only, and one of them as a label or a case.

    Below a known name stand words or whole numbers. "Class,7b" may be a note in two cells: a
    known name in front of a word that is none does not count.
    """
    names = [cell.strip() for cell in top]
    while names and not names[-1]:
        names.pop()
    below = below[:_LINES]
    width = max(map(len, below), default=0)
    if not 0 < len(names) < width - 1 or len(set(names)) < len(names):
        return False
    if any(is_missing(name) or name[-1].isdigit() for name in names):
        return False  # "t0" is the name of a point
    known = [i for i, name in enumerate(names) if plain_name(name) in LABEL_NAMES | ID_NAMES]
    if not known:
        return False
    if known == [0] and len(names) > 1:
        return False
    first = [row[0].strip() for row in below if row]
    if known == [0] and plain_name(names[0]) in ID_NAMES and len(set(first)) < len(first):
        return False  # a title above other things than names of cases
    follows = any(is_number(cell, decimal) for cell in below[0])
    return follows and all(_stands_above(names[i], i, below, decimal) for i in known)


def _stands_above(name: str, j: int, rows: Sequence[list[str]], decimal: str) -> bool:
    """Whether a column holds words or whole numbers, and not its own name."""
    cells = [row[j].strip() for row in rows if j < len(row) and not is_missing(row[j])]
    return name not in cells and all(
        to_number(cell, decimal).is_integer() for cell in cells if is_number(cell, decimal)
    )


def has_units(rows: Sequence[list[str]]) -> bool:
    """Whether ``rows[1]``, under a header, holds units: words above columns of numbers."""
    if len(rows) < 3:
        return False
    cells = rows[1]
    numeric = [j for j in range(min(len(cells), 2000)) if _is_numeric(rows[2:], j)]
    above = [cells[j] for j in numeric if not is_missing(cells[j])]
    return bool(above) and not any(map(is_any_number, cells))


def _is_numeric(rows: Sequence[list[str]], j: int) -> bool:
    cells = [row[j] for row in rows[:20] if j < len(row) and not is_missing(row[j])]
    return bool(cells) and 2 * sum(map(is_any_number, cells)) > len(cells)


def is_any_number(cell: str) -> bool:
    """Whether a cell is a number under either decimal mark: no name, whatever reading says."""
    return any(is_meant(cell.strip(), decimal) for decimal in ".,")


def _repeats(names: list[str], following: list[str], decimal: str) -> bool:
    """Whether the next line counts too; then both are data such as 1, 2, 3, 4."""
    row = following[: len(names)]
    return is_counted(row) or not all(is_number(c, decimal) or is_missing(c) for c in row)


def _has_ramp(row: list[str], decimal: str) -> bool:
    return any(is_ramp(row[start : len(row) - end], decimal) for start, end in WITHOUT_EDGES)


def is_ramp(cells: Sequence[str], decimal: str) -> bool:
    """Whether eight cells or more are numbers that go up by equal steps."""
    cells = cells[:_RAMP_CELLS]
    if len(cells) < _LEAST_RAMP or not all(is_number(cell, decimal) for cell in cells):
        return False
    values = [to_number(cell, decimal) for cell in cells]
    step = (values[-1] - values[0]) / (len(values) - 1)
    off = max(abs(value - values[0] - i * step) for i, value in enumerate(values))
    return math.isfinite(step) and step > 0 and off <= _ROUNDED * step
