"""Maximum of every feature over every segment (DTP paper, equation 3, ``max``)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tscviz.kernels import _pool
from tscviz.kernels.errors import KernelError
from tscviz.kernels.threads import for_each_range


def segment_max(h: Tensor, segments: Tensor, n_segments: int) -> Tensor:
    """Take the maximum of each feature over each segment.

    Parameters
    ----------
    h : Tensor, float32 or float64, shape (B, K, T)
        Hidden series.
    segments : int64 Tensor, shape (B, T)
        As `align` gives them: 0 to L - 1 in order, none left out, -1 on padding.
    n_segments : int
        L.

    Returns
    -------
    Tensor, shape (B, K, L)
        Differentiable with respect to `h`, once: the gradient goes to the first maximum. NaN
        counts as the largest number.

    Raises
    ------
    KernelError
        Wrong shapes or dtypes, or a case that does not hold every segment in order.
    """
    _check(h, segments)
    return _SegmentMax.apply(h, segments, n_segments)


def _check(h: Tensor, segments: Tensor) -> None:
    """Raise unless the shapes and dtypes are those `segment_max` takes."""
    if h.ndim != 3 or segments.shape != (h.shape[0], h.shape[2]):
        raise KernelError(
            f"h has shape {tuple(h.shape)} and segments {tuple(segments.shape)}; "
            "they must be (B, K, T) and (B, T)."
        )
    if h.dtype not in (torch.float32, torch.float64) or segments.dtype != torch.int64:
        raise KernelError(
            f"h is {h.dtype} and segments {segments.dtype}; "
            "they must be float32 or float64, and int64."
        )


def _maxima(h: Tensor, segments: Tensor, n_segments: int) -> tuple[Tensor, Tensor]:
    """Return value and time point of each maximum, both (B, K, L), on the CPU."""
    value = h.new_empty(*h.shape[:2], n_segments)
    index = torch.empty_like(value, dtype=torch.int64)
    arrays = [t.numpy() for t in (h.contiguous(), segments.contiguous(), value, index)]

    def work(start: int, stop: int) -> int:
        return _pool.segment_max_range(*arrays[:2], start, stop, *arrays[2:])

    # A cell here is an eighth of the work of a cell of soft-DTW.
    case = for_each_range(work, len(h), h.shape[1] * h.shape[2] // 8)
    if case >= 0:
        raise KernelError(
            f"the segments of case {case} must be 0 to {n_segments - 1} in order, each with at "
            "least one time point, and -1 on the padding behind them."
        )
    return value, index


def _maxima_on_device(h: Tensor, segments: Tensor, n_segments: int) -> tuple[Tensor, Tensor]:
    """Return the same by torch operations, without a look at the order of the segments."""
    values, indices = [], []
    for segment in range(n_segments):
        outside = (segments != segment)[:, None]  # (B, 1, T)
        top = h.masked_fill(outside, -torch.inf).max(dim=2)
        values.append(top.values)
        indices.append(top.indices)
    return torch.stack(values, 2), torch.stack(indices, 2)


class _SegmentMax(torch.autograd.Function):
    """The maxima, and the gradient put back where they were found."""

    @staticmethod
    def forward(ctx: Any, h: Tensor, segments: Tensor, n_segments: int) -> Tensor:
        maxima = _maxima if h.device.type == "cpu" else _maxima_on_device
        value, index = maxima(h.detach(), segments, n_segments)
        ctx.save_for_backward(index)
        ctx.length = h.shape[2]
        return value

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor
    ) -> tuple[Tensor, None, None]:
        (index,) = ctx.saved_tensors
        out = grad.new_zeros(*grad.shape[:2], ctx.length)
        # Segments share no time point, so no two maxima of a feature do.
        return out.scatter_(2, index, grad), None, None
