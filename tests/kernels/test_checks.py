"""What is refused, and that the message says what was found and what to do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tscviz.kernels import KernelError, align, soft_dtw, torch_dtw
from tscviz.types import TscvizError


def test_kernel_errors_are_for_users() -> None:
    assert issubclass(KernelError, TscvizError)


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        ([[[1.0]]], "cost is a list; it must be a torch tensor or a numpy array"),
        (np.zeros((2, 3)), r"cost has shape \(2, 3\); it must have three axes"),
        (np.zeros((1, 2, 3), np.int64), "cost is int64; convert it to float32 or float64"),
        (torch.zeros(1, 2, 3, dtype=torch.bfloat16), "cost is torch.bfloat16; convert it"),
        (np.zeros((1, 2, 3), ">f4"), "cost is >f4; convert it"),
        (np.zeros((1, 0, 3)), "cost has no segments"),
        (np.zeros((1, 4, 3)), "3 points cannot be divided into 4 segments"),
        (np.zeros((1, 1, 0)), "0 points cannot be divided into 1 segments"),
    ],
)
def test_wrong_cost(cost: object, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        soft_dtw(cost, 1.0)  # pyright: ignore[reportCallIssue, reportArgumentType]
    with pytest.raises(KernelError, match=message):
        align(cost)  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([5, 2], "The series of case 1 of 2 points cannot be divided into 3 segments"),
        ([5, 6], r"lengths\[1\] is 6, but cost has 5 time points"),
        ([5], "one integer for each of the 2 cases"),
        ([5.0, 4.0], "lengths has shape .* dtype float64"),
        (torch.tensor([[5, 5]]), "one integer for each of the 2 cases"),
    ],
)
def test_wrong_lengths(lengths: object, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        soft_dtw(np.zeros((2, 3, 5)), 1.0, lengths)  # pyright: ignore[reportArgumentType, reportCallIssue]


@pytest.mark.parametrize(
    ("gamma", "message"),
    [
        (-1.0, "gamma is -1.0; it must be 0 or larger"),
        (float("nan"), "gamma is nan"),
        (float("inf"), "gamma is inf"),
        ("wide", "gamma is 'wide'; it must be a number"),
    ],
)
def test_wrong_gamma(gamma: float, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        soft_dtw(np.zeros((1, 2, 3)), gamma)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("gamma", [0.0, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_costs_that_are_not_finite(
    jit: str, device: str, value: float, gamma: float, dtype: torch.dtype
) -> None:
    # Cells no path uses count too: (2, 0) cannot be reached, (0, 7) leads nowhere.
    for segment, t in ((1, 4), (2, 0), (0, 7)):
        cost = torch.zeros(3, 3, 8, dtype=dtype, device=device)
        cost[1, segment, t] = value
        where = f"in case 1, segment {segment}, time point {t} .*every cost must be finite"
        with pytest.raises(KernelError, match=where):
            soft_dtw(cost, gamma)
        with pytest.raises(KernelError, match=where):
            align(cost)


def test_rows_in_torch_refuse_costs_that_are_not_finite() -> None:
    cost = torch.zeros(2, 3, 8)
    cost[1, 2, 5] = torch.nan
    with pytest.raises(KernelError, match="in case 1, segment 2, time point 5"):
        torch_dtw.soft_dtw(cost, 1.0, np.array([8, 8]))


def test_sums_beyond_float64_are_refused(jit: str) -> None:
    with pytest.raises(KernelError, match=r"cost goes up to 1e\+308 in case 0.*Scale the cost"):
        soft_dtw(np.full((1, 2, 8), 1e308), 1.0)
    with pytest.raises(KernelError, match=r"cost goes up to 1e\+308"):
        align(np.full((1, 2, 8), 1e308))
