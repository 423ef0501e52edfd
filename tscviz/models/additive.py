"""The LSTM cell with additive attention of Karim et al.: before each step it looks at all steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from tscviz.kernels.additive import additive_scores, additive_scores_backward, exponentials
from tscviz.models.recurrent import Branch, gate_parameters, gates, orthogonal

_CHUNK = 64  # steps whose attention weights are held at once on the way back


class AdditiveLSTM(Branch):
    """An LSTM layer whose every step gets a context: the inputs, weighted by attention.

    ``e_tj = v . tanh(U_a h_{t-1} + W_a x_j + b_a)``, ``alpha_t = softmax_j(e_t)``,
    ``z_t = sum_j alpha_tj x_j``, and each gate gets ``W x_t + U h_{t-1} + A z_t + b``
    (Bahdanau, Cho and Bengio, 2015, on the inputs themselves; Karim et al.'s code).

    Parameters
    ----------
    n_inputs, cells : int
        F and U.
    hard : bool
        See `LSTM`.
    """

    def __init__(self, n_inputs: int, cells: int, *, hard: bool) -> None:
        super().__init__()
        self.width = cells
        self.n_inputs = n_inputs
        self.hard = hard
        self.kernel, self.recurrent, self.bias = gate_parameters(n_inputs, cells)
        self.attend = orthogonal(n_inputs, 4 * cells)  # A
        self.key = orthogonal(n_inputs, cells)  # W_a
        self.query = orthogonal(cells, cells)  # U_a
        self.key_bias = nn.Parameter(torch.zeros(cells))  # b_a
        self.v = nn.Parameter(torch.zeros(cells))

    def forward(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Map (B, S, F) to (B, U)."""
        p = self._projected(steps, keep)
        return _Recurrence.apply(*(getattr(p, f.name) for f in fields(p)))

    def attention(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the weights, (B, 1, Q, S) with one query a step; rows behind the end are 0."""
        rows: list[Tensor] = []
        with torch.no_grad():
            _run(self._projected(steps, keep), rows.append)
        table = torch.stack(rows, 1)  # (B, Q, S)
        return (table if keep is None else table * keep[:, :, None])[:, None]

    def mean_attention(self, steps: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the weights, mean over the real queries, (B, 1, S); memory grows with S."""
        real = steps.new_ones(steps.shape[:2]) if keep is None else keep.to(steps.dtype)
        total, asking = steps.new_zeros(steps.shape[:2]), iter(real.unbind(1))

        def add(row: Tensor) -> None:
            total.add_(row * next(asking)[:, None])

        with torch.no_grad():
            _run(self._projected(steps, keep), add)
        return (total / real.sum(1, keepdim=True))[:, None]

    def macs(self, n_steps: int) -> float:
        """Multiply-accumulates of one case: gates and, for each step, scores and context."""
        inputs, cells = self.n_inputs, self.width
        gate_sums = (2 * inputs + cells) * 4 * cells
        projections = inputs * cells + cells * cells
        return float(n_steps * (gate_sums + projections + n_steps * (cells + inputs)))

    def _projected(self, steps: Tensor, keep: Tensor | None) -> _Inputs:
        given = (steps @ self.kernel + self.bias).transpose(0, 1)  # (S, B, 4U)
        keys = (steps @ self.key + self.key_bias).transpose(1, 2)  # (B, U, S)
        # sum_j alpha_j (x_j A) is (sum_j alpha_j x_j) A: the narrower of the two is summed.
        narrow = 4 * self.width < self.n_inputs
        values, attend = (steps @ self.attend, None) if narrow else (steps, self.attend)
        return _Inputs(
            given, keys, values, self.recurrent, self.query, self.v, attend, keep, self.hard
        )


@dataclass(frozen=True, eq=False)
class _Inputs:
    given: Tensor  # (S, B, 4U): W x_t + b
    keys: Tensor  # (B, U, S): W_a x_j + b_a
    values: Tensor  # (B, S, F), or (B, S, 4U) where A has been applied
    recurrent: Tensor  # (U, 4U)
    query: Tensor  # (U, U)
    v: Tensor  # (U,)
    attend: Tensor | None  # (F, 4U); None: applied
    keep: Tensor | None  # (B, S)
    hard: bool


@dataclass(frozen=True, eq=False)
class _Trace:
    """What the way back needs: states before each step and after the last, gates, contexts."""

    h: Tensor  # (S + 1, B, U)
    c: Tensor  # (S + 1, B, U)
    gates: Tensor  # (4, S, B, U)
    contexts: Tensor  # (S, B, F)
    queries: Tensor  # (S, B, U): exponentials
    keys: Tensor  # (B, U, S): exponentials


def _run(p: _Inputs, each: Callable[[Tensor], None] | None = None) -> _Trace:
    """Go through the steps; `each` is told the weights of every one, (B, S)."""
    n_steps, n_cases = p.given.shape[:2]
    cells = len(p.v)
    new = p.given.new_empty
    h, c = (p.given.new_zeros(n_steps + 1, n_cases, cells) for _ in range(2))
    trace = _Trace(
        h,
        c,
        new(4, n_steps, n_cases, cells),
        new(n_steps, n_cases, p.values.shape[2]),
        new(n_steps, n_cases, cells),
        exponentials(p.keys).contiguous(),
    )
    for t in range(n_steps):
        trace.queries[t] = exponentials(h[t] @ p.query)
        alpha = _weights(trace, p, t)  # (B, S)
        if each is not None:
            each(alpha)
        trace.contexts[t] = _sum_over_steps(alpha, p.values)
        sums = torch.addmm(p.given[t], h[t], p.recurrent)
        context = trace.contexts[t]
        sums += context if p.attend is None else context @ p.attend
        i, f, g, o = gates(sums, p.hard)
        cell = torch.addcmul(i * g, f, c[t])
        hidden = o * cell.tanh()
        for k, gate in enumerate((i, f, g, o)):
            trace.gates[k, t] = gate
        if p.keep is None:
            h[t + 1], c[t + 1] = hidden, cell
        else:
            here = p.keep[:, t, None]
            h[t + 1], c[t + 1] = torch.where(here, hidden, h[t]), torch.where(here, cell, c[t])
    return trace


def _sum_over_steps(alpha: Tensor, values: Tensor) -> Tensor:
    """Return ``sum_j alpha_j x_j``, (B, F), of (B, S) and (B, S, F)."""
    if values.shape[2] == 1:  # a batch of dot products is slow as a matrix product
        return (alpha * values[:, :, 0]).sum(1, keepdim=True)
    return torch.bmm(alpha[:, None], values)[:, 0]


def _weights(trace: _Trace, p: _Inputs, t: int) -> Tensor:
    scores = additive_scores(trace.keys, trace.queries[t], p.v)
    if p.keep is not None:
        scores.masked_fill_(~p.keep, -torch.inf)
    return scores.softmax(1)


class _Recurrence(torch.autograd.Function):
    """The whole recurrence; memory grows with S x (F + U), not with S x S x U."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Tensor:
        p = _Inputs(*args)
        trace = _run(p)
        ctx.p, ctx.trace = p, trace
        return trace.h[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor
    ) -> tuple[Tensor | None, ...]:
        back = _Back(ctx.p, ctx.trace, values=ctx.needs_input_grad[2])
        return (*back.run(grad), None, None)


class _Back:
    """Backpropagation through the steps, from the last to the first."""

    def __init__(self, p: _Inputs, trace: _Trace, *, values: bool) -> None:
        self.p, self.trace = p, trace
        self.sums = torch.empty_like(p.given)  # gradient of the gates' sums, (S, B, 4U)
        self.queries = torch.empty_like(trace.queries)  # of U_a h, (S, B, U)
        self.keys = torch.zeros_like(trace.keys)
        self.values = torch.zeros_like(p.values) if values else None
        self.v = torch.zeros_like(p.v)

    def run(self, dh: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients in the order of the inputs."""
        p, n_steps = self.p, len(self.p.given)
        dc = torch.zeros_like(dh)
        for stop in range(n_steps, 0, -_CHUNK):
            start = max(0, stop - _CHUNK)
            alphas, contexts = [], []
            for t in range(stop - 1, start - 1, -1):
                dh, dc, alpha, dz = self._step(t, dh, dc)
                alphas.append(alpha)
                contexts.append(dz)
            if self.values is not None:  # (B, S, steps) x (B, steps, F)
                rows = torch.stack(alphas, 1).transpose(1, 2)
                self.values += torch.bmm(rows, torch.stack(contexts, 1))
        before = self.trace.h[:-1].flatten(0, 1)  # (S B, U)
        sums = self.sums.flatten(0, 1)
        return (
            self.sums,
            self.keys,
            self.values,
            before.T @ sums,
            before.T @ self.queries.flatten(0, 1),
            self.v,
            None if p.attend is None else self.trace.contexts.flatten(0, 1).T @ sums,
        )

    def _step(self, t: int, dh: Tensor, dc: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        p, trace = self.p, self.trace
        here = None if p.keep is None else p.keep[:, t, None]
        da, dc_before = self._gates(t, dh, dc)
        if here is not None:
            da = da * here
        dz = da if p.attend is None else da @ p.attend.T  # (B, F)
        alpha = _weights(trace, p, t)
        towards = _along(p.values, dz)  # (B, S)
        slope = alpha * (towards - (alpha * towards).sum(1, keepdim=True))
        dq, dv = additive_scores_backward(trace.keys, trace.queries[t], p.v, slope, self.keys)
        self.v += dv.sum(0)
        self.sums[t], self.queries[t] = da, dq
        dh_before = torch.addmm(da @ p.recurrent.T, dq, p.query.T)
        if here is not None:
            dh_before = torch.where(here, dh_before, dh)
            dc_before = torch.where(here, dc_before, dc)
        return dh_before, dc_before, alpha, dz

    def _gates(self, t: int, dh: Tensor, dc: Tensor) -> tuple[Tensor, Tensor]:
        trace = self.trace
        i, f, g, o = trace.gates[:, t]
        squashed = torch.addcmul(i * g, f, trace.c[t]).tanh()
        dc = torch.addcmul(dc, dh * o, 1.0 - squashed.square())
        slopes = [_slope(gate, self.p.hard) for gate in (i, f, o)]
        parts = (
            dc * g * slopes[0],
            dc * trace.c[t] * slopes[1],
            dc * i * (1.0 - g.square()),
            dh * squashed * slopes[2],
        )
        return torch.cat(parts, 1), dc * f


def _along(values: Tensor, dz: Tensor) -> Tensor:
    """Return ``x_j . dz``, (B, S), of (B, S, F) and (B, F)."""
    if values.shape[2] == 1:
        return values[:, :, 0] * dz
    return torch.bmm(values, dz[:, :, None])[:, :, 0]


def _slope(gate: Tensor, hard: bool) -> Tensor:
    """Return the derivative of a gate by its sum, from its value."""
    if hard:
        return 0.2 * ((gate > 0.0) & (gate < 1.0)).to(gate.dtype)
    return gate * (1.0 - gate)
