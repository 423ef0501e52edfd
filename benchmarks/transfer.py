"""What ConvTimeNet's pre-trained trunk is worth, from a sweep that has run.

    tscviz sweep benchmarks/sweeps/convtimenet.toml --archive FOLDER --out runs/sweeps/convtimenet
    python benchmarks/transfer.py [--sweep runs/sweeps/convtimenet]

Pairs of runs that differ in the trunk alone. `results/transfer.csv`: a line for every problem,
share of labels and seed, with both test accuracies, the epochs after which each run first had the
accuracy that training from scratch ended with (empty: never), and seconds of training.
`results/transfer_means.csv`: a line for every share, with wins, ties and losses of the trunk over
the problems (means over the seeds) and over all pairs. The accuracy of a run is that of the weights
of least training loss; the epochs are read off the curve of test accuracies, which chose nothing.
That curve is looked at every fifth epoch (`test_every` of the sweep), so an epoch is known to five,
and a run from scratch, too, may never show the accuracy of its own weights. Median epochs are over
the pairs of which both runs got there; `never` and `never_scratch` count those that did not.
Pairs that stand in `transfer.csv` stay, also where their runs are gone, unless they were run anew.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, median
from typing import Any

from accuracy import RESULTS, write

from tscviz.training.sweep.table import open_sweep, read_table

TRUNKS = ("pretrained", "random")
PAIR = ("dataset", "labelled", "seed")
FIELDS = (*PAIR, "accuracy", "accuracy_scratch", "epochs_to", "epochs_to_scratch",
          "train_seconds", "train_seconds_scratch")  # fmt: skip
MEANS = ("labelled", "problems", "seeds", "accuracy", "accuracy_scratch", "wins", "ties", "losses",
         "wins_of_pairs", "ties_of_pairs", "losses_of_pairs", "epochs_to", "epochs_to_scratch",
         "never", "never_scratch", "train_seconds", "train_seconds_scratch")  # fmt: skip
Row = dict[str, Any]


def pairs_of(sweep: Path) -> list[Row]:
    """Return one row a pair of runs; pairs of which one is missing are left out."""
    runs: dict[tuple[str, float, int], dict[str, Row]] = defaultdict(dict)
    for row in read_table(open_sweep(sweep), statuses=["done"]):
        options = json.loads(row["options"])
        key = (row["dataset"], float(options["labelled"]), int(row["seed"]))
        runs[key][options["trunk"]] = row
    return [
        pair_of(key, [run[name] for name in TRUNKS], sweep / "jobs")
        for key, run in sorted(runs.items())
        if len(run) == len(TRUNKS)
    ]


def pair_of(key: tuple[str, float, int], runs: list[Row], jobs: Path) -> Row:
    """Return the row of a pair: the pre-trained trunk and the one from scratch."""
    wanted = runs[1]["accuracy"]
    reached = [first_epoch(jobs / run["cell"], wanted) for run in runs]
    seconds = [run["train_seconds"] for run in runs]
    values = [*key, runs[0]["accuracy"], wanted, *reached, *seconds]
    return dict(zip(FIELDS, values, strict=True))


def first_epoch(job: Path, accuracy: float) -> int | None:
    """Return the first epoch whose test accuracy is at least `accuracy`."""
    with (job / "events.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            tested = event.get("test_accuracy")
            if tested is not None and tested >= accuracy - 1e-9:
                return event["epoch"]
    return None


def known_pairs(table: Path) -> list[Row]:
    """Return the pairs of a table that was written before."""
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    kinds = (str, float, int, float, float, int, int, float, float)
    return [
        {name: kind(row[name]) if row[name] else None
         for name, kind in zip(FIELDS, kinds, strict=True)}
        for row in found
    ]  # fmt: skip


def merged(older: list[Row], newer: list[Row]) -> list[Row]:
    """Return every pair once and in order, the newer of two."""
    pairs = {tuple(pair[name] for name in PAIR): pair for pair in [*older, *newer]}
    return [pairs[key] for key in sorted(pairs)]


def means_of(pairs: list[Row]) -> list[Row]:
    """Return one row a share of labels."""
    rows = []
    for share in sorted({pair["labelled"] for pair in pairs}):
        mine = [pair for pair in pairs if pair["labelled"] == share]
        problems = sorted({pair["dataset"] for pair in mine})
        by_problem = [
            mean(p["accuracy"] - p["accuracy_scratch"] for p in mine if p["dataset"] == name)
            for name in problems
        ]
        by_pair = [p["accuracy"] - p["accuracy_scratch"] for p in mine]
        never = [sum(p[name] is None for p in mine) for name in FIELDS[5:7]]
        both = [p for p in mine if None not in (p["epochs_to"], p["epochs_to_scratch"])]
        figures = [f"{mean(p[name] for p in mine):.4f}" for name in FIELDS[3:5]]
        epochs = [median(p[name] for p in both) if both else "" for name in FIELDS[5:7]]
        times = [f"{sum(p[name] for p in mine):.0f}" for name in FIELDS[7:]]
        values = [share, len(problems), len({p["seed"] for p in mine}), *figures]
        values += [*counts(by_problem), *counts(by_pair), *epochs, *never, *times]
        rows.append(dict(zip(MEANS, values, strict=True)))
    return rows


def counts(differences: list[float]) -> tuple[int, int, int]:
    """Return how many are above, at and below zero."""
    above = sum(d > 1e-9 for d in differences)
    below = sum(d < -1e-9 for d in differences)
    return above, len(differences) - above - below, below


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description="Transfer against training from scratch.")
    parser.add_argument("--sweep", type=Path, default=Path("runs/sweeps/convtimenet"))
    pairs = merged(known_pairs(RESULTS / "transfer.csv"), pairs_of(parser.parse_args().sweep))
    lines = [tuple("" if pair[name] is None else pair[name] for name in FIELDS) for pair in pairs]
    write(RESULTS / "transfer.csv", FIELDS, lines)
    means = means_of(pairs)
    write(RESULTS / "transfer_means.csv", MEANS, [tuple(row.values()) for row in means])
    for row in means:
        print(row)


if __name__ == "__main__":
    main()
