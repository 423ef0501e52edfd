"""What stands above a table: comments, and notes that are narrower than it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tscviz.data.cells import is_number
from tscviz.data.readers.dialect import cells_of, names_first_columns
from tscviz.data.readers.text import Text

_MAX_NOTES = 60
_MAX_CELLS = 10_000  # of a line that are looked at


@dataclass(frozen=True, eq=False)
class _Line:
    row: int
    cells: list[str]
    number: bool  # whether any cell is one

    @property
    def filled(self) -> int:
        return sum(map(bool, self.cells))

    @property
    def used(self) -> int:
        """Cells up to the last filled one."""
        return max((i for i, cell in enumerate(self.cells, start=1) if cell), default=0)


def comments(text: Text) -> int:
    """Count the lines at the top that are marked as comments, or name the delimiter."""
    skip = 0
    for row, line in text.lines():
        start = line.lstrip()
        if start and start[0] not in "#%" and not start.lower().startswith("sep="):
            break
        skip = row
    return skip


def lines_above(
    text: Text, skip: int, delimiter: str, decimal: str, given: Mapping[str, Any]
) -> int:
    """Count the lines above the table, of which `skip` are comments."""
    if skip and given.get("header", True):
        skip -= _header_in_comment(text, skip, delimiter, decimal)
    return skip + _notes(text, skip, delimiter, decimal)


def said_of(skip: int) -> str:
    """Say that lines at the top are left out."""
    if skip == 1:
        return "The first line is a comment or a note and left out."
    return f"The first {skip} lines are comments or notes and left out."


def _header_in_comment(text: Text, skip: int, delimiter: str, decimal: str) -> bool:
    """Whether the last comment names the columns, as `numpy.savetxt` writes them."""
    comment, *below = islice(text.data_lines(skip - 1), 4)
    names = cells_of(comment[1].lstrip("#% "), delimiter)
    widths = {len(cells_of(line, delimiter)) for _, line in below}
    words = all(name and not is_number(name, decimal) for name in names)
    return comment[0] == skip and len(names) > 1 and words and widths == {len(names)}


def _notes(text: Text, skip: int, delimiter: str, decimal: str) -> int:
    """Count lines at the top that are much narrower than the table and hold no number."""
    seen: list[_Line] = []
    for row, line in islice(text.data_lines(skip), _MAX_NOTES):
        cells = cells_of(line, delimiter, _MAX_CELLS)
        seen.append(_Line(row, cells, any(is_number(cell, decimal) for cell in cells)))
    usual = Counter(len(line.cells) for line in seen).most_common(1)[0][0]
    # A spreadsheet writes the columns of its widest sheet: those that no row fills do not count.
    width = max(line.used for line in seen if len(line.cells) == usual)
    n = 0
    while n < len(seen) and not seen[n].number and seen[n].filled < width - 1:
        n += 1
    if n == len(seen) or width <= 2:
        return 0
    if n and names_first_columns(seen[n - 1].cells, [line.cells for line in seen[n:]], decimal):
        n -= 1
    n = max(n, _above_header(seen, width))
    return seen[n - 1].row - skip if n else 0


def _above_header(seen: list[_Line], width: int) -> int:
    """Count lines above the fullest line of words that stands above numbers.

    Such notes may hold numbers ("Sample interval,0.001"), but each fills fewer cells.
    """
    most = above = 0
    for i, line in enumerate(seen):
        below = any(other.number for other in seen[i + 1 : i + 3])
        if line.filled >= width - 1 and line.filled > most and not line.number and below:
            above = i
        most = max(most, line.filled)
    return above
