"""Kernels: compiled loops behind plain calls, safe to use from any thread."""

from tscviz.kernels.dtw import align, soft_dtw
from tscviz.kernels.errors import KernelError
from tscviz.kernels.pool import segment_max
from tscviz.kernels.series import soft_dtw_loss
from tscviz.kernels.sparse import sparse_conv1d
from tscviz.kernels.sparse_plan import SparsePlan
from tscviz.kernels.warm import warm_up

__all__ = [
    "KernelError",
    "SparsePlan",
    "align",
    "segment_max",
    "soft_dtw",
    "soft_dtw_loss",
    "sparse_conv1d",
    "warm_up",
]
