"""Speed of occlusion maps against `captum.attr.Occlusion`, which gives the same numbers.

    python benchmarks/occlusion.py
    python benchmarks/occlusion.py --threads 1 --json out.json

One process, CPU, float32, untrained networks, a series of one channel; a window of a tenth of
the series, moved by one point and filled with the mean. Captum runs as it does by default, one
window in a forward pass, and with 64 of them (`perturbations_per_eval`). The contenders take
turns, so that a busy moment of the machine falls on all of them, and medians are compared. The
largest difference between the maps is printed beside.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("MPLBACKEND", "Agg")  # captum imports matplotlib

import numpy as np
import speed
import torch
from captum.attr import Occlusion

import tscviz
from tscviz.explain.windows import default_window
from tscviz.models import Classifier
from tscviz.types import Array

MODELS = ("dtp-fcn", "convtimenet", "dsn", "lstm-fcn", "alstm-fcn")
LENGTHS = (150, 512)
BATCHED = 64
Run = Callable[[], Array]


def contenders(classifier: Classifier, x: Array) -> dict[str, Run]:
    """Return one map of the case from each contender."""
    tensor = torch.from_numpy(x)[None]
    peer = Occlusion(lambda batch: classifier.module(batch).softmax(1))
    window, mean = default_window(x.shape[1]), float(x.mean())

    def captum(per_eval: int) -> Array:
        with torch.no_grad():
            found = peer.attribute(
                tensor,
                sliding_window_shapes=(1, window),
                baselines=mean,
                target=0,
                perturbations_per_eval=per_eval,
            )
        return found[0].numpy()

    return {
        "tscviz": lambda: tscviz.explain(classifier, x, "occlusion", target=0).values,
        "captum": lambda: captum(1),
        f"captum {BATCHED}": lambda: captum(BATCHED),
    }


def measure(model: str, length: int, repeats: int) -> dict[str, Any]:
    """Time the contenders in turns; ratios are peer over tscviz."""
    torch.manual_seed(0)
    module = tscviz.build_model(model, n_channels=1, n_classes=2, length=length)
    classifier = Classifier(module, ("a", "b"), {"name": model, "model": model})
    x = np.random.default_rng(0).standard_normal((1, length)).astype(np.float32)
    runs = contenders(classifier, x)
    maps = {name: run() for name, run in runs.items()}  # also warms up
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        "model": model,
        "length": length,
        "window": default_window(length),
        "milliseconds": {name: 1e3 * value for name, value in medians.items()},
        "times_faster_than": {n: medians[n] / medians["tscviz"] for n in runs if n != "tscviz"},
        "largest_difference": float(np.abs(maps["tscviz"] - maps["captum"]).max()),
    }


def line(row: dict[str, Any]) -> str:
    """Write one result for people."""
    times = "  ".join(f"{name} {ms:.0f} ms" for name, ms in row["milliseconds"].items())
    ratios = ", ".join(f"{r:.1f}x {name}" for name, r in row["times_faster_than"].items())
    head = f"{row['model']} T={row['length']}"
    return f"{head:18} {times}   {ratios}   difference {row['largest_difference']:.0e}"


def main() -> None:
    parser = speed.parser(__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="turns")
    parser.add_argument("--models", nargs="+", default=MODELS)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    print(speed.machine(), file=sys.stderr)
    rows = []
    for model in options.models:
        for length in LENGTHS:
            rows.append(measure(model, length, options.repeats))
            print(line(rows[-1]), flush=True)
    speed.save(options.json, rows)


if __name__ == "__main__":
    main()
