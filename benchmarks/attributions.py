"""Time of every attribution of one case, and of Captum's with its own defaults, in one run.

    python benchmarks/attributions.py
    python benchmarks/attributions.py --model dtp-fcn/GunPoint --threads 1 --json out.json

One process, CPU, float32, a bundled network and a case of 150 points. tscviz runs every method of
its registry that applies to the network, each with its defaults; Captum runs its class on the
network as it is, with its own defaults. These are not the same numbers: ours averages over more
references, takes steps until the map is complete, and so on (docs/attributions.md). Methods and
contenders take turns; medians are printed. Budget: all of ours in less than 2 s on two cores.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

os.environ.setdefault("MPLBACKEND", "Agg")  # captum imports matplotlib

import captum.attr as peers
import speed
import torch
from torch import Tensor

import tscviz
from tscviz.explain import methods
from tscviz.explain.gradient.grad_cam import hidden_layer
from tscviz.types import Array

BUDGET = 2.0
TARGET = 0
#: What the peers are told where Captum has no default.
REFERENCES = 16
Peer = Callable[[Any, Tensor, Tensor], Any]  # module, case, references


def _windows(x: Tensor) -> Tensor:
    """Return eight windows of the case: the features of the methods that hide segments."""
    return torch.arange(x.shape[2]).mul(8).div(x.shape[2], rounding_mode="floor")[None, None]


#: By our names; what has no entry has no twin in Captum.
TWINS: dict[str, Peer] = {
    "saliency": lambda m, x, _: peers.Saliency(m).attribute(x, target=TARGET),
    "input_x_gradient": lambda m, x, _: peers.InputXGradient(m).attribute(x, target=TARGET),
    "integrated_gradients": lambda m, x, _: peers.IntegratedGradients(m).attribute(
        x, target=TARGET
    ),
    "gradient_shap": lambda m, x, r: peers.GradientShap(m).attribute(x, r, target=TARGET),
    "deep_lift": lambda m, x, _: peers.DeepLift(m).attribute(x, target=TARGET),
    "deep_lift_shap": lambda m, x, r: peers.DeepLiftShap(m).attribute(x, r, target=TARGET),
    "guided_backprop": lambda m, x, _: peers.GuidedBackprop(m).attribute(x, target=TARGET),
    "smooth_grad": lambda m, x, _: peers.NoiseTunnel(peers.Saliency(m)).attribute(x, target=TARGET),
    "grad_cam": lambda m, x, _: peers.LayerGradCam(m, hidden_layer(m, x)[1]).attribute(
        x, target=TARGET
    ),
    "occlusion": lambda m, x, _: peers.Occlusion(m).attribute(
        x, sliding_window_shapes=(x.shape[1], x.shape[2] // 10), target=TARGET
    ),
    "feature_ablation": lambda m, x, _: peers.FeatureAblation(m).attribute(
        x, feature_mask=_windows(x), target=TARGET
    ),
    "shapley_sampling": lambda m, x, _: peers.ShapleyValueSampling(m).attribute(
        x, feature_mask=_windows(x), target=TARGET
    ),
    "kernel_shap": lambda m, x, _: peers.KernelShap(m).attribute(
        x, feature_mask=_windows(x), target=TARGET
    ),
    "lime": lambda m, x, _: peers.Lime(m).attribute(x, feature_mask=_windows(x), target=TARGET),
}


def contenders(classifier: Any, x: Array, training: Array) -> dict[str, dict[str, Any]]:
    """Return, for every method that applies, our map and Captum's as functions."""
    references = torch.from_numpy(training[:REFERENCES])
    case = torch.from_numpy(x)[None].requires_grad_()
    found: dict[str, dict[str, Any]] = {}
    for name, explainer in methods().items():
        if explainer.obstacle(classifier) is not None:
            continue
        found[name] = {
            "tscviz": lambda name=name: tscviz.explain(classifier, x, name, target=TARGET)
        }
        if name in TWINS:
            found[name]["captum"] = lambda name=name: TWINS[name](
                classifier.module, case, references
            )
    return found


def measure(model: str, number: int, repeats: int) -> list[dict[str, Any]]:
    """Time every method in turns; milliseconds are medians."""
    classifier = tscviz.load_model(model)
    dataset = tscviz.load_dataset(model.split("/")[1])
    runs = contenders(classifier, dataset.X_test[number], dataset.X_train)
    seconds = {(name, who): [] for name, both in runs.items() for who in both}
    for turn in range(repeats + 1):
        for name, both in runs.items():
            for who, run in both.items():
                start = time.perf_counter()
                run()
                if turn:  # the first one warms up
                    seconds[name, who].append(time.perf_counter() - start)
    return [
        {
            "method": name,
            "milliseconds": {who: 1e3 * statistics.median(seconds[name, who]) for who in both},
        }
        for name, both in runs.items()
    ]


def line(row: dict[str, Any]) -> str:
    """Write one method for people."""
    ms = row["milliseconds"]
    peer = f"{ms['captum']:8.0f} ms" if "captum" in ms else "       - "
    return f"{row['method']:22}{ms['tscviz']:8.0f} ms   captum {peer}"


def main() -> None:
    parser = speed.parser(__doc__)
    parser.add_argument("--model", default="dtp-fcn/GunPoint", help="a bundled model")
    parser.add_argument("--case", type=int, default=0, help="which test case")
    parser.add_argument("--repeats", type=int, default=5, help="turns")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    print(speed.machine(), file=sys.stderr)
    warnings.simplefilter("ignore")  # Captum announces its hooks
    rows = measure(options.model, options.case, options.repeats)
    for row in rows:
        print(line(row))
    total = sum(row["milliseconds"]["tscviz"] for row in rows) / 1e3
    print(f"all {len(rows)} methods of tscviz: {total:.2f} s (budget {BUDGET:.0f} s)")
    speed.save(options.json, rows, model=options.model)


if __name__ == "__main__":
    main()
