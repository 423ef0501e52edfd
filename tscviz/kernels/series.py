"""Soft-DTW between two series, whose squared Euclidean distances are the cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tscviz.kernels import _series
from tscviz.kernels.checks import check_gamma, check_lengths, check_pair
from tscviz.kernels.dtw import TORCH_SHARES, Lengths, soft_dtw
from tscviz.kernels.errors import KernelError
from tscviz.kernels.threads import for_each_range
from tscviz.types import Array


def soft_dtw_loss(
    x: torch.Tensor, y: torch.Tensor, gamma: float, lengths: Lengths = None
) -> torch.Tensor:
    """Return soft-DTW between L prototypes and T time points, with squared Euclidean cost.

    The value of ``soft_dtw(cost, gamma)`` for ``cost[b, l, t] = |x[b, l] - y[b, t]|**2``, with
    the moves right and diagonal only (DTP paper, algorithm 1). On the CPU the distance, the
    recursion and both gradients are one compiled call.

    Parameters
    ----------
    x : float32 or float64 tensor, shape (B, L, K)
    y : tensor of the same dtype and device, shape (B, T, K)
    gamma : float
        Smoothing, in the unit of the cost; 0 gives the hard minimum.
    lengths : integers, shape (B,), optional
        Time points of each case of `y`; all T where left out.

    Returns
    -------
    tensor, shape (B,)
        Differentiable with respect to `x` and `y`, once.

    Raises
    ------
    KernelError
        Shapes or dtypes that do not belong together, numbers that are not finite, a negative
        `gamma`, or fewer time points than segments.
    """
    n_timepoints = check_lengths(lengths, check_pair(x, y))
    gamma = check_gamma(gamma)
    if not x.is_cpu or gamma == 0.0:
        y = y if lengths is None else _zero_behind(y, n_timepoints)
        return soft_dtw((x[:, :, None] - y[:, None]).square().sum(3), gamma, lengths)[0]
    if torch.is_grad_enabled() and (x.requires_grad or y.requires_grad):
        return _WithGradients.apply(x, y, gamma, n_timepoints)
    return torch.from_numpy(_run(x.detach().numpy(), y.detach().numpy(), gamma, n_timepoints)[0])


def _zero_behind(y: torch.Tensor, lengths: Array) -> torch.Tensor:
    """Return y (B, T, K), zero behind `lengths`: the gradient 0 of a distance to NaN is NaN."""
    ends = torch.as_tensor(lengths, device=y.device)[:, None]  # (B, 1)
    behind = torch.arange(y.shape[1], device=y.device) >= ends
    return y.masked_fill(behind[:, :, None], 0.0)


def _run(x: Array, y: Array, gamma: float, lengths: Array) -> tuple[Array, Array, Array]:
    """Return value (B,), the gradient to x (B, L, K) and to y (B, T, K)."""
    x, y = np.require(x, requirements=["C", "A", "W"]), np.require(y, requirements=["C", "A", "W"])
    value = np.empty(len(x), x.dtype)
    grad_x, grad_y = np.empty_like(x), np.empty_like(y)

    def work(start: int, stop: int) -> int:
        return _series.series_range(x, y, gamma, lengths, start, stop, value, grad_x, grad_y)

    cells = x.shape[1] * y.shape[1]
    case = for_each_range(work, len(x), cells)
    if case >= 0:
        raise _bad_pair(x[case], y[case, : int(lengths[case])], case)
    return value, grad_x, grad_y


def _bad_pair(x: Array, y: Array, case: int) -> KernelError:
    for name, series in (("x", x), ("y", y)):
        bad = np.argwhere(~np.isfinite(series))
        if len(bad):
            row, feature = bad[0]
            return KernelError(
                f"{name} is {series[row, feature]} in case {case}, point {row}, feature {feature}: "
                "every number must be finite."
            )
    return KernelError(
        f"the distances of case {case} add up to more than a float64 holds. Scale the series down."
    )


class _WithGradients(torch.autograd.Function):
    """Soft-DTW of two series as one node of a graph; its gradients are known already."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor, gamma: float, lengths: Array) -> Any:
        value, ctx.grad_x, ctx.grad_y = _run(x.numpy(), y.numpy(), gamma, lengths)
        return torch.from_numpy(value)

    @staticmethod
    def backward(ctx: Any, grad_value: torch.Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if torch.is_grad_enabled():
            raise KernelError("soft_dtw_loss can be differentiated once, not twice.")
        needs_x, needs_y = ctx.needs_input_grad[:2]
        return (
            _scaled(ctx.grad_x, grad_value) if needs_x else None,
            _scaled(ctx.grad_y, grad_value) if needs_y else None,
            None,
            None,
        )


def _scaled(grad: Array, scale: torch.Tensor) -> torch.Tensor:
    """Return grad (B, N, K) times scale (B,)."""
    if grad.size < TORCH_SHARES:
        return torch.from_numpy(grad) * scale[:, None, None]
    # By numpy: torch's threads would go on spinning and slow down the next call of ours.
    rows = grad.reshape(len(grad), -1) * scale.numpy()[:, None]
    return torch.from_numpy(rows.reshape(grad.shape))
