"""How a file is read, as told on the command line: NAME=VALUE becomes options of `read_series`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tscviz.data.errors import Say, Setting
from tscviz.data.misfit import span
from tscviz.types import SeriesSet, TscvizError

if TYPE_CHECKING:
    from tscviz.data import Prepared
    from tscviz.models.classifier import Classifier

DIRECTIONS = {
    "rows": "one series per row",
    "columns": "one series per column",
    "long": "one value per row",
}


def file_cases(
    classifier: Classifier, file: str, options: Mapping[str, str], flag: str
) -> tuple[SeriesSet, Prepared]:
    """Read the series of a file as `flag` says, and prepare them for the model."""
    from tscviz.data import DataError, read_series

    if Path(file).is_dir():
        raise TscvizError(f"{file} is a folder; give a file with series.")
    if not Path(file).exists():
        raise TscvizError(f"there is no file {file}.")
    try:
        series = read_series(Path(file), **read_options(options))
    except DataError as error:
        raise TscvizError(error.worded(flag_of(flag))) from error
    if series.X.shape[1] != classifier.module.n_channels:
        raise TscvizError(_other_channels(classifier, file, series, flag))
    return series, classifier.prepare(series)


def reading_notes(series: SeriesSet) -> list[str]:
    """Return what of a file is not in its series, or is to be looked at twice."""
    return list(series.layout.get("notes", ()))


def own_names(series: SeriesSet) -> tuple[str, ...] | None:
    """Return the names of the cases; None where the file has none and they are counted."""
    counted = tuple(str(i) for i in range(1, len(series.names) + 1))
    named = series.names != counted or series.layout.get("id_column") is not None
    return series.names if named else None


def case_of_file(file: str, series: SeriesSet, case: int) -> str:
    """Return how a case is called: "mine.csv case 3 (anna)", with the number that --case takes."""
    names = own_names(series)
    known = "" if names is None else f" ({names[case]})"
    name = Path(file).name.encode(errors="backslashreplace").decode()  # it may be no text
    return f"{name} case {case}{known}"


def _other_channels(classifier: Classifier, file: str, series: SeriesSet, flag: str) -> str:
    """Say how a file was read whose channels are not the model's, and what reads it otherwise."""
    wanted, (n, found, _) = classifier.module.n_channels, series.X.shape
    lengths, how = series.mask.sum(axis=1), DIRECTIONS.get(_direction(series), "")
    said = (
        f"{file} holds series of {channels(found)} and {classifier.name} takes {wanted:,}. It was "
        f"read as {n:,} series of {span(int(lengths.min()), int(lengths.max()))} points"
        + (f", {how}" if how else "")
    )
    ways = list(filter(None, map(flag_of(flag), _other_ways(series, wanted))))
    return f"{said}; where it is built otherwise, give {' or '.join(ways)}." if ways else f"{said}."


def channels(n: int) -> str:
    """Return "1 channel" or "6 channels"."""
    return "1 channel" if n == 1 else f"{n:,} channels"


def _direction(series: SeriesSet) -> str:
    """Return the orientation, or nothing where the format knows of none."""
    layout = series.layout
    return "" if layout["format"] in ("ts", "arff") else layout["orientation"]


def _other_ways(series: SeriesSet, wanted: int) -> list[Setting]:
    """Return the settings that give series another number of channels."""
    layout, direction = series.layout, _direction(series)
    if direction in ("", "long"):
        return [Setting("channel_column"), Setting("value_column")] if direction else []
    turned = Setting("orientation", "columns" if direction == "rows" else "rows")
    if layout["format"] != "csv":
        return [turned]
    if direction == "columns":
        kind = "cases" if wanted == 1 else "channels"
        given = layout["columns_are"] == kind
        return [Setting("drop_columns") if given else Setting("columns_are", kind), turned]
    shares = series.X.shape[1] * series.X.shape[2] % wanted == 0
    return [Setting("channels", wanted), turned] if shares else [turned]


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
