"""The files of an archive: `.ts`, UCR-2018 `.tsv`, UCR-2015 text and `.arff`, each with labels.

All but `.ts` write every series of a problem with the same number of values: a shorter series ends
in missing values, which become padding (``mask`` False). A value missing at the very end of a
series cannot be told from that; the `.ts` files can.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tscviz.data.arff_file import ArffHeader, arff_cases, read_arff_header
from tscviz.data.cases import CaseList
from tscviz.data.cells import NumberReader, Splitter
from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_COLUMNS
from tscviz.data.ts_file import TsHeader, read_ts_header, ts_cases

_LINE_END = " \r\n"  # a tab at the end stands before an empty cell
_MOST_COUNTED = 20_000_000  # bytes; a few hundredths of a second


def read_ts(path: Path) -> CaseList:
    """Read a `.ts` file of a classification problem.

    Raises
    ------
    DataError
        With the name of the file, the row and, for a value, the column.
    """
    with _named(path):
        lines = _lines(path)
        header = _labelled_ts(lines)
        return _collect(ts_cases(lines, header, True, NumberReader()), CaseList())


def read_arff(path: Path) -> CaseList:
    """Read a Weka `.arff` file; the class is the nominal attribute, else the last one.

    Raises
    ------
    DataError
        With the name of the file, the row and, for a value, the column.
    """
    with _named(path):
        lines = _lines(path)
        header = read_arff_header(lines)
        label = header.kinds.index("nominal") if "nominal" in header.kinds else -1
        return _collect(arff_cases(lines, header, label, NumberReader()), CaseList(trim=True))


def read_text(path: Path) -> CaseList:
    """Read UCR text: the label first, then the values; tab, comma or blanks between them.

    Parameters
    ----------
    path : Path
        ``NAME_TRAIN.tsv``, ``NAME_TRAIN.txt`` or ``NAME_TRAIN``.

    Raises
    ------
    DataError
        With the name of the file, the row and, for a value, the column; column 1 is the label.
    """
    with _named(path):
        return _collect(_text_cases(_lines(path, _LINE_END)), CaseList(trim=True))


def ts_header(path: Path) -> TsHeader:
    """Read the header of a `.ts` file and nothing after it; a `DataError` without labels."""
    with _named(path):
        return _labelled_ts(_lines(path))


def ts_length(path: Path) -> int | None:
    """Count the points of the series of a `.ts` file without reading their values.

    Returns
    -------
    int or None
        None where lengths differ, where points have time stamps, and for a file so large that
        counting would keep a list of datasets waiting.
    """
    with _named(path):
        lines = _lines(path)
        if _labelled_ts(lines).timestamps or path.stat().st_size > _MOST_COUNTED:
            return None
        found: set[int] = set()
        for _, line in lines:
            if line[0] not in "#%":
                found.update(part.count(",") + 1 for part in line.rpartition(":")[0].split(":"))
            if len(found) > 1:
                return None
    return min(found, default=None)


def arff_header(path: Path) -> ArffHeader:
    """Read the header of an `.arff` file and nothing after it."""
    with _named(path):
        return read_arff_header(_lines(path))


def _collect(cases: Iterator[tuple], into: CaseList) -> CaseList:
    for case in cases:
        into.add(*case)
    into.check_any()
    into.check_labels()
    return into


def _labelled_ts(lines: Iterator[tuple[int, str]]) -> TsHeader:
    header = read_ts_header(lines)
    if header.class_label is False or header.target_label:
        raise DataError(
            "the header says that the cases have no class label (@classLabel false or "
            "@targetLabel true); a classification problem is needed."
        )
    return header


def _text_cases(lines: Iterator[tuple[int, str]]) -> Iterator[tuple]:
    """Yield the cases; all rows have as many values, of which the last may be empty cells.

    A delimiter at the end of a line may stand before an empty cell or before nothing, so a row can
    have any number of values from its last one that is there to its last cell.
    """
    split, numbers = None, NumberReader()
    least, most = 1, MAX_COLUMNS
    for row, line in lines:
        split = split or Splitter(next((mark for mark in "\t," if mark in line.strip()), " "))
        label, *cells = split(line, row)
        there = len(cells)
        while there and not cells[there - 1].strip():
            there -= 1
        if len(cells) < least or there > most:
            found, wanted = (len(cells), least) if len(cells) < least else (there, most)
            before = f", the rows before have {wanted}" if most < MAX_COLUMNS else ""
            raise DataError(f"found {found} values after the label{before}.", row=row)
        least, most = max(least, there), min(most, len(cells))
        yield row, numbers.channels([cells], row, passed_over=0), label.strip()


def _lines(path: Path, end: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield the row (1-based) and the text of every line that is not blank, less `end` at its end.

    UTF-8 with or without a byte order mark; a line that is not UTF-8 is read as Latin-1, which
    some of the archives' comments need.
    """
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            text = _decode(line.removeprefix(BOM_UTF8) if row == 1 else line)
            if stripped := text.lstrip():
                yield row, stripped.rstrip(end)


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Put the name of the file in front of what is wrong with it."""
    try:
        yield
    except OSError as error:
        raise DataError(f"{path.name} could not be read: {error.strerror or error}.") from error
    except DataError as error:
        joint = ": " if error.row is None else ", "
        said = error.worded()  # an archive is read one way: no setting to advise
        raise DataError(f"{path.name}{joint}{said}", row=error.row, column=error.column) from error
