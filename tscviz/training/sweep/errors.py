"""What is wrong with a sweep as a whole; what is wrong with one cell is stored in the cell."""

from __future__ import annotations

from tscviz.types import TscvizError


class SweepError(TscvizError):
    """A sweep cannot be read, planned or stored; the text says why and what to do."""
