"""The archives' `.ts` format: a header of `@` lines, then one case per line.

A line is ``channel:channel:...:label``, a channel ``value,value,...`` or, with time stamps,
``(time,value),(time,value),...``. ``?`` and ``NaN`` are missing values. Unlike aeon's loader this
one keeps the labels as written (aeon lowers their case), the sign and exponent of values with
time stamps, and the number of the row in every error; it needs nothing but numpy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tscviz.data.errors import DataError
from tscviz.data.rows import Split, SplitBuilder, read_lines, read_values
from tscviz.types import Array

_STAMPED = re.compile(r"\([^()]*,([^(),]*)\)")


@dataclass(frozen=True)
class TsHeader:
    """What the header of a `.ts` file says; None where it is silent.

    Parameters
    ----------
    univariate, timestamps : bool
    n_channels, length : int or None
    class_names : tuple of str
        As written; empty where the file has no class labels.
    """

    univariate: bool = True
    timestamps: bool = False
    n_channels: int | None = None
    length: int | None = None
    class_names: tuple[str, ...] = ()


def read_ts_header(path: Path) -> TsHeader:
    """Read the header of a `.ts` file and nothing after it.

    Raises
    ------
    DataError
        When there is no ``@data`` line or the file has no class labels.
    """
    return _header(iter(read_lines(path)), path)


def read_ts(path: Path) -> Split:
    """Read a `.ts` file of a classification problem.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Split
        One array ``(n_channels, n_timepoints)`` and one label per case.

    Raises
    ------
    DataError
        With the row (and the column, the 1-based place of the value in its channel).
    """
    lines = iter(read_lines(path))
    header = _header(lines, path)
    builder = SplitBuilder(path.name)
    for row, line in lines:
        if line.startswith(("#", "%")):
            continue
        channels, label = _split_line(line, header.timestamps)
        if not channels:
            raise DataError(f"{path.name}: a case without values before its label.", row=row)
        builder.add(_read_case(channels, header.timestamps, row, path.name), label, row)
    return builder.finish()


def _header(lines: Iterable[tuple[int, str]], path: Path) -> TsHeader:
    tags: dict[str, list[str]] = {}
    for row, line in lines:
        if line.startswith(("#", "%")):
            continue
        if not line.startswith("@"):
            raise DataError(
                f"{path.name}: found {line[:40]!r} before the line '@data'; this is no .ts file.",
                row=row,
            )
        key, *values = line[1:].split()
        if key.lower() == "data":
            return _from_tags(tags, path)
        tags[key.lower()] = values
    raise DataError(f"{path.name}: no line '@data'; this is no complete .ts file.")


def _from_tags(tags: dict[str, list[str]], path: Path) -> TsHeader:
    def truth(key: str, default: str) -> bool:
        return (tags.get(key) or [default])[0].lower() == "true"

    def count(key: str) -> int | None:
        text = (tags.get(key) or [""])[0]
        return int(text) if text.isdecimal() else None

    if not truth("classlabel", "true") or truth("targetlabel", "false"):
        raise DataError(
            f"{path.name}: the header says that the cases have no class label "
            "(@classLabel false or @targetLabel true); a classification problem is needed."
        )
    univariate = truth("univariate", "true")
    return TsHeader(
        univariate,
        truth("timestamps", "false"),
        1 if univariate else count("dimensions"),
        count("serieslength"),
        tuple((tags.get("classlabel") or [])[1:]),
    )


def _split_line(line: str, timestamps: bool) -> tuple[list[str], str]:
    if not timestamps:
        *channels, label = line.split(":")
        return channels, label
    # A time may itself hold colons: channels end at "):".
    *channels, label = line.split("):")
    return [channel + ")" for channel in channels], label


def _read_case(texts: list[str], timestamps: bool, row: int, name: str) -> list[Array]:
    split = _STAMPED.findall if timestamps else _split_values
    return [read_values(split(text), row, name) for text in texts]


def _split_values(text: str) -> list[str]:
    return text.split(",")
