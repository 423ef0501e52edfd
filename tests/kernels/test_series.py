"""Soft-DTW of two series: against `soft_dtw` of their distances, differences and its limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests import oracles
from tscviz.kernels import KernelError, soft_dtw, soft_dtw_loss


def series(dtype: torch.dtype, features: int, shape: tuple[int, int, int] = (3, 4, 23)) -> Any:
    torch.manual_seed(5)
    B, L, T = shape
    x = torch.randn(B, L, features, dtype=dtype, requires_grad=True)
    return x, torch.randn(B, T, features, dtype=dtype, requires_grad=True)


def distances(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (x[:, :, None] - y[:, None]).square().sum(3)


@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("lengths", [None, [23, 4, 11]])
def test_is_soft_dtw_of_the_distances_with_its_gradients(
    jit: str, features: int, lengths: list[int] | None
) -> None:
    x, y = series(torch.float64, features)
    scale = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    found = soft_dtw_loss(x, y, 0.7, lengths)
    wanted = soft_dtw(distances(x, y), 0.7, lengths)[0]
    np.testing.assert_allclose(found.detach(), wanted.detach(), rtol=1e-13)
    ours = torch.autograd.grad((found * scale).sum(), (x, y))
    theirs = torch.autograd.grad((wanted * scale).sum(), (x, y))
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-11, atol=1e-12)
    if lengths is not None:
        assert not ours[1][1, 4:].any()


def test_equals_the_enumeration_of_all_paths() -> None:
    x, y = series(torch.float64, 2, (2, 3, 7))
    cost = distances(x, y).detach().numpy()
    wanted = [oracles.enumerate_soft_dtw(case, 0.4)[0] for case in cost]
    np.testing.assert_allclose(soft_dtw_loss(x, y, 0.4).detach(), wanted, rtol=1e-12)


def test_passes_gradcheck_and_refuses_a_second_derivative() -> None:
    x, y = series(torch.float64, 2, (2, 3, 7))
    assert torch.autograd.gradcheck(lambda a, b: soft_dtw_loss(a, b, 0.5), (x, y))
    with pytest.raises(KernelError, match="once"):
        torch.autograd.grad(soft_dtw_loss(x, y, 0.5).sum(), x, create_graph=True)


def test_large_batches_in_single_precision_and_one_sided_gradients() -> None:
    torch.manual_seed(6)
    x, y = torch.randn(64, 4, 2), torch.randn(64, 512, 2, requires_grad=True)
    (found,) = torch.autograd.grad(soft_dtw_loss(x, y, 1.0).mean(), y)
    (wanted,) = torch.autograd.grad(soft_dtw(distances(x, y), 1.0)[0].mean(), y)
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-7)


def test_the_hard_minimum_at_gamma_zero() -> None:
    x, y = series(torch.float64, 1)
    found = soft_dtw_loss(x, y, 0.0)
    torch.testing.assert_close(found, soft_dtw(distances(x, y), 0.0)[0])
    torch.testing.assert_close(found, soft_dtw_loss(x, y, 1e-9), rtol=0, atol=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.7])
def test_what_stands_behind_the_lengths_may_be_anything(device: str, gamma: float) -> None:
    x, y = (part.detach().to(device) for part in series(torch.float32, 2))
    results = []
    for behind in (0.0, torch.nan, torch.inf):
        a, b = x.clone().requires_grad_(), y.clone()
        b[1, 4:], b[2, 11:] = behind, behind
        b.requires_grad_()
        value = soft_dtw_loss(a, b, gamma, [23, 4, 11])
        value.sum().backward()
        assert a.grad is not None
        assert b.grad is not None
        assert not b.grad[1, 4:].any()
        results.append((value.detach(), a.grad, b.grad))
    assert torch.isfinite(results[0][1]).all()
    for found in results[1:]:
        for part, wanted in zip(found, results[0], strict=True):
            torch.testing.assert_close(part, wanted, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (torch.zeros(2, 3, 1), torch.zeros(2, 9, 2), "same B and K"),
        (torch.zeros(2, 3, 1), torch.zeros(2, 9, 1, dtype=torch.float64), "must be the same"),
        (torch.zeros(2, 3, 1).int(), torch.zeros(2, 9, 1), "float32 or float64"),
        (np.zeros((2, 3, 1)), torch.zeros(2, 9, 1), "ndarray"),
        (torch.zeros(2, 9, 1), torch.zeros(2, 3, 1), "cannot be divided"),
        (torch.zeros(2, 3, 1), torch.full((2, 9, 1), torch.nan), "y is nan in case 0, point 0"),
        (torch.full((1, 1, 1), 1e200, dtype=torch.float64), torch.zeros(1, 9, 1).double(), "Scale"),
    ],
)
def test_says_what_is_wrong(x: Any, y: Any, said: str) -> None:
    with pytest.raises(KernelError, match=said):
        soft_dtw_loss(x, y, 1.0)
