"""The LSTM cells step by step, as the equations stand, for autograd to differentiate."""

from __future__ import annotations

import torch
from torch import Tensor

from tscviz.models.additive import AdditiveLSTM
from tscviz.models.recurrent import LSTM


def _cell(a: Tensor, c: Tensor, hard: bool) -> tuple[Tensor, Tensor]:
    i, f, g, o = a.chunk(4, 1)
    if hard:
        i, f, o = ((0.2 * v + 0.5).clamp(0, 1) for v in (i, f, o))
    else:
        i, f, o = (1 / (1 + torch.exp(-v)) for v in (i, f, o))
    c = f * c + i * torch.tanh(g)
    return o * torch.tanh(c), c


def lstm(layer: LSTM, case: Tensor) -> Tensor:
    """Hidden state (1, U) after the last step of one case (S, F)."""
    h = c = case.new_zeros(1, layer.width)
    for x in case[:, None]:
        h, c = _cell(x @ layer.kernel + h @ layer.recurrent + layer.bias, c, layer.hard)
    return h


def additive_lstm(layer: AdditiveLSTM, case: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden state (1, U) and weights (S, S) of one case (S, F); Karim et al.'s attention cell."""
    h = c = case.new_zeros(1, layer.width)
    rows = []
    for x in case[:, None]:
        e = torch.tanh(h @ layer.query + case @ layer.key + layer.key_bias) @ layer.v  # (S,)
        alpha = torch.exp(e) / torch.exp(e).sum()
        z = alpha[None] @ case
        a = x @ layer.kernel + h @ layer.recurrent + z @ layer.attend + layer.bias
        h, c = _cell(a, c, layer.hard)
        rows.append(alpha)
    return h, torch.stack(rows)
