"""Dynamic sparse network (Xiao et al., NeurIPS 2022)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.kernels.threads import in_parts
from tscviz.models import sparse_record
from tscviz.models.base import MaskedBatchNorm1d, SeriesModule, StepProgress
from tscviz.models.registry import ModelEntry, register
from tscviz.models.sparse import SparseConv1d
from tscviz.options import option
from tscviz.titles import title_of
from tscviz.types import ModelCost


@dataclass(frozen=True)
class DSNOptions:
    """Options of `dsn`. Where paper and authors' code differ, the default is the paper's."""

    channels: int = option(141, "Output channels of a sparse layer.", minimum=1, maximum=4096)
    layers: int = option(4, "Dynamic sparse layers.", minimum=1, maximum=16)
    kernel: int = option(39, "Taps of a kernel.", minimum=1, maximum=512)
    sparsity: float = option(
        0.8, "Share of inactive weights, S; 0: dense, without groups.", minimum=0.0, maximum=0.999
    )
    groups: int = option(
        3, "Kernel groups with regions of different reach; 1: none.", minimum=1, maximum=64
    )
    bottleneck: int = option(
        0, "Channels of the 1x1 convolutions; 0: a third of `channels`.", minimum=0, maximum=4096
    )
    pool: int = option(50, "Parts of the first average pooling.", minimum=1, maximum=4096)
    padding: str = option(
        "replicate_right",
        "replicate_right: the last point repeated; zero_same: zeros at both ends (UCR-112 runs).",
        choices=("replicate_right", "zero_same"),
    )
    init: str = option(
        "sequential", "First active weights of a group.", choices=("sequential", "random")
    )
    topology: str = option(
        "dynamic",
        "dynamic: active weights move in training; fixed: they stay.",
        choices=("dynamic", "fixed"),
    )
    growth: str = option(
        "random",
        "random, or gradient: where the dense gradient is greatest (RigL).",
        choices=("random", "gradient"),
    )
    regrow_pruned: bool = option(
        False, "Let a weight just pruned be grown at once (authors' code: yes)."
    )
    death_rate: float = option(
        0.5, "Share of active weights moved at first, alpha.", minimum=0.0, maximum=1.0
    )
    death_end: float = option(
        0.0, "Share that the cosine falls to (authors' code: 0.001).", minimum=0.0, maximum=1.0
    )
    explore_until: float = option(
        1.0,
        "Share of the run over which the cosine falls (authors' code: 0.8).",
        above=0.0,
        maximum=1.0,
    )
    update_every: int = option(5, "Epochs between two moves, Delta T.", minimum=1)


class SparseBlock(nn.Module):
    """1x1 bottleneck (not over a single channel), sparse convolution, normalisation, ReLU."""

    def __init__(self, c_in: int, options: DSNOptions) -> None:
        super().__init__()
        width = options.bottleneck or max(options.channels // 3, 1)
        self.bottleneck = nn.Conv1d(c_in, width, 1, bias=False) if c_in > 1 else None
        self.conv = SparseConv1d(
            c_in if c_in == 1 else width,
            options.channels,
            options.kernel,
            sparsity=options.sparsity,
            groups=options.groups,
            init=options.init,
            padding=options.padding,
        )
        self.norm = MaskedBatchNorm1d(options.channels)
        self.relu = nn.ReLU(inplace=True)  # a quarter less memory to write in a forward pass

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, channels, T)."""
        h = x if self.bottleneck is None else self.bottleneck(x)
        return self.relu(self.norm(self.conv(h, mask), mask))


