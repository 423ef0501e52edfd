"""What was done to one case: the versions of its series, to go back to and forth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tscviz.types import Array

#: Steps that can be undone; older ones are forgotten, the original never is.
LIMIT = 100


@dataclass(frozen=True, eq=False)
class Step:
    """One version of the series.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_points)
    text : str
        What led to it: "smooth points 30–60". Plain text of our own.
    edit : mapping
        The same as data, for the download.
    told : str or None
        A sentence to show with it; plain text.
    """

    x: Array
    text: str
    edit: Mapping[str, Any] = field(default_factory=dict)
    told: str | None = None


class History:
    """The versions of one case.

    Parameters
    ----------
    original : float32 array, shape (n_channels, n_points)
        The case's own points, without padding and missing values.
    """

    def __init__(self, original: Array) -> None:
        self.original = np.array(original, np.float32)
        self.note: str | None = None
        #: Counts the changes that the table of values did not make itself.
        self.epoch = 0
        self._steps = [Step(self.original, "the original")]
        self._at = 0

    @property
    def x(self) -> Array:
        """The series as it is now, float32, shape (n_channels, n_points)."""
        return self._steps[self._at].x

    @property
    def changed(self) -> Array:
        """Which values differ from the original, bool, shape (n_channels, n_points)."""
        return self.x != self.original

    @property
    def done(self) -> tuple[Step, ...]:
        """The steps that led to the series as it is now, the oldest first."""
        return tuple(self._steps[1 : self._at + 1])

    @property
    def undo_text(self) -> str | None:
        """What undo would take back; None where there is nothing."""
        return self._steps[self._at].text if self._at else None

    @property
    def redo_text(self) -> str | None:
        """What redo would do again; None where there is nothing."""
        return self._steps[self._at + 1].text if self._at + 1 < len(self._steps) else None

    @property
    def told(self) -> str | None:
        """What there is to say of the series as it is now; plain text."""
        return self._steps[self._at].told

    def push(
        self,
        x: Array,
        text: str,
        edit: Mapping[str, Any] | None = None,
        *,
        told: str | None = None,
    ) -> None:
        """Add a version after the present one; what had been undone is forgotten."""
        if np.array_equal(x, self.x):
            return
        step = Step(np.array(x, np.float32), text, edit or {}, told)
        steps = [*self._steps[: self._at + 1], step]
        self._steps = steps[:1] + steps[1:][-LIMIT:]
        self._at = len(self._steps) - 1
        self.epoch += 1

    def undo(self) -> None:
        """Go one version back."""
        self._go(max(0, self._at - 1))

    def redo(self) -> None:
        """Go one version forth."""
        self._go(min(len(self._steps) - 1, self._at + 1))

    def reset(self) -> None:
        """Put the original back; this can be undone as well."""
        self.push(self.original, "reset", {"operation": "reset"})

    def _go(self, at: int) -> None:
        self.epoch += at != self._at
        self._at = at
