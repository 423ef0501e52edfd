"""The evidence that the models are right: a table for each sweep of `benchmarks/sweeps/`.

    tscviz sweep benchmarks/sweeps/dtp.toml --archive FOLDER --out runs/sweeps/dtp
    TSCVIZ_ARCHIVE=FOLDER python benchmarks/evidence.py --baselines [--datasets GunPoint ...]
    python benchmarks/evidence.py --collect

`--collect` writes the cells of a sweep that are done into `results/NAME.csv`: the columns of
`tscviz results`. Where a sweep stands for a family of models (`FAMILIES`), the runs of
`benchmarks/accuracy.py` (paper preset) and the baselines stand in its table, too. Rows that stand
there stay, also where their runs are gone from this machine, unless the same run was done anew.

`--baselines` runs what a user would pick instead, 1-NN with DTW (no window) and MiniRocket of aeon,
on every dataset of these tables, prepared as the paper preset prepares them (gaps interpolated), on
one core; MiniRocket with the seeds 0 to 2. What stands in `runs/baselines` or in one of the tables
is not run again, and serves every table that has its dataset.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import aeon
import numpy as np
import torch
from accuracy import DATASETS, RESULTS
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier

from tscviz.atomic import write_bytes, write_json
from tscviz.data import Preparation, load_dataset
from tscviz.training.metrics import confusion_counts, mean_auc, summary_of
from tscviz.training.run import prepared_splits
from tscviz.training.sweep import read_sweep
from tscviz.training.sweep.results import read_results
from tscviz.training.sweep.table import COLUMNS, csv_text, open_sweep, read_table

FOLDER = Path(__file__).parent
#: What makes two rows the same run.
KEY = ("model", "options", "dataset", "seed", "preset", "code_version", "data_digest")
#: Sweep: models of which the runs of accuracy.py belong to its table.
FAMILIES: dict[str, tuple[str, ...]] = {
    "dtp": (),
    "dsn": ("dsn",),
    "lstm": ("lstm-fcn", "alstm-fcn"),
    "convtimenet": (),
}
Row = dict[str, Any]
#: Name: how it is made from a seed, and the seeds.
BASELINES: dict[str, tuple[Callable[[int], Any], tuple[int, ...]]] = {
    "1nn-dtw": (lambda _: KNeighborsTimeSeriesClassifier("dtw", n_neighbors=1), (0,)),
    "minirocket": (lambda seed: MiniRocketClassifier(random_state=seed, n_jobs=1), (0, 1, 2)),
}


def datasets_of(name: str) -> list[str]:
    """Return every dataset of a table once."""
    given = [
        d for line in read_sweep(FOLDER / "sweeps" / f"{name}.toml").lines for d in line.datasets
    ]
    return list(dict.fromkeys([*given, *(DATASETS if FAMILIES[name] else ())]))


def baseline(name: str, dataset_name: str, seed: int) -> Row:
    """Fit and score one baseline; the row of the table."""
    dataset = load_dataset(dataset_name)
    splits = prepared_splits(dataset, Preparation(gaps="interpolate"))
    train, test = splits["train"], splits["test"]
    made = BASELINES[name][0](seed)
    started = time.perf_counter()
    made.fit(train.X, train.y)
    fitted = time.perf_counter()
    proba = made.predict_proba(test.X)
    done = time.perf_counter()
    whole = np.zeros((len(test.y), dataset.n_classes))
    whole[:, made.classes_] = proba
    confusion = confusion_counts(test.y, whole.argmax(1), dataset.n_classes)
    right = np.clip(whole[np.arange(len(test.y)), test.y], 1e-12, 1.0)
    return (
        dict.fromkeys(COLUMNS)
        | summary_of(confusion)
        | {
            "model": name,
            "options": "{}",
            "dataset": dataset.name,
            "seed": seed,
            "log_loss": float(-np.log(right).mean()),
            "auc": mean_auc(test.y, whole),
            "train_seconds": round(fitted - started, 3),
            "predict_seconds": round(done - fitted, 3),
            "n_train": len(train.y),
            "n_test": len(test.y),
            "versions": f"aeon {aeon.__version__}, numpy {np.__version__}",
            "data_digest": dataset.digest,
            "status": "done",
        }
    )


def known_baselines(runs: Path, results: Path) -> list[Row]:
    """Return the baselines' rows that are there, new runs before those of the tables."""
    new = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(runs.glob("*/*.json"))]
    tables = [path for name in FAMILIES if (path := results / f"{name}.csv").is_file()]
    return [*new, *(row for path in tables for row in read_results(path, models=list(BASELINES)))]


def run_baselines(runs: Path, results: Path, datasets: list[str]) -> None:
    """Run what is not done yet."""
    done = {(row["model"], row["dataset"], row["seed"]) for row in known_baselines(runs, results)}
    for dataset in datasets:
        for name, (_, seeds) in BASELINES.items():
            for seed in seeds:
                path = runs / name / f"{dataset}-{seed}.json"
                if (name, dataset, seed) not in done:
                    row = baseline(name, dataset, seed)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    write_json(path, row)
                    print(name, dataset, seed, round(row["accuracy"], 4), flush=True)


def rows_of(name: str, sweeps: Path, runs: Path, results: Path) -> Iterator[Row]:
    """Yield the rows of a table: its sweep's, and for a family the other runs' and baselines'."""
    if (sweeps / name / "plans").is_dir():
        yield from read_table(open_sweep(sweeps / name), statuses=["done"])
    if name not in FAMILIES:
        return
    wanted = datasets_of(name)
    if models := FAMILIES[name]:
        yield from read_results(results / "accuracy.csv", models=models, datasets=wanted)
    yield from (row for row in known_baselines(runs, results) if row["dataset"] in wanted)


def merged(older: Iterable[Row], newer: Iterable[Row]) -> list[Row]:
    """Return all rows in order; of those of one run the newer, of two newer ones the first."""
    rows: dict[tuple[Any, ...], Row] = {}
    for row in [*newer, *older]:
        rows.setdefault(tuple("" if row[name] is None else row[name] for name in KEY), row)
    return [rows[key] for key in sorted(rows)]


def collect(name: str, results: Path, sweeps: Path, runs: Path) -> None:
    """Write a table, if anything but baselines stands in it."""
    table = results / f"{name}.csv"
    older = read_results(table) if table.is_file() else []
    rows = merged(older, rows_of(name, sweeps, runs, results))
    if any(row["model"] not in BASELINES for row in rows):
        write_bytes(table, csv_text(rows).encode())
    print(name, len(rows), "rows,", len(older), "before")


def main() -> None:
    """Run the baselines or collect."""
    parser = argparse.ArgumentParser(description="The tables of the evidence.")
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("--collect", action="store_true")
    parser.add_argument("--datasets", nargs="*", default=[])
    parser.add_argument("--runs", type=Path, default=Path("runs/baselines"))
    parser.add_argument("--sweeps", type=Path, default=Path("runs/sweeps"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.baselines:
        every = dict.fromkeys(d for name in FAMILIES for d in datasets_of(name))
        run_baselines(arguments.runs, RESULTS, arguments.datasets or list(every))
    if arguments.collect:
        for path in sorted((FOLDER / "sweeps").glob("*.toml")):
            collect(path.stem, RESULTS, arguments.sweeps, arguments.runs)


if __name__ == "__main__":
    main()
