"""The optimiser: torch's own numbers, without the imports of torch's compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from tscviz.training.adam import Adam


def trained(
    kind: type[torch.optim.Adam], decay: float, *, reload: bool
) -> tuple[list[torch.Tensor], dict[str, object]]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(2, 8, 3), nn.BatchNorm1d(8), nn.Conv1d(8, 3, 5))
    optimiser = kind(net.parameters(), lr=1e-2, weight_decay=decay)
    for step in range(20):
        if reload and step == 7:
            kept, optimiser = optimiser.state_dict(), kind(net.parameters())
            optimiser.load_state_dict(kept)
        optimiser.param_groups[0]["lr"] = 1e-2 / (1 + step)
        optimiser.zero_grad(set_to_none=True)
        net(torch.randn(4, 2, 30)).square().mean().backward()
        optimiser.step()
    return [p.detach() for p in net.parameters()], optimiser.state_dict()


@pytest.mark.parametrize("decay", [0.0, 1e-2])
@pytest.mark.parametrize("reload", [False, True])
def test_it_takes_the_very_steps_of_torch(decay: float, reload: bool) -> None:
    ours, our_state = trained(Adam, decay, reload=reload)
    peers, their_state = trained(torch.optim.Adam, decay, reload=False)
    assert all(torch.equal(a, b) for a, b in zip(ours, peers, strict=True))
    assert our_state["param_groups"] == their_state["param_groups"]


def test_a_step_needs_no_gradient_of_its_own_and_hooks_are_called() -> None:
    weight = nn.Parameter(torch.ones(3))
    optimiser, calls = Adam([weight], lr=0.1), []
    optimiser.register_step_post_hook(lambda *_: calls.append(1))
    (weight * 2).sum().backward()
    optimiser.step()
    assert weight.grad_fn is None
    assert torch.allclose(weight, torch.full((3,), 0.9))
    assert calls == [1]


PROCESS = """
import sys, tscviz
tscviz.train("ItalyPowerDemand", "gtp-fcn", preset="quick", epochs=1)
print("torch" in sys.modules, "torch._dynamo" in sys.modules)
"""


def test_a_training_process_never_imports_torchs_compiler() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROCESS], capture_output=True, text=True, check=False, timeout=170
    )
    assert ended.stdout.split() == ["True", "False"], ended.stderr
