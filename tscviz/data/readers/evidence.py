"""What a table says about itself, and which way it runs: rows, columns or one value per row."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from tscviz.data.readers import dialect as h
from tscviz.data.readers.layout import find_column
from tscviz.data.readers.sample import Sample, is_clock, judge_edge

CHANNEL_LIKE = re.compile(
    r"(acc|gyr|mag|ecg|eeg|emg|eog|ppg|ch|channel|lead|sensor|dim|axis|imu)[a-z_ .-]{0,20}\d{0,4}"
)
CASE_LIKE = re.compile(r"(case|series|sample|patient|subject|s|ts|id|recording)[_ .-]?\d{1,9}")
_ROLES = ("label_column", "id_column", "time_column", "channel_column", "value_column")
_NO_CLOCK = h.ID_NAMES - {"index", "sample", "unnamed:0"}
_MOST_COLUMNS_WITH_CLOCK = 64


class Evidence:
    """What header and first rows say; what the caller gave counts as said.

    Parameters
    ----------
    sample : Sample
    given : mapping
        Options fixed by the caller.
    """

    def __init__(self, sample: Sample, given: Mapping[str, Any]) -> None:
        self.sample = sample
        self.given = given
        self.fixed = self.resolve(given)
        self.edges: dict[int, tuple[str | None, str]] = {}

    def resolve(self, options: Mapping[str, Any]) -> dict[str, int]:
        """Return the positions of the columns that options name."""
        sample, out = self.sample, {}
        for option in _ROLES:
            value = options.get(option)
            if value is not None and not isinstance(value, tuple):
                out[option] = find_column(value, sample.names, sample.width)
        drops = options.get("drop_columns", ())
        values = options.get("value_column")
        for i, value in enumerate((*drops, *(values if isinstance(values, tuple) else ()))):
            out[f"other {i}"] = find_column(value, sample.names, sample.width)
        return out

    def named(self, known: Collection[str], taken: Collection[int | None] = ()) -> int | None:
        """Return the first column whose header is among `known`."""
        for i, name in enumerate((self.sample.names or ())[:10_000]):
            if h.plain_name(name) in known and i not in taken:
                return i
        return None

    def edge(self, index: int) -> tuple[str | None, str]:
        """Return what a column at the edge is, and why; judged once."""
        if index not in self.edges:
            self.edges[index] = judge_edge(self.sample, index)
        return self.edges[index]

    def is_text(self, index: int) -> bool:
        """Whether no cell of a column in the sample is a number and some are words."""
        cells = self.sample.column(index)[:1000]
        if any(h.is_meant(cell.strip(), self.sample.decimal) for cell in cells):
            return False  # no words: reading names their mark for thousands
        values = [self.sample.number(cell) for cell in cells]
        return any(v is None for v in values) and all(v is None or math.isnan(v) for v in values)

    def varies(self, index: int) -> bool:
        """Whether a column holds different values."""
        return len({cell.strip() for cell in self.sample.column(index)}) > 1

    def unnamed_count(self) -> bool:
        """Whether the first column counts the rows below an empty header, as pandas writes it."""
        names = self.sample.names
        counts = bool(names) and not names[0].strip() and is_clock(self.sample, 0)
        return counts and not self.is_text(0)  # dates are a time, not a count

    def counts_beside_time(self, index: int) -> bool:
        """Whether a column is called "no.", "index", ... and counts 0, 1, 2, ... or 1, 2, ..."""
        named = h.plain_name(self.sample.names_of(index)) in h.COUNT_NAMES
        return named and self.counts_rows(index)

    def counts_rows(self, index: int) -> bool:
        """Whether a column counts 0, 1, 2, ... or 1, 2, ..."""
        values = [self.sample.number(cell) for cell in self.sample.column(index)[:1000]]
        return values[0] in (0.0, 1.0) and values == [values[0] + i for i in range(len(values))]

    def label(self, taken: Collection[int | None] = ()) -> int | None:
        """Return the column of class labels, if any."""
        if "label_column" in self.given:
            return self.fixed.get("label_column")
        named = self.named(h.LABEL_NAMES, taken)
        if named is not None:
            return named
        first = 1 if 0 in taken and self.sample.width > 2 else 0
        for index in dict.fromkeys((first, self.sample.width - 1)):
            free = index not in taken and index not in self.fixed.values()
            if free and self.sample.width > 1 and self.edge(index)[0] == "label":
                return index
        return None

    def case(self) -> int | None:
        """Return the column of names of the cases, if any (rows layout)."""
        if "id_column" in self.given:
            return self.fixed.get("id_column")
        named = self.named(h.ID_NAMES)
        if named is not None:
            return named
        if self.sample.width < 2 or 0 in self.fixed.values():
            return None
        if self.unnamed_count():
            self.edges[0] = ("id", "The first column has no name and counts the rows.")
            return 0
        return 0 if self.edge(0)[0] == "id" else None

    def time(self) -> int | None:
        """Return the column of time that runs down the file, if any."""
        if "time_column" in self.given:
            return self.fixed.get("time_column")
        named = self.named(h.TIME_NAMES)
        if named is not None:
            return named
        sample = self.sample
        if sample.width < 2 or 0 in self.fixed.values() or sample.n_rows < 2:
            return None
        no_clock = sample.names and (self.unnamed_count() or self._names_count(1))
        wide = sample.width > _MOST_COLUMNS_WITH_CLOCK
        wide |= sample.names is None and sample.width > sample.n_rows and self.counts_rows(0)
        if no_clock or wide or h.plain_name(sample.names_of(0)) in _NO_CLOCK:
            return None
        return 0 if is_clock(sample, 0) else None

    def header_of_times(self) -> bool:
        """Whether the header has a date or a time of day above each column of values."""
        names = self.sample.names or ()
        return len(names) >= 4 and any(all(map(h.is_date, names[s:])) for s in (0, 1, 2))

    def _names_count(self, start: int) -> bool:
        return any(h.is_counted((self.sample.names or ())[s:]) for s in (start, start + 1))

    def repeats(self, index: int) -> bool:
        """Whether a value stands twice in a column."""
        cells = self.sample.column(index)
        return len(set(cells)) < len(cells)

    def looks_like_channels(self, label: int) -> bool:
        """Whether a few columns with words for names stand above many rows."""
        names, width = self.sample.names, self.sample.width
        if names is None or not 1 < width <= 17 or self.sample.n_rows <= 4 * (width - 1):
            return False
        rest = [h.plain_name(name) for i, name in enumerate(names) if i != label]
        return self.axes(rest) or h.counted_prefixes(rest) is None

    @staticmethod
    def axes(names: list[str]) -> bool:
        """Whether names end in x, y, ... as those of a sensor's axes do."""
        ends = {name.split("_")[-1].split("-")[-1].split(".")[-1][-1:] for name in names}
        return {"x", "y"} <= ends <= set("xyzw")

    def show(self, index: int) -> str:
        """Name a column in a sentence."""
        name = self.sample.names[index].strip() if self.sample.names else ""
        return f"{index + 1} ({name[:40]!r})" if name else str(index + 1)


