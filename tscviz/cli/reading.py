"""How a file is read, as told on the command line: NAME=VALUE becomes options of `read_series`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from tscviz.data.errors import Say, Setting
from tscviz.types import TscvizError

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_options(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of `read_series` that texts stand for; unknown ones are left as they are.

    Parameters
    ----------
    texts : mapping of str to str
        Columns are names or positions from 1, "none" for no column; several stand between commas.

    Raises
    ------
    TscvizError
        On a text that is no whole number, or neither true nor false, where that is wanted.
    """
    from tscviz.data.readers.layout import Layout

    kinds = {field.name: str(field.type) for field in fields(Layout)}
    return {
        name: _READ.get(kinds.get(name, ""), _text)(name, text.strip(" ") or text)
        for name, text in texts.items()
    }


def _text(name: str, text: str) -> str:  # noqa: ARG001
    return {"\\t": "\t"}.get(text, text)  # what a shell makes of delimiter="\t"


def _flag(name: str, text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise TscvizError(f"option {name} is {text!r}; it must be true or false.")
    return _FLAGS[text.lower()]


def _count(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise TscvizError(f"option {name} is {text!r}; it must be a whole number.") from None


def _column(name: str, text: str) -> str | int | None:  # noqa: ARG001
    if text.lower() == "none":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else text


def _columns(name: str, text: str) -> tuple[str | int | None, ...]:
    return tuple(_column(name, part.strip()) for part in text.split(",") if part.strip())


def _one_or_more(name: str, text: str) -> Any:
    return _columns(name, text) if "," in text else _column(name, text)


def _words(name: str, text: str) -> tuple[str, ...]:  # noqa: ARG001
    return tuple(part.strip() for part in text.split(",") if part.strip())


def flag_of(flag: str) -> Say:
    """Return how a setting of reading that an error advises is given: "--read ragged=true".

    Parameters
    ----------
    flag : str
        Argument of the command that takes NAME=VALUE.
    """

    def say(setting: Setting) -> str:
        value = str(setting.value).lower() if setting.has_value else "VALUE"
        return f"{flag} {setting.name}={value}"

    return say


#: By the annotation of a field of `Layout`; everything else stays text.
_READ: dict[str, Callable[[str, str], Any]] = {
    "bool": _flag,
    "int": _count,
    "Column | None": _column,
    "tuple[Column, ...]": _columns,
    "Column | tuple[Column, ...] | None": _one_or_more,
    "tuple[str, ...]": _words,
}
