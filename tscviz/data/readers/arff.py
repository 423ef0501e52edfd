"""Weka's .arff format: numeric attributes, or one relational attribute, and a nominal class."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tscviz.data.errors import DataError
from tscviz.data.readers.cells import MISSING, NumberReader, shorten
from tscviz.data.readers.gather import Gather
from tscviz.data.readers.header import LABEL_NAMES, plain_name
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.limits import MAX_COLUMNS
from tscviz.data.readers.source import Payload
from tscviz.data.readers.text import Text, decode
from tscviz.types import SeriesSet

_NUMERIC = ("numeric", "real", "integer")


@dataclass
class _Header:
    names: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    relational: bool = False
    data_row: int = 0
    label: int | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """Layout, text and header of an .arff file."""

    layout: Layout
    text: Text
    header: _Header


def look(payload: Payload, given: Mapping[str, Any]) -> Look:
    """Read the header."""
    text = decode(payload.data, given.get("encoding"))
    header = _read_header(text)
    header.label = _label_position(header)
    named = None if header.label is None else header.names[header.label][:40]
    reasons = (
        "The file has the header of the .arff format, which says how it is read.",
        "Cases have no label." if named is None else f"The attribute {named!r} is the class label.",
        *(("Channels are the lines of the relational attribute.",) if header.relational else ()),
    )
    fields: dict[str, Any] = {
        "format": "arff",
        "compression": payload.compression,
        "encoding": text.encoding,
        "missing": MISSING,
        "label_column": None if header.label is None else header.label + 1,
    }
    return Look(Layout(**{**fields, **given, "reasons": reasons}), text, header)


def _read_header(text: Text) -> _Header:
    header, inside = _Header(), False
    for row, line in text.stripped("%"):
        word = line.split(None, 1)[0].lower()
        if word == "@data":
            header.data_row = row
            return header
        if word == "@attribute":
            name, kind = _attribute(line, row)
            inside = inside or kind == "relational"
            header.relational = header.relational or kind == "relational"
            if not inside or kind == "relational":
                header.names.append(name)
                header.kinds.append(kind)
            if len(header.names) > MAX_COLUMNS:
                raise DataError(f"there are more than {MAX_COLUMNS:,} attributes.", row=row)
        elif word == "@end":
            inside = False
        elif word != "@relation":
            raise DataError(
                f"found {shorten(line)} before @data; the header of an .arff file has @relation, "
                "@attribute and @data.",
                row=row,
            )
    raise DataError("the file has no @data line; an .arff file needs one before its cases.")


def _attribute(line: str, row: int) -> tuple[str, str]:
    """Name and kind of an attribute: "numeric", "nominal", "relational" or "string"."""
    rest = line.split(None, 1)[1].strip() if len(line.split(None, 1)) > 1 else ""
    if rest[:1] in ("'", '"') and rest.find(rest[0], 1) > 0:
        end = rest.find(rest[0], 1)
        name, kind = rest[1:end], rest[end + 1 :].strip()
    else:
        name, _, kind = rest.replace("\t", " ").partition(" ")
        kind = kind.strip()
    lower = kind.lower()
    if lower.startswith("{"):
        return name, "nominal"
    if lower in (*_NUMERIC, "relational", "string"):
        return name, "numeric" if lower in _NUMERIC else lower
    raise DataError(
        f"the attribute {shorten(name)} has the type {shorten(kind)}; numeric, nominal, string and "
        "relational ones are read.",
        row=row,
    )


def _label_position(header: _Header) -> int | None:
    texts = [i for i, kind in enumerate(header.kinds) if kind in ("nominal", "string")]
    named = [i for i in texts if plain_name(header.names[i]) in LABEL_NAMES]
    if len(texts) > 1 and len(named) != 1:
        raise DataError(
            f"{len(texts)} attributes are nominal or text; one, the class, is read. Remove the "
            "others, or name one 'class'."
        )
    if len(texts) > 1:
        raise DataError("attributes that are neither numbers nor the class cannot be read.")
    return texts[0] if texts else None


def preview(payload: Payload, layout: Layout, n: int) -> list[list[str]]:
    """First `n` cases, cells as written."""
    text = decode(payload.data, layout.encoding)
    return [
        line.split(",", 200)
        for _, line in islice(text.stripped("%", _read_header(text).data_row), n)
    ]


def read(payload: Payload, given: Mapping[str, Any]) -> SeriesSet:
    """Read all cases."""
    seen = look(payload, given)
    numbers = NumberReader(".", seen.layout.missing)
    gather = Gather(seen.layout, "the attributes", None if seen.header.relational else 1)
    one_case = _relational_case if seen.header.relational else _flat_case
    for row, line in seen.text.stripped("%", seen.header.data_row):
        if line.startswith("{"):
            raise DataError("sparse cases, written {...}, are not read; write all values.", row=row)
        gather.add(row, *one_case(line, row, seen.header, numbers))
    return gather.finish(trim=True)


def _flat_case(
    line: str, row: int, header: _Header, numbers: NumberReader
) -> tuple[list[array[float]], str | None]:
    cells = _split(line, row)
    if len(cells) != len(header.names):
        raise DataError(
            f"the case has {len(cells)} cells and the header {len(header.names)} attributes; mend "
            "one of them.",
            row=row,
        )
    columns = list(range(len(cells)))
    label = None
    if header.label is not None:
        label = cells.pop(header.label).strip().strip("'\"")
        columns.pop(header.label)
    values = array("d")
    numbers.extend(values, cells, row, columns)
    return [values], label


def _split(line: str, row: int) -> list[str]:
    if "'" not in line and '"' not in line:
        return line.split(",", MAX_COLUMNS + 1)
    quote = "'" if "'" in line else '"'
    reader = csv.reader([line], quotechar=quote, escapechar="\\", strict=True,
                        skipinitialspace=True)  # fmt: skip
    try:
        return next(reader, [])
    except csv.Error as error:
        raise DataError(f"the quotes of the case do not match ({error}).", row=row) from error


def _relational_case(
    line: str, row: int, header: _Header, numbers: NumberReader
) -> tuple[list[array[float]], str | None]:
    quote = line[0]
    end = line.rfind(quote)
    if quote not in "'\"" or end < 1 or header.kinds[0] != "relational" or len(header.kinds) > 2:
        raise DataError(
            "the case does not start with its channels in quotes, 'a,b,c\\na,b,c', then the class.",
            row=row,
        )
    label = line[end + 1 :].strip().removeprefix(",").strip().strip("'\"")
    channels, column = [], 0
    inner = line[1:end]
    if inner.count("\\n") + inner.count(",") > MAX_COLUMNS:
        raise DataError(f"the case has more than {MAX_COLUMNS:,} values.", row=row)
    for part in inner.split("\\n"):
        cells = part.split(",")
        values = array("d")
        numbers.extend(values, cells, row, range(column, column + len(cells)))
        column += len(cells)
        channels.append(values)
    return channels, label if header.label is not None else None
