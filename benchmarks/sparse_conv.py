"""Speed and memory of DSN with sparse convolutions against masked dense ones.

    python benchmarks/sparse_conv.py                 forward passes and training steps
    python benchmarks/sparse_conv.py --memory        peak memory instead
    python benchmarks/sparse_conv.py --threads 1 --masks random --json out.json
    python benchmarks/sparse_conv.py --masks trained [--trained dsn/ArrowHead]

One process, CPU, float32, the model `dsn` at S = 0.8 with its defaults for one channel and two
classes; its masks are those of a sequential or random start, or, with the weights, those that a
trained model has ended with. Three contenders with the same weights: "sparse" is the model as it
comes, which chooses by itself where to use the compiled loops; "masked" multiplies every kernel by
its mask and convolves densely (oneDNN), as the paper's authors do; "dense" saves itself even the
product with the mask, the weights off the mask being zero (forward only). A training step is
losses, gradients, Adam and the hook that masks the weights again.

The contenders take turns, so that a busy moment of the machine falls on all of them. A turn is a
burst whose first 50 ms do not count: the threads of a parallel loop go on spinning for a while
after it, and would be paid for by whoever comes next. Ratios are of medians, and beside them of
least times; "cpu" is the ratio of the processor time of all threads, which hardly depends on what
else the machine does.

Memory: a fresh process for each contender builds the model, runs once over two short series,
resets the peak of its resident memory (Linux) and reports by how much five runs at full size raise
it over what was resident before. Freed blocks go back to the system at once there, so that the
figure is of memory in use and repeats within a few per cent.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import speed
import torch
from torch import Tensor
from torch.nn import functional as F

from tscviz import build_model, load_model
from tscviz.models.base import SeriesModule, StepProgress
from tscviz.models.sparse import SparseConv1d

BATCHES = (16, 1)
LENGTHS = (150, 512)
STARTS = ("sequential", "random")
SPINNING = 0.05
MIB = 2**20
# Blocks that are freed go back to the system at once (glibc): the peak is then of what is in use.
AT_ONCE = {
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "MALLOC_ARENA_MAX": "1",
}
Run = Callable[[], None]


def without_mask(layer: SparseConv1d) -> Callable[..., Tensor]:
    """Return the layer's forward pass with its weights as they are."""

    def forward(x: Tensor, _mask: Tensor | None = None) -> Tensor:
        left, right = layer.padding
        if layer.replicate:
            return F.conv1d(F.pad(x, (left, right), mode="replicate"), layer.weight)
        return F.conv1d(F.pad(x, (left, right)), layer.weight)

    return forward


def make(name: str, masks: str) -> SeriesModule:
    """Build a contender; all have the same weights."""
    torch.manual_seed(0)
    if masks in STARTS:
        module = build_model("dsn", n_channels=1, n_classes=2, init=masks)
    else:
        module = trained(masks)
    for layer in module.modules():
        if isinstance(layer, SparseConv1d):
            layer.use_sparse = None if name == "sparse" else False
            if name == "dense":
                layer.forward = without_mask(layer)
    return module


def trained(name: str) -> SeriesModule:
    """Return a stored network of its own, with the masks and weights that training led to."""
    module = load_model(name).module
    if "sparse" not in module.offers:
        sys.exit(f"{name} has no sparse layers; give a dsn, such as dsn/GunPoint.")
    return module.requires_grad_(True)


def forward_pass(name: str, masks: str, x: Tensor) -> Run:
    """Return one forward pass in evaluation."""
    module = make(name, masks).eval()

    def run() -> None:
        with torch.no_grad():
            module(x)

    return run


def training_step(name: str, masks: str, x: Tensor) -> Run:
    """Return one optimiser step as training makes it."""
    module = make(name, masks).train()
    y = torch.arange(len(x)) % 2
    optimiser = torch.optim.Adam(module.parameters(), lr=3e-4)
    progress = StepProgress(epoch=1, epochs=2, step=1, steps=1, optimiser=optimiser)

    def run() -> None:
        optimiser.zero_grad(set_to_none=True)
        _, losses = module.losses(x, y)
        torch.stack(list(losses.values())).sum().backward()
        optimiser.step()
        module.after_step(progress)

    return run


WORK = {"forward": forward_pass, "step": training_step}


def series(batch: int, length: int) -> Tensor:
    """Return standard normal series, the same ones each time."""
    torch.manual_seed(1)
    return torch.randn(batch, 1, length)


