"""What the columns of a table are: label, name, time, channel, value or nothing of use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tscviz.data.errors import DataError, Setting
from tscviz.data.readers import dialect as h
from tscviz.data.readers.evidence import CASE_LIKE, CHANNEL_LIKE, Evidence
from tscviz.data.readers.layout import column_reference, find_column
from tscviz.data.readers.orientation import guess_orientation
from tscviz.data.readers.sample import Sample

_BY_POSITION = {
    1: ("value_column",),
    2: ("id_column", "value_column"),
    3: ("id_column", "time_column", "value_column"),
    4: ("id_column", "time_column", "channel_column", "value_column"),
    5: ("id_column", "time_column", "channel_column", "value_column", "label_column"),
}
_MOST_NAMED_COLUMNS = 2000
_MOST_TOLD = 12  # columns of a kind, one by one
_OTHERS = ("id_column", "time_column", "channel_column", "label_column")


class Roles:
    """Guess orientation and columns of one table; what the caller gave is never changed.

    Parameters
    ----------
    sample : Sample
    given : mapping
        Options fixed by the caller.
    """

    def __init__(self, sample: Sample, given: Mapping[str, Any]) -> None:
        self.sample = sample
        self.given = given
        self.evidence = Evidence(sample, given)
        self.guess: dict[str, Any] = {}
        self.reasons: list[str] = []
        self.notes: list[str] = []

    def run(self) -> dict[str, Any]:
        """Return the fields of a `Layout` that were guessed or given, "reasons" and "notes"."""
        orientation = self.given.get("orientation")
        if orientation is None:
            orientation, reason = guess_orientation(self.evidence)
            self.reasons.append(reason)
        self.guess["orientation"] = orientation
        {"rows": self._rows, "columns": self._columns, "long": self._long}[orientation]()
        told = {"reasons": tuple(self.reasons), "notes": tuple(self.notes)}
        return {**self.guess, **self.given, **told}

    def _note(self, sentence: str) -> None:
        """Add a reason that tells what of the file is not in the series."""
        self.reasons.append(sentence)
        self.notes.append(sentence)

    def _rows(self) -> None:
        case = self._pick("id_column", self.evidence.case())
        label = self._pick("label_column", self.evidence.label({case}), {case})
        width = self.sample.width
        edges = {*range(min(width, 16)), *range(max(16, width - 4), width)}
        dropped = self._drop_text(sorted(edges | self.evidence.beside), {case, label})
        names = self.sample.names
        if names and "channels" not in self.given:
            skip = {case, label, *dropped, *self.evidence.fixed.values()}
            self._guess_channels([n for i, n in enumerate(names) if i not in skip])

    def _guess_channels(self, names: list[str]) -> None:
        """Names such as x_0, x_1, ..., y_0, y_1, ... are channels that share a row."""
        parts = h.counted_prefixes(names) or []
        prefixes = [prefix for prefix, _ in parts]
        distinct = list(dict.fromkeys(prefixes))
        k = len(distinct)
        if k < 2 or len(parts) % k or len(parts) < 2 * k:
            return
        points = len(parts) // k
        for order, expected in (
            ("blocks", [p for p in distinct for _ in range(points)]),
            ("interleaved", distinct * points),
        ):
            if prefixes == expected:
                self.guess.update(channels=k, channel_order=order)
                self.reasons.append(f"Column names start in {k} ways: {k} channels share a row.")

    def _columns(self) -> None:
        time = self._pick("time_column", self._clock())
        label = self._pick("label_column", self._steady_label({time}), {time})
        width = self.sample.width
        dropped = self._drop_text(range(min(width, _MOST_NAMED_COLUMNS)), {time, label})
        if "columns_are" in self.given:
            return
        names = self.sample.names or ()
        other = {time, label, *dropped, *self.evidence.fixed.values()}
        rest = [i for i in range(width) if i not in other]
        kind, reason = self._kind([names[i] for i in rest] if names else [], time is not None)
        if len(rest) > 1:
            self.reasons.append(reason)
        self.guess["columns_are"] = kind

    def _clock(self) -> int | None:
        """Return the column of time; now that series run down the file, beside any names."""
        evidence = self.evidence
        time = evidence.time()
        if time is not None or "time_column" in self.given or evidence.counts_cases():
            return time
        return evidence.named_clock()

    def _steady_label(self, taken: Collection[int | None]) -> int | None:
        """Return a named label column that keeps one value: the label of the file's only case."""
        label = self.evidence.named(h.LABEL_NAMES, taken)
        return label if label is not None and not self.evidence.varies(label) else None

    def _drop_text(self, indices: Collection[int], taken: Collection[int | None]) -> list[int]:
        """Leave out columns of words that have no role, an index, and a label that changes."""
        if "drop_columns" in self.given:
            return []
        evidence, dropped = self.evidence, []
        for i in indices:
            if i in taken or i in evidence.fixed.values():
                continue
            changing = (
                self.guess["orientation"] == "columns"
                and h.plain_name(self.sample.names_of(i)) in h.LABEL_NAMES
                and evidence.varies(i)
            )
            index = i == 0 and self.sample.width > 1 and evidence.unnamed_count()
            index |= self.guess.get("time_column") is not None and evidence.counts_beside_time(i)
            index |= self.guess["orientation"] == "columns" and i == 0 and evidence.counts_cases()
            empty = evidence.is_empty(i, self.guess["orientation"])
            role = self.guess["orientation"] == "rows" and evidence.is_no_point(i)
            text = self.sample.width > 1 and evidence.is_text(i)
            if changing or index or empty or role or text:
                why = (
                    "a label that changes over time" if changing else
                    "a count of the rows" if index else "nothing" if empty else
                    evidence.words(i) if text else "no points, as its name tells,"
                )  # fmt: skip
                if not role or text or len(dropped) < _MOST_TOLD:
                    self._note(f"Column {evidence.show(i)} holds {why} and is left out.")
                dropped.append(i)
        if len(dropped) > _MOST_TOLD:
            self._note(f"{len(dropped)} columns are left out in all.")
        if dropped:
            self.guess["drop_columns"] = tuple(
                column_reference(i, self.sample.names) for i in dropped
            )
        return dropped

    def _kind(self, names: list[str], has_time: bool) -> tuple[str, str]:
        plain = [h.plain_name(name) for name in names]
        if is_case_channel(names):
            return "case.channel", "Columns are named case.channel."
        if names and all(map(CASE_LIKE.fullmatch, plain)):
            return "cases", "Columns are named like cases: one series per column."
        if self.evidence.axes(plain) or (names and all(map(CHANNEL_LIKE.fullmatch, plain))):
            return "channels", "Columns are named like channels: one case with several channels."
        if has_time and names:
            return "channels", "Columns share a time: one case with several channels."
        return "cases", "Nothing says that the columns belong together: one case per column."

    def _long(self) -> None:
        sample = self.sample
        if sample.names is None and not self.evidence.fixed:
            self._long_by_position()
            return
        taken: set[int | None] = set()
        for option, names in (
            ("id_column", h.ID_NAMES),
            ("time_column", h.TIME_NAMES),
            ("channel_column", h.CHANNEL_NAMES),
            ("label_column", h.LABEL_NAMES),
            ("value_column", h.VALUE_NAMES),
        ):
            taken.add(self._pick(option, self.evidence.named(names, taken), taken))
        if self.guess.get("value_column") is None and "value_column" not in self.given:
            self._other_values(taken)
        self._note_unread()

    def _note_unread(self) -> None:
        """Tell which columns have no role in a table of one value per row."""
        used = {**self.guess, **self.given}
        values = used.get("value_column")
        chosen = (*(values if isinstance(values, tuple) else (values,)), *map(used.get, _OTHERS))
        sample = self.sample
        read = {find_column(c, sample.names, sample.width) for c in chosen if c is not None}
        left = [i for i in range(min(sample.width, _MOST_NAMED_COLUMNS)) if i not in read]
        if left:
            shown = ", ".join(map(self.evidence.show, left[:12])) + ", ..." * (len(left) > 12)
            one = len(left) == 1
            self._note(f"Column{'s' * (not one)} {shown} {'is' if one else 'are'} left out.")

    def _other_values(self, taken: set[int | None]) -> None:
        """Every free column of numbers is a channel."""
        free = [i for i in range(self.sample.width)
                if i not in taken and i not in self.evidence.fixed.values()]  # fmt: skip
        values = [i for i in free if i >= _MOST_NAMED_COLUMNS or not self.evidence.is_text(i)]
        self.guess["value_column"] = tuple(column_reference(i, self.sample.names) for i in values)
        self.reasons.append(f"{len(values)} other columns hold numbers and are taken for channels.")

    def _long_by_position(self) -> None:
        order = _BY_POSITION.get(self.sample.width)
        if order is None:
            raise DataError(
                f"a long table without a header has 1 to 5 columns, this one {self.sample.width}; "
                "write a header",
                Setting("value_column", clause=", or say which columns are what: {}"),
                *(Setting(name, clause=", {}") for name in _OTHERS),
                ".",
            )
        for i, option in enumerate(order):
            self._pick(option, i)

    def _pick(
        self, option: str, index: int | None, taken: Collection[int | None] = ()
    ) -> int | None:
        """Set a column unless the caller did; return its position."""
        evidence = self.evidence
        if option in self.given:
            return evidence.fixed.get(option)
        if index is None or index in taken or index in evidence.fixed.values():
            return None
        self.guess[option] = column_reference(index, self.sample.names)
        judged, why = evidence.edges.get(index, (None, ""))
        role = option.removesuffix("_column")
        sentence = f"Column {evidence.show(index)} is taken for the {role}"
        left_out = role == "time" and self.guess["orientation"] == "columns"
        sentence += " and left out: points are in the order of the file." if left_out else "."
        (self._note if left_out else self.reasons.append)(why if judged == role else sentence)
        return index


def is_case_channel(names: list[str]) -> bool:
    """Whether all names read case.channel and every case has the same two or more channels."""
    cases: dict[str, list[str]] = {}
    for name in names:
        case, dot, channel = name.strip().rpartition(".")
        if not (case and dot and channel):
            return False
        cases.setdefault(case, []).append(channel)
    channels = [sorted(found) for found in cases.values()]
    return bool(channels) and len(channels[0]) > 1 and all(c == channels[0] for c in channels)
