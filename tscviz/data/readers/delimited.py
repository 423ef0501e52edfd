"""CSV, TSV and other delimited text: look, preview, read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from tscviz.data.cells import (
    MISSING,
    Splitter,
    is_missing,
    is_number,
)
from tscviz.data.errors import DataError, Setting
from tscviz.data.readers.dialect import (
    cells_of,
    guess_delimiter,
    guess_header,
    has_units,
    names_first_columns,
)
from tscviz.data.readers.layout import Column, Layout, find_column
from tscviz.data.readers.roles import Roles
from tscviz.data.readers.sample import (
    MAX_EDGE_ROWS,
    MAX_SAMPLE_CELLS,
    MAX_SAMPLE_ROWS,
    Sample,
)
from tscviz.data.readers.source import Payload
from tscviz.data.readers.table import check_for_numbers, plan_columns
from tscviz.data.readers.text import Text, decode
from tscviz.data.readers.thousands import Numbers
from tscviz.data.readers.top import comments, lines_above, said_of
from tscviz.data.readers.wide import table_to_series
from tscviz.types import SeriesSet

ROLES = ("label_column", "id_column", "time_column", "channel_column")
_UNITS = "The line below the header has words above numbers: units, left out."
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
    reasons, notes = [f"The text is {text.encoding}."], []
    fields["encoding"] = text.encoding
    skip = given.get("skip_rows")
    skip = comments(text) if skip is None else skip
    lines = [line[1] for line in islice(text.data_lines(skip), 60)]
    if not lines:
        raise DataError("the file has no rows of data; give a file with at least one series.")
    delimiter, decimal, reason = guess_delimiter(_settled(lines), given)
    reasons.append(reason)
    if "skip_rows" not in given:
        skip = lines_above(text, skip, delimiter, decimal, given)
        if skip:
            notes.append(said_of(skip))
            reasons.extend(notes)
    fields.update(skip_rows=skip, delimiter=delimiter, decimal=decimal)
    fields["missing"] = given.get("missing", MISSING)
    fields["trailing_delimiter"] = given.get("trailing_delimiter", False)
    if "trailing_delimiter" not in given and _all_end_with(text, skip, delimiter):
        fields["trailing_delimiter"] = True
        reasons.append("Every line ends with a delimiter; no cell is meant to follow it.")
    sample, found, why = _sample(text, fields, given)
    reasons.extend(why)
    if found["units_row"]:
        notes.append(_UNITS)
    fields.update(found)
    roles = Roles(sample, given).run()
    reasons.extend(roles.pop("reasons"))
    notes.extend(roles.pop("notes"))
    told = {"reasons": tuple(reasons), "notes": tuple(notes)}
    layout = Layout(**{**fields, **roles, **given, **told})
    return Look(_label_at_the_end(layout, sample, given), text, sample.names, sample.width)


def _label_at_the_end(layout: Layout, sample: Sample, given: Mapping[str, Any]) -> Layout:
    """Take a label found in the last column for the last cell of rows of every length."""
    found = "label_column" not in given and layout.label_column is not None
    if not (layout.ragged and found and layout.orientation == "rows"):
        return layout
    at = find_column(layout.label_column or 1, sample.names, sample.width)
    return replace(layout, label_column="last") if at == sample.width - 1 else layout


def _settled(lines: list[str]) -> list[str]:
    """Lines after the first few, which may be notes, where there are enough."""
    return lines[len(lines) // 3 :] if len(lines) > 8 else lines


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
    names = _names(rows, width, fields) if header else None
    cut = header + units
    if n_rows <= cut:
        raise DataError("the file has a header and no rows of data; add at least one series.")
    sample = Sample(names, tuple(rows[cut:]), tuple(first[cut:]), tuple(last[cut:]),
                    n_rows - cut, width, fields["decimal"], fields["missing"],
                    _without_decimals(rows[cut:], fields["decimal"]))  # fmt: skip
    return sample, {"header": header, "units_row": units}, reasons


def _without_decimals(rows: list[list[str]], decimal: str) -> bool:
    return not any(decimal in cell and is_number(cell, decimal) for row in rows for cell in row)


def _top(
    rows: list[list[str]], decimal: str, given: Mapping[str, Any]
) -> tuple[bool, bool, list[str]]:
    """Return whether there are a header and a line of units below it, with the reasons."""
    found, reason = guess_header(rows, decimal)
    header = bool(given.get("header", found))
    reasons = [reason if header == found else "The header was chosen."]
    units = header and bool(given.get("units_row", has_units(rows)))
    if units:
        reasons.append(_UNITS)
    return header, units, reasons


def _usual_width(rows: list[list[str]]) -> int:
    counts = Counter(map(len, rows))
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


def _names(rows: list[list[str]], width: int, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Bring the header to the width of the rows."""
    cells, below = rows[0], rows[1:]
    names = [cell.strip() for cell in cells]
    if names_first_columns(names, below, fields["decimal"]):
        names.extend([""] * (width - len(names)))
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
            row=fields["skip_rows"] + 1,
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
    split = Splitter(layout.delimiter or ",", layout.trailing_delimiter)
    top = [(row, split(line, row)) for row, line in islice(_lines(seen), 3)]
    if seen.width > 1:
        check_for_numbers(top, columns, layout.header)
    channel = roles.get("channel_column")
    numbers = Numbers(lambda: _lines(seen), split, columns, layout, channel)
    table, note = numbers.read("decimal" in given)
    return table_to_series(table, roles, layout if note is None else layout.noted(note))


def _lines(seen: Look) -> Iterator[tuple[int, str]]:
    """Lines below header and units."""
    layout = seen.layout
    lines = seen.text.data_lines(layout.skip_rows, keep_blank=seen.width == 1)
    return islice(lines, layout.header + (layout.header and layout.units_row), None)


def _position(reference: Column, seen: Look, layout: Layout) -> int:
    """0-based position of a column; -1 for "last" where rows differ in length."""
    if reference == "last" and layout.ragged and layout.orientation == "rows":
        return -1
    return find_column(reference, seen.names, seen.width)
