"""The LSTM cell as Keras 2 writes it, and the plain layer that runs it over the steps.

Gates stand in the order input, forget, candidate, output; one bias; the forget gate's starts at 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Branch(nn.Module):
    """A recurrent branch: ``(B, S, F)`` steps in, ``(B, width)`` out.

    ``keep`` (B, S), where given, is True on the steps of the series; the steps behind it are
    not read.
    """

    width: int

    def macs(self, n_steps: int) -> float:
        """Multiply-accumulates of one case that no dense layer counts."""
        raise NotImplementedError


class LSTM(Branch):
    """One LSTM layer; its hidden state after the last step.

    Parameters
    ----------
    n_inputs, cells : int
        F and U.
    hard : bool
        Gates by ``clip(0.2 x + 0.5, 0, 1)``, Keras's default up to 2.2, instead of the logistic
        function.
    """

    def __init__(self, n_inputs: int, cells: int, *, hard: bool) -> None:
        super().__init__()
        self.width = cells
        self.n_inputs = n_inputs
        self.hard = hard
        self.kernel, self.recurrent, self.bias = gate_parameters(n_inputs, cells)

    def forward(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Map (B, S, F) to (B, U)."""
        if self.hard and steps.shape[1] > 1:
            return self._loop(steps, keep)
        if steps.shape[1] == 1:  # h and c before the first step are zero
            return gated_step(steps[:, 0] @ self.kernel + self.bias, None, self.hard)[0]
        h = self._fused(steps)  # (B, S, U)
        if keep is None:
            return h[:, -1]
        return h[torch.arange(len(h), device=h.device), keep.sum(1) - 1]

    def macs(self, n_steps: int) -> float:
        """Multiply-accumulates of one case: the gates of every step."""
        return float(n_steps * (self.n_inputs + self.width) * 4 * self.width)

    def _fused(self, steps: Tensor) -> Tensor:
        zero = steps.new_zeros(1, len(steps), self.width)
        weights = [self.kernel.T, self.recurrent.T, self.bias, torch.zeros_like(self.bias)]
        # cuDNN wants its weights in one piece and gives no gradient in evaluation mode.
        with torch.backends.cudnn.flags(enabled=False):
            return torch.lstm(
                steps, (zero, zero), weights, True, 1, 0.0, self.training, False, True
            )[0]

    def _loop(self, steps: Tensor, keep: Tensor | None) -> Tensor:
        given = (steps @ self.kernel + self.bias).transpose(0, 1)  # (S, B, 4U)
        h = steps.new_zeros(len(steps), self.width)
        c = h
        for t, part in enumerate(given):
            new = gated_step(part + h @ self.recurrent, c, self.hard)
            if keep is None:
                h, c = new
            else:
                here = keep[:, t, None]
                h, c = torch.where(here, new[0], h), torch.where(here, new[1], c)
        return h


def gate_parameters(n_inputs: int, cells: int) -> tuple[nn.Parameter, nn.Parameter, nn.Parameter]:
    """Return kernel (F, 4U), recurrent kernel (U, 4U) and bias (4U), drawn as Keras does."""
    kernel = nn.init.xavier_uniform_(torch.empty(n_inputs, 4 * cells))
    recurrent = orthogonal(cells, 4 * cells)
    bias = torch.zeros(4 * cells)
    bias[cells : 2 * cells] = 1.0  # forget gate
    return nn.Parameter(kernel), recurrent, nn.Parameter(bias)


def orthogonal(rows: int, columns: int) -> nn.Parameter:
    """Return a matrix with orthonormal rows or columns."""
    return nn.Parameter(nn.init.orthogonal_(torch.empty(rows, columns)))


def gates(a: Tensor, hard: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Split (B, 4U) sums into input gate, forget gate, candidate and output gate, (B, U) each."""
    i, f, g, o = a.chunk(4, dim=1)
    if hard:
        i, f, o = ((0.2 * gate + 0.5).clamp(0.0, 1.0) for gate in (i, f, o))
    else:
        i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
    return i, f, g.tanh(), o


def gated_step(a: Tensor, c: Tensor | None, hard: bool) -> tuple[Tensor, Tensor]:
    """Return hidden state and cell state after a step; `c` None is a zero state."""
    i, f, g, o = gates(a, hard)
    c = i * g if c is None else f * c + i * g
    return o * c.tanh(), c
