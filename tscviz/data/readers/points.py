"""Which columns a header counts as the points of a series, and which stand beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from tscviz.data.readers import dialect as h

_MOST_NAMES = 200_000
_FEW, _MANY = 3, 16  # a few numbered names beside many are no points either
_BREAKS = re.compile(r"[ _/.:-]+")
_DIGITS = re.compile(r"[0-9]+")
# A first or last point may have a word where the others have numbers.
_BEFORE = frozenset(
    {"baseline", "base", "bl", "start", "begin", "initial", "pre", "before", "first"}
)
_AFTER = frozenset({"end", "final", "last", "post", "after"})


def counted_columns(names: Sequence[str] | None) -> tuple[int, ...]:
    """Return the positions of names that count on ("t0", "t1", ...), per text before the number.

    Four or more of one kind; several kinds are channels that share a row.
    """
    if names is None or len(names) > _MOST_NAMES:
        return ()
    numbered = [(parts[0][0], i) for i, name in enumerate(names)
                if (parts := h.counted_prefixes([name]))]  # fmt: skip
    found: list[int] = []
    for _, same in groupby(sorted(numbered), key=lambda pair: pair[0]):
        columns = [i for _, i in same]
        if h.is_counted([names[i] for i in columns]):
            found.extend(columns)
    return tuple(sorted(found))


def beside_points(names: Sequence[str] | None, points: Sequence[int]) -> frozenset[int]:
    """Return the positions of named columns that are none of the points that the others count.

    Empty where more columns stand beside the points than there are points: then the numbers
    in the names mean something else.
    """
    if names is None or not points:
        return frozenset()
    counted = set(points)
    others = [i for i, name in enumerate(names) if name.strip() and i not in counted]
    like = Counter(_DIGITS.sub("#", names[i].strip()) for i in others)
    few = _FEW if len(points) >= _MANY else 1
    out = set()
    for i in others:
        pattern = _DIGITS.sub("#", names[i].strip())
        alone = "#" not in pattern or like[pattern] <= few
        if alone and not _is_end(names, points, i):
            out.add(i)
    return frozenset(out) if len(out) <= len(points) else frozenset()


def _is_end(names: Sequence[str], points: Sequence[int], index: int) -> bool:
    """Whether a column is the point before 1, or after the last, with a word for its number."""
    split = h.counted_prefixes([names[points[0]]]) or [("", 0)]
    stem = h.plain_name(split[0][0]).strip("_.-")
    words = _BREAKS.split(h.plain_name(names[index]))
    rest = [word for word in words if word != stem]
    if len(rest) != 1:
        return False
    free = split[0][1] > 0 or len(words) > 1  # "baseline" beside "t0" is no point
    before = index + 1 == points[0] and free and rest[0] in _BEFORE
    return before or (index - 1 == points[-1] and rest[0] in _AFTER)
