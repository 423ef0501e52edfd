"""Networks as DeepLIFT needs them: every activation a module of its own, used once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier
from tscviz.models.pooling import DynamicPooling
from tscviz.models.recurrent import Branch
from tscviz.models.squeeze import SqueezeExcite
from tscviz.models.temporal_pooling import TemporalPoolingNet


class HeldPooling(nn.Module):
    """A temporal pooling whose segments stay where they are, whatever the input.

    Maxima are `torch.nn.MaxPool1d` over each segment, one module a segment, for which DeepLIFT
    has a rule; averages and sums are linear.

    Parameters
    ----------
    boundaries : list of int
        Segment l covers the points ``boundaries[l] .. boundaries[l + 1] - 1``.
    pooling : {"avg", "sum", "max"}
    """

    def __init__(self, boundaries: list[int], pooling: str) -> None:
        super().__init__()
        self.boundaries = boundaries
        self.pooling = pooling
        self.n_segments = len(boundaries) - 1
        sizes = [b - a for a, b in pairwise(boundaries)]
        self.maxima = nn.ModuleList(nn.MaxPool1d(n) for n in sizes)

    def forward(self, h: Tensor, mask: Tensor | None = None, cost: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Pool (B, K, T), without padding, to (B, K, L)."""
        parts = [h[:, :, a:b] for a, b in pairwise(self.boundaries)]
        if self.pooling == "max":
            pooled = [pool(part) for pool, part in zip(self.maxima, parts, strict=True)]
            return torch.cat(pooled, 2)
        pooled = [part.sum(2) if self.pooling == "sum" else part.mean(2) for part in parts]
        return torch.stack(pooled, 2)


def hold_segments(module: SeriesModule, x: Tensor, mask: Tensor | None) -> bool:
    """Fix the segments of a clone at those of the series `x` (1, n_channels, T), in place.

    Only a temporal pooling net is changed.

    Returns
    -------
    bool
        Whether its segments would depend on the input (DTP): held still, the network is another
        function away from `x`.
    """
    if not isinstance(module, TemporalPoolingNet):
        return False
    pool = module.pool
    with torch.no_grad():
        segments = pool.segments(module.features(x, mask), mask)[0]
    counts = torch.bincount(segments, minlength=pool.n_segments)
    boundaries = [0, *counts.cumsum(0).tolist()]
    held: Any = HeldPooling(boundaries, pool.pooling)
    module.pool = held
    return isinstance(pool, DynamicPooling)


def deep_lift_obstacle(classifier: Classifier) -> str | None:
    """Return why DeepLIFT's rescale rule is not defined for this network, or None."""
    for kind, what in (
        (Branch, "the gates of its recurrent branch multiply two activations"),
        (SqueezeExcite, "its squeeze-and-excitation multiplies two activations"),
    ):
        if any(isinstance(part, kind) for part in classifier.module.modules()):
            return (
                "DeepLIFT's rescale rule is for activations of one input each, and of "
                f"{classifier.name} {what}; integrated gradients needs no such rule."
            )
    return None
