"""The other formats of the archives: UCR-2018 `.tsv`, UCR-2015 text, and Weka's `.arff`.

All three write every series of a problem with the same number of values: a shorter series ends
in missing values, which become padding (``mask`` False). A value missing at the very end of a
series cannot be told from that; the `.ts` files can.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tscviz.data.errors import DataError
from tscviz.data.rows import Split, SplitBuilder, read_lines, read_values

_RELATIONAL = re.compile(r"""^(['"])(?P<channels>.*)\1\s*,\s*(?P<label>.+)$""")


def read_text(path: Path) -> Split:
    """Read UCR text: the label first, then the values; tab, comma or blanks between them.

    Parameters
    ----------
    path : Path
        ``NAME_TRAIN.tsv``, ``NAME_TRAIN.txt`` or ``NAME_TRAIN``.

    Raises
    ------
    DataError
        With row and column; column 1 is the label.
    """
    builder = SplitBuilder(path.name, trim=True)
    separate: Callable[[str], list[str]] | None = None
    width = 0
    for row, line in read_lines(path):
        separate = separate or _separator(line)
        label, *fields = separate(line)
        width = width or len(fields)
        if len(fields) != width or not fields:
            raise DataError(
                f"{path.name}: found {len(fields)} values after the label, "
                f"the first row has {width}.",
                row=row,
            )
        builder.add([read_values(fields, row, path.name)], label, row)
    return builder.finish()


def read_arff(path: Path) -> Split:
    r"""Read a Weka `.arff` file: values and then the label on each line.

    A multivariate case is ``'value,value\nvalue,value',label``: one quoted relational attribute
    with the channels between ``\n``.

    Raises
    ------
    DataError
        With row and column (the 1-based place of the value in its channel).
    """
    builder = SplitBuilder(path.name, trim=True)
    in_data = relational = False
    for row, line in read_lines(path):
        if line.startswith("%"):
            continue
        if not in_data:
            low = line.lower()
            relational = relational or (low.startswith("@attribute") and "relational" in low)
            in_data = low.startswith("@data")
            continue
        channels, label = _arff_line(line, relational, row, path.name)
        case = [read_values(c.split(","), row, path.name) for c in channels]
        builder.add(case, label.strip().strip("'\""), row)
    return builder.finish()


def _separator(line: str) -> Callable[[str], list[str]]:
    for mark in "\t,":
        if mark in line:
            return lambda text: text.split(mark)
    return str.split


def _arff_line(line: str, relational: bool, row: int, name: str) -> tuple[list[str], str]:
    if not relational:
        values, _, label = line.rpartition(",")
        return [values], label
    match = _RELATIONAL.match(line)
    if match is None:
        raise DataError(f"{name}: a case must be quoted, then a comma and its label.", row=row)
    return match["channels"].split("\\n"), match["label"]
