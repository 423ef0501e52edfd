"""Global, static and dynamic temporal pooling (DTP paper, equations 3 to 5)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.kernels import align, segment_max
from tscviz.models.base import ModelError
from tscviz.options import option

_POOLING_HELP = "How the hidden vectors of a segment become one: average, sum or maximum."


@dataclass(frozen=True)
class GlobalOptions:
    """Options of global temporal pooling."""

    pooling: str = option("max", _POOLING_HELP, choices=("avg", "sum", "max"))


@dataclass(frozen=True)
class StaticOptions(GlobalOptions):
    """Options of static temporal pooling."""

    segments: int = option(4, "Number of segments, L.", minimum=1, maximum=512)


@dataclass(frozen=True)
class DynamicOptions(StaticOptions):
    """Options of dynamic temporal pooling."""

    cost: str = option(
        "cosine",
        "Distance of a prototype and a hidden vector (paper, equation 5 and footnote 4).",
        choices=("cosine", "euclidean", "dot"),
    )
    gamma: float = option(
        1.0, "Smoothing of soft-DTW in the prototype loss (authors' code: 1).", minimum=0.0
    )
    prototype_loss: str = option(
        "total",
        "total: cost of the whole path (paper, equation 6); per-point: divided by the series' "
        "length (authors' code).",
        choices=("total", "per-point"),
    )


def pool_segments(h: Tensor, segments: Tensor, n_segments: int, pooling: str) -> Tensor:
    """Pool each feature over each segment (paper, equation 3).

    Parameters
    ----------
    h : Tensor, shape (B, K, T)
    segments : int64 Tensor, shape (B, T)
        0 to L-1, and -1 on padding; no segment may be empty.
    n_segments : int
    pooling : {"avg", "sum", "max"}

    Returns
    -------
    Tensor, shape (B, K, L)
    """
    if pooling == "max":
        return segment_max(h, segments, n_segments)
    steps = torch.arange(n_segments, device=h.device)
    member = (segments.unsqueeze(2) == steps).to(h.dtype)  # (B, T, L)
    total = torch.bmm(h, member)
    return total if pooling == "sum" else total / member.sum(1, keepdim=True)


def static_segments(lengths: Tensor, n_timepoints: int, n_segments: int) -> Tensor:
    """Divide each series into L parts of ``length // L`` points; the last takes the remainder.

    Parameters
    ----------
    lengths : int64 Tensor, shape (B,)
    n_timepoints, n_segments : int

    Returns
    -------
    int64 Tensor, shape (B, n_timepoints), -1 on padding
    """
    time = torch.arange(n_timepoints, device=lengths.device)
    step = lengths.div(n_segments, rounding_mode="floor").clamp_min(1)
    segments = (time / step.unsqueeze(1)).floor().long().clamp_max(n_segments - 1)
    return segments.masked_fill(time >= lengths.unsqueeze(1), -1)


def series_lengths(h: Tensor, mask: Tensor | None) -> Tensor:
    """Return the number of time points of each case, shape (B,)."""
    if mask is None:
        return torch.full((h.shape[0],), h.shape[2], dtype=torch.int64, device=h.device)
    return mask.sum(1)


class GlobalPooling(nn.Module):
    """One segment, the whole series (GTP)."""

    n_segments = 1

    def __init__(self, options: GlobalOptions) -> None:
        super().__init__()
        self.pooling = options.pooling

    def segments(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the segment of each time point, (B, T); -1 on padding."""
        return static_segments(series_lengths(h, mask), h.shape[2], 1)

    def forward(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Pool (B, K, T) to (B, K, 1)."""
        if mask is not None:
            return pool_segments(h, self.segments(h, mask), 1, self.pooling)
        if self.pooling == "max":
            return h.max(dim=2, keepdim=True).values
        return h.sum(2, keepdim=True) if self.pooling == "sum" else h.mean(2, keepdim=True)


class StaticPooling(nn.Module):
    """L segments of the same length (STP)."""

    def __init__(self, options: StaticOptions) -> None:
        super().__init__()
        self.pooling = options.pooling
        self.n_segments = options.segments

    def segments(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the segment of each time point, (B, T); -1 on padding."""
        return static_segments(series_lengths(h, mask), h.shape[2], self.n_segments)

    def forward(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Pool (B, K, T) to (B, K, L)."""
        return pool_segments(h, self.segments(h, mask), self.n_segments, self.pooling)


class DynamicPooling(nn.Module):
    """L segments found by aligning the hidden series with learned prototypes (DTP)."""

    def __init__(self, width: int, options: DynamicOptions) -> None:
        super().__init__()
        self.pooling = options.pooling
        self.n_segments = options.segments
        self.cost_name = options.cost
        self.gamma = options.gamma
        self.per_point = options.prototype_loss == "per-point"
        self.prototypes = nn.Parameter(torch.randn(options.segments, width))

    def cost(self, h: Tensor) -> Tensor:
        """Alignment cost of every prototype and time point, (B, L, T) (paper, equation 5)."""
        return COSTS[self.cost_name](self.prototypes, h)

    def segments(self, h: Tensor, mask: Tensor | None = None, cost: Tensor | None = None) -> Tensor:
        """Return the optimal segment of each time point, (B, T) (paper, equation 4)."""
        with torch.no_grad():
            cost = self.cost(h) if cost is None else cost.detach()
            return align(cost, None if mask is None else mask.sum(1))

    def forward(self, h: Tensor, mask: Tensor | None = None, cost: Tensor | None = None) -> Tensor:
        """Pool (B, K, T) to (B, K, L); no gradient runs through the alignment."""
        return pool_segments(h, self.segments(h, mask, cost), self.n_segments, self.pooling)


def _cosine(prototypes: Tensor, h: Tensor) -> Tensor:
    unit_p = F.normalize(prototypes, dim=1, eps=1e-12)  # (L, K)
    # (B, 1, T); a zero vector costs 1. Tensor.norm over a strided axis is 15 times slower.
    norm = h.square().sum(1, keepdim=True).clamp_min(1e-24).sqrt()
    return 1.0 - torch.matmul(unit_p, h) / norm


def _euclidean(prototypes: Tensor, h: Tensor) -> Tensor:
    square = h.square().sum(1, keepdim=True) + prototypes.square().sum(1)[:, None]
    square = square - 2.0 * torch.matmul(prototypes, h)  # (B, L, T)
    return torch.sqrt(square.clamp_min(1e-12))


def _dot(prototypes: Tensor, h: Tensor) -> Tensor:
    # float32 overflows beyond exp(88); such a pair is as far apart as can be told.
    return torch.exp((-torch.matmul(prototypes, h)).clamp_max(80.0))


COSTS = {"cosine": _cosine, "euclidean": _euclidean, "dot": _dot}


def check_length(length: int, n_segments: int) -> None:
    """Raise `ModelError` where a series of `length` points has fewer than one a segment."""
    if length < n_segments:
        raise ModelError(
            f"a series of {length} time points cannot be divided into {n_segments} segments; "
            f"use at most {length} segments, or series of at least {n_segments} points."
        )
