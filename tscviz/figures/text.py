"""Make untrusted text safe and short for a figure.

Class names, channel names and file names come from users' files. Plotly reads a few HTML tags
(``<b>``, ``<a href>``), entities, ``$TeX$`` and, in templates, ``%{...}``; none of them may pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "%": "&#37;"}
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BARE = re.compile(r"[-+]?[\d.]+")
_UNCUT = 10_000

#: Longest name where there is room for all of it: under the pointer and in the CSV.
FULL_NAME = 120


def clean(text: object, limit: int = 40) -> str:
    """Return `text` on one line, without control characters, at most `limit` characters long.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is used.
    limit : int
        Longest result, the ellipsis included.
    """
    flat = _BIDI.sub("", str(text))
    flat = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in flat)
    flat = " ".join(flat.split()) or "(blank)"
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def escape(text: object, limit: int = 40) -> str:
    """Return `text` cleaned and with everything plotly would interpret replaced by entities.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is used.
    limit : int
        Longest visible result, in characters, before the entities are written.
    """
    return "".join(_ENTITIES.get(c, c) for c in clean(text, limit))


def number(value: float) -> str:
    """Return `value` with three significant digits and no exponent where it can be avoided."""
    short, whole = f"{value:.3g}", f"{value:.0f}"
    # what is written is compared: 999.6 is written as 1000, not as 1e+03
    if value == 0 or 1e-3 <= abs(float(short)) < 1000:
        return short
    return whole if 1000 <= abs(float(whole)) < 1e5 else f"{value:.2e}"


def percent(share: float) -> str:
    """Return a share as a percentage that rounds no open case to 0 or 100."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return "> 99.9 %" if 0.999 < share < 1 else f"{100 * share:.1f} %"


def probability(p: float) -> str:
    """Return the probability of a class as a percentage, never 0 or 100.

    No softmax gives all or nothing: where it reads exactly 0 or 1, single precision rounded it.
    """
    return percent(min(max(p, 1e-9), 1 - 1e-9))


def minus(text: str) -> str:
    """Return a formatted number with the minus sign of plotly's axes, not the hyphen."""
    return text.replace("-", "−")


def points(first: int, last: int) -> str:
    """Return "point 7" or "points 7-9"."""
    return f"point {first}" if first == last else f"points {first}-{last}"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """Return "1 case", "12,000 cases"."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def stacked(text: object, limit: int = 20) -> tuple[str, int]:
    """Return escaped text, broken at its first spaces where it is long, and its width in letters.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is used.
    limit : int
        Longest line; there are at most five.
    """
    flat = clean(text, _UNCUT)
    parts = [clean(part, limit) for part in (flat.split(" ", 4) if len(flat) > 12 else [flat])]
    return "<br>".join(escape(part, limit) for part in parts), max(map(len, parts))


def class_labels(names: Sequence[str]) -> tuple[str, ...]:
    """Return class names for readers: "class 1" where the name is a bare number."""
    return tuple(f"class {name}" if _BARE.fullmatch(name) else name for name in names)


def middle_cut(text: object, limit: int = 40) -> str:
    """Return `text` cleaned; where it is longer than `limit`, its middle is left out.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is used.
    limit : int
        Longest result, the ellipsis included.
    """
    flat = clean(text, _UNCUT)
    if len(flat) <= limit:
        return flat
    tail = (limit - 1) // 2
    return flat[: limit - 1 - tail].rstrip() + "…" + flat[-tail:].lstrip()


def distinct(names: Sequence[str], limit: int = 40) -> tuple[str, ...]:
    """Return the names of all classes, cleaned and cut to `limit`, so that no two are alike.

    Where cut names would be alike, they lose their middles instead of their ends. Where that is
    not enough, the number of the class stands behind its name, counted from 1.
    """
    texts = [clean(name, limit) for name in names]
    seen = Counter(texts)
    texts = [
        middle_cut(name, limit) if seen[text] > 1 else text
        for name, text in zip(names, texts, strict=True)
    ]
    seen = Counter(texts)
    return tuple(
        _numbered(name, k + 1, limit) if seen[text] > 1 else text
        for k, (name, text) in enumerate(zip(names, texts, strict=True))
    )


def _numbered(name: str, which: int, limit: int) -> str:
    end = f" ({which})"
    return clean(name, limit - len(end)) + end


def listing(parts: list[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
