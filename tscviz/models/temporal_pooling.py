"""GTP, STP and DTP classifiers on FCN and ResNet (Lee, Lee and Yu, AAAI 2021)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tscviz.kernels import soft_dtw
from tscviz.models import backbones, pooling
from tscviz.models.base import ConvBlock, MaskedBatchNorm1d, SeriesModule
from tscviz.models.registry import ModelEntry, register
from tscviz.titles import title_of


class TemporalPoolingNet(SeriesModule):
    """A convolutional backbone, a temporal pooling layer and a dense layer over its segments.

    Parameters
    ----------
    n_channels, n_classes : int
    options : dataclass
        One of the six option classes of this module.

    Raises
    ------
    ModelError
        From `features` and `forward` where a series is shorter than the number of segments.
    """

    def __init__(self, n_channels: int, n_classes: int, options: object) -> None:
        super().__init__(n_channels, n_classes)
        self.backbone = _backbone(n_channels, options)
        self.pool = _pooling(self.backbone.width, options)
        self.min_length = self.pool.n_segments
        own = {"prototypes"} if isinstance(self.pool, pooling.DynamicPooling) else set()
        self.offers = frozenset({"cam", "segments"} | own)
        # Weights of feature k in segment l stand at k * L + l.
        self.fc = nn.Linear(self.backbone.width * self.pool.n_segments, n_classes)
        if getattr(options, "init", "torch") == "xavier":
            backbones.init_xavier(self)

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output of the last ReLU, (B, K, T)."""
        shortest = x.shape[2] if mask is None else int(mask.sum(1).min())
        pooling.check_length(shortest, self.pool.n_segments)
        return self.backbone(x if mask is None else x * mask.unsqueeze(1), mask)

    def reach(self) -> tuple[int, int]:
        """Sum over the convolutions in a row; the shortcuts beside them are of length 1."""
        pads = [m.pad for m in self.backbone.modules() if isinstance(m, ConvBlock)]
        return sum(left for left, _ in pads), sum(right for _, right in pads)

    def classify(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map hidden series (B, K, T) to logits (B, n_classes) (paper, equation 7)."""
        return self.fc(self.pool(h, mask).flatten(1))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map series (B, n_channels, T) to logits (B, n_classes)."""
        return self.classify(self.features(x, mask), mask)

    def losses(
        self, x: Tensor, y: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Class loss (equation 8) and, for DTP, prototype loss (equation 6).

        The prototype loss reaches the prototypes only and the class loss everything else, so
        minimising their sum with one optimiser is equation 9.
        """
        h = self.features(x, mask)
        if not isinstance(self.pool, pooling.DynamicPooling):
            logits = self.classify(h, mask)
            return logits, {"class": self.class_loss(logits, y)}
        cost = self.pool.cost(h.detach())
        logits = self.fc(self.pool(h, mask, cost).flatten(1))
        lengths = None if mask is None else mask.sum(1)
        value, _ = soft_dtw(cost, self.pool.gamma, lengths)
        if self.pool.per_point:
            value = value / pooling.series_lengths(h, mask)
        return logits, {
            "class": self.class_loss(logits, y),
            "prototype": value.mean(),
        }

    def begin_training(self, batches: Iterable[tuple[Tensor, Tensor | None]]) -> None:
        """Set the prototypes to the mean over the cases of static average pooling.

        Batch statistics are used, as the first epoch does; running statistics stay untouched.
        """
        if not isinstance(self.pool, pooling.DynamicPooling):
            return
        total, n_cases = torch.zeros_like(self.pool.prototypes), 0
        kept = _running_statistics(self)
        self.train()
        with torch.no_grad():
            for x, mask in batches:
                h = self.features(x, mask)
                lengths = pooling.series_lengths(h, mask)
                parts = pooling.static_segments(lengths, h.shape[2], self.pool.n_segments)
                means = pooling.pool_segments(h, parts, self.pool.n_segments, "avg")
                total += means.sum(0).T  # (L, K)
                n_cases += len(x)
            for buffer, value in kept:
                buffer.copy_(value)
            self.pool.prototypes.copy_(total / n_cases)

    def extra_macs(self, length: int) -> float:
        """Multiply-accumulates of the alignment cost: L prototypes x K features x T points."""
        if not isinstance(self.pool, pooling.DynamicPooling):
            return 0.0
        return float(self.pool.n_segments * self.backbone.width * length)


def _running_statistics(module: nn.Module) -> list[tuple[Tensor, Tensor]]:
    norms = [m for m in module.modules() if isinstance(m, MaskedBatchNorm1d)]
    return [(buffer, buffer.clone()) for m in norms for buffer in m.buffers()]


def _backbone(n_channels: int, options: object) -> backbones.FCN | backbones.ResNet:
    if isinstance(options, backbones.ResNetOptions):
        return backbones.ResNet(n_channels, options.kernels, options.shortcut)
    if isinstance(options, backbones.FCNOptions):
        return backbones.FCN(n_channels, options.kernels)
    raise TypeError(f"no backbone for {type(options).__name__}")


def _pooling(
    width: int, options: object
) -> pooling.GlobalPooling | pooling.StaticPooling | pooling.DynamicPooling:
    if isinstance(options, pooling.DynamicOptions):
        return pooling.DynamicPooling(width, options)
    if isinstance(options, pooling.StaticOptions):
        return pooling.StaticPooling(options)
    if isinstance(options, pooling.GlobalOptions):
        return pooling.GlobalPooling(options)
    raise TypeError(f"no pooling for {type(options).__name__}")


@dataclass(frozen=True)
class GTPFCNOptions(backbones.FCNOptions, pooling.GlobalOptions):
    """Options of `gtp-fcn`."""


@dataclass(frozen=True)
class STPFCNOptions(backbones.FCNOptions, pooling.StaticOptions):
    """Options of `stp-fcn`."""


@dataclass(frozen=True)
class DTPFCNOptions(backbones.FCNOptions, pooling.DynamicOptions):
    """Options of `dtp-fcn`."""


@dataclass(frozen=True)
class GTPResNetOptions(backbones.ResNetOptions, pooling.GlobalOptions):
    """Options of `gtp-resnet`."""


@dataclass(frozen=True)
class STPResNetOptions(backbones.ResNetOptions, pooling.StaticOptions):
    """Options of `stp-resnet`."""


@dataclass(frozen=True)
class DTPResNetOptions(backbones.ResNetOptions, pooling.DynamicOptions):
    """Options of `dtp-resnet`."""


def _build(n_channels: int, n_classes: int, options: object, _length: int | None) -> SeriesModule:
    return TemporalPoolingNet(n_channels, n_classes, options)


_PAPER = "Lee, Lee, Yu: Learnable Dynamic Temporal Pooling for Time Series Classification, AAAI-21"
_SUMMARIES = {
    "gtp": "Global temporal pooling: one vector for the whole series.",
    "stp": "Static temporal pooling: one vector for each of L equal parts.",
    "dtp": "Dynamic temporal pooling: one vector for each of L segments found by alignment.",
}

for _name, _options in {
    "gtp-fcn": GTPFCNOptions,
    "stp-fcn": STPFCNOptions,
    "dtp-fcn": DTPFCNOptions,
    "gtp-resnet": GTPResNetOptions,
    "stp-resnet": STPResNetOptions,
    "dtp-resnet": DTPResNetOptions,
}.items():
    _summary = _SUMMARIES[_name.partition("-")[0]]
    register(ModelEntry(_name, title_of(_name), _summary, _PAPER, "dtp", _options, _build))
