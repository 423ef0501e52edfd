"""Speed of soft-DTW against tslearn and pysdtw, and of a DTP training step against a GTP step.

    python benchmarks/soft_dtw.py            soft-DTW, forward and backward
    python benchmarks/soft_dtw.py --step     training steps of dtp-fcn and gtp-fcn
    python benchmarks/soft_dtw.py --json out.json

    python benchmarks/soft_dtw.py --threads 1   one thread for everybody

One process, CPU, float32. The contenders take turns, so that a busy moment of the machine falls
on all of them, and medians are compared; a training step is compared with the step just before.
A turn is a burst whose first 50 ms do not count: the threads of a parallel loop go on spinning
for a while after it, and would be paid for by whoever comes next.

The peers take two series. Theirs are x (B, L, K) and y (B, T, K), whose squared Euclidean
distances form a cost of shape (B, L, T): `soft_dtw_loss` does the same, with the gradient to both
series ("loss").
"graph" leaves the distance out on all sides: the cost is a given tensor, and autograd brings the
gradient to it. "sum" is torch's own sum of what is given: what autograd takes for itself.
"recursion" leaves autograd out too and calls what does the work on all sides: the
value and its gradient with respect to the cost, from an array. The peers' recursion has one move
more (down), which is one of three terms in their soft minimum.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import speed
import torch

from tscviz import build_model
from tscviz.kernels import soft_dtw, soft_dtw_loss
from tscviz.types import Array

SHAPES = ((64, 4, 512), (16, 4, 150))
STEP_LENGTHS = (150, 512)
STEP_BATCH = 16
SPINNING = 0.05
Run = Callable[[], None]


def bursts(runs: dict[str, Run], repeats: int, counted: int = 10) -> dict[str, list[float]]:
    """Return the seconds of `repeats` runs of each contender, in turns of `counted`."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    while len(next(iter(seconds.values()))) < repeats:
        for name, run in runs.items():
            quiet = time.perf_counter() + SPINNING
            while time.perf_counter() < quiet:
                run()
            for _ in range(counted):
                start = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - start)
    return seconds


def interleaved(runs: dict[str, Run], repeats: int, warm: int = 5) -> dict[str, list[float]]:
    """Return the seconds of each run of each contender, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(-warm, repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn >= 0:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def losses_of_series() -> dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]]:
    """Each contender's loss of two series, as its own package offers it."""
    import pysdtw
    from tslearn.metrics import SoftDTWLossPyTorch

    return {
        "tscviz": lambda x, y: soft_dtw_loss(x, y, 1.0),
        "tslearn": SoftDTWLossPyTorch(gamma=1.0),
        "pysdtw": pysdtw.SoftDTW(gamma=1.0, use_cuda=False),
        "sum": lambda x, y: x.sum((1, 2)) + y.sum((1, 2)),
    }


def losses_of_cost(cost: torch.Tensor) -> dict[str, Callable[[], torch.Tensor]]:
    """Each contender's recursion on a given cost (B, L, T)."""
    import pysdtw
    from tslearn.metrics import SoftDTWLossPyTorch

    tslearn = SoftDTWLossPyTorch(gamma=1.0, dist_func=lambda x, y: cost)  # noqa: ARG005
    peer = pysdtw.SoftDTW(gamma=1.0, use_cuda=False, dist_func=lambda x, y: cost)  # noqa: ARG005
    x, y = torch.zeros(*cost.shape[:2], 1), torch.zeros(cost.shape[0], cost.shape[2], 1)
    return {
        "tscviz": lambda: soft_dtw(cost, 1.0)[0],
        "tslearn": lambda: tslearn(x, y),
        "pysdtw": lambda: peer(x, y),
        "sum": lambda: cost.sum((1, 2)),
    }


def recursions(cost: Array) -> dict[str, Run]:
    """Each contender's forward and backward recursion on an array (B, L, T)."""
    from pysdtw import sdtw_cpu
    from tslearn.metrics import soft_dtw_loss_pytorch as peer

    B, L, T = cost.shape
    everywhere = np.ones((L, T), np.bool_)
    lengths = np.tile(np.array([L, T]), (B, 1))

    def tslearn() -> None:
        R = peer._njit_soft_dtw_batch(cost, 1.0, everywhere)
        peer._njit_soft_dtw_grad_batch(cost, R, 1.0)

    def pysdtw() -> None:
        R = sdtw_cpu.compute_softdtw(cost, lengths, 1.0, 0.0)
        sdtw_cpu.compute_softdtw_backward(cost, R, lengths, 1.0, 0.0)

    def tscviz() -> None:
        soft_dtw(cost, 1.0)

    return {"tscviz": tscviz, "tslearn": tslearn, "pysdtw": pysdtw}


