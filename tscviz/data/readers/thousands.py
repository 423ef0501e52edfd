"""Whole numbers such as "1.002" beside "936": the mark may be for thousands, or the decimal one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tscviz.data.cells import (
    NumberReader,
    Splitter,
    is_grouped,
    is_missing,
    shorten,
    to_number,
)
from tscviz.data.errors import DataError, Setting
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.table import Columns, Table, read_table
from tscviz.types import Array

_CHUNK = 1 << 16
_FEW = 100_000  # cells that are looked at for a note
_LARGE = 100  # a whole number from which a decimal fraction is no likelier than a thousand
_OTHER = {".": ",", ",": "."}
_NAMES = {".": "point", ",": "comma"}
_SMALL = re.compile(r"[+\-\u2212]?[0-9]{1,3}")
_MARKED = {
    mark: re.compile(rf"[+\-\u2212]?[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+") for mark in ".,"
}


@dataclass
class Survey:
    """Cells with one mark, where all could have it for thousands.

    Parameters
    ----------
    mark : str
        "." or ",".
    whole : bool
        No number has decimals, four digits without a mark, or groups of other than three.
    sure : bool
        A number has the mark twice.
    beside : dict
        Group of cells -> a large number without the mark.
    marked : dict
        Group -> ``(row, column, cell)`` of the first number with it, 1-based.
    """

    mark: str
    whole: bool = True
    sure: bool = False
    beside: dict[int | str, str] = field(default_factory=dict)
    marked: dict[int | str, tuple[int, int, str]] = field(default_factory=dict)

    def add(self, group: int | str, row: int, column: int, cell: str) -> None:
        """Look at one cell that is no mark of a missing value."""
        if _SMALL.fullmatch(cell):
            if abs(int(cell.replace("\u2212", "-"))) >= _LARGE:
                self.beside.setdefault(group, cell)
        elif _MARKED[self.mark].fullmatch(cell):
            self.sure |= cell.count(self.mark) > 1
            self.marked.setdefault(group, (row, column, cell))
        else:
            self.whole = False

    def doubt(self, alone: bool = False) -> DataError | None:
        """Return the error for a mark that may be either; `alone` without a large number, too."""
        groups = [g for g in self.marked if alone or g in self.beside]
        if not self.whole or not groups:
            return None
        row, column, cell = self.marked[groups[0]]
        beside = self.beside.get(groups[0])
        said = f"found {shorten(cell)}" + (f" and {shorten(beside)}" if beside else "")
        return DataError(
            f"{said}: the {_NAMES[self.mark]} may mark thousands or decimals; write whole numbers "
            "without it",
            Setting("decimal", _OTHER[self.mark], ", or choose {} if it marks thousands"),
            Setting("decimal", self.mark, ", {} if it marks decimals"),
            ".",
            row=row,
            column=column,
        )


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers of a table, and what their marks may mean.

    Parameters
    ----------
    lines : callable
        Gives the numbered lines of data, from the first one.
    split : Splitter
    columns : Columns
    layout : Layout
    channel : int or None
        Column of the names of channels.
    """

    lines: Callable[[], Iterator[tuple[int, str]]]
    split: Splitter
    columns: Columns
    layout: Layout
    channel: int | None

    def read(self, chosen: bool) -> tuple[Table, str | None]:
        """Return the table, and a note on marks for thousands.

        A mark that may be for thousands or for decimals is refused unless the decimal mark was
        `chosen`.
        """
        layout = self.layout
        numbers = NumberReader(layout.decimal, layout.missing)
        try:
            table = read_table(self.lines(), self.split, numbers, self.columns)
        except DataError:
            if numbers.refused is None or not is_grouped(numbers.refused, layout.decimal, True):
                raise
            table, numbers = self._without_marks(chosen)
        if numbers.grouped is not None:
            value = f"{to_number(numbers.grouped, layout.decimal, bare=True):.15g}"
            return (
                table,
                f"Marks for thousands are left out: {shorten(numbers.grouped)} is {value}.",
            )
        return table, None if chosen else self._doubt(table)

    def _doubt(self, table: Table) -> str | None:
        """Refuse numbers with decimals that may be thousands, or return a note if hardly."""
        layout = self.layout
        alone = layout.delimiter == layout.decimal  # in quotes, where thousands are as likely
        look = may_be_thousands(table.flat)
        if look is None:
            return None
        found = self._survey(layout.decimal, None if alone or look else _FEW)
        doubt = found.doubt(alone)
        if doubt is not None:
            raise doubt
        if not (found.whole and found.marked):
            return None
        shown = shorten(next(iter(found.marked.values()))[2])
        name = _NAMES[layout.decimal]
        return f"Numbers such as {shown} are read with decimals; the {name} may mark thousands."

    def _without_marks(self, chosen: bool) -> tuple[Table, NumberReader]:
        """Read whole numbers with marks for thousands, where they cannot be something else."""
        layout = self.layout
        found = self._survey(_OTHER[layout.decimal])
        sure = found.whole and (chosen or found.sure)
        doubt = found.doubt(alone=True)
        if doubt is not None and not sure:
            raise doubt
        numbers = NumberReader(layout.decimal, layout.missing, bare=sure)
        return read_table(self.lines(), self.split, numbers, self.columns), numbers

    def _survey(self, mark: str, most: int | None = None) -> Survey:
        found, missing = Survey(mark), tuple(self.layout.missing)
        n_cells = 0
        # A series in a row has its numbers in many columns, any other in one.
        one = self.layout.orientation == "rows" and self.layout.channels == 1
        for row, line in self.lines():
            cells = self.split(line, row)
            name = "" if one else None if self.channel is None else cells[self.channel]
            for j in self.columns.numeric(len(cells)):
                cell = cells[j].strip()
                if not is_missing(cell, missing):
                    found.add(j if name is None else name, row, j + 1, cell)
            n_cells += len(cells)
            if not found.whole or (most is not None and n_cells > most):
                break
        return found


def may_be_thousands(values: Array) -> bool | None:
    """Whether a number is large enough to stand for itself among what may be thousands.

    None where a closer look at the marks is not due: a number is 1,000 or more, or a fraction is
    less than 1 or has other than three decimals.
    """
    large = False
    for start in range(0, len(values), _CHUNK):
        part = np.abs(values[start : start + _CHUNK])
        part = part[np.isfinite(part)]
        whole = part == np.floor(part)
        odd = part[~whole]
        off = np.abs(odd * 1000 - np.round(odd * 1000))
        if (part >= 1000).any() or (odd < 1).any() or (off > 1e-6).any():
            return None
        large |= bool((part[whole] >= _LARGE).any())
    return large
