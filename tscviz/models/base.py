"""What every network offers beside `forward`: features, losses, hooks of the training loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.types import ModelCost, TscvizError


class ModelError(TscvizError):
    """A model cannot be built, loaded or applied as asked."""


@dataclass(frozen=True, eq=False)
class StepProgress:
    """Where a run stands after a step of the optimiser; see `SeriesModule.after_step`.

    Parameters
    ----------
    epoch, epochs : int
        From 1.
    step, steps : int
        Within the epoch, from 1.
    optimiser : torch.optim.Optimizer
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    optimiser: torch.optim.Optimizer


class SeriesModule(nn.Module):
    """A network over series: ``(B, n_channels, T)`` float in, ``(B, n_classes)`` logits out.

    Parameters
    ----------
    n_channels, n_classes : int
    """

    min_length = 1
    """Shortest series the network accepts, in time points."""
    max_length: int | None = None
    """Longest series the network accepts, in time points; None: any."""
    offers: frozenset[str] = frozenset()
    """What explanation methods and pages may rely on.

    "cam" (`features`, and `classify` of them; beside that at most `cam_offset`), "segments" and
    "prototypes" (a temporal pooling layer), "sparse" (DSN), "branches" and "attention" (LSTM-FCN),
    "multi_length" (ConvTimeNet). A new word gets its reason in `tscviz.explain.registry`.
    """

    def __init__(self, n_channels: int, n_classes: int) -> None:
        super().__init__()
        for value, what in ((n_channels, "n_channels"), (n_classes, "n_classes")):
            if value < 1:
                raise ModelError(f"{what} is {value}; it must be at least 1.")
        self.n_channels = n_channels
        self.n_classes = n_classes
        self.class_weight: Tensor | None = None  # (n_classes,), of the class loss; set by the run
        self.record: dict[str, Tensor] = {}
        """What training notes for the views; kept in checkpoints and beside the weights."""

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the last hidden series, shape (B, K, T)."""
        raise ModelError(f"{type(self).__name__} has no hidden series over time.")

    def reach(self) -> tuple[int, int] | None:
        """Return how many points to its left and right a hidden vector of `features` sees.

        Only where `features` is local (convolutions, padded at the ends of the series alone) and
        `forward` is `classify` of `features`; None otherwise.
        """
        return None

    def losses(
        self, x: Tensor, y: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the logits and the named losses whose sum is minimised; "class" is among them."""
        logits = self(x, mask)
        return logits, {"class": self.class_loss(logits, y)}

    def class_loss(self, logits: Tensor, y: Tensor) -> Tensor:
        """Return the mean cross-entropy of the cases, each times the weight of its class.

        As in Keras, the sum is divided by the number of cases: `torch.nn.functional.cross_entropy`
        divides by the sum of their weights, so that a batch of rare cases would count no more than
        one of frequent ones.
        """
        if self.class_weight is None:
            return F.cross_entropy(logits, y)
        return F.cross_entropy(logits, y, self.class_weight, reduction="none").mean()

    def begin_training(self, batches: Iterable[tuple[Tensor, Tensor | None]]) -> None:
        """Prepare from the training set, once, before the first epoch; nothing by default."""

    def after_step(self, progress: StepProgress) -> None:
        """Follow a step of the optimiser, e.g. mask the weights again; nothing by default.

        Random numbers come from torch's global generator, whose state is in every checkpoint.
        """

    def own_cost(self, length: int) -> ModelCost | None:  # noqa: ARG002
        """Return the cost as the model's paper counts it; None: the count of `module_cost`."""
        return None

    def notes(self) -> dict[str, object]:
        """Return what the card should tell of this network beside its options; JSON-able."""
        return {}

    def extra_macs(self, length: int) -> float:  # noqa: ARG002
        """Multiply-accumulates of one case outside convolutions and dense layers."""
        return 0.0


class MaskedBatchNorm1d(nn.BatchNorm1d):
    """Batch normalisation whose batch statistics leave out padded points.

    Without a mask, and in evaluation, it is `torch.nn.BatchNorm1d`, but for a batch of one case of
    one point, where that raises an error: such a batch normalises to the bias.
    """

    def forward(self, h: Tensor, mask: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Normalise ``h`` (B, K, T) over the points where ``mask`` (B, T) is True."""
        if not self.training or (mask is None and h.numel() > h.shape[1]):
            return super().forward(h)
        mask = h.new_ones(len(h), h.shape[2], dtype=torch.bool) if mask is None else mask
        keep = mask.unsqueeze(1).to(h.dtype)  # (B, 1, T)
        n = keep.sum()
        mean = (h * keep).sum((0, 2)) / n  # (K,)
        centred = h - mean[:, None]
        var = (centred.square() * keep).sum((0, 2)) / n
        self._track(mean.detach(), var.detach(), float(n))
        scale = self.weight / torch.sqrt(var + self.eps)
        return centred * scale[:, None] + self.bias[:, None]

    def _track(self, mean: Tensor, var: Tensor, n: float) -> None:
        if self.running_mean is None or self.running_var is None or self.momentum is None:
            return
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * (n / max(n - 1.0, 1.0)), self.momentum)
            if self.num_batches_tracked is not None:
                self.num_batches_tracked.add_(1)


class ConvBlock(nn.Module):
    """Convolution of unchanged length, batch normalisation and, if asked, ReLU.

    Zero padding; an even kernel takes its extra zero on the right, as Keras does. Points behind
    the mask are zero in the output, so that they read like the zero padding at the end.
    """

    def __init__(self, c_in: int, c_out: int, kernel: int, *, relu: bool = True) -> None:
        super().__init__()
        self.pad = ((kernel - 1) // 2, kernel // 2)
        symmetric = self.pad[0] == self.pad[1]
        self.conv = nn.Conv1d(c_in, c_out, kernel, padding=self.pad[0] if symmetric else 0)
        self.needs_pad = not symmetric
        self.norm = MaskedBatchNorm1d(c_out)
        self.relu = nn.ReLU() if relu else None

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, c_out, T)."""
        h = self.conv(F.pad(x, self.pad) if self.needs_pad else x)
        h = self.norm(h, mask)
        if self.relu is not None:
            h = self.relu(h)
        return h if mask is None else h * mask.unsqueeze(1)
