"""The recurrent layers against the equations, step by step: values, gradients, ends of series."""

from typing import Any

import pytest
import torch
from torch import Tensor

from tests import oracles_lstm as oracles
from tscviz.models import attention
from tscviz.models.additive import AdditiveLSTM
from tscviz.models.attention import SelfAttention, SelfAttentionLSTM, mean_over_queries
from tscviz.models.base import ModelError
from tscviz.models.recurrent import LSTM, gate_parameters

LENGTHS = (70, 3, 40, 1, 69)  # one more than a chunk of the way back


def _cases(n_inputs: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    x = torch.randn(len(LENGTHS), max(LENGTHS), n_inputs, dtype=torch.float64)
    return x, torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]


def _moved(layer: torch.nn.Module) -> None:
    """Leave the zeros that the layers start with."""
    torch.manual_seed(2)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(0.5 * torch.randn_like(p))


def test_parameters_start_as_in_keras() -> None:
    torch.manual_seed(0)
    kernel, recurrent, bias = gate_parameters(30, 8)
    limit = (6 / (30 + 32)) ** 0.5  # Glorot uniform over all four gates at once
    assert 0.95 * limit < kernel.abs().max() <= limit
    torch.testing.assert_close(recurrent @ recurrent.T, torch.eye(8), atol=1e-5, rtol=0)
    assert bias.tolist() == [0.0] * 8 + [1.0] * 8 + [0.0] * 16


@pytest.mark.parametrize("hard", [False, True])
def test_lstm_equals_the_equations(hard: bool) -> None:
    layer = LSTM(3, 4, hard=hard).double()
    _moved(layer)
    x, keep = _cases(3)
    found = layer(x, keep)
    wanted = torch.cat([oracles.lstm(layer, case[:n]) for case, n in zip(x, LENGTHS, strict=True)])
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(layer(x[:1]), wanted[:1])
    for a, b in zip(
        torch.autograd.grad(found.sum(), list(layer.parameters())),
        torch.autograd.grad(wanted.sum(), list(layer.parameters())),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("n_inputs", [1, 3, 20])  # 20: A is applied before the sum
def test_additive_lstm_equals_the_equations(hard: bool, n_inputs: int) -> None:
    layer = AdditiveLSTM(n_inputs, 4, hard=hard).double()
    _moved(layer)
    x, keep = _cases(n_inputs)
    x.requires_grad_()
    pairs = [oracles.additive_lstm(layer, c[:n]) for c, n in zip(x, LENGTHS, strict=True)]
    wanted = torch.cat([h for h, _ in pairs])
    weight = torch.randn(wanted.shape, dtype=torch.float64)
    found = layer(x, keep)
    torch.testing.assert_close(found, wanted)
    inputs = [x, *layer.parameters()]
    for a, b in zip(
        torch.autograd.grad((found * weight).sum(), inputs),
        torch.autograd.grad((wanted * weight).sum(), inputs),
        strict=True,
    ):
        torch.testing.assert_close(a, b)
    rows = layer.attention(x, keep)
    for i, (_, table) in enumerate(pairs):
        n = LENGTHS[i]
        torch.testing.assert_close(rows[i, 0, :n, :n], table.detach())
        assert rows[i, 0].sum() == pytest.approx(n)


def test_a_full_mask_changes_nothing() -> None:
    layer = AdditiveLSTM(2, 4, hard=False).double()
    _moved(layer)
    x, keep = _cases(2)
    grads = [
        torch.autograd.grad(layer(x, m).sum(), list(layer.parameters()))
        for m in (None, torch.ones_like(keep))
    ]
    for a, b in zip(*grads, strict=True):
        torch.testing.assert_close(a, b)


def test_attention_starts_even_and_scores_do_not_overflow() -> None:
    """v starts at zero; weights of a thousand would overflow the exponential of the scores."""
    layer = AdditiveLSTM(1, 4, hard=False)
    x = torch.randn(2, 9, 1)
    torch.testing.assert_close(layer.attention(x), torch.full((2, 1, 9, 9), 1 / 9))
    with torch.no_grad():
        layer.v.fill_(1000.0)
        layer.key.fill_(50.0)
    rows = layer.attention(x)
    torch.testing.assert_close(rows.sum(3), torch.ones(2, 1, 9))
    assert torch.isfinite(layer(x)).all()


def test_one_step_leaves_the_attention_without_a_gradient() -> None:
    layer = AdditiveLSTM(30, 4, hard=True)
    _moved(layer)
    layer(torch.randn(5, 1, 30)).sum().backward()
    for p in (layer.v, layer.key, layer.key_bias, layer.query, layer.recurrent):
        assert p.grad is not None
        assert not p.grad.any()
    assert layer.attend.grad is not None
    assert layer.attend.grad.any()


def test_self_attention_equals_the_equations() -> None:
    layer = SelfAttention(3, 8, 4).double()
    x, keep = _cases(3)
    rows = layer.weights(x, keep)
    found = layer(x, keep)
    for i, n in enumerate(LENGTHS):
        case = x[i, :n]
        q, k, v = (case @ p.weight.T for p in (layer.query, layer.key, layer.value))
        heads = []
        for h in range(4):
            part = slice(2 * h, 2 * h + 2)
            table = torch.softmax(q[:, part] @ k[:, part].T / 2**0.5, 1)
            torch.testing.assert_close(rows[i, h, :n, :n], table)
            heads.append(table @ v[:, part])
        wanted = (torch.cat(heads, 1) @ layer.merge.weight.T).mean(0)
        torch.testing.assert_close(found[i], wanted)
    assert not rows[1, :, LENGTHS[1] :].any()
    assert not rows[1, :, :, LENGTHS[1] :].any()


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", ["additive", "self"])
def test_the_mean_over_queries_needs_no_table(
    kind: str, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "QUERIES", 4)  # several parts, the last one short
    made = {
        "additive": AdditiveLSTM(3, 8, hard=False),
        "self": SelfAttentionLSTM(3, 8, 2, hard=True),
    }
    branch: Any = made[kind].double()
    _moved(branch)
    x, keep = _cases(3)
    keep = keep if masked else None
    wanted = mean_over_queries(branch.attention(x, keep), keep)
    torch.testing.assert_close(branch.mean_attention(x, keep), wanted)


def test_the_context_stands_behind_the_hidden_state() -> None:
    branch = SelfAttentionLSTM(3, 8, 2, hard=False).double()
    x, keep = _cases(3)
    found = branch(x, keep)
    torch.testing.assert_close(found[:, :8], branch.lstm(x, keep))
    torch.testing.assert_close(found[:, 8:], branch.self_attention(x, keep))


def test_heads_must_divide_the_cells() -> None:
    with pytest.raises(ModelError, match="8 cells cannot be divided among 3 heads"):
        SelfAttention(3, 8, 3)
