"""What a cost tensor, a smoothing and the lengths must be, and what is said when they are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from tscviz.kernels.errors import KernelError
from tscviz.types import Array

DTYPES = (torch.float32, torch.float64, np.dtype(np.float32), np.dtype(np.float64))


def check_cost(cost: Any) -> tuple[int, int, int]:
    """Return ``(B, L, T)`` of a cost tensor or array."""
    if not isinstance(cost, torch.Tensor | np.ndarray):
        raise KernelError(
            f"cost is a {type(cost).__name__}; it must be a torch tensor or a numpy array "
            "of shape (B, L, T)."
        )
    if cost.dtype not in DTYPES:
        raise KernelError(f"cost is {cost.dtype}; convert it to float32 or float64 first.")
    if cost.ndim != 3:
        raise KernelError(
            f"cost has shape {tuple(cost.shape)}; it must have three axes: "
            "cases, segments, time points (B, L, T)."
        )
    n_cases, n_segments, n_timepoints = cost.shape
    if n_segments == 0:
        raise KernelError("cost has no segments: its shape (B, L, T) needs an L of at least 1.")
    check_divisible(n_timepoints, n_segments)
    return n_cases, n_segments, n_timepoints


def check_pair(x: Any, y: Any) -> tuple[int, int, int]:
    """Return ``(B, L, T)`` of two tensors (B, L, K) and (B, T, K)."""
    for name, series in (("x", x), ("y", y)):
        if not isinstance(series, torch.Tensor) or series.dtype not in DTYPES:
            kind = series.dtype if isinstance(series, torch.Tensor) else type(series).__name__
            raise KernelError(f"{name} is {kind}; it must be a float32 or float64 tensor.")
    if x.ndim != 3 or y.ndim != 3 or x.shape[::2] != y.shape[::2] or 0 in x.shape[1:]:
        raise KernelError(
            f"x has shape {tuple(x.shape)} and y {tuple(y.shape)}; they must be (B, L, K) and "
            "(B, T, K), with the same B and K and at least one segment and feature."
        )
    if x.dtype != y.dtype or x.device != y.device:
        raise KernelError(
            f"x is {x.dtype} on {x.device} and y {y.dtype} on {y.device}; they must be the same."
        )
    check_divisible(y.shape[1], x.shape[1])
    return x.shape[0], x.shape[1], y.shape[1]


def check_divisible(n_timepoints: int, n_segments: int, whose: str = "A series") -> None:
    """Raise unless `n_timepoints` can be divided into `n_segments` of at least one point each."""
    if n_timepoints < n_segments:
        raise KernelError(
            f"{whose} of {n_timepoints} points cannot be divided into {n_segments} segments of "
            "at least one point each: use fewer segments or a longer series."
        )


def check_gamma(gamma: Any) -> float:
    """Return `gamma` as a float."""
    try:
        number = float(gamma)
    except (TypeError, ValueError) as error:
        raise KernelError(f"gamma is {gamma!r}; it must be a number, 0 or larger.") from error
    if not 0.0 <= number < math.inf:
        raise KernelError(f"gamma is {number}; it must be 0 or larger, and finite.")
    return number


def check_lengths(lengths: Any, shape: tuple[int, int, int]) -> Array:
    """Return the time points of each case, int64, shape (B,)."""
    n_cases, n_segments, n_timepoints = shape
    if lengths is None:
        return np.full(n_cases, n_timepoints, np.int64)
    found = lengths.detach().cpu().numpy() if isinstance(lengths, torch.Tensor) else lengths
    found = np.asarray(found, np.int64 if n_cases == 0 else None)
    if found.shape != (n_cases,) or found.dtype.kind not in "iu":
        raise KernelError(
            f"lengths has shape {found.shape} and dtype {found.dtype}; "
            f"it must hold one integer for each of the {n_cases} cases."
        )
    for case in np.flatnonzero((found < n_segments) | (found > n_timepoints))[:1]:
        check_divisible(int(found[case]), n_segments, f"The series of case {case}")
        raise KernelError(
            f"lengths[{case}] is {found[case]}, but cost has {n_timepoints} time points."
        )
    return found.astype(np.int64)


def bad_cost(cost: Array, length: int, case: int) -> KernelError:
    """Say what is wrong with the cost of `case`, shape (L, T), that a kernel refused."""
    bad = np.argwhere(~np.isfinite(cost[:, :length]))
    if len(bad):
        segment, t = bad[0]
        return KernelError(
            f"cost is {cost[segment, t]} in case {case}, segment {segment}, time point {t} "
            f"({len(bad)} such cells in this case): every cost must be finite. "
            "Look for NaN or infinite features or prototypes."
        )
    largest = np.abs(cost[:, :length]).max()
    return KernelError(
        f"cost goes up to {largest:.3g} in case {case}: its sum over the series is more than a "
        "float64 holds. Scale the cost down."
    )
