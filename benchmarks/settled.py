"""Whether batch normalisation has settled when the report's rules stop LSTM-FCN.

    TSCVIZ_ARCHIVE=FOLDER python benchmarks/settled.py [--datasets Coffee Beef ...] [--epochs 600]

Trains the report's new model (preset report, seed 0, one thread), with and without squeeze-and-
excitation, and takes its test accuracy twice, with the same weights: with the running means and
variances as training left them, and with those of the training cases. With `--epochs` the same
network is trained for so many, without validation, and has the weights of least training loss (the
rules of preset paper). Rows of `results/settled.csv` stay unless they are measured anew.
"""

from __future__ import annotations

import argparse
import csv
from typing import Any

import torch
from accuracy import RESULTS, write
from torch import nn

from tscviz import load_dataset
from tscviz.training.run import prepared_splits, train

DATASETS = ("SonyAIBORobotSurface1", "ItalyPowerDemand", "MoteStrain", "TwoLeadECG", "CBF",
            "DiatomSizeReduction", "GunPoint", "Coffee", "ECG200", "ArrowHead", "ToeSegmentation2",
            "Beef")  # fmt: skip
FIELDS = (
    "dataset",
    "squeeze",
    "rules",
    "seed",
    "epochs",
    "best_epoch",
    "accuracy",
    "accuracy_settled",
)
BATCH = 64


def settle(module: nn.Module, X: torch.Tensor) -> None:
    """Set the running means and variances of every layer to those of X, (n_cases, C, T)."""
    module.train()
    layers: list[Any] = list(module.modules())
    for layer in layers:
        if isinstance(layer, nn.Dropout):
            layer.eval()
        elif getattr(layer, "running_mean", None) is not None:
            layer.momentum = 1.0
    with torch.no_grad():
        module(X)
    module.eval()


def measure(name: str, squeeze: bool, epochs: int | None) -> tuple[Any, ...]:
    """Train one network; return the row of the table."""
    dataset = load_dataset(name)
    rules = {"variant": "report", "epochs": epochs} if epochs else {}
    preset = "paper" if epochs else "report"
    classifier = train(dataset, "lstm-fcn", preset=preset, seed=0, squeeze=squeeze, **rules)
    splits = prepared_splits(dataset, classifier.preparation)
    X = {which: torch.tensor(split.X, dtype=torch.float32) for which, split in splits.items()}
    wanted = torch.tensor(splits["test"].y)

    def accuracy() -> float:
        with torch.no_grad():
            scores = [classifier.module(part) for part in X["test"].split(BATCH)]
        return round(float((torch.cat(scores).argmax(1) == wanted).double().mean()), 4)

    before = accuracy()
    settle(classifier.module, X["train"])
    metrics = classifier.card["metrics"]
    return (name, squeeze, preset, 0, metrics["epochs"], metrics["best_epoch"], before, accuracy())


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="Batch normalisation and early stopping.")
    parser.add_argument("--datasets", nargs="+", default=DATASETS)
    parser.add_argument("--epochs", type=int, help="no validation, so many epochs")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    table = RESULTS / "settled.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = {tuple(row[:3]): tuple(row) for row in list(csv.reader(file))[1:]}
    for name in asked.datasets:
        for squeeze in (True, False):
            row = measure(name, squeeze, asked.epochs)
            print(row, flush=True)
            rows[name, str(squeeze), row[2]] = row
    write(table, FIELDS, [rows[key] for key in sorted(rows)])


if __name__ == "__main__":
    main()
