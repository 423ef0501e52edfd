"""The dynamic sparse layer: groups, exact counts, first masks, convolution, moves."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.oracles_dsn import convolve
from tscviz.models import ModelError
from tscviz.models.sparse import KernelGroup, SparseConv1d, active_weights, kernel_groups

PADDINGS = ("replicate_right", "zero_same")


def make(c_in: int = 2, c_out: int = 6, kernel: int = 7, **options: Any) -> SparseConv1d:
    torch.manual_seed(0)
    return SparseConv1d(c_in, c_out, kernel, **options)


def active_by_group(layer: SparseConv1d) -> list[int]:
    return [int(layer.mask[g.start : g.stop, :, : g.reach].sum()) for g in layer.groups]


def outside(layer: SparseConv1d) -> int:
    """Active weights beyond the reach of their group."""
    return sum(int(layer.mask[g.start : g.stop, :, g.reach :].sum()) for g in layer.groups)


def fresh_weights(layer: SparseConv1d) -> Tensor:
    """Give all active weights values other than zero."""
    with torch.no_grad():
        layer.weight.copy_((torch.rand(layer.weight.shape) + 0.1) * layer.mask)
    return layer.weight.detach().clone()


def test_groups_of_the_papers_layer() -> None:
    assert kernel_groups(141, 39, 3) == (
        KernelGroup(0, 47, 13),
        KernelGroup(47, 94, 26),
        KernelGroup(94, 141, 39),
    )
    assert kernel_groups(141, 39, 1) == (KernelGroup(0, 141, 39),)
    sizes = [(g.stop - g.start, g.reach) for g in kernel_groups(141, 39, 2)]
    assert sizes == [(70, 19), (71, 39)]


@pytest.mark.parametrize(
    ("c_in", "sparsity", "wanted"),
    [
        (1, 0.8, (122, 244, 366)),
        (47, 0.8, (5743, 11486, 17230)),
        (47, 0.5, (14358, 28717, 43075)),
        (1, 0.97, (18, 36, 54)),
    ],
)
def test_active_weights_of_the_papers_layers(
    c_in: int, sparsity: float, wanted: tuple[int, ...]
) -> None:
    assert active_weights(kernel_groups(141, 39, 3), c_in, sparsity) == wanted


def test_binary_fractions_lose_no_weight() -> None:
    assert active_weights((KernelGroup(0, 1, 5),), 1, 0.8) == (1,)
    assert active_weights((KernelGroup(0, 3, 10),), 1, 0.9) == (3,)


def test_sequential_start_fills_tap_after_tap() -> None:
    layer = make(1, 141, 39, init="sequential")
    per_tap = layer.mask.sum((0, 1))
    # Group 1: 122 = 47 + 47 + 28; group 2: 244 = 5 * 47 + 9; group 3: 366 = 7 * 47 + 37.
    assert per_tap[:9].tolist() == [141, 141, 28 + 94, 94, 94, 9 + 47, 47, 37, 0]
    assert layer.mask[:28, 0, 2].all()
    assert not layer.mask[28:47, 0, 2].any()


def test_random_start_is_exact_inside_the_regions_and_follows_the_seed() -> None:
    layer = make(4, 9, 12, init="random", sparsity=0.7)
    assert active_by_group(layer) == list(layer.active)
    assert outside(layer) == 0
    assert torch.equal(layer.mask, make(4, 9, 12, init="random", sparsity=0.7).mask)
    torch.manual_seed(1)
    other = SparseConv1d(4, 9, 12, init="random", sparsity=0.7)
    assert not torch.equal(layer.mask, other.mask)
    assert layer.mask[6:, :, 8:].any()  # the last group uses its whole reach


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.8])
def test_weights_are_zero_exactly_where_nothing_is_active(sparsity: float) -> None:
    layer = make(3, 9, 12, sparsity=sparsity)
    assert int((layer.weight != 0).sum()) == sum(layer.active) == int(layer.mask.sum())
    if sparsity == 0:
        assert layer.mask.all()
        assert layer.groups == (KernelGroup(0, 9, 12),)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kernel", [6, 7])
@pytest.mark.parametrize("length", [1, 4, 20])
@pytest.mark.parametrize("use_sparse", [True, False])
def test_convolution_equals_one_product_at_a_time(
    padding: str, kernel: int, length: int, use_sparse: bool
) -> None:
    layer = make(2, 6, kernel, padding=padding, init="random", sparsity=0.6)
    layer.use_sparse = use_sparse
    x = torch.randn(3, 2, length)
    found = layer(x).detach().numpy()
    weight, mask = layer.weight.detach().numpy(), layer.mask.numpy()
    for i in range(3):
        wanted = convolve(x[i].numpy(), weight, mask, replicate=padding == "replicate_right")
        np.testing.assert_allclose(found[i], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("padding", PADDINGS)
def test_padded_cases_read_what_they_read_alone(padding: str) -> None:
    layer = make(2, 6, 7, padding=padding, init="random", sparsity=0.5)
    cases = [torch.randn(2, n) for n in (12, 1, 5)]
    x, mask = torch.full((3, 2, 15), torch.nan), torch.zeros(3, 15, dtype=torch.bool)
    for i, case in enumerate(cases):
        x[i, :, : case.shape[1]], mask[i, : case.shape[1]] = case, True
    if padding == "zero_same":  # the network hands over finite padding
        x = torch.nan_to_num(x, nan=9.0)
    together = layer(x, mask)
    for i, case in enumerate(cases):
        alone = layer(case[None])[0]
        torch.testing.assert_close(together[i, :, : case.shape[1]], alone)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("use_sparse", [True, False])
def test_gradients_equal_the_masked_dense_ones(padding: str, use_sparse: bool) -> None:
    layer = make(2, 6, 7, padding=padding, init="random", sparsity=0.5).double()
    layer.use_sparse = use_sparse
    x = torch.randn(2, 2, 9, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(2, 6, 9, dtype=torch.float64)
    (layer(x) * upstream).sum().backward()
    assert layer.weight.grad is not None
    assert x.grad is not None
    assert (layer.weight.grad[~layer.mask] == 0).all()

    twin = x.detach().requires_grad_()
    weight = layer.weight.detach().requires_grad_()
    extended = F.pad(twin, layer.padding, "replicate" if padding != "zero_same" else "constant")
    (F.conv1d(extended, weight * layer.mask) * upstream).sum().backward()
    assert weight.grad is not None
    assert twin.grad is not None
    torch.testing.assert_close(layer.weight.grad, weight.grad)
    torch.testing.assert_close(x.grad, twin.grad)


@pytest.mark.parametrize("padding", PADDINGS)
def test_dense_gradient_is_that_of_all_weights(padding: str) -> None:
    layer = make(2, 6, 7, padding=padding).double().train()
    layer.keeps_gradient = True
    x = torch.randn(3, 2, 9, dtype=torch.float64)
    layer(x).square().sum().backward()
    weight = layer.weight.detach().requires_grad_()  # inactive weights are zero: no mask needed
    extended = F.pad(x, layer.padding, "replicate" if padding != "zero_same" else "constant")
    F.conv1d(extended, weight).square().sum().backward()
    assert weight.grad is not None
    assert (weight.grad[~layer.mask] != 0).any()
    torch.testing.assert_close(layer.dense_gradient(), weight.grad)
    layer.forget_gradient()
    with pytest.raises(ModelError, match="needs a backward pass"):
        layer.dense_gradient()


def test_only_training_with_gradients_keeps_anything() -> None:
    layer = make()
    layer.keeps_gradient = True
    layer.eval()(torch.randn(1, 2, 9)).sum().backward()
    with torch.no_grad():
        layer.train()(torch.randn(1, 2, 9))
    with pytest.raises(ModelError, match="needs a backward pass"):
        layer.dense_gradient()


@pytest.mark.parametrize("rate", [0.001, 0.3, 0.5, 1.0])
def test_a_move_prunes_the_weakest_and_grows_elsewhere(rate: float) -> None:
    layer = make(5, 9, 12, init="random", sparsity=0.8)
    weight = fresh_weights(layer)
    before = layer.explore(rate)
    assert active_by_group(layer) == list(layer.active)
    assert outside(layer) == 0
    gone, come = before & ~layer.mask, layer.mask & ~before
    for group, active in zip(layer.groups, layer.active, strict=True):
        rows = slice(group.start, group.stop)
        n = int(np.ceil(rate * active))
        assert int(gone[rows].sum()) == int(come[rows].sum()) == n
        kept = before[rows] & layer.mask[rows]
        if kept.any():
            assert weight[rows][gone[rows]].max() <= weight[rows][kept].min()
    assert (layer.weight[come] == 0).all()
    assert (layer.weight[gone] == 0).all()
    assert torch.equal(layer.weight[before & layer.mask], weight[before & layer.mask])


def test_equal_weights_are_pruned_by_count_not_by_threshold() -> None:
    layer = make(5, 9, 12, sparsity=0.8)
    with torch.no_grad():
        layer.weight.copy_(layer.mask.float())
    before = layer.explore(0.5)
    assert int((before & ~layer.mask).sum()) == sum(int(np.ceil(n / 2)) for n in layer.active)


def test_a_rate_of_zero_moves_nothing() -> None:
    layer = make()
    assert torch.equal(layer.explore(0.0), layer.mask)


def test_no_more_are_pruned_than_can_be_grown() -> None:
    layer = make(5, 9, 12, groups=1, sparsity=0.1)
    free = int((~layer.mask).sum())
    before = layer.explore(0.5)
    assert int((before & ~layer.mask).sum()) == free == 54
    assert layer.mask[~before].all()


def test_a_dense_layer_has_nowhere_to_go() -> None:
    layer = make(sparsity=0.0)
    assert torch.equal(layer.explore(0.5), layer.mask)
    assert layer.mask.all()


def test_regrowth_may_bring_back_what_was_just_pruned_with_its_value() -> None:
    layer = make(5, 9, 12, groups=1, sparsity=0.1)
    weight = fresh_weights(layer)
    before = layer.explore(0.5, regrow=True)
    assert active_by_group(layer) == list(layer.active)
    # 243 of 486 are pruned, 54 places are free: most of those pruned come back as they were.
    pruned = torch.zeros_like(before)
    order = weight.flatten().masked_fill(~before.flatten(), torch.inf).argsort()
    pruned.view(-1)[order[:243]] = True
    returned = pruned & layer.mask
    assert int(returned.sum()) >= 243 - 54
    assert torch.equal(layer.weight[returned], weight[returned])
    assert (layer.weight[layer.mask & ~before] == 0).all()


def test_growth_by_gradient_takes_the_greatest_of_the_inactive() -> None:
    layer = make(5, 9, 12, init="random", sparsity=0.8)
    fresh_weights(layer)
    layer.keeps_gradient = True
    layer.train()(torch.randn(4, 5, 30)).square().sum().backward()
    size = layer.dense_gradient().abs()
    before = layer.explore(0.5, growth="gradient")
    assert active_by_group(layer) == list(layer.active)
    for group in layer.groups:
        rows, taps = slice(group.start, group.stop), slice(group.reach)
        grown = (layer.mask & ~before)[rows, :, taps]
        free = ~before[rows, :, taps] & ~grown
        assert size[rows, :, taps][grown].min() >= size[rows, :, taps][free].max()


def test_moves_follow_the_seed() -> None:
    masks = []
    for seed in (3, 3, 4):
        layer = make(5, 9, 12)
        torch.manual_seed(seed)
        layer.explore(0.5)
        masks.append(layer.mask)
    assert torch.equal(masks[0], masks[1])
    assert not torch.equal(masks[0], masks[2])


def test_a_move_or_loaded_weights_change_the_next_forward_pass() -> None:
    layer, other = make(5, 9, 12), make(5, 9, 12, init="random")
    layer.use_sparse = True
    x = torch.randn(2, 5, 20)
    layer(x)
    layer.explore(0.5)
    fresh_weights(layer)
    wanted = F.conv1d(F.pad(x, layer.padding, "replicate"), layer.weight * layer.mask)
    torch.testing.assert_close(layer(x), wanted, rtol=1e-5, atol=1e-5)
    layer.load_state_dict(other.state_dict())
    torch.testing.assert_close(layer(x), other(x), rtol=1e-5, atol=1e-5)


def test_a_mask_of_inference_mode_is_listed_anew_at_every_call() -> None:
    """torch does not count what is written to a tensor that was made in inference mode."""
    with torch.inference_mode():
        layer, other = make(5, 9, 12), make(5, 9, 12, init="random")
        layer.use_sparse, other.use_sparse = True, False
        x = torch.randn(2, 5, 20)
        layer(x)
        layer.load_state_dict(other.state_dict())
        torch.testing.assert_close(layer(x), other(x), rtol=1e-5, atol=1e-5)


def test_a_copy_goes_its_own_way() -> None:
    layer = make(5, 9, 12)
    layer.keeps_gradient = layer.use_sparse = True
    x = torch.randn(2, 5, 20)
    layer.train()(x * layer.weight.sum()).sum().backward()
    twin = copy.deepcopy(layer)
    for _ in range(3):
        twin.explore(0.5)
        fresh_weights(twin)
    wanted = F.conv1d(F.pad(x, twin.padding, "replicate"), twin.weight * twin.mask)
    torch.testing.assert_close(twin(x), wanted, rtol=1e-5, atol=1e-5)
    assert not torch.equal(twin.mask, layer.mask)
    assert layer.dense_gradient().shape == layer.weight.shape


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"groups": 8}, "8 kernel groups for 6 channels"),
        ({"kernel": 2}, "3 kernel groups for 6 channels and kernels of 2 taps"),
        ({"sparsity": 0.99}, "leaves a kernel group of 8 weights without any"),
    ],
)
def test_bad_layers_are_named(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ModelError, match=text):
        make(**options)
