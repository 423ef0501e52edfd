"""What a table says about itself: its names, its labels, its time."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from tscviz.data.cells import is_missing
from tscviz.data.readers import dialect as h
from tscviz.data.readers.layout import find_column
from tscviz.data.readers.points import beside_points, counted_columns
from tscviz.data.readers.sample import Sample, is_clock, judge_edge
from tscviz.data.readers.times import dates_of

CHANNEL_LIKE = re.compile(
    r"(acc|gyr|mag|ecg|eeg|emg|eog|ppg|ch|channel|lead|sensor|dim|axis|imu)[a-z_ .-]{0,20}\d{0,4}"
)
CASE_LIKE = re.compile(r"(case|series|sample|patient|subject|s|ts|id|recording)[_ .-]?\d{1,9}")
_POINT_LIKE = re.compile(r"(sample|s|ts|id|dim)[_ .-]?\d{1,9}")  # of those, names of points, too
_ROLES = ("label_column", "id_column", "time_column", "channel_column", "value_column")
_NO_CLOCK = h.ID_NAMES - h.COUNT_NAMES
_MOST_COLUMNS_WITH_CLOCK = 64
_LEAST_TICKS = 8  # rows in which a clock is told from numbers of a few cases
_BREAKS = re.compile(r"[ _/.:-]+")


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
        if any(h.is_meant(c.strip(), self.sample.decimal) and not is_missing(c) for c in cells):
            return False  # no words: reading names their mark for thousands
        if all(h.is_any_number(c) for c in cells if not is_missing(c)):
            return False  # numbers with the other decimal mark, which reading refuses
        values = [self.sample.number(cell) for cell in cells]
        return any(v is None for v in values) and all(v is None or math.isnan(v) for v in values)

    def words(self, index: int) -> str:
        """Say how many rows have a word in a column of text."""
        cells = self.sample.column(index)
        n_text = sum(not is_missing(cell, self.sample.missing) for cell in cells)
        return "text" if n_text == len(cells) else f"text in {n_text:,} of {len(cells):,} rows"

    def names(self) -> list[str]:
        """Return the header without an index and empty columns, which have no name."""
        return [name for name in self.sample.names or () if name.strip()]

    def is_empty(self, index: int, orientation: str) -> bool:
        """Whether a column without a name has no value: a trace of a spreadsheet's wider sheet.

        Without a header it may be a point that is missing in every row.
        """
        sample = self.sample
        whole = len(sample.rows) == sample.n_rows and sample.width > 1
        whole &= sample.names is not None or orientation == "columns"
        cells = (row[index] if index < len(row) else "" for row in sample.rows)
        return whole and not sample.names_of(index) and not any(cell.strip() for cell in cells)

    @cached_property
    def points(self) -> tuple[int, ...]:
        """Columns that the header counts as points of series along the rows."""
        return counted_columns(self.sample.names)

    @cached_property
    def beside(self) -> frozenset[int]:
        """Columns whose names are none of the points that the header counts."""
        return beside_points(self.sample.names, self.points)

    @cached_property
    def _stems(self) -> frozenset[str]:
        """Names without a number at their end, and without some of its digits."""
        out = set()
        for name in {name.strip().lower().rstrip("._ ") for name in self.sample.names or ()}:
            end = len(name.rstrip("0123456789"))
            out.update(name[:cut] for cut in range(max(end, len(name) - 9), len(name)))
            out.update(name[:cut] for cut in range(len(name[:end].rstrip("._ ")), end))
        return frozenset(out)

    def is_no_point(self, index: int) -> bool:
        """Whether the name of a column tells that it is no time point of a series along a row."""
        name = self.sample.names_of(index)
        known = [
            names
            for role, names in (("label_column", h.LABEL_NAMES), ("id_column", h.ID_NAMES))
            if self.given.get(role, "") is not None  # None: every column is data
        ]
        if not name or name in self._stems:  # "x" beside "x.1", as pandas writes names anew
            return False
        if any(h.plain_name(name) in names for names in known):
            return True
        return index in self.beside and not self._denied(index)

    def _denied(self, index: int) -> bool:
        """Whether the caller said that a column which looks like a label or a name is data."""
        name = h.plain_name(self.sample.names_of(index))
        roles = (("label", h.LABEL_NAMES), ("id", h.ID_NAMES))
        at_edge = index in (0, self.sample.width - 1)
        return any(
            self.given.get(f"{role}_column", "") is None
            and (name in names or (at_edge and self.edge(index)[0] == role))
            for role, names in roles
        )

    def label_switches(self) -> bool:
        """Whether a column that is named like a label changes from row to row, not now and then."""
        label = self.named(h.LABEL_NAMES)
        if label is None:
            return False
        cells = [cell.strip() for cell in self.sample.column(label)]
        return 4 * sum(a != b for a, b in pairwise(cells)) > len(cells) - 1

    def ticks(self, time: int) -> bool:
        """Whether times go up by equal steps, be it anew in each case."""
        case = self.named(h.ID_NAMES)
        dated = self.is_text(time)
        return not dated and (is_clock(self.sample, time) or
                              (case is not None and self.repeats(case)))  # fmt: skip

    def rows_over_time(self, time: int) -> int:
        """Return how many rows, most per case, can follow each other in time; 0 for none."""
        sample, case = self.sample, self.named(h.ID_NAMES)
        cells = sample.column(time)
        if case is None or not self.repeats(case):
            return sample.n_rows if self._goes_on(cells) else 0
        keys = [cell.strip() for cell in sample.column(case)]
        label = self.named(h.LABEL_NAMES)
        marks = [""] * len(keys) if label is None else sample.column(label)
        marked = set(zip(keys, marks, strict=False))
        steady = len({key for key, _ in marked}) == len(marked)
        pairs = list(zip(keys, cells, strict=False))
        return max(Counter(keys).values()) if steady and len(set(pairs)) == len(pairs) else 0

    def _goes_on(self, cells: Sequence[str]) -> bool:
        """Whether times that can be sorted are, with leave for ties; others are in order."""
        numbers = [self.sample.number(cell) for cell in cells]
        known = [number for number in numbers if number is not None and not math.isnan(number)]
        times = np.array(known) if len(known) * 2 > len(cells) else dates_of(cells)
        return times is None or bool((np.diff(times) >= 0).all())

    def varies(self, index: int) -> bool:
        """Whether a column holds different values."""
        return len({cell.strip() for cell in self.sample.column(index)}) > 1

    def unnamed_count(self) -> bool:
        """Whether the first column counts the rows below an empty header, as pandas writes it."""
        names = self.sample.names
        if not names or names[0].strip() or len(names) < 2:
            return False
        # In a few rows only a count from 0 is told from labels such as 1 and 2.
        few = (
            self.sample.n_rows > 1
            and self.counts_rows(0)
            and self.sample.number(self.sample.first[0]) == 0
        )
        counts = is_clock(self.sample, 0) or few
        return counts and not self.is_text(0)  # dates are a time, not a count

    def counts_beside_time(self, index: int) -> bool:
        """Whether a column is called "no.", "index", ... and counts 0, 1, 2, ... or 1, 2, ..."""
        named = h.plain_name(self.sample.names_of(index)) in h.COUNT_NAMES
        return named and self.counts_rows(index)

    def counts_cases(self) -> bool:
        """Whether the first of columns that run down is called "index", "id", ... and counts."""
        name = h.plain_name(self.sample.names_of(0))
        named = name in h.COUNT_NAMES or name in h.ID_NAMES
        many = self.sample.n_rows >= _LEAST_TICKS and self.sample.width > 1
        return named and many and self.counts_rows(0)

    def counts_rows(self, index: int, anywhere: bool = False) -> bool:
        """Whether a column counts 0, 1, 2, ... or 1, 2, ..., or from any number."""
        values = [self.sample.number(cell) for cell in self.sample.column(index)[:1000]]
        start = values[0]
        if start is None or not (anywhere or start in (0.0, 1.0)):
            return False
        return values == [start + i for i in range(len(values))]

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
            free &= h.plain_name(self.sample.names_of(index)) not in h.TIME_NAMES  # a day per row
            if free and self.sample.width > 1 and self.edge(index)[0] == "label":
                return index
        words = [i for i in sorted(self.beside - {*taken, *self.fixed.values()}) if self.is_text(i)]
        return words[0] if len(words) == 1 and self.edge(words[0])[0] == "label" else None

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
        no_clock = sample.names and (
            self.unnamed_count() or (self._names_count(1) and not self._ticks_beside_count())
        )
        wide = sample.width > _MOST_COLUMNS_WITH_CLOCK
        counts = self.counts_rows(0, anywhere=self.edge(0)[0] == "id")
        wide |= sample.names is None and sample.width > sample.n_rows and counts
        if no_clock or wide or h.plain_name(sample.names_of(0)) in _NO_CLOCK:
            return None
        return 0 if is_clock(sample, 0) else None

    def named_clock(self) -> int | None:
        """Return the first column if, beside names that count, it goes up by equal steps.

        A name of its own and many rows tell it from the first of the series.
        """
        sample = self.sample
        free = 0 not in self.fixed.values() and sample.width > 1
        named = bool(sample.names_of(0)) and not self._counts_from(0)
        if not (free and named and sample.n_rows >= _LEAST_TICKS):
            return None
        return 0 if is_clock(sample, 0) else None

    def _ticks_beside_count(self) -> bool:
        """Whether a clock stands beside numbered names, not the name of a case beside points."""
        if self.sample.width > self.sample.n_rows or self.named_clock() is None:
            return False
        return self.has_name_of_time(0) or self.side_by_side(range(1, self.sample.width))

    def side_by_side(self, columns: Iterable[int]) -> bool:
        """Whether columns are named like channels or cases, which stand side by side over time."""
        names = [h.plain_name(self.sample.names_of(i)) for i in columns]
        alike = any(all(map(like.fullmatch, names)) for like in (CHANNEL_LIKE, CASE_LIKE))
        return bool(names) and alike and not any(map(_POINT_LIKE.fullmatch, names))

    def has_name_of_time(self, index: int) -> bool:
        """Whether a column is named like a time, be it with a unit: "t_ms", "Zeit in s"."""
        name = h.plain_name(self.sample.names_of(index))
        return name in h.TIME_NAMES or _BREAKS.split(name)[0] in h.TIME_NAMES

    def header_of_times(self) -> bool:
        """Whether the header has a date or a time above each column of values."""
        names = list(self.sample.names or ())
        parts = [names[start : len(names) - end] for start, end in h.WITHOUT_EDGES]
        return any(
            (len(part) >= 4 and all(map(h.is_date, part))) or h.is_ramp(part, self.sample.decimal)
            for part in parts
        )

    def _names_count(self, start: int) -> bool:
        return self._counts_from(start) or self._counts_from(start + 1)

    def _counts_from(self, start: int) -> bool:
        return h.is_counted((self.sample.names or ())[start:])

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
        if 2 * sum(map(bool, rest)) < len(rest):
            return False  # the header names the first columns only
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
