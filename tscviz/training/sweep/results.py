"""Rows of results from wherever they lie: a sweep's folder, or a table that was written as CSV."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.table import COLUMNS, open_sweep, read_table

DEFAULT = "default"
_NEEDED = ("model", "dataset", "seed", "accuracy")
_COUNTS = ("seed", "parameters", "epochs", "best_epoch", "n_train", "n_test")
_SHARES = ("accuracy", "balanced_accuracy", "macro_f1", "auc", "train_accuracy")
_NUMBERS = (
    *("flops", "log_loss", "train_loss"),
    *("train_seconds", "predict_seconds", "cell_seconds"),
)
_TRUTHS = {"true": True, "false": False}


def read_results(
    path: str | os.PathLike[str],
    *,
    models: Sequence[str] = (),
    datasets: Sequence[str] = (),
    statuses: Sequence[str] = (),
    options: Mapping[str, Sequence[str]] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of a sweep's folder, or of a table that was written as CSV.

    A table needs the columns model, dataset, seed and accuracy; of the others of `COLUMNS` it may
    lack any. Its rows count as done.

    Parameters
    ----------
    path : path
    models, datasets, statuses : sequences of str
        Only these; empty: all.
    options : mapping, optional
        Name of an option to the values that are wanted, as text or JSON; "default" keeps the rows
        that do not set it.

    Raises
    ------
    SweepError
        Where there is neither a sweep nor a table, or the table says what no sweep can have said.
    """
    if Path(path).is_file():
        rows = _rows_of_csv(path)
    else:
        rows = read_table(open_sweep(path), models=models, datasets=datasets, statuses=statuses)
    return [
        row
        for row in rows
        if (not models or row["model"] in models)
        and (not datasets or row["dataset"] in datasets)
        and (not statuses or row["status"] in statuses)
        and _has_options(row, options or {})
    ]


def _has_options(row: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a row sets every option of `wanted` to one of its values."""
    own = json.loads(row["options"])
    return all(
        any(_is(own[name], text) if name in own else text == DEFAULT for text in texts)
        for name, texts in wanted.items()
    )


def _is(value: Any, text: str) -> bool:
    if value == text:
        return True
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return value == asked and isinstance(value, bool) == isinstance(asked, bool)


def _rows_of_csv(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            found = [(reader.line_num, row) for row in reader]
            head = reader.fieldnames or ()
    except (OSError, ValueError, csv.Error) as error:
        raise SweepError(f"{path} cannot be read as a table: {error}") from None
    missing = [name for name in _NEEDED if name not in head]
    if missing:
        raise SweepError(
            f"{path} has no column {missing[0]!r}; give a sweep's folder or its results as CSV."
        )
    if not found:
        raise SweepError(f"{path} has no rows below its head.")
    return [_row_of_csv(f"{path}, line {line}", row) for line, row in found]


def _row_of_csv(where: str, row: Mapping[str | None, Any]) -> dict[str, Any]:
    """Return a line of a table with what `row_of` would have given."""
    if any(row.get(None) or ()):
        raise SweepError(f"{where} has more cells than the head has columns.")
    values: dict[str, Any] = {name: row.get(name) or None for name in COLUMNS}
    for name, read, wanted in _READERS:
        text = values[name]
        if text is not None:
            try:
                values[name] = read(text)
            except (ValueError, TypeError, OverflowError, RecursionError):
                raise SweepError(
                    f"{where}: {name} is {text[:40]!r}, which is no {wanted}."
                ) from None
    for name in ("model", "dataset"):
        if not values[name]:
            raise SweepError(f"{where}: {name} is empty.")
    values["options"] = values["options"] or "{}"
    values["preset"] = values["preset"] or ""
    values["status"] = values["status"] or "done"
    return values


def _number(text: str) -> float | None:
    """Read a number; pandas writes "nan" for none."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    if math.isnan(number):
        return None
    return int(text) if text.isdecimal() and number < 2**63 else number


def _count(text: str) -> int | None:
    """Read a whole number; pandas writes 3.0 where others of the column are missing."""
    number = int(text) if text.lstrip("-").isdecimal() else _number(text)
    if number is None:
        return None
    if number != int(number) or not 0 <= number < 2**63:
        raise ValueError(text)
    return int(number)


def _share(text: str) -> float | None:
    share = _number(text)
    if share is not None and not 0 <= share <= 1:
        raise ValueError(text)
    return share


def _truth(text: str) -> bool | None:
    if text.lower() == "nan":
        return None
    if text.lower() not in _TRUTHS:
        raise ValueError(text)
    return _TRUTHS[text.lower()]


def _options(text: str) -> str:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError(text)
    return json.dumps(value, sort_keys=True)


def _readers() -> Iterator[tuple[str, Callable[[str], Any], str]]:
    """Yield columns that are not text as they stand, what reads them, and what they hold."""
    yield "options", _options, "JSON object"
    yield "stopped_early", _truth, "true or false"
    for name in _COUNTS:
        yield name, _count, "whole number from 0 to 2^63 - 1"
    for name in _SHARES:
        yield name, _share, "number from 0 to 1"
    for name in _NUMBERS:
        yield name, _number, "number"


_READERS = tuple(_readers())