class DSN(SeriesModule):
    """Dynamic sparse layers, two average poolings and a 1x1 convolution (paper, Figure 3).

    Parameters
    ----------
    n_channels, n_classes : int
    options : DSNOptions

    Raises
    ------
    ModelError
        Where a kernel group would have no channel, no tap or no active weight.
    """

    offers = frozenset({"cam", "sparse"})

    def __init__(self, n_channels: int, n_classes: int, options: DSNOptions) -> None:
        super().__init__(n_channels, n_classes)
        self.options = options
        widths = [n_channels] + [options.channels] * (options.layers - 1)
        self.blocks = nn.ModuleList(SparseBlock(c_in, options) for c_in in widths)
        self.head = nn.Conv1d(options.channels, n_classes, 1, bias=False)
        self.head_norm = MaskedBatchNorm1d(n_classes)
        for layer in self.sparse_layers():
            layer.keeps_gradient = self._moves and options.growth == "gradient"

    @property
    def _moves(self) -> bool:
        return self.options.topology == "dynamic" and self.options.sparsity > 0

    def sparse_layers(self) -> tuple[SparseConv1d, ...]:
        """Return the dynamic sparse layers, the first one first."""
        return tuple(m for m in self.blocks.modules() if isinstance(m, SparseConv1d))

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output of the last ReLU, (B, channels, T); zero on padding."""
        h = x if mask is None else x.masked_fill(~mask.unsqueeze(1), 0.0)
        for block in self.blocks:
            h = block(h, mask)
        return h if mask is None else h * mask.unsqueeze(1)

    def classify(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map hidden series (B, channels, T) to logits (B, n_classes).

        Each case is pooled over its own length. In evaluation the map is affine in `h`.
        """
        # The 1x1 convolution first: it commutes with the average, of fewer channels then.
        return self.head_norm(self._pooled(self.head(h), mask)).mean(2)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map series (B, n_channels, T) to logits (B, n_classes)."""
        if self.training or torch.is_grad_enabled() or not x.is_cpu:
            return self.classify(self.features(x, mask), mask)

        def part(start: int, stop: int) -> Tensor:
            m = None if mask is None else mask[start:stop]
            return self.classify(self.features(x[start:stop], m), m)

        return torch.cat(in_parts(part, len(x), multiple=8))

    def _pooled(self, h: Tensor, mask: Tensor | None) -> Tensor:
        if mask is None:
            return F.adaptive_avg_pool1d(h, self.options.pool)
        lengths = mask.sum(1).tolist()
        cases = [h[i : i + 1, :, :n] for i, n in enumerate(lengths)]
        return torch.cat([F.adaptive_avg_pool1d(case, self.options.pool) for case in cases])

    def begin_training(self, batches: Iterable[tuple[Tensor, Tensor | None]]) -> None:  # noqa: ARG002
        """Start the record of the masks anew."""
        self.record = sparse_record.new_record(self.sparse_layers()) if self._moves else {}

    def death_rate(self, share: float) -> float:
        """Return the share of active weights to move when `share` of the run is over (eq. 4)."""
        o = self.options
        if share >= o.explore_until:
            return o.death_end
        cosine = 1.0 + math.cos(math.pi * share / o.explore_until)
        return o.death_end + (o.death_rate - o.death_end) / 2.0 * cosine

    def after_step(self, progress: StepProgress) -> None:
        """Mask the weights again and, when it is due, move the active ones (Algorithm 1).

        The move follows the first step after every `update_every` epochs, not the last step
        before: weights kept at the end of an epoch are then those that its loss was measured on.
        """
        layers = self.sparse_layers()
        for layer in layers:
            layer.apply_mask()
        done = progress.epoch - 1
        due = progress.step == 1 and done > 0 and done % self.options.update_every == 0
        rate = self.death_rate(done / progress.epochs)
        if self._moves and due and rate > 0:
            self._move(rate, progress)
        for layer in layers:
            layer.forget_gradient()

    def _move(self, rate: float, progress: StepProgress) -> None:
        layers, o = self.sparse_layers(), self.options
        if not self.record:
            self.record = sparse_record.new_record(layers)
        before = [layer.explore(rate, growth=o.growth, regrow=o.regrow_pruned) for layer in layers]
        for layer, old in zip(layers, before, strict=True):
            _clear_moments(progress.optimiser, layer.weight, old & layer.mask)
        n_moves = self._n_moves(progress.epochs)
        sparse_record.note_move(self.record, layers, before, progress.epoch - 1, n_moves)

    def _n_moves(self, epochs: int) -> int:
        """Return how many moves a run of so many epochs makes: those that are due, while any is."""
        every = self.options.update_every
        due = range(every, epochs, every)
        return bisect_left(due, True, key=lambda done: self.death_rate(done / epochs) <= 0)

    def own_cost(self, length: int) -> ModelCost:
        """Count as the paper does: non-zero weights (equation 8), and the FLOPs of its tables.

        ``FLOPs = T (sum_l nnz_l (2 c_l - 1) / c_l + sum_b (2 c_b - 1) w + 5 L K)
        + 50 K (floor(T / 50) + 1) + C (2 (2 K - 1) 50 + 2 * 4 * 50 + 51)`` with L layers of K
        channels over c_l inputs, bottlenecks of w channels over c_b inputs, and C classes: one
        operation less than two a multiply-accumulate, four an element of batch normalisation, one
        of ReLU, and the classifier counted twice, as the printed figures have it.
        `macs` counts the multiply-accumulates of all convolutions, each once.
        """
        o, layers = self.options, self.sparse_layers()
        non_zeros = [sum(layer.active) for layer in layers]
        pointwise = [b.bottleneck for b in self._blocks() if b.bottleneck is not None]
        dense = [(c.in_channels, c.out_channels) for c in pointwise]
        kernels = sum(n * (2 * m.c_in - 1) / m.c_in for n, m in zip(non_zeros, layers, strict=True))
        kernels += sum((2 * c_in - 1) * width for c_in, width in dense)
        flops = length * (kernels + 5 * o.layers * o.channels)
        flops += o.channels * o.pool * (length // o.pool + 1)
        flops += self.n_classes * (2 * (2 * o.channels - 1) * o.pool + 8 * o.pool + o.pool + 1)
        weights = sum(non_zeros) + sum(c_in * width for c_in, width in dense)
        head = o.channels * self.n_classes
        parameters = weights + 2 * o.layers * o.channels + head + 2 * self.n_classes
        return ModelCost(parameters, flops, float(weights * length + head * o.pool))

    def _blocks(self) -> list[SparseBlock]:
        return [block for block in self.blocks if isinstance(block, SparseBlock)]

    def notes(self) -> dict[str, object]:
        """Return the active weights of each layer and group."""
        return {"active_weights": [list(layer.active) for layer in self.sparse_layers()]}


def _clear_moments(optimiser: torch.optim.Optimizer, weight: Tensor, kept: Tensor) -> None:
    """Set the optimiser's running means to zero where a weight left or came."""
    for value in optimiser.state.get(weight, {}).values():
        if isinstance(value, Tensor) and value.shape == weight.shape:
            value.mul_(kept)


def _build(n_channels: int, n_classes: int, options: DSNOptions, _length: int | None) -> DSN:
    return DSN(n_channels, n_classes, options)


register(
    ModelEntry(
        name="dsn",
        title=title_of("dsn"),
        summary="Dynamic sparse network: long kernels with few weights, which move in training.",
        paper="Xiao et al.: Dynamic Sparse Network for Time Series Classification, NeurIPS 2022",
        family="dsn",
        options=DSNOptions,
        build=_build,
    )
)
