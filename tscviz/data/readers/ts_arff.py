"""Users' `.ts` and `.arff` files: formats whose header, lines that start with @, says it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tscviz.data.arff_file import ArffHeader, arff_cases, read_arff_header
from tscviz.data.cases import CaseList
from tscviz.data.cells import MISSING, NumberReader, shorten, too_many_values
from tscviz.data.dataset import pad_cases
from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_VALUES
from tscviz.data.readers.dialect import LABEL_NAMES, plain_name
from tscviz.data.readers.finish import Places, finish
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.source import Payload
from tscviz.data.readers.text import decode
from tscviz.data.ts_file import TsHeader, read_ts_header, ts_cases
from tscviz.types import SeriesSet


@dataclass(frozen=True, eq=False)
class Look:
    """Layout, header, and the lines that follow it."""

    layout: Layout
    header: TsHeader | ArffHeader
    lines: Iterator[tuple[int, str]]


def look(payload: Payload, given: Mapping[str, Any]) -> Look:
    """Read the header."""
    text = decode(payload.data, given.get("encoding"))
    lines = text.stripped()
    chosen = given["format"]
    header = read_ts_header(lines) if chosen == "ts" else read_arff_header(lines)
    told = _ts_says(header) if isinstance(header, TsHeader) else _arff_says(header)
    first = f"The file has the header of the .{chosen} format, which says how it is read."
    fields: dict[str, Any] = {
        "compression": payload.compression,
        "encoding": text.encoding,
        "missing": MISSING,
        **told,
        **given,
        "reasons": (first, *told["reasons"], *told.get("notes", ())),
    }
    return Look(Layout(**fields), header, lines)


def _ts_says(header: TsHeader) -> dict[str, Any]:
    labelled = _ts_labelled(header)
    label = "Cases end with a class label." if labelled else "Cases have no label."
    stamps = ("Time stamps are left out.",) if header.timestamps else ()
    return {
        "label_column": "last" if labelled else None,
        "channels": header.n_channels or 1,
        "reasons": (label,),
        "notes": stamps,
    }


def _arff_says(header: ArffHeader) -> dict[str, Any]:
    at = _arff_label(header)
    label = "Cases have no label."
    if at is not None:
        label = f"The attribute {header.names[at][:40]!r} is the class label."
    channels = "Channels are the lines of the relational attribute."
    return {
        "label_column": None if at is None else at + 1,
        "reasons": (label, channels) if header.relational else (label,),
    }


def _ts_labelled(header: TsHeader) -> bool:
    return bool(header.class_label) or header.target_label


def _arff_label(header: ArffHeader) -> int | None:
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
    seen = look(payload, layout.options())
    cases = (line for _, line in seen.lines if line[0] not in "%#")
    if layout.format == "ts":
        cases = (line.replace(":", " : ") for line in cases)
    return [line.split(",", 200) for line in islice(cases, n)]


def read(payload: Payload, given: Mapping[str, Any]) -> SeriesSet:
    """Read all cases."""
    seen = look(payload, given)
    numbers = NumberReader(".", seen.layout.missing)
    if isinstance(seen.header, TsHeader):
        found = _ts(seen.lines, seen.header, numbers)
    else:
        found = _arff(seen.lines, seen.header, numbers)
    lengths = [case.shape[1] for case in found.cases]
    padded = len(lengths) * found.cases[0].shape[0] * max(lengths)
    if padded > MAX_VALUES:
        raise too_many_values(padded)
    X, mask = pad_cases(found.cases)
    places = Places(rows=found.rows)
    return finish(X, mask.sum(axis=1), seen.layout, places, labels=found.labels or None)


def _ts(lines: Iterator[tuple[int, str]], header: TsHeader, numbers: NumberReader) -> CaseList:
    """Hold every case against what the header says."""
    source = "as in the first case"
    if header.n_channels is not None:
        source = f"the header says {header.n_channels}"
    found = CaseList(n_channels=header.n_channels, source=source, max_values=MAX_VALUES)
    for row, channels, label in ts_cases(lines, header, _ts_labelled(header), numbers):
        found.add(row, channels, label)
        if label and header.class_names and label not in header.class_names:
            raise DataError(
                f"the label {shorten(label)} is not one of those that @classLabel lists; "
                "mend the label or the header.",
                row=row,
            )
    found.check_any()
    if header.class_names:
        found.check_labels()
    if header.equal_length:
        found.check_equal("@equalLength is true")
    return found


def _arff(lines: Iterator[tuple[int, str]], header: ArffHeader, numbers: NumberReader) -> CaseList:
    n_channels = None if header.relational else 1
    found = CaseList(trim=True, n_channels=n_channels, max_values=MAX_VALUES)
    for row, channels, label in arff_cases(lines, header, _arff_label(header), numbers):
        found.add(row, channels, label)
    found.check_any()
    return found
