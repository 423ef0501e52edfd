"""DSN in training: how the masks move, what stays exact, and what is recorded."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from tests.models.dsn_tools import Run, make, masks_of, same
from tscviz.models.base import StepProgress
from tscviz.models.sparse_record import read_masks


def test_the_death_rate_is_equation_4() -> None:
    module = make()
    rates = [module.death_rate(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    wanted = [0.5, 0.25 * (1 + math.sqrt(0.5)), 0.25, 0.25 * (1 - math.sqrt(0.5)), 0.0]
    assert rates == pytest.approx(wanted)


def test_the_authors_death_rate_ends_early_at_a_thousandth() -> None:
    module = make(explore_until=0.8, death_end=0.001)
    assert module.death_rate(0.0) == pytest.approx(0.5)
    assert module.death_rate(0.4) == pytest.approx(0.2505)
    assert module.death_rate(0.8) == module.death_rate(0.99) == 0.001


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"growth": "gradient"},
        {"regrow_pruned": True, "explore_until": 0.8, "death_end": 0.001},
        {"groups": 1},
        {"init": "random", "padding": "zero_same"},
    ],
)
def test_counts_are_exact_after_every_step(options: dict[str, Any]) -> None:
    run = Run(make(2, update_every=2, **options), decay=0.1)
    before = masks_of(run.module)
    moved = []
    for epoch in range(1, 13):
        run.epoch(epoch)
        moved.append(not same(before, masks_of(run.module)))
        before = masks_of(run.module)
    assert moved == [epoch % 2 == 1 and epoch > 1 for epoch in range(1, 13)]


def test_it_moves_on_the_first_step_of_an_epoch_only() -> None:
    module = make(update_every=5).train()
    optimiser = torch.optim.Adam(module.parameters())
    moves = []
    for epoch in range(1, 22):
        for step in range(1, 4):
            before = masks_of(module)
            module.after_step(StepProgress(epoch, 21, step, 3, optimiser))
            if not same(before, masks_of(module)):
                moves.append((epoch, step))
    assert moves == [(6, 1), (11, 1), (16, 1), (21, 1)]


@pytest.mark.parametrize("options", [{"topology": "fixed"}, {"sparsity": 0.0}])
def test_fixed_and_dense_networks_never_move(options: dict[str, Any]) -> None:
    run = Run(make(update_every=1, **options), epochs=4)
    before = masks_of(run.module)
    for epoch in range(1, 5):
        run.epoch(epoch)
    assert same(before, masks_of(run.module))
    assert run.module.record == {}


def test_moments_of_weights_that_left_or_came_are_cleared() -> None:
    run = Run(make(update_every=2), steps=3)
    run.epoch(1)
    run.epoch(2)
    before = masks_of(run.module)
    run.steps = 1  # the move is on this step: nothing has refilled the moments since
    run.epoch(3)
    for layer, old in zip(run.module.sparse_layers(), before, strict=True):
        state = run.optimiser.state[layer.weight]
        changed, stayed = old ^ layer.mask, old & layer.mask
        assert changed.any()
        for name in ("exp_avg", "exp_avg_sq"):
            assert (state[name][changed] == 0).all()
            assert (state[name][~old & ~layer.mask] == 0).all()
            assert (state[name][stayed] != 0).any()


def test_growth_by_gradient_uses_the_gradient_of_the_step_of_the_move() -> None:
    module = make(update_every=1, growth="gradient", death_rate=0.2, init="random")
    run = Run(module, epochs=4, steps=1)
    run.epoch(1)
    before = masks_of(module)
    with torch.no_grad():
        weights = [layer.weight.clone().requires_grad_() for layer in module.sparse_layers()]
    # The same step on a twin whose weights are all active.
    twin = make(update_every=1, growth="gradient", init="random").train()
    twin.load_state_dict(module.state_dict())
    for layer, weight in zip(twin.sparse_layers(), weights, strict=True):
        layer.mask.fill_(True)
        layer.weight = nn.Parameter(weight.detach())
    x = torch.randn(6, 1, 25, generator=torch.Generator().manual_seed(201))
    twin.losses(x, torch.arange(6) % 3)[1]["class"].backward()
    run.epoch(2)
    for layer, other, old in zip(module.sparse_layers(), twin.sparse_layers(), before, strict=True):
        assert other.weight.grad is not None
        size = other.weight.grad.abs()
        for group in layer.groups:
            rows, taps = slice(group.start, group.stop), slice(group.reach)
            grown = (layer.mask & ~old)[rows, :, taps]
            free = ~old[rows, :, taps] & ~grown
            assert grown.any()
            assert size[rows, :, taps][grown].min() >= size[rows, :, taps][free].max() - 1e-7


@pytest.mark.parametrize("growth", ["random", "gradient"])
def test_a_resumed_run_equals_an_uninterrupted_one(growth: str) -> None:
    whole, first = (Run(make(update_every=2, growth=growth)) for _ in range(2))
    torch.manual_seed(5)
    for epoch in range(1, 13):
        whole.epoch(epoch)

    torch.manual_seed(5)
    for epoch in range(1, 7):
        first.epoch(epoch)
    random = torch.get_rng_state()
    stored = {k: v.clone() for k, v in first.module.state_dict().items()}
    record = {k: v.clone() for k, v in first.module.record.items()}
    second = Run(make(update_every=2, growth=growth))
    second.module.load_state_dict(stored)
    second.optimiser.load_state_dict(first.optimiser.state_dict())
    second.module.record = record
    torch.set_rng_state(random)
    for epoch in range(7, 13):
        second.epoch(epoch)

    found = second.module.state_dict()
    for name, value in whole.module.state_dict().items():
        assert torch.equal(value, found[name]), name
    assert whole.module.record.keys() == second.module.record.keys()
    for name, value in whole.module.record.items():
        assert torch.equal(value, second.module.record[name]), name


def test_the_record_of_a_run_ends_with_its_masks() -> None:
    run = Run(make(2, update_every=2))
    start = masks_of(run.module)
    for epoch in range(1, 13):
        run.epoch(epoch)
    history = read_masks(run.module.record, run.module)
    assert history.update_epochs.tolist() == [2, 4, 6, 8, 10]
    for found, wanted in ((history.masks(0), start), (history.masks(-1), masks_of(run.module))):
        assert same([torch.from_numpy(m) for m in found], wanted)


def test_a_new_run_starts_a_new_record() -> None:
    run = Run(make(update_every=2), epochs=4)
    for epoch in range(1, 5):
        run.epoch(epoch)
    assert len(run.module.record["update_epochs"]) == 1
    run.module.begin_training([])
    assert len(run.module.record["update_epochs"]) == 0
