"""A column of times: numbers, dates, or words whose order only the file knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from tscviz.data.cells import is_missing, is_number, shorten, to_number
from tscviz.data.errors import DataError
from tscviz.data.readers.layout import Layout
from tscviz.types import Array

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_DATE = re.compile(
    r"([0-9]{1,2})([./])([0-9]{1,2})\2([0-9]{4})"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6}))?)?)?"
)
_LEAST_STEPS = 4
_EQUAL, _GAP = 0.1, 1.5  # of the median step


def parse_times(cells: Sequence[str], rows: Sequence[int], column: int, layout: Layout) -> Array:
    """Return sortable numbers for a column of numbers, of dates, or else of texts in order.

    Raises
    ------
    DataError
        A missing time, or one written another way than the first.
    """
    if not cells:
        return np.zeros(0)
    if _number(cells[0], layout) is None and _date(cells[0]) is None:
        days = _day_dates(cells)
        if days is not None:
            return days
        known: dict[str, float] = {}
        return np.array([known.setdefault(cell.strip(), float(len(known))) for cell in cells])
    numbers = _number(cells[0], layout) is not None
    out = np.empty(len(cells))
    for i, cell in enumerate(cells):
        value = _number(cell, layout) if numbers else _date(cell)
        if value is None or not np.isfinite(value):
            found = "no time" if is_missing(cell, layout.missing) else shorten(cell)
            wanted = "a number" if numbers else "a date like 2024-01-31 12:00"
            raise DataError(
                f"found {found} where the time column has {wanted}; mend the cell, or choose "
                "another time column.",
                row=rows[i],
                column=column + 1,
            )
        out[i] = value
    return out


def is_sortable(cells: Sequence[str], layout: Layout) -> bool:
    """Whether `parse_times` knows the order of the times, not the file alone."""
    first = cells[0]
    known = _number(first, layout) is not None or _date(first) is not None
    return known or _day_dates(cells) is not None


def dates_of(cells: Sequence[str]) -> Array | None:
    """Return seconds for a column of dates; None where not all cells are dates of one reading."""
    dates = [_date(cell) for cell in cells]
    if all(date is not None for date in dates):
        return np.array(dates, dtype=float)
    return _day_dates(cells)


def order_note(cells: Sequence[str]) -> str:
    """Say that the order of the file counts."""
    return (
        f"Times such as {shorten(cells[0].strip())} are neither numbers nor dates like "
        "2024-01-31 12:00, or may be the day or the month first: points are in the order of the "
        "file."
    )


def gap_note(times: Array, group: Array, cells: Sequence[str], rows: Sequence[int]) -> str | None:
    """Say where times that else go on by equal steps jump, for reading counts points only.

    Parameters
    ----------
    times : float array, shape (n_rows,)
    group : int array, shape (n_rows,)
        Case of each row.
    cells : sequence of str
        The times as written.
    rows : sequence of int
        Line of the file of each row.
    """
    order = np.lexsort((times, group))
    steps = np.diff(times[order])
    steps[(np.diff(group[order]) != 0) | (steps <= 0)] = np.nan
    known = steps[~np.isnan(steps)]
    if len(known) < _LEAST_STEPS:
        return None
    median = np.median(known)
    equal = np.abs(known - median) <= _EQUAL * median
    jumps = int((known > _GAP * median).sum())
    if not jumps or 2 * equal.sum() <= len(known):
        return None
    at = int(np.nanargmax(steps))
    before, after = (cells[int(order[i])].strip() for i in (at, at + 1))
    more = f", the longest of {jumps:,} gaps" if jumps > 1 else ""
    return (
        f"The time jumps from {shorten(before)} to {shorten(after)} (row "
        f"{rows[int(order[at + 1])]}{more}): the points are taken as if evenly spaced. To keep a "
        "gap, add rows without values."
    )


def _number(cell: str, layout: Layout) -> float | None:
    if not is_number(cell, layout.decimal):
        return None
    return to_number(cell, layout.decimal)


def _date(cell: str) -> float | None:
    try:
        date = datetime.fromisoformat(cell.strip())
        return ((date if date.tzinfo else date.replace(tzinfo=UTC)) - _EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None


def _day_dates(cells: Sequence[str]) -> Array | None:
    """Return seconds for dates such as 31.01.2024 12:00, None if the day may be the month.

    It does not matter which is which where both readings give the same order.
    """
    if _DAY_DATE.fullmatch(cells[0].strip()[:40]) is None:
        return None
    matches = [_DAY_DATE.fullmatch(cell.strip()[:40]) for cell in cells]
    read = [days for at in (1, 3) if (days := _seconds(matches, at)) is not None]
    if len(read) == 2:
        ranks = [np.unique(days, return_inverse=True)[1] for days in read]
        return read[0] if (ranks[0] == ranks[1]).all() else None
    return read[0] if read else None


def _seconds(matches: Sequence[re.Match[str] | None], day: int) -> Array | None:
    """Return seconds with the day in group `day` (1 or 3), None where one is no date then."""
    out = np.empty(len(matches))
    for i, match in enumerate(matches):
        if match is None:
            return None
        hour, minute, second = (int(match[k] or 0) for k in (5, 6, 7))
        clock = (hour, minute, second, int((match[8] or "0").ljust(6, "0")))
        try:
            date = datetime(int(match[4]), int(match[4 - day]), int(match[day]), *clock, tzinfo=UTC)
        except ValueError:
            return None
        out[i] = (date - _EPOCH).total_seconds()
    return out
