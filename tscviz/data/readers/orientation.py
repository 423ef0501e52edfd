"""Which way a table runs: a series per row, a series per column, or one value per row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tscviz.data.readers import dialect as h
from tscviz.data.readers.evidence import Evidence
from tscviz.data.readers.sample import NUMBERED

_SMOOTHER = 0.7  # ratio of the two roughnesses below which one direction is called the smoother
_CLEARLY = 0.3  # the same against a header that speaks for rows
_MANY_POINTS = 16
_MOST_CHANNELS = 64


def guess_orientation(evidence: Evidence) -> tuple[str, str]:
    """Return ``("rows" | "columns" | "long", reason)``: the first rule that applies decides."""
    for rule in (_by_ragged, _by_points, _by_long_names, _by_header_of_times, _by_clock, _by_label,
                 _by_shape):  # fmt: skip
        found = rule(evidence)
        if found is not None:
            return found
    return _by_smoothness(evidence)


def _by_ragged(evidence: Evidence) -> tuple[str, str] | None:
    if not evidence.given.get("ragged"):
        return None
    return "rows", "Rows of unequal length were allowed: one series per row."


def _by_points(evidence: Evidence) -> tuple[str, str] | None:
    """Many counted points beside a column of times, which may be one date or day per row."""
    points, time = evidence.points, evidence.named(h.TIME_NAMES)
    chosen = ("time_column", "channel_column", "value_column", "columns_are")
    if time is None or len(points) < _MANY_POINTS or any(evidence.given.get(c) for c in chosen):
        return None
    if evidence.side_by_side(points) or time in points:
        return None
    along, down = _roughness(evidence, points)
    smooth, rough = along < _CLEARLY * down, down >= _CLEARLY * along
    switching, n_down = evidence.label_switches(), evidence.rows_over_time(time)
    if len(points) <= _MOST_CHANNELS:  # many a recording has as many channels
        rows = switching and smooth
    elif not n_down:  # the times go back, or a label changes within a case
        rows = down >= _SMOOTHER * along
    else:
        rows = (len(points) > n_down or switching) and rough
        rows |= smooth and not evidence.ticks(time)
    if not rows:
        return None
    return "rows", (
        f"The header counts {len(points)} points, and column {evidence.show(time)} is no time that "
        "runs down the file: one series per row."
    )


def _by_long_names(evidence: Evidence) -> tuple[str, str] | None:
    chosen = (evidence.given.get("value_column"), evidence.given.get("channel_column"))
    if any(column is not None for column in chosen):
        return "long", "A value or channel column was chosen: one value per row."
    case, value = evidence.named(h.ID_NAMES), evidence.named(h.VALUE_NAMES)
    channel, time = evidence.named(h.CHANNEL_NAMES), evidence.named(h.TIME_NAMES)
    if value is not None and channel is not None and evidence.repeats(channel):
        return "long", "There is a column of channels and one of values: one value per row."
    other = value if value is not None else time
    complete = case is not None and value is not None and time is not None
    if complete or (case is not None and other is not None and evidence.repeats(case)):
        return "long", (
            "A column of cases stands beside one of times or values: one point per row."
        )
    return None


def _by_header_of_times(evidence: Evidence) -> tuple[str, str] | None:
    if not evidence.header_of_times():
        return None
    return "rows", "The header has a date or time for each column: one series per row."


def _by_clock(evidence: Evidence) -> tuple[str, str] | None:
    time = evidence.time()
    if time is None or evidence.sample.width < 2:
        return None
    return "columns", f"Column {evidence.show(time)} is a time that runs down the file."


def _by_label(evidence: Evidence) -> tuple[str, str] | None:
    label = evidence.label()
    if label is None and evidence.edge(0) == NUMBERED and not evidence.looks_like_channels(0):
        return "rows", "The first column tells the rows apart: one series per row."
    if label is None or evidence.looks_like_channels(label):
        return None
    return "rows", "There is a class label in each row: one series per row."


def _by_shape(evidence: Evidence) -> tuple[str, str] | None:
    sample, names = evidence.sample, evidence.names()
    if sample.width == 1:
        return "columns", "There is one column: one series down the file."
    if sample.n_rows == 1:
        return "rows", "There is one row of data: one series along it."
    counted = any(h.is_counted(names[start:]) for start in (0, 1, 2))
    if names and (counted or len(evidence.points) > _MOST_CHANNELS):
        along, down = _roughness(evidence)
        if min(sample.matrix.shape) >= 4 and down < _CLEARLY * along:
            return "columns", (
                "The header only counts, and values change far less down a column than along a "
                "row: one series per column."
            )
        return "rows", "The header counts the points: one series per row."
    if 2 * len(names) > sample.width <= 64 and h.counted_prefixes(names) is None:
        return "columns", "The header has a word for each column: one series per column."
    if evidence.edge(0)[0] == "id":
        return "rows", "The first column tells the rows apart: one series per row."
    return None


def _by_smoothness(evidence: Evidence) -> tuple[str, str]:
    """Neighbours in time differ less than neighbours among cases."""
    along, down = _roughness(evidence)
    enough = min(evidence.sample.matrix.shape) >= 4
    if enough and min(along, down) < _SMOOTHER * max(along, down):
        if along < down:
            return "rows", "Values change less along a row than down a column: series in rows."
        return "columns", "Values change less down a column than along a row: series in columns."
    if evidence.sample.width >= evidence.sample.n_rows:
        return "rows", "There are more columns than rows: one series per row."
    return "columns", "There are more rows than columns: one series per column."


def _roughness(evidence: Evidence, columns: Sequence[int] = ()) -> tuple[float, float]:
    """Median step between neighbours along the rows, and down the columns."""
    values = evidence.sample.matrix
    if columns:
        values = values[:, [i for i in columns if i < values.shape[1]]]
    steps = np.abs(np.diff(values, axis=1)), np.abs(np.diff(values, axis=0))
    along, down = (float(np.nanmedian(s)) if np.isfinite(s).any() else 0.0 for s in steps)
    return along, down