_SMOOTHER = 0.7  # ratio of the two roughnesses below which one direction is called the smoother
_CLEARLY = 0.3  # the same against a header that speaks for rows


def guess_orientation(evidence: Evidence) -> tuple[str, str]:
    """Return ``("rows" | "columns" | "long", reason)``: the first rule that applies decides."""
    for rule in (_by_long_names, _by_header_of_times, _by_clock, _by_label, _by_shape):
        found = rule(evidence)
        if found is not None:
            return found
    return _by_smoothness(evidence)


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
    if label is None or evidence.looks_like_channels(label):
        return None
    return "rows", "There is a class label in each row: one series per row."


def _by_shape(evidence: Evidence) -> tuple[str, str] | None:
    sample, names = evidence.sample, evidence.sample.names
    if sample.width == 1:
        return "columns", "There is one column: one series down the file."
    if sample.n_rows == 1:
        return "rows", "There is one row of data: one series along it."
    if names and any(h.is_counted(names[start:]) for start in (0, 1, 2)):
        along, down = _roughness(evidence)
        if min(sample.matrix.shape) >= 4 and down < _CLEARLY * along:
            return "columns", (
                "The header only counts, and values change far less down a column than along a "
                "row: one series per column."
            )
        return "rows", "The header counts the points: one series per row."
    if names and sample.width <= 64 and h.counted_prefixes(names) is None:
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


def _roughness(evidence: Evidence) -> tuple[float, float]:
    """Median step between neighbours along the rows, and down the columns."""
    values = evidence.sample.matrix
    steps = np.abs(np.diff(values, axis=1)), np.abs(np.diff(values, axis=0))
    along, down = (float(np.nanmedian(s)) if np.isfinite(s).any() else 0.0 for s in steps)
    return along, down
