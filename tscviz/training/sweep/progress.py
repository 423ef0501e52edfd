"""Where a sweep stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from tscviz.training.sweep.plan import Cell


@dataclass
class Progress:
    """Where a sweep stands.

    Parameters
    ----------
    total : int
        Cells.
    done, failed, cancelled : dict
        Ids of cells that need nothing more in this run; to the reason where there is one.
    running : dict
        Id to cell, of those our workers are at.
    elsewhere : dict
        Id to cell, of those another scheduler's workers are at.
    trained : int
        Cells that became done in this run.
    stopped : str
        Why the sweep ended before its cells; empty where it did not.
    interrupted : bool
        Somebody asked for that.
    """

    total: int
    done: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    cancelled: dict[str, str] = field(default_factory=dict)
    running: dict[str, Cell] = field(default_factory=dict)
    elsewhere: dict[str, Cell] = field(default_factory=dict)
    trained: int = 0
    stopped: str = ""
    interrupted: bool = False

    @property
    def waiting(self) -> int:
        """Cells nobody is at and nothing has become of."""
        known = (self.done, self.failed, self.cancelled, self.running, self.elsewhere)
        return self.total - sum(map(len, known))
