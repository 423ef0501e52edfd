"""Convolution with a kernel most of whose weights are zero: only the others are computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from tscviz.kernels import _sparse
from tscviz.kernels.errors import KernelError
from tscviz.kernels.sparse_plan import LARGEST, Lists, SparsePlan
from tscviz.kernels.threads import for_each_range
from tscviz.types import Array

# Multiplications that take as long as one cell of soft-DTW, in which threads.py counts.
PRODUCTS_PER_CELL = 128
# Bytes of a time point of a chunk: one vector register, or two.
LANE_BYTES = 64


def sparse_conv1d(
    x: Tensor,
    weight: Tensor,
    mask: Tensor,
    padding: tuple[int, int] = (0, 0),
    *,
    plan: SparsePlan | None = None,
    use_sparse: bool | None = None,
) -> Tensor:
    """Convolve with the active weights: ``F.conv1d(F.pad(x, padding), weight * mask)``.

    Parameters
    ----------
    x : Tensor, float32 or float64, shape (B, C, T)
    weight : Tensor, dtype of `x`, shape (K, C, k)
        What stands where `mask` is False has no effect and gets the gradient 0; it has to be
        finite, for the dense convolution multiplies it by 0.
    mask : bool Tensor, shape (K, C, k)
    padding : two ints
        Zeros in front of each series and behind it.
    plan : SparsePlan, optional
        Of this mask; None: made here, at every call.
    use_sparse : bool, optional
        True: the compiled loops; False: the masked dense convolution; None: what is faster, by
        device, shape and density.

    Returns
    -------
    Tensor, shape (B, K, T + left + right - k + 1)
        Differentiable with respect to `x` and `weight`; once, where the loops are used.

    Raises
    ------
    KernelError
        Wrong shapes or dtypes, a plan of another mask, or `use_sparse` where the loops cannot
        be used: off the CPU, for dtypes other than the two.
    """
    _check_shapes(x, weight, mask, padding)
    plan = SparsePlan(mask) if plan is None else plan
    if not plan.describes(mask):
        raise KernelError(
            "plan is of another mask, or of this one before it changed: make it anew."
        )
    reason = _obstacle(x, weight)
    if use_sparse and reason:
        raise KernelError(f"use_sparse=True, but {reason}; leave it at None or convert first.")
    if use_sparse is None:
        use_sparse = not reason and is_faster(
            plan, len(x), x.shape[2] + sum(padding) - mask.shape[2] + 1
        )
    if not use_sparse or len(x) == 0:
        return F.conv1d(F.pad(x, padding) if any(padding) else x, weight * mask)
    return _SparseConv.apply(x, weight, plan, padding)


def _check_shapes(x: Tensor, weight: Tensor, mask: Tensor, padding: tuple[int, int]) -> None:
    """Raise unless the tensors fit together and the series is as long as the kernel."""
    if x.ndim != 3 or weight.ndim != 3 or mask.shape != weight.shape:
        raise KernelError(
            f"x has shape {tuple(x.shape)}, weight {tuple(weight.shape)} and mask "
            f"{tuple(mask.shape)}; they must be (B, C, T), (K, C, k) and (K, C, k)."
        )
    if x.shape[1] != weight.shape[1]:
        raise KernelError(f"x has {x.shape[1]} channels, but weight is for {weight.shape[1]}.")
    if min(padding) < 0:
        raise KernelError(f"padding is {tuple(padding)}; it must be two numbers, 0 or larger.")
    if x.shape[2] + sum(padding) < weight.shape[2] or 0 in weight.shape:
        raise KernelError(
            f"a series of {x.shape[2]} points, padded by {tuple(padding)}, is shorter than the "
            f"{weight.shape[2]} taps of the kernel, or the kernel is empty: pad more."
        )


def _obstacle(x: Tensor, weight: Tensor) -> str | None:
    """Say why the compiled loops cannot be used, None where they can."""
    if x.device.type != "cpu" or weight.device.type != "cpu":
        return f"x lies on {x.device} and weight on {weight.device}"
    if x.dtype != weight.dtype or x.dtype not in (torch.float32, torch.float64):
        return f"x is {x.dtype} and weight {weight.dtype}"
    if max(weight.shape) > LARGEST:
        return f"weight has shape {tuple(weight.shape)}, more than {LARGEST} along an axis"
    return None


def is_faster(plan: SparsePlan, n_cases: int, n_points: int) -> bool:
    """Guess whether the compiled loops beat the masked dense convolution on the CPU.

    Parameters
    ----------
    plan : SparsePlan
    n_cases, n_points : int
        B, and time points of the output.
    """
    n_out = plan.shape[0]
    products = n_cases * n_points
    chunks = -(-n_cases // 16)
    passes = plan.n_active / _sparse.PASS + n_out / 2
    aligned = n_cases % 8 == 0
    # Nanoseconds, fitted to a processor with AVX-512; on others both sides lose alike.
    sparse = 25e3 + passes * (50 * chunks + (0.18 if aligned else 0.25) * products)
    sparse += 0.5 * n_out * products
    n_weights = plan.n_weights
    dense = 15e3 + n_weights * (1.0 + products / 50)
    return sparse < dense


def _pack(x: Tensor, left: int, right: int) -> Array:
    """Return x (B, C, T) with zeros around it in the order of `_sparse`, flat."""
    n_cases, n_channels, length = x.shape
    width = left + length + right
    # Memory of torch begins at a multiple of 64 bytes, that of numpy need not.
    packed = x.new_empty(n_cases * n_channels * width + _sparse.SLACK).numpy()
    packed[-_sparse.SLACK :] = 0
    series = x.detach().contiguous().numpy()
    lanes = LANE_BYTES // packed.itemsize

    def work(start: int, stop: int) -> int:
        return _sparse.pack_range(series, start, stop, left, lanes, packed)

    for_each_range(work, n_channels, n_cases * width // 8)
    return packed


def _convolve(
    packed: Array, weight: Array, lists: Lists, n_channels: int, shift: int, y: Tensor
) -> Tensor:
    """Fill y (B, R, T) from `packed`, read from its time point `shift` on."""
    lanes = LANE_BYTES // packed.itemsize
    out = y.numpy()
    n_cases, n_rows, length = out.shape
    step = _step(length, min(lanes, n_cases) * y.itemsize)
    layout = n_channels, lanes, step, shift
    n_items = -(-n_cases // lanes) * -(-length // step) * n_rows

    def work(start: int, stop: int) -> int:
        tile = y.new_empty(step * lanes + _sparse.SLACK).numpy()
        return _sparse.convolve_range(packed, weight, lists, layout, start, stop, tile, out)

    n_products = len(lists[4]) * length * n_cases
    for_each_range(work, n_items, n_products // (PRODUCTS_PER_CELL * max(n_items, 1)))
    return y


def _step(length: int, point_bytes: int) -> int:
    """Return the time points of a tile: as few tiles as fit the cache, equal parts of `length`."""
    n_parts = -(-length * point_bytes // _sparse.TILE)
    return -(-length // n_parts)


def _correlate(
    packed: Array, packed_g: Array, plan: SparsePlan, n_cases: int, length: int, shift: int
) -> Tensor:
    """Return the gradient to the weight, (K, C, k), zero where nothing is active."""
    lists = plan.by_output
    n_out, n_in, _ = plan.shape
    lanes = LANE_BYTES // packed.itemsize
    step = _step(length, min(lanes, n_cases) * packed.itemsize)
    layout = n_in, lanes, step, shift
    grad = np.zeros(plan.n_weights, packed.dtype)

    def work(start: int, stop: int) -> int:
        return _sparse.correlate_range(
            packed, packed_g, lists, (n_cases, length), layout, start, stop, grad
        )

    n_products = plan.n_active * length * n_cases
    for_each_range(work, n_out, n_products // (PRODUCTS_PER_CELL * n_out))
    return torch.from_numpy(grad).view(plan.shape)


class _SparseConv(torch.autograd.Function):
    """The convolution over the non-zeros, and both its gradients."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, plan: SparsePlan, padding: tuple[int, int]
    ) -> Tensor:
        n_cases, n_in, length = x.shape
        packed = _pack(x, *padding)
        flat = weight.detach().contiguous().view(-1)
        ctx.save_for_backward(flat)
        ctx.packed = packed if ctx.needs_input_grad[1] else None
        ctx.plan, ctx.padding, ctx.length = plan, padding, length
        n_points = length + sum(padding) - plan.shape[2] + 1
        y = x.new_empty(n_cases, plan.shape[0], n_points)
        return _convolve(packed, flat.numpy(), plan.by_output, n_in, 0, y)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor
    ) -> tuple[Tensor | None, Tensor | None, None, None]:
        (flat,) = ctx.saved_tensors
        n_out, n_in, n_taps = ctx.plan.shape
        n_cases, _, n_points = grad.shape
        left, right = (n_taps - 1 - n for n in ctx.padding)
        ahead = max(left, 0)
        packed_g = _pack(grad, ahead, max(right, 0))
        to_x = to_weight = None
        if ctx.needs_input_grad[0]:
            to_x = grad.new_empty(n_cases, n_in, ctx.length)
            lists = ctx.plan.by_input
            _convolve(packed_g, flat.numpy(), lists, n_out, ahead - left, to_x)
        if ctx.needs_input_grad[1]:
            to_weight = _correlate(ctx.packed, packed_g, ctx.plan, n_cases, n_points, ahead)
        return to_x, to_weight, None, None
