"""What an attention looked at, and multi-head self-attention beside an LSTM (the report's)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.models.base import ModelError
from tscviz.models.recurrent import LSTM, Branch


@dataclass(frozen=True, eq=False)
class AttentionView:
    """Attention weights of some cases.

    Parameters
    ----------
    weights : Tensor, shape (B, heads, N)
        What each of the N places got, mean over the real queries; sums to 1, padding gets 0.
    steps : Tensor, shape (B, heads, Q, N), or None
        One row a query, each summing to 1; rows of padding are 0. None where it was not asked for.
    over : str
        What the N places are: "time" points; "channels" of the series or "filters" of the
        convolutions, where the dimension shuffle makes each of them one step.
    """

    weights: Tensor
    steps: Tensor | None
    over: str

    @property
    def constant(self) -> bool:
        """Whether there is one place only, whose weight is always 1."""
        return self.weights.shape[2] == 1


def mean_over_queries(rows: Tensor, keep: Tensor | None) -> Tensor:
    """Average (B, heads, Q, N) over the real queries, whose other rows are 0: (B, heads, N)."""
    n = rows.shape[2] if keep is None else keep.sum(1).to(rows.dtype)[:, None, None]
    return rows.sum(2) / n


#: Queries whose weights are held at once where only their mean is wanted.
QUERIES = 256


class SelfAttention(nn.Module):
    """Scaled dot-product self-attention in several heads (report, equations 24 to 28).

    Projections carry no bias, as the equations do.

    Parameters
    ----------
    n_inputs, units, heads : int
        F, U and H; each head has U / H units.
    """

    def __init__(self, n_inputs: int, units: int, heads: int) -> None:
        super().__init__()
        if units % heads:
            raise ModelError(
                f"{units} cells cannot be divided among {heads} heads; choose heads that divide "
                "the number of cells."
            )
        self.heads = heads
        self.units = units
        self.query, self.key, self.value = (
            nn.Linear(n_inputs, units, bias=False) for _ in range(3)
        )
        self.merge = nn.Linear(units, units, bias=False)
        for layer in (self.query, self.key, self.value, self.merge):
            nn.init.xavier_uniform_(layer.weight)

    def forward(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Map (B, T, F) to the context vector (B, U), the mean over the real queries."""
        q, k, v = self._split(steps)
        allowed = None if keep is None else keep[:, None, None, :]
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)  # (B, H, T, U/H)
        if keep is not None:
            heads = heads * keep[:, None, :, None]
        mean = mean_over_queries(heads, keep)  # (B, H, U/H)
        return self.merge(mean.flatten(1))  # the mean of the merged is the merged mean

    def weights(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return softmax(Q K' / sqrt(d)), (B, H, T, T); rows behind the end are 0."""
        q, k, _ = self._split(steps)
        return self._rows(q, k, keep, keep)

    def mean_weights(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the mean of `weights` over the real queries, (B, H, T); memory grows with T."""
        q, k, _ = self._split(steps)
        total = q.new_zeros(k.shape[:3])
        for start in range(0, q.shape[2], QUERIES):
            stop = start + QUERIES
            asking = None if keep is None else keep[:, start:stop]
            total += self._rows(q[:, :, start:stop], k, keep, asking).sum(2)
        n = q.shape[2] if keep is None else keep.sum(1).to(total.dtype)[:, None, None]
        return total / n

    def _rows(self, q: Tensor, k: Tensor, keep: Tensor | None, asking: Tensor | None) -> Tensor:
        scores = q @ k.transpose(2, 3) / math.sqrt(self.units / self.heads)
        if keep is None or asking is None:
            return scores.softmax(3)
        return (
            scores.masked_fill(~keep[:, None, None, :], -torch.inf).softmax(3)
            * (asking[:, None, :, None])
        )

    def _split(self, steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        size = (len(steps), steps.shape[1], self.heads, self.units // self.heads)
        parts = (layer(steps).view(size) for layer in (self.query, self.key, self.value))
        q, k, v = (part.transpose(1, 2) for part in parts)  # (B, H, T, U/H)
        return q, k, v


class SelfAttentionLSTM(Branch):
    """An LSTM layer and, beside its last hidden state, the context of self-attention.

    Both read the same steps; the branch gives [hidden state (U), context (U)].
    """

    def __init__(self, n_inputs: int, cells: int, heads: int, *, hard: bool) -> None:
        super().__init__()
        self.width = 2 * cells
        self.lstm = LSTM(n_inputs, cells, hard=hard)
        self.self_attention = SelfAttention(n_inputs, cells, heads)

    def forward(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Map (B, T, F) to (B, 2U)."""
        return torch.cat([self.lstm(steps, keep), self.self_attention(steps, keep)], 1)

    def attention(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the weights, (B, heads, Q, T)."""
        with torch.no_grad():
            return self.self_attention.weights(steps, keep)

    def mean_attention(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the weights, mean over the queries, (B, heads, T)."""
        with torch.no_grad():
            return self.self_attention.mean_weights(steps, keep)

    def macs(self, n_steps: int) -> float:
        """Multiply-accumulates of one case: the LSTM's, and scores and values of the heads."""
        return self.lstm.macs(n_steps) + 2.0 * n_steps * n_steps * self.self_attention.units
