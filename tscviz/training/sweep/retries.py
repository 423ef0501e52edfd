"""Which failures of a cell pass, and how often it is started again after them."""

from __future__ import annotations

from collections import Counter, defaultdict

from tscviz.training.sweep.cell import Kind

#: Failures that need not come again, and whether the next attempt starts over.
PASSING = {"died": False, "node": False, "start": False, "memory": False, "checkpoint": True}
#: Failures that every further cell would meet.
GENERAL = ("room", "code")
#: How many of a kind a cell has free, beside its retries: it cannot help losing the machine under
#: it, and a checkpoint that cannot be read fails it for ever unless it may start over once.
FREE = {"node": 20, "checkpoint": 1}


class Retries:
    """Failures of a passing kind, cell by cell.

    Parameters
    ----------
    most : int
        How often a cell is started again after those that are not free.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._seen: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def allow(self, cell_id: str, kind: Kind) -> bool:
        """Note a failure; return whether the cell is started again."""
        seen = self._seen[cell_id]
        seen[kind] += 1
        return sum(max(0, n - FREE.get(each, 0)) for each, n in seen.items()) <= self.most

    def failures(self, cell_id: str) -> int:
        """Return how many were noted of a cell."""
        return self._seen[cell_id].total()
