"""Compile early, while nobody waits."""

from __future__ import annotations

import torch

from tscviz.kernels.additive import additive_scores, additive_scores_backward
from tscviz.kernels.dtw import align, soft_dtw
from tscviz.kernels.pool import segment_max
from tscviz.kernels.series import soft_dtw_loss
from tscviz.kernels.sparse import sparse_conv1d


def warm_up(dtype: torch.dtype = torch.float32) -> None:
    """Compile every kernel, or read the machine code from numba's cache.

    Parameters
    ----------
    dtype : torch.dtype
        float32, which all models use, or float64.
    """
    cost = torch.zeros(1, 1, 1, dtype=dtype)
    soft_dtw(cost, 1.0)
    soft_dtw_loss(cost, cost, 1.0)
    segment_max(cost, align(cost), 1)
    weight = torch.zeros(1, 1, 1, dtype=dtype, requires_grad=True)
    active = torch.ones_like(weight, dtype=torch.bool)
    with torch.enable_grad():
        x = cost.clone().requires_grad_()
        sparse_conv1d(x, weight, active, use_sparse=True).sum().backward()
    scores = additive_scores(cost, cost[0], cost[0, 0])
    additive_scores_backward(cost, cost[0], cost[0, 0], scores, torch.zeros_like(cost))