def forward_backward(loss: Callable[[], torch.Tensor], leaves: tuple[torch.Tensor, ...]) -> Run:
    """Return one timed unit: value, mean over the batch, gradient to the leaves."""

    def run() -> None:
        for leaf in leaves:
            leaf.grad = None
        loss().mean().backward()

    return run


def compare(runs: dict[str, Run], repeats: int, **what: Any) -> dict[str, Any]:
    """Time the contenders; ratios are peer over tscviz."""
    medians = {name: statistics.median(s) for name, s in bursts(runs, repeats).items()}
    return {
        **what,
        "milliseconds": {name: 1e3 * value for name, value in medians.items()},
        "times_faster_than": {
            name: medians[name] / medians["tscviz"] for name in ("tslearn", "pysdtw")
        },
    }


def soft_dtw_rows(repeats: int) -> list[dict[str, Any]]:
    """Measure every shape: series of 1 and 8 features, a given cost, and without autograd."""
    rows = []
    for B, L, T in SHAPES:
        shape = f"({B}, {L}, {T})"
        for features in (1, 8):
            torch.manual_seed(0)
            x = torch.randn(B, L, features, requires_grad=True)
            y = torch.randn(B, T, features, requires_grad=True)
            runs = {
                name: forward_backward(lambda loss=loss, x=x, y=y: loss(x, y), (x, y))
                for name, loss in losses_of_series().items()
            }
            rows.append(compare(runs, repeats, shape=shape, part="loss", features=features))
        cost = torch.rand(B, L, T, requires_grad=True)
        runs = {
            name: forward_backward(loss, (cost,)) for name, loss in losses_of_cost(cost).items()
        }
        rows.append(compare(runs, repeats, shape=shape, part="graph", features=None))
        runs = recursions(cost.detach().numpy())
        rows.append(compare(runs, repeats, shape=shape, part="recursion", features=None))
    return rows


def training_step(name: str, x: torch.Tensor, y: torch.Tensor) -> Run:
    """Return one optimiser step of the model as training makes it."""
    torch.manual_seed(0)
    module = build_model(name, n_channels=1, n_classes=2).train()
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-4)

    def run() -> None:
        optimiser.zero_grad(set_to_none=True)
        _, losses = module.losses(x, y)
        torch.stack(list(losses.values())).sum().backward()
        optimiser.step()

    return run


def step_rows(repeats: int) -> list[dict[str, Any]]:
    """Measure a DTP step against the GTP step taken just before it."""
    rows = []
    for length in STEP_LENGTHS:
        torch.manual_seed(1)
        x = torch.randn(STEP_BATCH, 1, length)
        y = torch.arange(STEP_BATCH) % 2
        runs = {name: training_step(name, x, y) for name in ("gtp-fcn", "dtp-fcn")}
        seconds = interleaved(runs, repeats)
        pairs = zip(seconds["dtp-fcn"], seconds["gtp-fcn"], strict=True)
        rows.append(
            {
                "part": "step",
                "batch": STEP_BATCH,
                "length": length,
                "milliseconds": {n: 1e3 * statistics.median(s) for n, s in seconds.items()},
                "dtp_over_gtp": statistics.median(dtp / gtp for dtp, gtp in pairs),
            }
        )
    return rows


def line(row: dict[str, Any]) -> str:
    """Write one result for people."""
    times = "  ".join(f"{name} {ms:.3f} ms" for name, ms in row["milliseconds"].items())
    if row["part"] == "step":
        head = f"step    B={row['batch']} T={row['length']}"
        return f"{head:34} {times}   dtp/gtp {row['dtp_over_gtp']:.3f}"
    features = "" if row["features"] is None else f"K={row['features']}"
    ratios = ", ".join(f"{r:.1f}x {name}" for name, r in row["times_faster_than"].items())
    return f"{row['part']:9} {row['shape']:15} {features:10} {times}   {ratios}"


def main() -> None:
    parser = speed.parser(__doc__)
    parser.add_argument("--step", action="store_true", help="training steps instead of kernels")
    parser.add_argument("--repeats", type=int, help="turns (200 for kernels, 30 for steps)")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
        numba.set_num_threads(options.threads)
    if options.step:
        rows = step_rows(options.repeats or 30)
    else:
        rows = soft_dtw_rows(options.repeats or 200)
    print(speed.machine(), file=sys.stderr)
    for row in rows:
        print(line(row))
    speed.save(options.json, rows)


if __name__ == "__main__":
    main()
