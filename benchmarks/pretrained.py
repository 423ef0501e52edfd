"""Train the bundled models into `pretrained/`; interrupted, it goes on where it stopped.

    python benchmarks/pretrained.py [--runs FOLDER] [--only dtp-fcn/GunPoint ...]

Every one: paper preset, seed 0, one thread. ConvTimeNet is trained with three seeds, each beside a
network from scratch under the same budget; the card of seed 0 tells all six results.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import torch

from tscviz import train
from tscviz.models import Classifier, save_model

FOUR = ("GunPoint", "ItalyPowerDemand", "ArrowHead", "OSULeaf")
FIVE = (*FOUR, "BasicMotions")
DATASETS = {
    "dtp-fcn": FIVE,
    "gtp-fcn": FIVE,
    "stp-fcn": FIVE,
    "dtp-resnet": ("GunPoint",),
    "dsn": FIVE,
    "lstm-fcn": FOUR,
    "alstm-fcn": FOUR,
    "convtimenet": FOUR,
}
NAMES = [f"{model}/{name}" for model, names in DATASETS.items() for name in names]
#: Options beside the paper preset: the attention that has time points to choose from.
OPTIONS: dict[str, dict[str, Any]] = {"alstm-fcn": {"variant": "self"}}
TARGET = Path(__file__).parents[1] / "pretrained"
SEEDS = (0, 1, 2)


def bundle(name: str, runs: Path) -> None:
    """Train one model and put it in place."""
    model, dataset = name.split("/")
    if model == "convtimenet":
        _bundle_beside_scratch(name, runs)
        return
    # Where the options are those of benchmarks/accuracy.py, its first seed is the same run.
    run = runs / ("pretrained" if model in OPTIONS else "accuracy") / name / "seed-0"
    classifier = train(
        dataset, model, preset="paper", seed=0, out=run, resume=True, **OPTIONS.get(model, {})
    )
    shutil.copytree(run / "model", TARGET / name, dirs_exist_ok=True)
    print(name, classifier.card["metrics"], flush=True)


def _bundle_beside_scratch(name: str, runs: Path) -> None:
    model, dataset = name.split("/")
    kept: Classifier | None = None
    told: dict[str, list[dict[str, Any]]] = {"paper": [], "scratch": []}
    for preset, rows in told.items():
        for seed in SEEDS:
            out = runs / "pretrained" / name / f"{preset}-{seed}"
            made = train(dataset, model, preset=preset, seed=seed, out=out, resume=True)
            keys = ("test_accuracy", "train_loss", "best_epoch", "epochs", "train_seconds")
            rows.append({"seed": seed} | {key: made.card["metrics"][key] for key in keys})
            kept = made if kept is None else kept
            print(name, preset, rows[-1], flush=True)
    if kept is not None:
        kept.card["comparison"] = {"transfer": told["paper"], "scratch": told["scratch"]}
        save_model(kept, TARGET / name)


def main() -> None:
    """Train what is not there yet and put it in place."""
    parser = argparse.ArgumentParser(description="Train the bundled models.")
    parser.add_argument("--runs", default="runs", type=Path)
    parser.add_argument("--only", nargs="*", default=NAMES, help="models, or MODEL/DATASET")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in NAMES:
        if {name, name.split("/")[0]} & set(arguments.only):
            bundle(name, arguments.runs)


if __name__ == "__main__":
    main()
