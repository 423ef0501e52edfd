"""Accuracy beside the published one: paper preset, several seeds, on problems with a fixed split.

    TSCVIZ_ARCHIVE=FOLDER python benchmarks/accuracy.py [--only dsn/CBF ...] [--seeds 0 1 2]
    python benchmarks/accuracy.py --collect

A run that was interrupted goes on where it stopped; several processes may share a folder of runs.
Every run: one thread, CPU. `--collect` writes `results/accuracy.csv` (one line a run, with the
columns of `tscviz results`; what older cards lack is computed from the weights) and
`results/accuracy_means.csv` (means beside the published figures of `tscviz.data.published`: DSN
paper, Table 8; LSTM-FCN and ALSTM-FCN from their authors' repository, weights chosen by training
loss; per cent, only where the split is the same).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from tscviz import load_dataset, load_model, train
from tscviz.atomic import FileLock
from tscviz.data.published import published_accuracy
from tscviz.models.cost import module_cost
from tscviz.training.metrics import evaluate
from tscviz.training.sweep.result import result_of, sized

FIGURES = (
    *("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "auc"),
    *("train_seconds", "predict_seconds", "parameters", "flops"),
    *("epochs", "best_epoch", "stopped_early", "train_accuracy", "train_loss"),
    *("n_train", "n_test"),
)
RESULTS = Path(__file__).parent / "results"
DATASETS = (
    "ItalyPowerDemand",
    "GunPoint",
    "TwoLeadECG",
    "MoteStrain",
    "CBF",
    "Coffee",
    "ArrowHead",
    "OSULeaf",
)
#: Cells where they are not 8: the scripts behind the paper's tables.
CELLS = {
    ("lstm-fcn", "Coffee"): 128,
    ("alstm-fcn", "Coffee"): 128,
    ("alstm-fcn", "MoteStrain"): 64,
}
#: On the CPU, one thread, a run takes over half an hour: one seed.
LONG = {("dsn", "OSULeaf"), ("lstm-fcn", "OSULeaf"), ("alstm-fcn", "OSULeaf")}
MODELS = ("lstm-fcn", "dsn", "alstm-fcn")
#: Of `tscviz.training.sweep.table.COLUMNS`, and the start of the weights' sha256.
FIELDS = (
    "model",
    "options",
    "dataset",
    "seed",
    "preset",
    *FIGURES,
    "data_digest",
    "versions",
    "digest",
)


def options_of(model: str, dataset: str) -> dict[str, Any]:
    """Return what the protocol sets for this problem."""
    cells = CELLS.get((model, dataset))
    return {} if cells is None else {"cells": cells}


def jobs(only: list[str], seeds: list[int]) -> list[tuple[str, str, int]]:
    """List the runs, the first seed of all of them first."""
    wanted = [
        (model, dataset, seed)
        for seed in seeds
        for model in MODELS
        for dataset in DATASETS
        if seed == seeds[0] or (model, dataset) not in LONG
    ]
    return [job for job in wanted if not only or job[0] in only or f"{job[0]}/{job[1]}" in only]


def run(folder: Path, model: str, dataset: str, seed: int) -> None:
    """Train one model, unless it is there or another process is at it."""
    out = folder / model / dataset / f"seed-{seed}"
    if (out / "model" / "card.json").exists():
        return
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / "lock")
    if not lock.acquire():
        return
    try:
        done = train(
            dataset,
            model,
            preset="paper",
            seed=seed,
            out=out,
            resume=True,
            **options_of(model, dataset),
        )
        print(model, dataset, seed, done.card["metrics"], flush=True)
    finally:
        lock.close()


def collect(folder: Path) -> None:
    """Write the tables from the cards of the runs."""
    rows, groups = [], defaultdict(list)
    for path in sorted(folder.glob("*/*/seed-*/model/card.json")):
        row = row_of(path.parent)
        rows.append(tuple(shown(row[name]) for name in FIELDS))
        groups[row["model"], row["dataset"]].append(row["accuracy"])
    write(RESULTS / "accuracy.csv", FIELDS, rows)
    means = []
    for (model, dataset), values in sorted(groups.items()):
        known = published_accuracy(model, dataset)
        ours = 100 * mean(values)
        beside = ("", "")
        if known is not None and known.agrees():
            beside = (f"{100 * known.accuracy:.2f}", f"{ours - 100 * known.accuracy:+.2f}")
        means.append((model, dataset, len(values), f"{ours:.2f}", *beside))
    head = ("model", "dataset", "seeds", "accuracy", "published", "difference")
    write(RESULTS / "accuracy_means.csv", head, means)


def row_of(folder: Path) -> dict[str, Any]:
    """Return the figures of a stored model; what its card lacks is computed from its weights."""
    classifier = load_model(folder)
    card, dataset = classifier.card, folder.parts[-3]
    metrics: dict[str, Any] = dict(card["metrics"])
    metrics.setdefault("stopped_early", metrics["epochs"] < card["recipe"]["epochs"])
    if "test_auc" not in metrics:
        found = evaluate(classifier, load_dataset(dataset))
        metrics["predict_seconds"] = found["predict_seconds"]
        names = ("balanced_accuracy", "macro_f1", "log_loss", "auc")
        metrics |= {f"test_{name}": found[name] for name in names}
    cost = asdict(module_cost(*sized(classifier)))
    row = result_of("", card | {"metrics": metrics}, cost)
    return row | {
        "model": card["model"],
        "options": json.dumps(options_of(card["model"], dataset)),
        "dataset": dataset,
        "seed": card["seed"],
        "preset": card["preset"],
        "versions": ", ".join(f"{name} {value}" for name, value in card["versions"].items()),
        "digest": card["weights"]["sha256"][:12],
    }


def shown(value: Any) -> Any:
    """Return a number with six digits, a large one whole."""
    if not isinstance(value, float):
        return value
    return round(value) if value > 1e6 else float(f"{value:.6g}")


def write(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write a table and print it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(head)
        table.writerows(rows)
    print(path.read_text(encoding="utf-8"))


def main() -> None:
    """Train what is asked for, or collect what was trained."""
    parser = argparse.ArgumentParser(description="Accuracy beside the published one.")
    parser.add_argument("--runs", default="runs/accuracy", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="models, or MODEL/DATASET")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--collect", action="store_true")
    arguments = parser.parse_args()
    if arguments.collect:
        collect(arguments.runs)
        return
    torch.set_num_threads(1)
    for job in jobs(arguments.only, arguments.seeds):
        run(arguments.runs, *job)


if __name__ == "__main__":
    main()
