"""Read a user's file into a SeriesSet: look at it, show the guess, read it, name what is wrong."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from tscviz.data.errors import DataError
from tscviz.data.readers.layout import Layout, check_options
from tscviz.data.readers.source import Payload, Source, guess_format, load
from tscviz.types import SeriesSet

__all__ = ["Layout", "preview", "read_series", "sniff"]

_MODULES = {
    "csv": "delimited",
    "ts": "ts_arff",
    "arff": "ts_arff",
    "npy": "binary",
    "npz": "binary",
    "parquet": "parquet",
}
_MAX_PREVIEW_CELLS = 24


def read_series(source: Source, *, filename: str | None = None, **options: Any) -> SeriesSet:
    """Read series from a user's file.

    CSV, TSV and other delimited text, .ts, .arff, .npy, .npz and .parquet, packed with gzip or
    not. What is not given is guessed; the guess and its reasons are in the result's `layout`.

    Parameters
    ----------
    source : path, bytes or binary file
    filename : str, optional
        Name to take the extension from, where `source` is not a path.
    **options
        Any field of `Layout` but `reasons` and `compression`.

    Returns
    -------
    SeriesSet
        `X` float32, shape (n_cases, n_channels, n_timepoints).

    Raises
    ------
    DataError
        Anything wrong with the file or the options; `row` and `column` are 1-based.
    """
    payload, chosen, given = _open(source, filename, options)
    return _guarded(lambda: _module(chosen).read(payload, given))


def sniff(source: Source, *, filename: str | None = None, **overrides: Any) -> Layout:
    """Guess the layout of a file, reasons included, without reading its values.

    Parameters
    ----------
    source : path, bytes or binary file
    filename : str, optional
    **overrides
        Fields of `Layout` that are known.

    Returns
    -------
    Layout

    Raises
    ------
    DataError
        The file cannot be read at all, or an override is wrong.
    """
    payload, chosen, given = _open(source, filename, overrides)
    return _guarded(lambda: _module(chosen).look(payload, given).layout)


def preview(source: Source, layout: Layout, n: int = 8) -> list[list[str]]:
    """Return the first rows of a file as text, for display.

    Parameters
    ----------
    source : path, bytes or binary file
    layout : Layout
        From `sniff`.
    n : int, default 8
        Most rows.

    Returns
    -------
    list of list of str
        A row longer than 24 cells is cut and ends in "...".

    Raises
    ------
    DataError
    """
    payload = load(source)
    rows = _guarded(lambda: _module(layout.format).preview(payload, layout, n))
    return [_short_row(row) for row in rows]


def _open(
    source: Source, filename: str | None, options: Mapping[str, Any]
) -> tuple[Payload, str, dict[str, Any]]:
    given = check_options(options)
    payload = load(source, filename)
    chosen = given.get("format") or guess_format(payload)
    return payload, chosen, {**given, "format": chosen}


def _module(chosen: str) -> ModuleType:
    return importlib.import_module(f"tscviz.data.readers.{_MODULES[chosen]}")


def _guarded(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except MemoryError as error:
        raise DataError(
            "there is not enough memory for this file; send fewer or shorter series."
        ) from error


def _short_row(row: list[str]) -> list[str]:
    cells = [cell if len(cell) <= 80 else cell[:77] + "..." for cell in row[:_MAX_PREVIEW_CELLS]]
    return [*cells, "..."] if len(row) > _MAX_PREVIEW_CELLS else cells
