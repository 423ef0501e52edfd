"""The sparse convolution against its definition and torch's own, its plan, and the choice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.oracles_sparse import slow_gradients, slow_sparse_conv1d
from tscviz.kernels import KernelError, SparsePlan, sparse, sparse_conv1d

# B, C, K, k, T, padding: a chunk of 16 cases and parts of one, shifts beyond the kernel's reach,
# kernels of one tap, one output point, and series in several tiles (last two).
SHAPES = [
    (1, 1, 1, 1, 1, (0, 0)),
    (1, 3, 4, 5, 9, (0, 0)),
    (16, 3, 4, 5, 9, (2, 2)),
    (17, 2, 5, 4, 12, (0, 3)),
    (33, 2, 3, 3, 6, (1, 0)),
    (3, 2, 3, 3, 6, (7, 5)),
    (2, 3, 4, 6, 6, (0, 0)),
    (2, 3, 4, 1, 5, (0, 0)),
    (16, 2, 2, 3, 300, (1, 1)),
    (1, 2, 2, 3, 4500, (0, 2)),
]


def case(shape: tuple[Any, ...], dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    n_cases, c_in, c_out, kernel, length, _ = shape
    x = torch.randn(n_cases, c_in, length, dtype=dtype, requires_grad=True)
    weight = torch.randn(c_out, c_in, kernel, dtype=dtype, requires_grad=True)
    return x, weight, torch.rand(weight.shape) < 0.4


def dsn_layer(c_in: int = 47, init: str = "random") -> tuple[Tensor, Tensor]:
    """A layer of DSN at S = 0.8: 141 kernels of 39 taps in groups of reach 13, 26 and 39."""
    torch.manual_seed(1)
    mask = torch.zeros(141, c_in, 39, dtype=torch.bool)
    for i in range(3):
        region = torch.zeros(13 * (i + 1), 47, c_in, dtype=torch.bool)
        n = int(0.2 * region.numel())
        chosen = torch.arange(n) if init == "sequential" else torch.randperm(region.numel())[:n]
        region.view(-1)[chosen] = True
        mask[47 * i : 47 * (i + 1), :, : 13 * (i + 1)] = region.permute(1, 2, 0)
    return torch.randn(mask.shape, requires_grad=True), mask


def assert_close(found: Tensor | None, wanted: Any, tolerance: float) -> None:
    """Compare within `tolerance` of the largest number wanted."""
    assert found is not None
    wanted = torch.as_tensor(wanted).detach()
    assert found.shape == wanted.shape
    scale = float(wanted.abs().max()) if wanted.numel() else 0.0
    torch.testing.assert_close(found.double(), wanted.double(), rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("shape", SHAPES[:8], ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-14)])
def test_equals_the_definition(
    jit: str, shape: tuple[Any, ...], dtype: torch.dtype, tolerance: float
) -> None:
    check_against_definition(shape, dtype, tolerance)


@pytest.mark.parametrize("shape", SHAPES[8:], ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-14)])
def test_long_series_in_tiles_equal_the_definition(
    shape: tuple[Any, ...], dtype: torch.dtype, tolerance: float
) -> None:
    check_against_definition(shape, dtype, tolerance)


def check_against_definition(shape: tuple[Any, ...], dtype: torch.dtype, tolerance: float) -> None:
    x, weight, mask = case(shape, dtype)
    y = sparse_conv1d(x, weight, mask, shape[5], use_sparse=True)
    arrays = x.detach().numpy(), weight.detach().numpy(), mask.numpy()
    assert y.dtype == dtype
    assert y.is_contiguous()
    assert_close(y, slow_sparse_conv1d(*arrays, shape[5]), tolerance)
    g = torch.randn_like(y)
    y.backward(g)
    to_x, to_weight = slow_gradients(*arrays, shape[5], g.numpy())
    assert_close(x.grad, to_x, tolerance)
    assert_close(weight.grad, to_weight, tolerance)
    assert weight.grad is not None
    assert not weight.grad[~mask].any()


@pytest.mark.parametrize("init", ["random", "sequential"])
@pytest.mark.parametrize("n_cases", [1, 16])
def test_layers_of_dsn_equal_the_masked_dense_convolution(init: str, n_cases: int) -> None:
    weight, mask = dsn_layer(init=init)
    assert int(mask.sum()) == 5743 + 11486 + 17230
    x = torch.randn(n_cases, 47, 150 + 38, requires_grad=True)
    y = sparse_conv1d(x, weight, mask, use_sparse=True)
    g = torch.randn_like(y)
    found = (y, *torch.autograd.grad(y, (x, weight), g))
    x64, weight64 = (t.detach().double().requires_grad_() for t in (x, weight))
    y64 = F.conv1d(x64, weight64 * mask)
    wanted = (y64, *torch.autograd.grad(y64, (x64, weight64), g.double()))
    for a, b in zip(found, wanted, strict=True):
        assert_close(a, b, 2e-6)
        assert float(((a.double() - b).norm() / b.norm()).detach()) < 1e-6


@pytest.mark.parametrize("padding", [(0, 0), (2, 1), (0, 6)])
def test_gradcheck(jit: str, padding: tuple[int, int]) -> None:
    x, weight, mask = case((3, 2, 3, 4, 6, None), torch.float64)
    assert torch.autograd.gradcheck(
        lambda x, w: sparse_conv1d(x, w, mask, padding, use_sparse=True), [x, weight]
    )


def test_each_gradient_is_made_only_where_it_is_wanted() -> None:
    x, weight, mask = case(SHAPES[2], torch.float32)
    y = sparse_conv1d(x, weight, mask, use_sparse=True)
    both = torch.autograd.grad(y.sum(), (x, weight))
    for leaf, rest, wanted in ((x, weight.detach(), both[0]), (weight, x.detach(), both[1])):
        arguments = (leaf, rest) if leaf is x else (rest, leaf)
        y = sparse_conv1d(*arguments, mask, use_sparse=True)
        (found,) = torch.autograd.grad(y.sum(), leaf)
        assert torch.equal(found, wanted)


def test_empty_masks_rows_and_batches() -> None:
    x, weight, mask = case((5, 2, 4, 3, 8, None), torch.float32)
    mask[1] = False
    y = sparse_conv1d(x, weight, mask, use_sparse=True)
    assert not y[:, 1].any()
    assert_close(y, F.conv1d(x, weight * mask), 2e-6)
    y = sparse_conv1d(x, weight, torch.zeros_like(mask), use_sparse=True)
    assert y.shape == (5, 4, 6)
    assert not y.any()
    for gradient in torch.autograd.grad(y.sum(), (x, weight)):
        assert not gradient.any()
    nobody = x.detach()[:0].requires_grad_()
    y = sparse_conv1d(nobody, weight, mask, use_sparse=True)
    assert y.shape == (0, 4, 6)
    to_x, to_weight = torch.autograd.grad(y.sum(), (nobody, weight))
    assert to_x.shape == nobody.shape
    assert not to_weight.any()


def test_tensors_in_any_order_of_memory_are_read() -> None:
    x, weight, mask = case((4, 3, 3, 3, 20, None), torch.float32)
    wanted = sparse_conv1d(x, weight, mask, use_sparse=True)
    turned = x.detach().mT.contiguous().mT
    other = weight.detach().permute(2, 1, 0).contiguous().permute(2, 1, 0)
    assert not turned.is_contiguous()
    assert torch.equal(sparse_conv1d(turned, other, mask, use_sparse=True), wanted)


def test_weights_off_the_mask_have_no_effect() -> None:
    x, weight, mask = case(SHAPES[2], torch.float32)
    wanted = sparse_conv1d(x, weight, mask, use_sparse=True)
    other = torch.where(mask, weight, torch.full_like(weight, 1e6))
    for use_sparse in (True, False):
        assert_close(sparse_conv1d(x, other, mask, use_sparse=use_sparse), wanted.detach(), 2e-6)


def test_threads_share_the_work_and_change_nothing() -> None:
    weight, mask = dsn_layer()
    x = torch.randn(20, 47, 188, requires_grad=True)

    def run() -> tuple[Tensor, ...]:
        y = sparse_conv1d(x, weight, mask, use_sparse=True)
        return (y, *torch.autograd.grad(y.square().sum(), (x, weight)))

    alone = run()
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        for a, b in zip(run(), alone, strict=True):
            assert torch.equal(a, b)
    finally:
        torch.set_num_threads(before)


def test_eight_threads_at_once_get_what_one_gets() -> None:
    weight, mask = dsn_layer()
    plan = SparsePlan(mask)
    xs = [torch.randn(16, 47, 60) for _ in range(8)]
    wanted = [sparse_conv1d(x, weight, mask, use_sparse=True) for x in xs]
    start = threading.Barrier(8)
    before = torch.get_num_threads()

    def work(i: int) -> None:
        start.wait()
        for _ in range(3):
            leaf = xs[i].clone().requires_grad_()
            y = sparse_conv1d(leaf, weight, mask, plan=plan, use_sparse=True)
            assert torch.equal(y, wanted[i])
            (grad,) = torch.autograd.grad(y.sum(), leaf)
            assert_close(grad, F.conv_transpose1d(torch.ones_like(y), weight * mask), 1e-5)

    torch.set_num_threads(2)
    try:
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(work, i) for i in range(8)]:
                done.result()
    finally:
        torch.set_num_threads(before)


def test_a_plan_says_what_it_is_of_and_when_it_is_out_of_date() -> None:
    x, weight, mask = case(SHAPES[1], torch.float32)
    plan = SparsePlan(mask)
    assert plan.shape == tuple(mask.shape)
    assert plan.n_active == int(mask.sum())
    assert plan.density == pytest.approx(float(mask.float().mean()))
    assert plan.describes(mask)
    assert not plan.describes(mask.clone())
    y = sparse_conv1d(x, weight, mask, plan=plan, use_sparse=True)
    assert torch.equal(y, sparse_conv1d(x, weight, mask, use_sparse=True))
    mask[0] = ~mask[0]
    assert not plan.describes(mask)
    with pytest.raises(KernelError, match="make it anew"):
        sparse_conv1d(x, weight, mask, plan=plan)


def test_a_mask_that_moves_before_the_backward_pass_does_not_change_it() -> None:
    x, weight, mask = case(SHAPES[2], torch.float32)
    wanted = torch.autograd.grad(F.conv1d(x, weight * mask).square().sum(), (x, weight))
    y = sparse_conv1d(x, weight, mask, use_sparse=True)
    mask.copy_(~mask)
    for a, b in zip(torch.autograd.grad(y.square().sum(), (x, weight)), wanted, strict=True):
        assert_close(a, b, 2e-6)


def test_ranges_of_output_channels_are_equal_work() -> None:
    _, mask = dsn_layer()
    starts, order, *_ = SparsePlan(mask).by_output
    assert sorted(order) == list(range(141))
    work = np.diff(starts)[order]
    for n_ranges in (2, 4, 8):
        parts = [part.sum() for part in np.array_split(work, n_ranges)]
        assert max(parts) < 1.1 * np.mean(parts)


def test_the_loops_are_chosen_where_they_were_measured_to_win() -> None:
    def chosen(mask: Tensor, n_cases: int, length: int) -> bool:
        return sparse.is_faster(SparsePlan(mask), n_cases, length)

    _, layer = dsn_layer()
    _, first = dsn_layer(c_in=1)
    for n_cases, length in ((16, 150), (16, 512), (1, 150), (1, 512), (64, 24)):
        assert chosen(layer, n_cases, length)
    for n_cases, length in ((16, 150), (1, 150)):
        assert not chosen(torch.rand(layer.shape) < 0.9, n_cases, length)
    assert not chosen(first, 1, 24)
    assert not chosen(torch.ones(1, 1, 1, dtype=torch.bool), 1, 1)


def test_what_is_chosen_is_what_runs() -> None:
    weight, mask = dsn_layer()
    x = torch.randn(1, 47, 188)
    for density, name in ((0.13, "_SparseConvBackward"), (1.1, "ConvolutionBackward0")):
        active = mask if density < 1 else torch.ones_like(mask)
        y = sparse_conv1d(x, weight, active)
        assert y.grad_fn is not None
        assert y.grad_fn.name() == name
        assert_close(y, F.conv1d(x, weight * active).detach(), 1e-5)


def test_devices_without_loops_take_the_dense_way(device: str) -> None:
    x, weight, mask = (t.to(device) for t in case(SHAPES[3], torch.float32))
    y = sparse_conv1d(x, weight, mask, (0, 3))
    assert y.device.type == device
    assert_close(y.cpu(), F.conv1d(F.pad(x, (0, 3)), weight * mask).detach().cpu(), 1e-5)


@pytest.mark.parametrize(
    ("x", "weight", "mask", "options", "message"),
    [
        ((2, 5), (3, 2, 3), (3, 2, 3), {}, r"x has shape \(2, 5\)"),
        ((1, 2, 5), (3, 2, 3), (3, 2, 4), {}, r"mask \(3, 2, 4\)"),
        ((1, 4, 5), (3, 2, 3), (3, 2, 3), {}, "x has 4 channels, but weight is for 2"),
        ((1, 2, 2), (3, 2, 3), (3, 2, 3), {}, "is shorter than the 3 taps"),
        ((1, 2, 5), (3, 2, 3), (3, 2, 3), {"padding": (-1, 0)}, r"padding is \(-1, 0\)"),
    ],
)
def test_wrong_shapes(
    x: tuple[int, ...],
    weight: tuple[int, ...],
    mask: tuple[int, ...],
    options: dict[str, Any],
    message: str,
) -> None:
    active = torch.ones(mask, dtype=torch.bool)
    with pytest.raises(KernelError, match=message):
        sparse_conv1d(torch.zeros(x), torch.zeros(weight), active, **options)


def test_wrong_dtypes() -> None:
    x, weight, mask = case(SHAPES[1], torch.float32)
    with pytest.raises(KernelError, match=r"use_sparse=True, but x is torch\.float16"):
        sparse_conv1d(x.half(), weight.half(), mask, use_sparse=True)
    wide = torch.zeros(1, 1, 2**15)
    with pytest.raises(KernelError, match="more than 32767 along an axis"):
        sparse_conv1d(wide, wide, torch.zeros_like(wide, dtype=torch.bool), use_sparse=True)
    with pytest.raises(KernelError, match="must be a bool tensor"):
        sparse_conv1d(x, weight, mask.float())
    with pytest.raises(KernelError, match=r"torch.bool \(3,\)"):
        SparsePlan(torch.ones(3, dtype=torch.bool))
