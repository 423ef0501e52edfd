"""Small DSNs, training steps and what must hold after each."""

from typing import Any

import torch
from torch import Tensor

from tscviz.models import build_model
from tscviz.models.base import StepProgress
from tscviz.models.dsn import DSN

SMALL = {"channels": 12, "kernel": 9, "layers": 3, "sparsity": 0.6, "pool": 7}


def make(n_channels: int = 1, n_classes: int = 3, **options: Any) -> DSN:
    torch.manual_seed(0)
    built = build_model("dsn", n_channels=n_channels, n_classes=n_classes, **SMALL | options)
    assert isinstance(built, DSN)
    return built


def used(module: DSN) -> DSN:
    """Give running statistics other than a new network's, and go to evaluation."""
    module.train()
    module(torch.randn(8, module.n_channels, 30) + 0.5)
    return module.eval()


class Run:
    """A training run in miniature."""

    def __init__(self, module: DSN, epochs: int = 12, steps: int = 3, decay: float = 0.0) -> None:
        self.module, self.epochs, self.steps = module, epochs, steps
        self.optimiser = torch.optim.Adam(module.parameters(), lr=1e-2, weight_decay=decay)
        module.begin_training([])

    def epoch(self, number: int) -> None:
        self.module.train()
        for step in range(1, self.steps + 1):
            noise = torch.Generator().manual_seed(100 * number + step)
            x = torch.randn(6, self.module.n_channels, 25, generator=noise)
            y = torch.arange(6) % self.module.n_classes
            _, losses = self.module.losses(x, y)
            self.optimiser.zero_grad()
            losses["class"].backward()
            self.optimiser.step()
            progress = StepProgress(number, self.epochs, step, self.steps, self.optimiser)
            self.module.after_step(progress)
            check_sparse(self.module)


def check_sparse(module: DSN) -> None:
    for layer in module.sparse_layers():
        assert int(layer.mask.sum()) == sum(layer.active)
        assert (layer.weight[~layer.mask] == 0).all()
        for group, active in zip(layer.groups, layer.active, strict=True):
            assert int(layer.mask[group.start : group.stop, :, : group.reach].sum()) == active


def masks_of(module: DSN) -> list[Tensor]:
    return [layer.mask.clone() for layer in module.sparse_layers()]


def same(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