def bursts(
    runs: dict[str, Run], turns: int, counted: int = 5
) -> dict[str, list[tuple[float, float]]]:
    """Return wall and processor seconds of each run of each contender, in turns of `counted`."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(turns):
        for name, run in runs.items():
            quiet = time.perf_counter() + SPINNING
            while time.perf_counter() < quiet:
                run()
            for _ in range(counted):
                start = time.perf_counter(), time.process_time()
                run()
                end = time.perf_counter(), time.process_time()
                seconds[name].append((end[0] - start[0], end[1] - start[1]))
    return seconds


def time_row(part: str, batch: int, length: int, masks: str, turns: int) -> dict[str, Any]:
    """Time the contenders; ratios are the other over "sparse"."""
    names = ("sparse", "masked", "dense") if part == "forward" else ("sparse", "masked")
    x = series(batch, length)
    seconds = bursts({name: WORK[part](name, masks, x) for name in names}, turns)
    wall = {name: [w for w, _ in pairs] for name, pairs in seconds.items()}
    cpu = {name: [c for _, c in pairs] for name, pairs in seconds.items()}
    kinds = {
        "median": (wall, statistics.median),
        "least": (wall, min),
        "cpu": (cpu, statistics.median),
    }
    return {
        "part": part,
        "batch": batch,
        "length": length,
        "milliseconds": {name: 1e3 * statistics.median(wall[name]) for name in names},
        "times_faster": {
            name: {k: of(spent[name]) / of(spent["sparse"]) for k, (spent, of) in kinds.items()}
            for name in names[1:]
        },
    }


def status(field: str) -> int:
    """Return a field of this process's memory, in bytes (Linux)."""
    for row in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if row.startswith(f"{field}:"):
            return int(row.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}; peak memory is measured on Linux only.")


def peak(part: str, name: str, batch: int, length: int, masks: str) -> int:
    """Return by how many bytes five runs raise the resident memory of this process."""
    WORK[part](name, masks, series(min(batch, 2), 40))()
    run = WORK[part](name, masks, series(batch, length))
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    for _ in range(5):
        run()
    return status("VmHWM") - before


def memory_row(part: str, batch: int, length: int, masks: str) -> dict[str, Any]:
    """Measure each contender in a process of its own."""
    found = {}
    for name in ("sparse", "masked"):
        arguments = ["--child", part, name, str(batch), str(length)]
        arguments += (
            ["--masks", masks] if masks in STARTS else ["--masks=trained", "--trained", masks]
        )
        arguments += ["--threads", str(torch.get_num_threads())]
        command = [sys.executable, __file__, *arguments]
        environment = {**os.environ, **AT_ONCE}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        found[name] = int(done.stdout) / MIB
    return {"part": part, "batch": batch, "length": length, "mebibytes": found}


def line(row: dict[str, Any]) -> str:
    """Write one result for people."""
    head = f"{row['part']:8} B={row['batch']:<3} T={row['length']:<4}"
    if "mebibytes" in row:
        return head + "  ".join(f"{name} {m:8.1f} MiB" for name, m in row["mebibytes"].items())
    times = "  ".join(f"{name} {ms:8.3f} ms" for name, ms in row["milliseconds"].items())
    ratios = ";  ".join(
        f"{name} / sparse: " + ", ".join(f"{kind} {r:.2f}" for kind, r in of.items())
        for name, of in row["times_faster"].items()
    )
    return f"{head} {times}   {ratios}"


def parse() -> argparse.Namespace:
    parser = speed.parser(__doc__)
    parser.add_argument("--memory", action="store_true", help="peak memory instead of time")
    parser.add_argument("--masks", choices=(*STARTS, "trained"), default="sequential")
    parser.add_argument("--trained", default="dsn/GunPoint", help="whose masks; name or folder")
    parser.add_argument("--turns", type=int, default=12, help="turns of five runs")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    options = parse()
    if options.threads:
        torch.set_num_threads(options.threads)
    masks = options.trained if options.masks == "trained" else options.masks
    if options.child:
        part, name, batch, length = options.child
        print(peak(part, name, int(batch), int(length), masks))
        return
    print(speed.machine(), f"masks: {masks}", file=sys.stderr)
    rows = []
    for part in WORK:
        for batch in BATCHES:
            for length in LENGTHS:
                if options.memory:
                    rows.append(memory_row(part, batch, length, masks))
                else:
                    rows.append(time_row(part, batch, length, masks, options.turns))
                print(line(rows[-1]), flush=True)
    speed.save(options.json, rows, masks=masks)


if __name__ == "__main__":
    main()
