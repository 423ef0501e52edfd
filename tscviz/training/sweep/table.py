"""The tidy table: one row a cell, whatever has become of it.

>>> frame = pandas.read_csv("SWEEP/results.csv")  # doctest: +SKIP
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tscviz.atomic import locked, write_bytes
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.plan import Cell
from tscviz.training.sweep.store import CellState, SweepFolder

_FIGURES = (
    *("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "auc"),
    *("train_seconds", "predict_seconds", "parameters", "flops"),
    *("epochs", "best_epoch", "stopped_early"),
    *("cell_seconds", "train_accuracy", "train_loss", "n_train", "n_test"),
)
_PATIENCE = 600.0
#: What a run is, whatever code, data and number of threads it was run with.
RUN = ("model", "options", "preset", "dataset", "seed")
#: name: meaning
COLUMNS: dict[str, str] = {
    "model": "name of the network",
    "options": "JSON: what the sweep set beside the preset",
    "dataset": "name",
    "seed": "of weights, order of the cases and dropout",
    "preset": "recipe",
    "accuracy": "on the test split, 0 to 1, as all that follow",
    "balanced_accuracy": "mean recall over the classes present",
    "macro_f1": "mean over the classes present or predicted",
    "log_loss": "nats",
    "auc": "one class against the rest, mean over the classes",
    "train_seconds": "in the training loop, interruptions left out",
    "predict_seconds": "for the test split",
    "parameters": "trainable and not zero",
    "flops": "of one forward pass over one case of the longest training length",
    "epochs": "trained",
    "best_epoch": "whose weights were kept",
    "stopped_early": "fewer epochs than the recipe allows",
    "cell_seconds": "of the attempt that ended it: training, scoring, storing the model",
    "train_accuracy": "on the training split",
    "train_loss": "class loss of the best epoch",
    "n_train": "cases",
    "n_test": "cases",
    "versions": "of what computed it",
    "code_version": "part of the cell's identity; see docs/sweeps.md",
    "data_digest": "sha256 of the data",
    "cell": "id",
    "status": "done, running, waiting, failed or cancelled",
    "reason": "why it failed",
}


def read_table(
    folder: SweepFolder,
    *,
    models: Sequence[str] = (),
    datasets: Sequence[str] = (),
    statuses: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return one row a cell with the keys `COLUMNS`, in the order of the plans.

    Parameters
    ----------
    folder : SweepFolder
    models, datasets, statuses : sequences of str
        Only these; empty: all.

    Raises
    ------
    SweepError
        Where the folder holds no sweep.
    """
    rows = []
    for cell in folder.cells():
        wanted = (not models or cell.job.model in models) and (
            not datasets or cell.job.dataset in datasets
        )
        if wanted:
            row = row_of(cell, folder.state(cell))
            if not statuses or row["status"] in statuses:
                rows.append(row)
    return rows


def row_of(cell: Cell, state: CellState) -> dict[str, Any]:
    """Return one row; what is not known is None."""
    job, result = cell.job, state.result or {}
    row = dict.fromkeys(COLUMNS) | {name: result.get(name) for name in _FIGURES}
    versions = result.get("versions", {})
    return row | {
        "model": job.model,
        "options": json.dumps(dict(job.options), sort_keys=True),
        "dataset": job.dataset,
        "seed": job.seed,
        "preset": job.preset,
        "versions": ", ".join(f"{name} {value}" for name, value in versions.items()) or None,
        "code_version": job.code_version,
        "data_digest": job.dataset_digest,
        "cell": cell.id,
        "status": state.state,
        "reason": state.message if state.state == "failed" else None,
    }


def repeated(rows: Iterable[Mapping[str, Any]]) -> int:
    """Return how many rows repeat the `RUN` of another one: a table put together from several."""
    keys = [tuple(row.get(name) for name in RUN) for row in rows]
    return len(keys) - len(set(keys))


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Return rows as CSV with a head; numbers in full, None as nothing.

    Text that a spreadsheet would take for a formula gets a ``'`` in front.
    """
    names = list(columns or COLUMNS)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return "" if value is None else value


def parquet_table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as the content of a Parquet file.

    Raises
    ------
    DataError
        Where pyarrow is not installed.
    """
    from tscviz.data.parquet import parquet_bytes

    return parquet_bytes({name: [row.get(name) for row in rows] for name in COLUMNS})


def store_table(folder: SweepFolder, patience: float = _PATIENCE) -> None:
    """Write results.csv and, where pyarrow is, results.parquet; each whole or not at all.

    Who reads later writes later: of two sweeps that end together the older reading is not the last
    word. The lock is not that of the jobs, which workers must not wait for as long as thousands of
    results take to be read. A disk without room leaves the older tables: the cells' own results are
    what counts.

    Parameters
    ----------
    folder : SweepFolder
    patience : float
        Seconds to wait for another sweep that writes; with 0 its table will do.

    Raises
    ------
    SweepError
        Where a plan of the folder is damaged.
    """
    from tscviz.data.parquet import has_parquet

    with suppress(OSError), locked(folder.root / "results.lock", patience) as obtained:
        if not obtained and not patience:
            return
        if obtained:  # no other is writing: what is half there was left by one that was killed
            for litter in folder.root.glob(".results.*.tmp"):
                litter.unlink(missing_ok=True)
        rows = read_table(folder)
        write_bytes(folder.root / "results.csv", csv_text(rows).encode())
        if has_parquet():
            write_bytes(folder.root / "results.parquet", parquet_table(rows))


def open_sweep(path: str | os.PathLike[str]) -> SweepFolder:
    """Return the sweep folder at `path`.

    Parameters
    ----------
    path : path
        Where a sweep was planned: what ``--out`` named, or a folder in ``TSCVIZ_HOME/sweeps``.

    Returns
    -------
    SweepFolder

    Raises
    ------
    SweepError
        Where there is none.
    """
    folder = SweepFolder(path)
    if not (folder.root / "plans").is_dir():
        raise SweepError(f"there is no sweep in {path}; give the folder named with --out.")
    return folder
