"""The archives' `.ts` format: a header of `@` lines, then one case per line.

A line is ``channel:channel:...:label``, a channel ``value,value,...`` or, with time stamps,
``(time,value),(time,value),...``. The only parser of the format in tscviz, for the archive and for
users' files alike. aeon's own is not used: it lowers the case of labels, names no row in its
errors, fails on negative values beside time stamps and on comments among the cases, and takes
seconds to import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tscviz.data.cells import NumberReader, shorten
from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_COLUMNS
from tscviz.types import Array

_NEXT_CHANNEL = re.compile(r"\)\s*:\s*\(")  # a time may itself hold colons and commas
_NEXT_POINT = re.compile(r"\)\s*,\s*\(")


@dataclass(frozen=True)
class TsHeader:
    """What the header of a `.ts` file says; None where it is silent.

    Parameters
    ----------
    univariate, timestamps, target_label : bool
    equal_length, class_label : bool or None
    n_channels, length : int or None
    class_names : tuple of str
        As written; empty where the file has no class labels or does not list them.
    """

    univariate: bool
    timestamps: bool
    equal_length: bool | None
    target_label: bool
    class_label: bool | None
    n_channels: int | None
    length: int | None
    class_names: tuple[str, ...]


def read_ts_header(lines: Iterator[tuple[int, str]]) -> TsHeader:
    """Read up to the line ``@data``; what `lines` yields next are the cases.

    Parameters
    ----------
    lines : iterator of (int, str)
        1-based row and text, without blanks around it, of the lines that are not blank.

    Raises
    ------
    DataError
        When there is no ``@data`` line or something else stands before it.
    """
    tags: dict[str, list[str]] = {}
    for row, line in lines:
        if line[0] in "#%":
            continue
        if line[0] != "@":
            raise DataError(
                f"found {shorten(line)} before @data; this is no .ts file: its header has lines "
                "that start with @ and ends with @data.",
                row=row,
            )
        key, *values = line[1:].split(None, MAX_COLUMNS) or [""]
        if key.lower() == "data":
            return _from_tags(tags)
        tags[key.lower()] = values
    raise DataError("the file has no @data line; a .ts file needs one before its cases.")


def _from_tags(tags: dict[str, list[str]]) -> TsHeader:
    def truth(key: str) -> bool | None:
        words = tags.get(key)
        return words[0].lower() == "true" if words else None

    def count(key: str) -> int | None:
        text = (tags.get(key) or [""])[0]
        return int(text) if text.isdecimal() and len(text) < 8 else None

    dimensions = count("dimensions") or count("dimension")
    univariate, class_label = truth("univariate"), truth("classlabel")
    return TsHeader(
        univariate=dimensions in (None, 1) if univariate is None else univariate,
        timestamps=bool(truth("timestamps")),
        equal_length=truth("equallength"),
        target_label=bool(truth("targetlabel")),
        class_label=class_label,
        n_channels=dimensions or (1 if univariate else None),
        length=count("serieslength"),
        class_names=tuple(tags["classlabel"][1:]) if class_label else (),
    )


def ts_cases(
    lines: Iterator[tuple[int, str]], header: TsHeader, labelled: bool, numbers: NumberReader
) -> Iterator[tuple[int, list[Array], str | None]]:
    """Yield the row, the channels (float32 each) and the label of every case.

    Parameters
    ----------
    lines : iterator of (int, str)
        Where `read_ts_header` left it.
    header : TsHeader
    labelled : bool
        Whether a case ends in a label; without, the label is None.
    numbers : NumberReader

    Raises
    ------
    DataError
        With the row and, for a value, its column: the 1-based place among all cells of the line.
    """
    for row, line in lines:
        if line[0] in "#%":
            continue
        series, colon, label = line.rpartition(":") if labelled else (line, ":", None)
        if not colon:
            raise DataError("the case has no ':' before its class label; add the label.", row=row)
        channels = numbers.channels(_cells(series, row, header.timestamps), row)
        yield row, channels, None if label is None else label.strip()


def _cells(line: str, row: int, timestamps: bool) -> Iterator[list[str]]:
    if line.count(":") > MAX_COLUMNS:
        raise DataError(f"the case has more than {MAX_COLUMNS:,} channels.", row=row)
    if not timestamps:
        return (channel.split(",", MAX_COLUMNS + 1) for channel in line.split(":"))
    return (_stamped(channel, row) for channel in _NEXT_CHANNEL.sub(")\n(", line).split("\n"))


def _stamped(channel: str, row: int) -> list[str]:
    """Values of ``(time,value),(time,value),...``."""
    channel = channel.strip()
    if not (channel.startswith("(") and channel.endswith(")")):
        raise DataError(
            f"found {shorten(channel)} where (time,value),(time,value),... was expected, because "
            "@timeStamps is true; mend the case or the header.",
            row=row,
        )
    return [point.rpartition(",")[2] for point in _NEXT_POINT.split(channel[1:-1])]
