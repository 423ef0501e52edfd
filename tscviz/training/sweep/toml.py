"""Reading TOML, with words for a slip that TOML itself hardly explains."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tscviz.training.sweep.errors import SweepError

#: The key `models` of the sweep, and what it is called while the file is read once more.
_LIST = re.compile(r"""^[ \t]*(?:models|"models"|'models')[ \t]*(?==)""", re.MULTILINE)
_OTHER = "models = [...]"


def read_toml(data: bytes, what: str) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Parameters
    ----------
    data : bytes
    what : str
        Names the file in an error: a path, or "The file".

    Raises
    ------
    SweepError
        Where it is no TOML; with words of its own where it has both a list of models and tables of
        models, which TOML takes for one key given twice.
    """
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        found = _both(data)
        text = f"is not TOML: {error}." if found is None else found
        raise SweepError(f"{what} {text}") from None


def _both(data: bytes) -> str | None:
    """Return what to do about a list of models beside tables of models, None where that is not it.

    The file is read again with the list under another name: only where that succeeds was it the
    one thing wrong.
    """
    try:
        value = tomllib.loads(_LIST.sub(f'"{_OTHER}" ', data.decode("utf-8"), count=1))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return None
    named, tables = value.get(_OTHER), value.get("models")
    if named is None or not isinstance(tables, list):
        return None
    names = named if isinstance(named, list) else [named]
    one = next((name for name in names if isinstance(name, str)), "dsn")
    return (
        f"gives its models twice: models = {named!r} and {len(tables)} [[models]] "
        f"{'table' if len(tables) == 1 else 'tables'}; TOML allows one of the two. Write a model "
        f'of the list as a table as well: [[models]] and, below it, model = "{one}".'
    )
