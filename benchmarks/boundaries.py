"""How sure DTP's boundaries are: its prototypes beside each other, and its segments over the cases.

    TSCVIZ_ARCHIVE=FOLDER python benchmarks/boundaries.py [--datasets BME Fungi] [--pooling avg max]

Trains DTP-FCN (paper preset, one thread) and prints, for each network: the accuracy; the cosine of
neighbouring prototypes; the standard deviation of each boundary over the test cases, in per cent of
the length; and how much more the best path costs than one whose boundaries are the median ones of
the training cases of the true class, in per cent. Where neighbours are alike, a boundary between
them may lie anywhere at almost no cost.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from tscviz import load_dataset
from tscviz.training.run import prepared_splits, train


def measure(name: str, pooling: str, seed: int, epochs: int) -> dict[str, object]:
    """Train one network and return what the program prints."""
    dataset = load_dataset(name)
    classifier = train(dataset, "dtp-fcn", seed=seed, pooling=pooling, epochs=epochs)
    module: Any = classifier.module
    splits = prepared_splits(dataset, classifier.preparation)
    segments, cost = {}, torch.zeros(0)
    with torch.no_grad():
        for which, split in splits.items():
            h = module.features(torch.tensor(split.X, dtype=torch.float32))
            cost = module.pool.cost(h)  # of the test cases in the end
            segments[which] = module.pool.segments(h)
        unit = F.normalize(module.pool.prototypes, dim=1)
    n = module.pool.n_segments
    ends = {
        which: torch.stack([(found <= part).sum(1) for part in range(n - 1)], 1).double()
        for which, found in segments.items()
    }
    usual = torch.stack(
        [ends["train"][splits["train"].y == k].median(0).values for k in splits["test"].y]
    )
    time = torch.arange(cost.shape[2]).double()
    other = (time[None, :, None] >= usual[:, None]).sum(2)
    best, moved = (float(cost.gather(1, path[:, None]).sum()) for path in (segments["test"], other))
    return {
        "dataset": name,
        "pooling": pooling,
        "seed": seed,
        "accuracy": round(float(classifier.card["metrics"]["test_accuracy"]), 4),
        "neighbours_cosine": np.round((unit[1:] * unit[:-1]).sum(1).tolist(), 3).tolist(),
        "boundary_sd_percent": np.round(
            (100 * ends["test"].std(0) / cost.shape[2]).tolist(), 1
        ).tolist(),
        "usual_path_costs_percent_more": round(100 * (moved / best - 1), 2),
    }


def main() -> None:
    """Print a line for each network."""
    parser = argparse.ArgumentParser(description="How sure DTP's boundaries are.")
    parser.add_argument("--datasets", nargs="+", default=["BME", "Fungi"])
    parser.add_argument("--pooling", nargs="+", default=["avg", "max"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=500)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in given.datasets:
        for pooling in given.pooling:
            print(json.dumps(measure(name, pooling, given.seed, given.epochs)), flush=True)


if __name__ == "__main__":
    main()
