"""What goes wrong in the kernels, in the caller's words."""

from __future__ import annotations

from tscviz.types import TscvizError


class KernelError(TscvizError):
    """A cost tensor, a length or a smoothing that the alignment is not defined for."""
