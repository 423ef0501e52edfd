"""A convolution whose kernels are sparse and move: DSN's dynamic sparse CNN layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.grad import conv1d_weight

from tscviz.kernels import SparsePlan, sparse_conv1d
from tscviz.models.base import ModelError


@dataclass(frozen=True)
class KernelGroup:
    """Kernels that share an exploration region (DSN paper, section 3.4 and Figure 4).

    Parameters
    ----------
    start, stop : int
        Output channels ``start .. stop - 1``.
    reach : int
        Their weights may stand at the taps ``0 .. reach - 1``.
    """

    start: int
    stop: int
    reach: int


def kernel_groups(c_out: int, kernel: int, n_groups: int) -> tuple[KernelGroup, ...]:
    """Divide `c_out` kernels into groups; group i of N reaches the first ``i * kernel // N`` taps.

    Where N does not divide `c_out`, group sizes differ by one.

    Raises
    ------
    ModelError
        Where there are more groups than channels or taps.
    """
    if n_groups > min(c_out, kernel):
        raise ModelError(
            f"there are {n_groups} kernel groups for {c_out} channels and kernels of {kernel} "
            "taps; use fewer groups."
        )
    edges = [c_out * i // n_groups for i in range(n_groups + 1)]
    return tuple(
        KernelGroup(edges[i], edges[i + 1], (i + 1) * kernel // n_groups) for i in range(n_groups)
    )


def active_weights(groups: tuple[KernelGroup, ...], c_in: int, sparsity: float) -> tuple[int, ...]:
    """Return how many weights of each group are active: ``(1 - S) n(R_i)``, rounded down.

    Raises
    ------
    ModelError
        Where a group is left without any.
    """
    regions = [(g.stop - g.start) * c_in * g.reach for g in groups]
    # The small term undoes binary fractions: (1 - 0.8) * 5 is 0.9999999999999998.
    counts = tuple(math.floor((1.0 - sparsity) * n + 1e-6) for n in regions)
    if min(counts) < 1:
        raise ModelError(
            f"sparsity {sparsity} leaves a kernel group of {min(regions)} weights without any; "
            "use a lower sparsity, fewer groups or more channels."
        )
    return counts


class SparseConv1d(nn.Module):
    """Convolution of unchanged length, without bias, of which few weights are active.

    Equals ``conv1d(pad(x), weight * mask)``. A weight is zero wherever the mask is False.

    Parameters
    ----------
    c_in, c_out, kernel : int
    sparsity : float
        Share of each group's region that is inactive, S; 0: every weight of every kernel is
        active, whatever the groups (the paper's dense DSN).
    groups : int
        Kernel groups, N; 1: no grouping.
    init : str
        Active weights at first: "sequential", tap by tap from the first, or "random".
    padding : str
        "replicate_right" repeats the last point ``kernel - 1`` times, so that tap j reads
        ``x[t + j]``; "zero_same" puts zeros at both ends.
    """

    mask: Tensor

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int,
        *,
        sparsity: float = 0.8,
        groups: int = 3,
        init: str = "sequential",
        padding: str = "replicate_right",
    ) -> None:
        super().__init__()
        self.c_in, self.c_out, self.kernel = c_in, c_out, kernel
        self.groups = kernel_groups(c_out, kernel, 1 if sparsity == 0 else groups)
        self.active = active_weights(self.groups, c_in, sparsity)
        """Active weights of each group; the same at every moment."""
        self.replicate = padding == "replicate_right"
        same = ((kernel - 1) // 2, kernel // 2)
        self.padding = (0, kernel - 1) if self.replicate else same
        self._zeros = (0, 0) if self.replicate else same
        self.use_sparse: bool | None = None
        """Compiled sparse loops (True), masked dense convolution (False), or chosen (None)."""
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # PyTorch's default, dense fan-in
        self.register_buffer("mask", torch.zeros(c_out, c_in, kernel, dtype=torch.bool))
        for group, count in zip(self.groups, self.active, strict=True):
            region = self.mask[group.start : group.stop, :, : group.reach]
            region.copy_(_first_mask(region, count, init))
        self.apply_mask()
        self.keeps_gradient = False
        """Whether training keeps what `dense_gradient` needs; costs memory, not time."""
        self._plan: SparsePlan | None = None
        self._seen: Tensor | None = None
        self._grad: Tensor | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out of copies what belongs to this very mask and to the last step."""
        return self.__dict__ | {"_plan": None, "_seen": None, "_grad": None}

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, c_out, T); `mask` (B, T) is False on padding.

        Real points read what they would read without the padding.
        """
        x = self._extended(x, mask)
        y = sparse_conv1d(
            x, self.weight, self.mask, self._zeros, plan=self.plan(), use_sparse=self.use_sparse
        )
        if self.keeps_gradient and self.training and y.requires_grad:
            self._seen = x.detach()
            y.register_hook(self._keep_gradient)
        return y

    def plan(self) -> SparsePlan:
        """Return where the active weights stand, listed once for each state of the mask."""
        untold = self.mask.is_inference()  # torch does not count what is written to such a tensor
        if self._plan is None or untold or not self._plan.describes(self.mask):
            self._plan = SparsePlan(self.mask)
        return self._plan

    def apply_mask(self) -> None:
        """Set the inactive weights to zero."""
        with torch.no_grad():
            self.weight.mul_(self.mask)

    def dense_gradient(self) -> Tensor:
        """Return the last backward pass's gradient of all weights, active or not.

        Returns
        -------
        Tensor, shape (c_out, c_in, kernel)

        Raises
        ------
        ModelError
            Where there was no backward pass in training with `keeps_gradient`.
        """
        if self._seen is None or self._grad is None:
            raise ModelError("growth by gradient needs a backward pass in training mode first.")
        shape = list(self.weight.shape)
        return conv1d_weight(F.pad(self._seen, self._zeros), shape, self._grad)

    def forget_gradient(self) -> None:
        """Let go of what `dense_gradient` uses."""
        self._seen = self._grad = None

    def _keep_gradient(self, grad: Tensor) -> None:
        self._grad = grad.detach()

    def _extended(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Put what belongs behind the last real point there: copies of it, or zeros."""
        if not self.replicate:
            return x if mask is None else x * mask.unsqueeze(1)
        if mask is None:
            last = x[:, :, -1:]
        else:
            ends = mask.sum(1).sub(1)[:, None, None].expand(-1, x.shape[1], 1)
            last = x.gather(2, ends)  # (B, c_in, 1), the last real point
            x = torch.where(mask.unsqueeze(1), x, last)
        return torch.cat([x, last.expand(-1, -1, self.kernel - 1)], 2)

    def explore(self, rate: float, *, growth: str = "random", regrow: bool = False) -> Tensor:
        """Prune the weakest weights of each group and grow as many (Algorithm 1, lines 8-12).

        Parameters
        ----------
        rate : float
            Share of the active weights to prune; rounded up to a whole number, and at most as
            many as can be grown.
        growth : str
            "random", or "gradient": where the dense gradient is greatest (RigL).
        regrow : bool
            Whether weights just pruned may be grown at once; they then keep their values.

        Returns
        -------
        bool Tensor, shape (c_out, c_in, kernel)
            The mask before.
        """
        scores = self.dense_gradient().abs() if growth == "gradient" else None
        before = self.mask.clone()
        with torch.no_grad():
            for group in self.groups:
                rows, taps = slice(group.start, group.stop), slice(group.reach)
                region = self.mask[rows, :, taps]
                value = None if scores is None else scores[rows, :, taps].flatten()
                size = self.weight[rows, :, taps].abs().flatten()
                moved = _moved(region.flatten(), size, rate, value, regrow)
                region.copy_(moved.view_as(region))
            # Weights that left and weights that came are zero.
            self.weight.mul_(before & self.mask)
        return before


def _first_mask(region: Tensor, count: int, init: str) -> Tensor:
    """Return the first mask of a group's region (rows, c_in, reach)."""
    rows, c_in, reach = region.shape
    order = torch.randperm(region.numel()) if init == "random" else torch.arange(region.numel())
    flat = torch.zeros(region.numel(), dtype=torch.bool)
    flat[order[:count]] = True
    return flat.view(reach, rows, c_in).permute(1, 2, 0)  # taps vary slowest


def _moved(active: Tensor, size: Tensor, rate: float, value: Tensor | None, regrow: bool) -> Tensor:
    """Return the mask of one group after pruning and growth; all tensors are flat."""
    inside, outside = active.nonzero().flatten(), (~active).nonzero().flatten()
    n = math.ceil(rate * len(inside) - 1e-9)
    n = n if regrow else min(n, len(outside))
    pruned = inside[torch.argsort(size[inside], stable=True)[:n]]
    places = torch.cat([outside, pruned]) if regrow else outside
    if value is None:
        order = torch.randperm(len(places)).to(places.device)
    else:
        order = torch.argsort(value[places], descending=True, stable=True)
    after = active.clone()
    after[pruned] = False
    after[places[order[:n]]] = True
    return after
