r"""Weka's `.arff` format: numeric attributes, or one relational attribute, and a nominal class.

A case is ``value,value,...,label`` or, with several channels,
``'value,value\nvalue,value',label``: one quoted relational attribute with ``\n`` between the
channels. The only parser of the format in tscviz, for the archive and for users' files alike.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

from tscviz.data.cells import NumberReader, shorten
from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_COLUMNS
from tscviz.types import Array

_NUMERIC = ("numeric", "real", "integer")


@dataclass
class ArffHeader:
    """The attributes of an `.arff` file, those inside the relational one left out.

    Parameters
    ----------
    names, kinds : list of str
        A kind is "numeric", "nominal", "relational" or "string".
    """

    names: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    @property
    def relational(self) -> bool:
        """Whether a case has its channels in quotes."""
        return "relational" in self.kinds


def read_arff_header(lines: Iterator[tuple[int, str]]) -> ArffHeader:
    """Read up to the line ``@data``; what `lines` yields next are the cases.

    Parameters
    ----------
    lines : iterator of (int, str)
        1-based row and text, without blanks around it, of the lines that are not blank.

    Raises
    ------
    DataError
        No ``@data`` line, something else before it, or an attribute of a type that is not read.
    """
    header, inside = ArffHeader(), False
    for row, line in lines:
        if line[0] == "%":
            continue
        word = line.split(None, 1)[0].lower()
        if word == "@data":
            return header
        if word == "@attribute":
            name, kind = _attribute(line, row)
            if not inside:
                header.names.append(name)
                header.kinds.append(kind)
            inside = inside or kind == "relational"
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
    rest = line[len("@attribute") :].strip()
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


def arff_cases(
    lines: Iterator[tuple[int, str]], header: ArffHeader, label: int | None, numbers: NumberReader
) -> Iterator[tuple[int, list[Array], str | None]]:
    """Yield the row, the channels (float32 each) and the label of every case.

    Parameters
    ----------
    lines : iterator of (int, str)
        Where `read_arff_header` left it.
    header : ArffHeader
        One without any attribute fits every case.
    label : int or None
        Position of the class among the attributes, -1 for the last; None if there is none.
    numbers : NumberReader

    Raises
    ------
    DataError
        With the row and, for a value, its column: the 1-based place among all values of the case.
    """
    one_case = _relational_case if header.relational else _flat_case
    inside = None if header.relational or label in (None, -1, len(header.names) - 1) else label
    for row, line in lines:
        if line[0] == "%":
            continue
        if line[0] == "{":
            raise DataError("sparse cases, written {...}, are not read; write all values.", row=row)
        channels, text = one_case(line, row, header, label)
        yield row, numbers.channels(channels, row, inside), text


def _flat_case(
    line: str, row: int, header: ArffHeader, label: int | None
) -> tuple[list[list[str]], str | None]:
    cells = _split(line, row)
    if header.names and len(cells) != len(header.names):
        raise DataError(
            f"the case has {len(cells)} cells and the header {len(header.names)} attributes; mend "
            "one of them.",
            row=row,
        )
    text = None if label is None else cells.pop(label).strip().strip("'\"")
    return [cells], text


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
    line: str, row: int, header: ArffHeader, label: int | None
) -> tuple[list[list[str]], str | None]:
    quote = line[0]
    end = line.rfind(quote)
    if quote not in "'\"" or end < 1 or header.kinds[0] != "relational" or len(header.kinds) > 2:
        raise DataError(
            "the channels of a case must be quoted and come first, 'a,b,c\\na,b,c', then the "
            "class.",
            row=row,
        )
    inner = line[1:end]
    if inner.count("\\n") + inner.count(",") > MAX_COLUMNS:
        raise DataError(f"the case has more than {MAX_COLUMNS:,} values.", row=row)
    text = line[end + 1 :].strip().removeprefix(",").strip().strip("'\"")
    return [part.split(",") for part in inner.split("\\n")], None if label is None else text
