"""What the readers of archive files share: lines, numbers, cases."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tscviz.data.dataset import MAX_VALUES
from tscviz.data.errors import DataError
from tscviz.types import Array

MISSING = frozenset({"?", "", "na", "none", "null"})


@dataclass(frozen=True, eq=False)
class Split:
    """The cases of one file and their labels.

    Parameters
    ----------
    cases : list of float32 arrays, shape (n_channels, n_timepoints)
        Lengths may differ.
    labels : list of str
    """

    cases: list[Array]
    labels: list[str]


@dataclass
class SplitBuilder:
    """Collects cases row by row and checks each against the first.

    With `trim`, missing values at the end of a case are its padding and are cut off.
    """

    name: str
    trim: bool = False
    cases: list[Array] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, channels: Sequence[Array], label: str, row: int) -> None:
        """Add one case, given as one array per channel."""
        lengths = [len(channel) for channel in channels]
        if min(lengths) != max(lengths):
            raise DataError(
                f"{self.name}: the channels of one case have {min(lengths)} to {max(lengths)} "
                "values; they must have equally many.",
                row=row,
            )
        if self.cases and len(channels) != len(self.cases[0]):
            raise DataError(
                f"{self.name}: found {len(channels)} channels, the first case has "
                f"{len(self.cases[0])}.",
                row=row,
            )
        if not label.strip():
            raise DataError(f"{self.name}: the label is empty.", row=row)
        self.size += len(channels) * lengths[0]
        if self.size > MAX_VALUES:
            raise DataError(f"{self.name}: more than {MAX_VALUES:,} values; too large.", row=row)
        case = np.stack(channels)  # (C, T)
        self.cases.append(_trim_end(case, row, self.name) if self.trim else case)
        self.labels.append(label.strip())

    def finish(self) -> Split:
        """Return the cases collected; a `DataError` when there are none."""
        if not self.cases:
            raise DataError(f"{self.name}: no cases found.")
        return Split(self.cases, self.labels)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number (1-based) and the stripped text of every line that is not blank.

    UTF-8 with or without a byte order mark; a line that is not UTF-8 is read as Latin-1, which
    some of the archives' comments need.
    """
    try:
        with path.open("rb") as file:
            for row, line in enumerate(file, start=1):
                text = _decode(line.removeprefix(BOM_UTF8) if row == 1 else line).strip()
                if text:
                    yield row, text
    except OSError as error:
        raise DataError(f"{path.name} could not be read: {error.strerror or error}.") from error


def read_values(fields: Sequence[str], row: int, name: str) -> Array:
    """Read numbers; ``?``, ``NaN`` and empty fields are missing values (NaN).

    Returns
    -------
    float32 array, shape (len(fields),)

    Raises
    ------
    DataError
        With row and column where a field is no number or infinite.
    """
    try:
        # float() would take 1_000 for a number.
        numbers = None if "_" in "".join(fields) else list(map(float, fields))
    except ValueError:
        numbers = None
    if numbers is None:
        numbers = [_read(text, row, i, name) for i, text in enumerate(fields, start=1)]
    values = np.array(numbers, dtype=np.float64)
    # Beyond float32 a value would turn infinite as well.
    too_large = np.abs(values) > np.finfo(np.float32).max
    if too_large.any():
        column = int(too_large.argmax()) + 1
        raise DataError(
            f"{name}: found {fields[column - 1].strip()!r}, which is infinite or too large; "
            "mend it or mark it as missing (NaN).",
            row=row,
            column=column,
        )
    return values.astype(np.float32)


def _trim_end(case: Array, row: int, name: str) -> Array:
    present = np.flatnonzero(~np.isnan(case).all(axis=0))
    if not len(present):
        raise DataError(f"{name}: the case holds missing values only.", row=row)
    return case[:, : present[-1] + 1]


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _read(text: str, row: int, column: int, name: str) -> float:
    if text.strip().lower() in MISSING:
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        value = None
    if value is None or "_" in text:
        raise DataError(
            f"{name}: found {text.strip()[:40]!r} where a number belongs.", row=row, column=column
        )
    return value
