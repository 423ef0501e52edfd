"""Compile early, while nobody waits."""

from __future__ import annotations

import torch

from tscviz.kernels.dtw import align, soft_dtw
from tscviz.kernels.pool import segment_max


def warm_up(dtype: torch.dtype = torch.float32) -> None:
    """Compile every kernel, or read the machine code from numba's cache.

    Parameters
    ----------
    dtype : torch.dtype
        float32, which all models use, or float64.
    """
    cost = torch.zeros(1, 1, 1, dtype=dtype)
    soft_dtw(cost, 1.0)
    segment_max(cost, align(cost), 1)
