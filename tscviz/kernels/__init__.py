"""Kernels: compiled loops behind plain calls, safe to use from any thread."""

from tscviz.kernels.dtw import align, soft_dtw, warm_up
from tscviz.kernels.errors import KernelError

__all__ = ["KernelError", "align", "soft_dtw", "warm_up"]
