"""DSN: its forward pass, padding, dynamic sparse training, and what resuming restores."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.oracles_dsn import adaptive_average, dsn_logits
from tscviz.explain import explain
from tscviz.models import Classifier, build_model, describe_model, model_names
from tscviz.models.base import StepProgress
from tscviz.models.dsn import DSN
from tscviz.models.sparse_record import read_masks
from tscviz.types import TscvizError

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


def test_it_is_registered_and_says_what_it_offers() -> None:
    assert "dsn" in model_names()
    assert make().offers == {"cam", "sparse"}


def test_layers_are_the_papers_by_default() -> None:
    module = build_model("dsn", n_channels=1, n_classes=2)
    assert isinstance(module, DSN)
    shapes = [tuple(layer.weight.shape) for layer in module.sparse_layers()]
    assert shapes == [(141, 1, 39)] + 3 * [(141, 47, 39)]
    assert [layer.padding for layer in module.sparse_layers()] == 4 * [(0, 38)]
    pointwise = [m for m in module.blocks.modules() if isinstance(m, nn.Conv1d)]
    assert [(m.in_channels, m.out_channels, m.bias) for m in pointwise] == 3 * [(141, 47, None)]
    assert module.notes() == {"active_weights": [[122, 244, 366]] + 3 * [[5743, 11486, 17230]]}


def test_several_channels_pass_a_bottleneck_first() -> None:
    module = build_model("dsn", n_channels=6, n_classes=4, channels=177, sparsity=0.9)
    assert isinstance(module, DSN)
    shapes = [tuple(layer.weight.shape) for layer in module.sparse_layers()]
    assert shapes == 4 * [(177, 59, 39)]


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("padding", ["replicate_right", "zero_same"])
@pytest.mark.parametrize("length", [3, 21])
def test_logits_equal_a_plain_computation(n_channels: int, padding: str, length: int) -> None:
    module = used(make(n_channels, padding=padding, init="random"))
    state = {k: v.numpy() for k, v in module.state_dict().items()}
    x = torch.randn(3, n_channels, length)
    with torch.no_grad():
        found = module(x).numpy()
    for i in range(3):
        wanted = dsn_logits(x[i].numpy(), state, 3, 7, replicate=padding == "replicate_right")
        np.testing.assert_allclose(found[i], wanted, rtol=1e-4, atol=1e-5)


def test_the_oracles_pooling_is_torchs() -> None:
    for length in (1, 5, 7, 20):
        h = torch.randn(1, 3, length)
        wanted = F.adaptive_avg_pool1d(h, 7)[0].numpy()
        np.testing.assert_allclose(adaptive_average(h[0].numpy(), 7), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("padding", ["replicate_right", "zero_same"])
@pytest.mark.parametrize("filler", [7.0, math.nan])
def test_padding_never_changes_a_prediction(n_channels: int, padding: str, filler: float) -> None:
    module = used(make(n_channels, padding=padding))
    cases = [torch.randn(n_channels, n) for n in (31, 2, 24)]
    x, mask = torch.full((3, n_channels, 40), filler), torch.zeros(3, 40, dtype=torch.bool)
    for i, case in enumerate(cases):
        x[i, :, : case.shape[1]], mask[i, : case.shape[1]] = case, True
    with torch.no_grad():
        together, h = module(x, mask), module.features(x, mask)
        for i, case in enumerate(cases):
            torch.testing.assert_close(together[i], module(case[None])[0], rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(
                h[i, :, : case.shape[1]], module.features(case[None])[0], rtol=1e-5, atol=1e-6
            )
    assert (h.transpose(1, 2)[~mask] == 0).all()


def test_padding_changes_no_training_step_either() -> None:
    x, y = torch.randn(4, 2, 20), torch.tensor([0, 1, 2, 0])
    padded = torch.cat([x, torch.full((4, 2, 9), 5.0)], 2)
    mask = torch.arange(29).expand(4, -1) < 20
    plain, masked = make(2).train(), make(2).train()
    for module, series, m in ((plain, x, None), (masked, padded, mask)):
        _, losses = module.losses(series, y, m)
        losses["class"].backward()
    for (name, a), b in zip(plain.named_parameters(), masked.parameters(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-4, atol=1e-6, msg=name)
    for a, b in zip(plain.buffers(), masked.buffers(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mask_to", [None, 17])
def test_cam_sums_to_the_logit_less_the_normalisations_shift(mask_to: int | None) -> None:
    module = used(make(2))
    with torch.no_grad():
        module.head_norm.bias.copy_(torch.tensor([0.3, -0.2, 0.7]))
        assert module.head_norm.running_mean is not None
        module.head_norm.running_mean.copy_(torch.tensor([0.1, 0.2, 0.4]))
    classifier = Classifier(module, ("a", "b", "c"), {"model": "dsn"})
    x = np.random.default_rng(0).standard_normal((2, 23)).astype(np.float32)
    mask = None if mask_to is None else np.arange(23) < mask_to
    norm = module.head_norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    for target in range(3):
        found = explain(classifier, x, "cam", target=target, mask=mask)
        scale = norm.weight[target] / torch.sqrt(norm.running_var[target] + norm.eps)
        shift = (norm.bias[target] - norm.running_mean[target] * scale).item()
        assert found.details["bias"] == pytest.approx(shift, abs=1e-6)
        assert found.details["completeness_gap"] == pytest.approx(0, abs=1e-5)
        if mask_to is not None:
            assert (found.values[:, mask_to:] == 0).all()


def test_non_zeros_are_what_the_cost_counts() -> None:
    module = make(2)
    counted = sum(int((p != 0).sum()) for p in module.parameters())
    zero_biases = 3 * 12 + 3  # of the normalisations, before training
    cost = describe_model("dsn", n_channels=2, n_classes=3, length=30, **SMALL)
    assert cost.parameters == counted + zero_biases


def test_multiply_accumulates_are_those_of_the_convolutions() -> None:
    module, length, macs = make(2), 30, 0
    for m in module.modules():
        if isinstance(m, nn.Conv1d):
            macs += m.weight.numel() * (7 if m is module.head else length)
    macs += sum(int(layer.mask.sum()) for layer in module.sparse_layers()) * length
    cost = module.own_cost(length)
    assert cost.macs == macs


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


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"sparsity": 1.0}, "it must be at most 0.999"),
        ({"groups": 13}, "13 kernel groups for 12 channels"),
        ({"padding": "reflect"}, "replicate_right, zero_same"),
        ({"explore_until": 0.0}, "greater than 0.0"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], text: str) -> None:
    with pytest.raises(TscvizError, match=text):
        make(**options)


def test_a_shared_batch_has_the_logits_of_one_thread(two_threads: None) -> None:
    torch.manual_seed(3)
    net = build_model("dsn", n_channels=2, n_classes=3, channels=12, kernel=9).eval()
    x = torch.randn(21, 2, 40)
    mask = torch.arange(40) < torch.randint(20, 41, (21, 1))
    for m in (None, mask):
        with torch.enable_grad():
            whole = net(x, m).detach()
        with torch.no_grad():
            torch.testing.assert_close(net(x, m), whole, rtol=1e-5, atol=1e-6)
        with torch.inference_mode():
            torch.testing.assert_close(net(x, m), whole, rtol=1e-5, atol=1e-6)


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
