"""The .ts format of the UCR/UEA archives, read line by line so that errors name the row."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tscviz.data.errors import DataError
from tscviz.data.readers.cells import MISSING, NumberReader, shorten
from tscviz.data.readers.gather import Gather
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.limits import MAX_COLUMNS
from tscviz.data.readers.source import Payload
from tscviz.data.readers.text import Text, decode
from tscviz.types import SeriesSet


@dataclass
class _Header:
    """What the lines that start with "@" say."""

    values: dict[str, list[str]] = field(default_factory=dict)
    data_row: int = 0

    def flag(self, name: str, default: bool = False) -> bool:
        words = self.values.get(name)
        return default if not words else words[0].lower() == "true"

    @property
    def classes(self) -> list[str] | None:
        words = self.values.get("classlabel")
        return words[1:] if words and words[0].lower() == "true" else None

    @property
    def has_label(self) -> bool:
        return self.classes is not None or self.flag("targetlabel")

    def dimensions(self) -> int | None:
        words = self.values.get("dimensions") or self.values.get("dimension")
        if words and words[0].isdecimal() and len(words[0]) < 8:
            return int(words[0])
        return 1 if self.flag("univariate") else None


@dataclass(frozen=True, eq=False)
class Look:
    """Layout, text and header of a .ts file."""

    layout: Layout
    text: Text
    header: _Header


def look(payload: Payload, given: Mapping[str, Any]) -> Look:
    """Read the header."""
    text = decode(payload.data, given.get("encoding"))
    header = _read_header(text)
    reasons = (
        "The file has the header of the .ts format, which says how it is read.",
        "Cases end with a class label." if header.has_label else "Cases have no label.",
        *(("Time stamps are left out.",) if header.flag("timestamps") else ()),
    )
    fields: dict[str, Any] = {
        "format": "ts",
        "compression": payload.compression,
        "encoding": text.encoding,
        "missing": MISSING,
        "label_column": "last" if header.has_label else None,
        "channels": header.dimensions() or 1,
    }
    return Look(Layout(**{**fields, **given, "reasons": reasons}), text, header)


def _read_header(text: Text) -> _Header:
    header = _Header()
    for row, line in text.stripped():
        if line[0] != "@":
            raise DataError(
                f"found {shorten(line)} before @data; the header of a .ts file has lines that "
                "start with @ and ends with @data.",
                row=row,
            )
        words = line[1:].split(None, MAX_COLUMNS)
        if words and words[0].lower() == "data":
            header.data_row = row
            return header
        if words:
            header.values[words[0].lower()] = words[1:]
    raise DataError("the file has no @data line; a .ts file needs one before its cases.")


def preview(payload: Payload, layout: Layout, n: int) -> list[list[str]]:
    """First `n` cases, cells as written."""
    text = decode(payload.data, layout.encoding)
    lines = islice(text.stripped(after=_read_header(text).data_row), n)
    return [line.replace(":", " : ").split(",", 200) for _, line in lines]


def read(payload: Payload, given: Mapping[str, Any]) -> SeriesSet:
    """Read all cases."""
    seen = look(payload, given)
    gather = Gather(seen.layout, f"@dimensions says {seen.header.dimensions()}",
                    n_channels=seen.header.dimensions())  # fmt: skip
    numbers = NumberReader(".", seen.layout.missing)
    for row, line in seen.text.stripped(after=seen.header.data_row):
        gather.add(row, *_case(line, row, seen.header, numbers))
    if seen.header.flag("equallength"):
        gather.check_equal("@equalLength is true")
    return gather.finish(trim=False)


def _case(
    line: str, row: int, header: _Header, numbers: NumberReader
) -> tuple[list[array[float]], str | None]:
    label = None
    if header.has_label:
        line, colon, label = line.rpartition(":")
        if not colon:
            raise DataError("the case has no ':' before its class label; add the label.", row=row)
        label = label.strip()
        if header.classes and label not in header.classes:
            raise DataError(
                f"the label {shorten(label)} is not one of those that @classLabel lists; "
                "mend the label or the header.",
                row=row,
            )
    if header.flag("timestamps"):
        parts = _stamped(line, row)
    else:
        if line.count(":") > MAX_COLUMNS:
            raise DataError(f"the case has more than {MAX_COLUMNS:,} channels.", row=row)
        parts = [dimension.split(",", MAX_COLUMNS + 1) for dimension in line.split(":")]
    channels, column = [], 1
    for cells in parts:
        if len(cells) > MAX_COLUMNS:
            raise DataError(f"the case has more than {MAX_COLUMNS:,} points.", row=row)
        values = array("d")
        numbers.extend(values, cells, row, range(column - 1, column - 1 + len(cells)))
        column += len(cells)
        channels.append(values)
    return channels, label


def _stamped(line: str, row: int) -> list[list[str]]:
    """Values of "(time,value),(time,value):(time,value)..."; times may hold colons."""
    out = []
    for part in map(str.strip, line.replace("):(", ")\n(").split("\n")):
        if not (part.startswith("(") and part.endswith(")")):
            raise DataError(
                f"found {shorten(part)} where (time,value),(time,value),... was expected, because "
                "@timeStamps is true; mend the case or the header.",
                row=row,
            )
        points = part[1:-1].split("),(")
        out.append([point.rpartition(",")[2] for point in points])
    return out
