"""Soft-DTW and hard alignment of L segments to T time points (DTP paper, algorithm 1)."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from tscviz.kernels import _dtw, torch_dtw
from tscviz.kernels.checks import bad_cost, check_cost, check_gamma, check_lengths
from tscviz.kernels.threads import for_each_range
from tscviz.types import Array

# From this many elements on torch shares an element-wise operation among its threads.
TORCH_SHARES = 32768

Lengths = torch.Tensor | Array | list[int] | tuple[int, ...] | None


@overload
def soft_dtw(cost: Array, gamma: float, lengths: Lengths = None) -> tuple[Array, Array]: ...
@overload
def soft_dtw(
    cost: torch.Tensor, gamma: float, lengths: Lengths = None
) -> tuple[torch.Tensor, torch.Tensor]: ...
def soft_dtw(
    cost: torch.Tensor | Array, gamma: float, lengths: Lengths = None
) -> tuple[torch.Tensor, torch.Tensor] | tuple[Array, Array]:
    """Align T time points with L segments softly.

    The recursion of the DTP paper, algorithm 1, with the moves right and diagonal only::

        R[l, t] = cost[l, t] + softmin(R[l - 1, t - 1], R[l, t - 1])
        softmin(a, b) = -gamma * log(exp(-a / gamma) + exp(-b / gamma))    (equation 2)

    over paths from (1, 1) to (L, T). Cells no path reaches stay infinite.

    Parameters
    ----------
    cost : torch.Tensor or numpy array, float32 or float64, shape (B, L, T)
        Cost of putting a time point into a segment, any finite numbers. Beyond `lengths` it may
        hold anything.
    gamma : float
        Smoothing, in the unit of `cost`; 0 gives the hard minimum, and `align`'s path as the
        soft alignment.
    lengths : integers, shape (B,), optional
        Time points of each case; all T where left out.

    Returns
    -------
    value : same type and dtype as `cost`, shape (B,)
        Soft-DTW, ``R[L, T]``. For a tensor it is differentiable with respect to `cost`, once.
    soft_alignment : same type and dtype as `cost`, shape (B, L, T)
        The gradient of `value`: the share of a time point in a segment. Columns sum to one, and
        are zero beyond `lengths`. It carries no gradient itself.

    Raises
    ------
    KernelError
        Wrong type, shape or dtype, a negative `gamma`, a cost that is not finite, or fewer time
        points than segments.
    """
    n_timepoints = check_lengths(lengths, check_cost(cost))
    gamma = check_gamma(gamma)
    if isinstance(cost, np.ndarray):
        return _soft_dtw_arrays(cost, gamma, n_timepoints)
    found = _soft_dtw_tensors(cost.detach(), gamma, n_timepoints)
    if cost.requires_grad and torch.is_grad_enabled():
        return _WithGradient.apply(cost, found), found[1]
    return found


@overload
def align(cost: Array, lengths: Lengths = None) -> Array: ...
@overload
def align(cost: torch.Tensor, lengths: Lengths = None) -> torch.Tensor: ...
def align(cost: torch.Tensor | Array, lengths: Lengths = None) -> torch.Tensor | Array:
    """Put every time point into one of L segments, in order, at the least total cost.

    The hard alignment of the DTP paper (equation 4), found by an explicit back-trace: each time
    point lies in exactly one segment and every segment holds at least one. Where several
    alignments cost the same, the last segment begins as early as it can, then the one before it,
    and so on.

    Parameters
    ----------
    cost : torch.Tensor or numpy array, float32 or float64, shape (B, L, T)
    lengths : integers, shape (B,), optional
        Time points of each case; all T where left out.

    Returns
    -------
    int64 tensor or array, shape (B, T)
        Segment of each time point, 0 to L - 1; -1 beyond `lengths`.

    Raises
    ------
    KernelError
        As `soft_dtw`.

    Notes
    -----
    A tensor on another device is aligned on the CPU and the result is copied back: a path is
    found point by point, and a device would need two launches for each.
    """
    n_timepoints = check_lengths(lengths, check_cost(cost))
    if isinstance(cost, np.ndarray):
        return _align_arrays(cost, n_timepoints)[1]
    segments = _align_arrays(cost.detach().cpu().numpy(), n_timepoints)[1]
    return torch.from_numpy(segments).to(cost.device)


def _plain(cost: Array) -> Array:
    """Return `cost` in C order, aligned and writeable: numba compiles anew for anything else."""
    return cost if cost.flags.carray else np.require(cost, requirements=["C", "A", "W"])


def _soft_dtw_arrays(cost: Array, gamma: float, lengths: Array) -> tuple[Array, Array]:
    """Run the compiled kernel over (B, L, T)."""
    if gamma == 0.0:
        value, segments = _align_arrays(cost, lengths)
        one_hot = segments[:, None, :] == np.arange(cost.shape[1])[:, None]  # (B, L, T)
        return value, one_hot.astype(cost.dtype)
    cost = _plain(cost)
    value = np.empty(cost.shape[0], cost.dtype)
    alignment = np.empty_like(cost)

    def work(start: int, stop: int) -> int:
        return _dtw.soft_dtw_range(cost, gamma, lengths, start, stop, value, alignment)

    case = for_each_range(work, len(cost), cost[0].size if len(cost) else 0)
    if case >= 0:
        raise bad_cost(cost[case], int(lengths[case]), case)
    return value, alignment


def _align_arrays(cost: Array, lengths: Array) -> tuple[Array, Array]:
    """Return the least total cost (B,) and the segment of each time point (B, T)."""
    cost = _plain(cost)
    value = np.empty(cost.shape[0], cost.dtype)
    segments = np.empty((cost.shape[0], cost.shape[2]), np.int64)

    def work(start: int, stop: int) -> int:
        return _dtw.align_range(cost, lengths, start, stop, value, segments)

    case = for_each_range(work, len(cost), cost[0].size // 2 if len(cost) else 0)
    if case >= 0:
        raise bad_cost(cost[case], int(lengths[case]), case)
    return value, segments


def _soft_dtw_tensors(
    cost: torch.Tensor, gamma: float, lengths: Array
) -> tuple[torch.Tensor, torch.Tensor]:
    """Choose the implementation by device and smoothing."""
    if cost.is_cpu:
        value, alignment = _soft_dtw_arrays(cost.numpy(), gamma, lengths)
        return torch.from_numpy(value), torch.from_numpy(alignment)
    if cost.is_cuda and gamma > 0.0:
        found = torch_dtw.soft_dtw(cost, gamma, lengths)
        if found is not None:
            return found
    value, alignment = _soft_dtw_tensors(cost.cpu(), gamma, lengths)
    return value.to(cost.device), alignment.to(cost.device)


def _scaled(ctx: Any, grad_value: torch.Tensor) -> torch.Tensor:
    """Return the soft alignment `ctx` keeps, times the gradient of each case's value."""
    (alignment,) = ctx.saved_tensors
    scale = grad_value.view(-1, 1, 1)
    if alignment.is_cuda or alignment.numel() < TORCH_SHARES:
        return alignment * scale
    # By numpy: torch's threads would go on spinning and slow down the next call of ours.
    return torch.from_numpy(alignment.numpy() * scale.numpy())


_scaled_once = once_differentiable(_scaled)


class _WithGradient(torch.autograd.Function):
    """Soft-DTW of a cost as part of a graph: its gradient is the soft alignment, known already."""

    @staticmethod
    def forward(
        ctx: Any,
        cost: torch.Tensor,  # noqa: ARG004
        found: tuple[torch.Tensor, torch.Tensor],
    ) -> torch.Tensor:
        value, alignment = found
        ctx.save_for_backward(alignment)
        return value

    @staticmethod
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad_value: torch.Tensor
    ) -> tuple[torch.Tensor, None]:
        # Grad mode is on where a second derivative is wanted (create_graph) and only there.
        scaled = _scaled_once if torch.is_grad_enabled() else _scaled
        return scaled(ctx, grad_value), None
