"""Train the bundled models into `pretrained/`; interrupted, it goes on where it stopped.

    python benchmarks/pretrained.py [--runs FOLDER] [--only dtp-fcn/GunPoint ...]

Every one: paper preset, seed 0, one thread.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch

from tscviz import train

DATASETS = ("GunPoint", "ItalyPowerDemand", "ArrowHead", "BasicMotions", "OSULeaf")
NAMES = [f"{kind}-fcn/{name}" for name in DATASETS for kind in ("dtp", "gtp", "stp")]
NAMES.insert(3, "dtp-resnet/GunPoint")
TARGET = Path(__file__).parents[1] / "pretrained"


def main() -> None:
    """Train what is not there yet and put it in place."""
    parser = argparse.ArgumentParser(description="Train the bundled models.")
    parser.add_argument("--runs", default="runs/pretrained", type=Path)
    parser.add_argument("--only", nargs="*", default=NAMES)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.only:
        model, dataset = name.split("/")
        run = arguments.runs / model / dataset
        classifier = train(dataset, model, preset="paper", seed=0, out=run, resume=True)
        shutil.copytree(run / "model", TARGET / name, dirs_exist_ok=True)
        print(name, classifier.card["metrics"], flush=True)


if __name__ == "__main__":
    main()
