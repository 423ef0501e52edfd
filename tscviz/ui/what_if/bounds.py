"""Values the editor takes: finite, and not absurdly far from the case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.types import Array
from tscviz.ui.inside.words import signed

#: A value may lie this many ranges of its channel outside that channel's own range.
RANGES = 10.0


@dataclass(frozen=True, eq=False)
class Bounds:
    """The least and the greatest value of each channel.

    Parameters
    ----------
    low, high : float32 arrays, shape (n_channels,)
    """

    low: Array
    high: Array

    @classmethod
    def around(cls, original: Array) -> Bounds:
        """Return the bounds for a case, float32, shape (n_channels, n_points)."""
        low, high = original.min(1), original.max(1)
        span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
        return cls(
            (low - RANGES * span).astype(np.float32), (high + RANGES * span).astype(np.float32)
        )

    def checked(self, x: Array, before: Array) -> tuple[Array, str | None]:
        """Return the series with every value within bounds, and a sentence where one was not.

        A value that is no number makes the whole edit void: `before` is returned.
        """
        bad = ~np.isfinite(x)
        if bad.any():
            c, t = (int(i) for i in np.argwhere(bad)[0])
            return before, (
                f"{place(c, t, len(x))} has no value; a finite number is wanted. The edit was "
                "left out."
            )
        kept = np.clip(x, self.low[:, None], self.high[:, None])
        moved = kept != x
        if not moved.any():
            return x, None
        c, t = (int(i) for i in np.argwhere(moved)[0])
        n = int(moved.sum())
        which = place(c, t, len(x)) if n == 1 else f"{n} values"
        return kept, (
            f"{which} lay beyond {signed(float(self.low[c]))} to {signed(float(self.high[c]))}, "
            f"{RANGES:.0f} times the range of the case on either side, and "
            f"{'was' if n == 1 else 'were'} cut off there."
        )


def place(channel: int, point: int, n_channels: int) -> str:
    """Return "Point 12", or "Point 12 of channel 2" where there are several."""
    return f"Point {point}" + (f" of channel {channel + 1}" if n_channels > 1 else "")
