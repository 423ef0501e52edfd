"""CSV, TSV and other delimited text: look, preview, read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from tscviz.data.cells import (
    MISSING,
    NumberReader,
    Splitter,
    is_missing,
    is_number,
    shorten,
    to_number,
)
from tscviz.data.errors import DataError, Setting
from tscviz.data.readers.dialect import cells_of, guess_delimiter, guess_header, has_units
from tscviz.data.readers.layout import Column, Layout, find_column
from tscviz.data.readers.roles import Roles
from tscviz.data.readers.sample import (
    MAX_EDGE_ROWS,
    MAX_SAMPLE_CELLS,
    MAX_SAMPLE_ROWS,
    Sample,
    looks_like_time,
)
from tscviz.data.readers.source import Payload
from tscviz.data.readers.table import Columns, plan_columns, read_table
from tscviz.data.readers.text import Text, decode
from tscviz.data.readers.wide import table_to_series
from tscviz.types import SeriesSet

ROLES = ("label_column", "id_column", "time_column", "channel_column")
_MAX_PREAMBLE = 60
_MAX_NOTE = 2000  # characters of a line at the top that are looked at
_EDGE = 300  # characters of a cell that guessing may look at


@dataclass(frozen=True, eq=False)
class Look:
    """A layout with what reading needs beside it."""

    layout: Layout
    text: Text
    names: tuple[str, ...] | None
    width: int


def look(payload: Payload, given: Mapping[str, Any]) -> Look:
    """Guess the layout of delimited text; `given` is never changed."""
    text = decode(payload.data, given.get("encoding"))
    fields: dict[str, Any] = {"format": "csv", "compression": payload.compression}
    reasons = [f"The text is {text.encoding}."]
    fields["encoding"] = text.encoding
    skip = given.get("skip_rows")
    skip = _comments(text) if skip is None else skip
    lines = [line[1] for line in islice(text.data_lines(skip), 60)]
    if not lines:
        raise DataError("the file has no rows of data; give a file with at least one series.")
    delimiter, decimal, reason = guess_delimiter(_settled(lines), given)
    reasons.append(reason)
    if "skip_rows" not in given and skip and given.get("header", True):
        skip -= _header_in_comment(text, skip, delimiter, decimal)
    if "skip_rows" not in given:
        skip += _preamble(text, skip, delimiter, decimal)
        if skip:
            reasons.append(f"The first {skip} lines are comments or notes and left out.")
    fields.update(skip_rows=skip, delimiter=delimiter, decimal=decimal)
    fields["missing"] = given.get("missing", MISSING)
    fields["trailing_delimiter"] = given.get("trailing_delimiter", False)
    if "trailing_delimiter" not in given and _all_end_with(text, skip, delimiter):
        fields["trailing_delimiter"] = True
        reasons.append("Every line ends with a delimiter; no cell is meant to follow it.")
    sample, found, why = _sample(text, fields, given)
    reasons.extend(why)
    fields.update(found)
    roles = Roles(sample, given).run()
    reasons.extend(roles.pop("reasons"))
    layout = Layout(**{**fields, **roles, **given, "reasons": tuple(reasons)})
    return Look(layout, text, sample.names, sample.width)


def _settled(lines: list[str]) -> list[str]:
    """Lines after the first few, which may be notes, where there are enough."""
    return lines[len(lines) // 3 :] if len(lines) > 8 else lines


def _comments(text: Text) -> int:
    skip = 0
    for row, line in text.lines():
        start = line.lstrip()
        if start and start[0] not in "#%" and not start.lower().startswith("sep="):
            break
        skip = row
    return skip


def _header_in_comment(text: Text, skip: int, delimiter: str, decimal: str) -> bool:
    """Whether the last comment names the columns, as `numpy.savetxt` writes them."""
    comment, *below = islice(text.data_lines(skip - 1), 4)
    names = cells_of(comment[1].lstrip("#% "), delimiter)
    widths = {len(cells_of(line, delimiter)) for _, line in below}
    words = all(name and not is_number(name, decimal) for name in names)
    return comment[0] == skip and len(names) > 1 and words and widths == {len(names)}


def _preamble(text: Text, skip: int, delimiter: str, decimal: str) -> int:
    """Count lines at the top that are much narrower than the table and hold no number."""
    seen: list[tuple[int, int, int, bool]] = []  # row, cells, filled cells, any number
    ends: list[int] = []  # cells up to the last filled one
    for row, line in islice(text.data_lines(skip), _MAX_PREAMBLE):
        cells = cells_of(line[:_MAX_NOTE], delimiter)
        number = any(is_number(cell, decimal) for cell in cells)
        filled = [bool(cell.strip()) for cell in cells]
        seen.append((row, len(cells), sum(filled), number))
        ends.append(len("".join("01"[full] for full in filled).rstrip("0")))
    usual = Counter(n for _, n, _, _ in seen).most_common(1)[0][0]
    # A spreadsheet writes the columns of its widest sheet: those that no row fills do not count.
    width = max(used for (_, n, _, _), used in zip(seen, ends, strict=True) if n == usual)
    end = skip
    for row, _, filled, number in seen:
        if filled >= width - 1 or number:
            break
        end = row
    else:
        return 0
    return max(end - skip, _above_header(seen, width, skip)) if width > 2 else 0


def _above_header(seen: list[tuple[int, int, int, bool]], width: int, skip: int) -> int:
    """Count lines above the fullest line of words that stands above numbers.

    Such notes may hold numbers ("Sample interval,0.001"), but each fills fewer cells.
    """
    most = above = 0
    for i, (_, _, filled, number) in enumerate(seen):
        below = any(n for *_, n in seen[i + 1 : i + 3])
        if filled >= width - 1 and filled > most and not number and below:
            above = seen[i - 1][0] - skip if i else 0
        most = max(most, filled)
    return above


def _all_end_with(text: Text, skip: int, delimiter: str) -> bool:
    if delimiter == " ":
        return False
    n_lines = 0
    for _, line in text.data_lines(skip):
        n_lines += 1
        if not line.rstrip(" ").endswith(delimiter):
            return False
    return n_lines > 1


def _sample(
    text: Text, fields: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Sample, dict[str, bool], list[str]]:
    split = Splitter(fields["delimiter"], fields["trailing_delimiter"])
    rows: list[list[str]] = []
    first: list[str] = []
    last: list[str] = []
    n_rows = n_cells = 0
    at = None if fields["delimiter"] == " " else fields["delimiter"]
    for row, line in text.data_lines(fields["skip_rows"]):
        n_rows += 1
        if len(rows) < 2 or (len(rows) < MAX_SAMPLE_ROWS and n_cells < MAX_SAMPLE_CELLS):
            cells = split(line, row)
            n_cells += len(cells)
            rows.append(cells)
            first.append(cells[0][:_EDGE] if cells else "")
            last.append(cells[-1][:_EDGE] if cells else "")
        elif n_rows < MAX_EDGE_ROWS:
            bare = line.removesuffix(at) if fields["trailing_delimiter"] and at else line.strip()
            quoted = '"' in bare
            edges = cells_of(bare, fields["delimiter"]) if quoted else bare.split(at, 1)
            first.append(edges[0][:_EDGE].strip('" '))
            last.append((edges if quoted else bare.rsplit(at, 1))[-1][:_EDGE].strip('" '))
        elif n_rows > 4 * MAX_EDGE_ROWS:
            break
    header, units, reasons = _top(rows, fields["decimal"], given)
    width = _usual_width(rows[1:] if header and len(rows) > 1 else rows)
    names = _names(rows[0], width, fields["skip_rows"]) if header else None
    cut = header + units
    if n_rows <= cut:
        raise DataError("the file has a header and no rows of data; add at least one series.")
    sample = Sample(names, tuple(rows[cut:]), tuple(first[cut:]), tuple(last[cut:]),
                    n_rows - cut, width, fields["decimal"], fields["missing"])  # fmt: skip
    return sample, {"header": header, "units_row": units}, reasons


def _top(
    rows: list[list[str]], decimal: str, given: Mapping[str, Any]
) -> tuple[bool, bool, list[str]]:
    """Return whether there are a header and a line of units below it, with the reasons."""
    found, reason = guess_header(rows, decimal)
    header = bool(given.get("header", found))
    reasons = [reason if header == found else "The header was chosen."]
    units = header and bool(given.get("units_row", has_units(rows)))
    if units:
        reasons.append("The line below the header has words above numbers: units, left out.")
    return header, units, reasons


def _usual_width(rows: list[list[str]]) -> int:
    counts = Counter(map(len, rows))
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


def _names(cells: list[str], width: int, skip: int) -> tuple[str, ...]:
    """Bring the header to the width of the rows."""
    names = [cell.strip() for cell in cells]
    if len(names) > width and names[0] in ("#", "%"):
        del names[0]  # a header in a comment, and blanks between cells
    if len(names) > 1:
        names[0] = names[0].lstrip("#% ") or names[0]
    if len(names) == width - 1 and names[0]:
        names = ["", *names]  # written with an index column that has no name
    while len(names) > width and is_missing(names[-1]):
        names.pop()
    if len(names) != width:
        raise DataError(
            f"the header has {len(cells)} cells and the rows have {width}; mend the header",
            Setting("header", False, ", or choose {} if the first line is data"),
            ".",
            row=skip + 1,
        )
    return tuple(names)


def preview(payload: Payload, layout: Layout, n: int) -> list[list[str]]:
    """First `n` rows as text, header included."""
    text = decode(payload.data, layout.encoding)
    split = Splitter(layout.delimiter or ",", layout.trailing_delimiter)
    return [split(line, row) for row, line in islice(text.data_lines(layout.skip_rows), n)]


def read(payload: Payload, given: Mapping[str, Any]) -> SeriesSet:
    """Read delimited text."""
    seen = look(payload, given)
    layout = seen.layout
    roles = {
        role: _position(getattr(layout, role), seen, layout)
        for role in ROLES
        if getattr(layout, role) is not None
    }
    columns = plan_columns(layout, roles, seen.names, seen.width)
    lines = seen.text.data_lines(layout.skip_rows, keep_blank=seen.width == 1)
    for _ in range(layout.header + (layout.header and layout.units_row)):
        next(lines, None)
    split = Splitter(layout.delimiter or ",", layout.trailing_delimiter)
    if seen.width > 1 and not columns.numeric(seen.width):
        raise _no_numbers(lines, split, columns)
    numbers = NumberReader(layout.decimal, layout.missing)
    table = read_table(lines, split, numbers, columns)
    if numbers.grouped is not None:
        value = to_number(numbers.grouped, layout.decimal)
        note = f"Marks for thousands are left out: {shorten(numbers.grouped)} is {value:.15g}."
        layout = replace(layout, reasons=(*layout.reasons, note))
    return table_to_series(table, roles, layout)


def _no_numbers(lines: Iterator[tuple[int, str]], split: Splitter, columns: Columns) -> DataError:
    """Error for a table whose columns are all words, with a cell of the third row or before."""
    row, line = list(islice(lines, 3))[-1]
    cells = split(line, row)
    for i in sorted(columns.skip | columns.text):
        cell = cells[i].strip() if i < len(cells) else ""
        known = is_number(cell) or looks_like_time(cell)  # of another role
        if any(map(str.isdigit, cell)) and not known:
            return DataError(
                f"no column of numbers is left; found {shorten(cell)}. Write plain "
                "numbers, without units or other signs, or choose another layout.",
                row=row,
                column=i + 1,
            )
    return DataError("no column of numbers is left; choose another layout.")


def _position(reference: Column, seen: Look, layout: Layout) -> int:
    """0-based position of a column; -1 for "last" where rows differ in length."""
    if reference == "last" and layout.ragged and layout.orientation == "rows":
        return -1
    return find_column(reference, seen.names, seen.width)
