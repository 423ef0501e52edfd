"""Whether the seeds of one cell of a sweep train faster as one stacked network than one by one.

    python benchmarks/stacked_seeds.py [--threads 1] [--device cpu|cuda] [--json out.json]

One training step of S networks `gtp-fcn` (each with its own batch, weights and Adam) in three
ways: "one by one" is the package's network S times; "grouped" is one network whose convolutions
have S groups; "vmap" is `torch.func.vmap` over the stacked weights of the package's network. Before
anything is measured the stacked ways must give the losses and gradients of the first (1e-4 of the
largest). One process; the contenders take turns; ratios are of medians of wall time and, beside
them, of the processor time of all threads, which other programs hardly change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import speed
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn import functional as F

from tscviz import build_model
from tscviz.models.base import ConvBlock

LENGTHS, BATCHES, SEEDS = (24, 80, 150), (4, 16), (3, 5)
N_CLASSES = 2
REPEATS, WARM = 12, 3
Step = Callable[[], list[Tensor]]


class Grouped(nn.Module):
    """S fully convolutional networks as one, their channels side by side: (B, S, T) in."""

    def __init__(self, nets: list[nn.Module]) -> None:
        super().__init__()
        self.n = len(nets)
        every = [[m for m in net.modules() if isinstance(m, ConvBlock)] for net in nets]
        self.pads = [block.pad for block in every[0]]
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        for blocks in zip(*every, strict=True):
            first = blocks[0].conv
            sizes = (self.n * first.in_channels, self.n * first.out_channels)
            conv = nn.Conv1d(*sizes, first.kernel_size[0], groups=self.n)
            norm = nn.BatchNorm1d(sizes[1])
            with torch.no_grad():
                conv.weight.copy_(torch.cat([block.conv.weight for block in blocks]))
                conv.bias.copy_(torch.cat([block.conv.bias for block in blocks]))  # type: ignore[union-attr]
            self.convs.append(conv)
            self.norms.append(norm)
        heads = [net.get_submodule("fc") for net in nets]
        self.weight = nn.Parameter(torch.stack([head.weight.detach().T for head in heads]))  # type: ignore[union-attr]
        self.bias = nn.Parameter(torch.stack([head.bias.detach() for head in heads]))  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (S, B, n_classes)."""
        for pad, conv, norm in zip(self.pads, self.convs, self.norms, strict=True):
            x = F.relu(norm(conv(F.pad(x, pad))))
        pooled = x.amax(-1).unflatten(1, (self.n, -1)).transpose(0, 1)  # (S, B, K)
        return torch.baddbmm(self.bias.unsqueeze(1), pooled, self.weight)


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def one_by_one(nets: list[nn.Module], x: Tensor, y: Tensor) -> Step:
    """Return a step of each network after the other."""
    optimisers = [torch.optim.Adam(net.parameters(), lr=1e-4) for net in nets]

    def step() -> list[Tensor]:
        losses, gradients = [], []
        for i, (net, optimiser) in enumerate(zip(nets, optimisers, strict=True)):
            optimiser.zero_grad(set_to_none=True)
            loss = F.cross_entropy(net(x[i]), y[i])
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
            gradients.append(_gradient(net.get_parameter("fc.weight")))
        return [torch.stack(losses), torch.stack(gradients)]

    return step


def grouped(nets: list[nn.Module], x: Tensor, y: Tensor) -> Step:
    """Return a step of the grouped network; a sum over seeds keeps their gradients apart."""
    net = Grouped(nets).to(x.device)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-4)
    side_by_side = x[:, :, 0].transpose(0, 1).contiguous()  # (B, S, T)

    def step() -> list[Tensor]:
        optimiser.zero_grad(set_to_none=True)
        logits = net(side_by_side)
        losses = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
        losses = losses.unflatten(0, y.shape).mean(1)
        losses.sum().backward()
        optimiser.step()
        return [losses.detach(), _gradient(net.weight).transpose(1, 2)]

    return step


def mapped(nets: list[nn.Module], x: Tensor, y: Tensor) -> Step:
    """Return a step of `vmap` over the stacked weights and statistics."""
    parameters, buffers = stack_module_state(nets)
    optimiser = torch.optim.Adam(parameters.values(), lr=1e-4)

    def loss_of(own: Any, statistics: Any, series: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(nets[0], (own, statistics), (series,)), labels)

    every = vmap(grad_and_value(loss_of))

    def step() -> list[Tensor]:
        gradients, losses = every(parameters, buffers, x, y)
        for name, parameter in parameters.items():
            parameter.grad = gradients[name]
        optimiser.step()
        return [losses.detach(), gradients["fc.weight"]]

    return step


WAYS = {"one by one": one_by_one, "grouped": grouped, "vmap": mapped}


def measure(length: int, batch: int, seeds: int, device: str) -> dict[str, Any]:
    """Check that the ways agree, then time their steps in turns."""

    def networks() -> list[nn.Module]:
        torch.manual_seed(0)
        made = [build_model("gtp-fcn", n_channels=1, n_classes=N_CLASSES) for _ in range(seeds)]
        return [net.to(device).train() for net in made]

    torch.manual_seed(1)
    x = torch.randn(seeds, batch, 1, length, device=device)
    y = torch.randint(0, N_CLASSES, (seeds, batch), device=device)
    steps = {name: way(networks(), x, y) for name, way in WAYS.items()}
    first = {name: step() for name, step in steps.items()}
    for found in first.values():
        for ours, theirs in zip(found, first["one by one"], strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4 * float(theirs.abs().max()))
    clocks = (time.perf_counter, time.process_time)
    spent: dict[str, list[tuple[float, ...]]] = {name: [] for name in steps}
    for turn in range(-WARM, REPEATS):
        for name, step in steps.items():
            before = [clock() for clock in clocks]
            step()
            if device == "cuda":
                torch.cuda.synchronize()
            if turn >= 0:
                spent[name].append(tuple(c() - b for c, b in zip(clocks, before, strict=True)))
    wall, cpu = (
        {name: median(turn[i] for turn in turns) for name, turns in spent.items()} for i in (0, 1)
    )
    row: dict[str, Any] = {"length": length, "batch": batch, "seeds": seeds}
    row["one_by_one_ms"] = round(1000 * wall["one by one"], 2)
    for name in ("grouped", "vmap"):
        row[f"{name}_times_faster"] = round(wall["one by one"] / wall[name], 2)
        row[f"{name}_times_faster_cpu"] = round(cpu["one by one"] / cpu[name], 2)
    return row


def main() -> None:
    """Print a line for every length, batch size and number of seeds."""
    parser = speed.parser(__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    print(speed.machine() | {"device": arguments.device})
    rows = []
    for length in LENGTHS:
        for batch in BATCHES:
            for seeds in SEEDS:
                rows.append(measure(length, batch, seeds, arguments.device))
                print(rows[-1], flush=True)
    speed.save(arguments.json, rows, device=arguments.device)


if __name__ == "__main__":
    main()
