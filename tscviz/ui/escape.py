"""Make text from files harmless: labels, case names and file names are untrusted.

Streamlit renders Markdown in nearly every text it is given, and a Markdown image in a class name
makes the visitor's browser fetch an address. Spreadsheets run cells that start like a formula.
"""

from __future__ import annotations

import re
import unicodedata

from tscviz.tables import guard

#: Every character with a meaning in Markdown, in Streamlit's directives (``:red[...]``,
#: ``:material/...:``, ``$...$``) or in HTML. A backslash before ASCII punctuation is literal.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~^$:&@=\"'/])")
#: Addresses become links even behind backslashes, because they are sought after those are read.
#: An invisible character of no width in their midst keeps them text.
_AUTOLINK = re.compile(r":(?=//)|www(?=\.)|(?=@)", re.IGNORECASE)
_JOINER = "\u2060"
#: An escaped character, or the marks of bold text.
_MARKS = re.compile(r"\\([^A-Za-z0-9\s])|\*\*")
MAX_LENGTH = 120


def plain_text(value: object, *, max_length: int = MAX_LENGTH) -> str:
    """Return one line of visible text: control and direction characters out, long text cut."""
    text = "".join(
        " " if char.isspace() else char
        for char in str(value)
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    text = " ".join(text.split())
    return text if len(text) <= max_length else text[: max_length - 1] + "…"


def escape_markdown(value: object, *, max_length: int = 2000) -> str:
    """Return text that Streamlit's Markdown shows letter by letter.

    Parameters
    ----------
    value : object
        Anything from a file or from the visitor.
    max_length : int
        Longer text is cut and ends in an ellipsis.
    """
    text = _AUTOLINK.sub(lambda found: found[0] + _JOINER, plain_text(value, max_length=max_length))
    return _SPECIAL.sub(r"\\\1", text)


def unmarked(text: str) -> str:
    """Return the plain text of a caption: bold marks taken out, escapes undone.

    The way back from `escape_markdown`, for places that read no Markdown.
    """
    return _MARKS.sub(lambda found: found[1] or "", text).replace(_JOINER, "")


def escape_csv(value: object) -> object:
    """Return a cell that no spreadsheet runs: text that starts like a formula gets a ``'``.

    Numbers are returned as they are.
    """
    return guard(value) if isinstance(value, str) else value


def safe_file_name(value: object, *, default: str = "tscviz") -> str:
    """Return a name for a download: letters, digits, dot, dash and underscore only."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain_text(value)).strip("-._")
    return name or default
