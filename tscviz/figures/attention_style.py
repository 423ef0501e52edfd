"""The options of a figure of attention, and the ends of its axes and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from tscviz.figures.cam_map import CamStyle
from tscviz.types import Array

TIMES = "times the even share"
#: Colours end here where weights go on: an attention on few points would leave the rest dark.
MOST_TIMES = 5.0


class AttentionOptions(TypedDict, total=False):
    """Keyword options of `plot_attention`; see there."""

    head: int | None
    queries: Array | None
    query_label: str
    full_range: bool
    mask: Array | None
    channels: Sequence[int] | None
    channel_names: Sequence[str] | None
    value_label: str
    dark: bool


@dataclass(frozen=True, eq=False)
class AttentionStyle:
    """`AttentionOptions` with their defaults."""

    head: int | None = None
    queries: Array | None = None
    query_label: str = "step"
    full_range: bool = False
    mask: Array | None = None
    channels: Sequence[int] | None = None
    channel_names: Sequence[str] | None = None
    value_label: str = "value"
    dark: bool = False

    @property
    def cam(self) -> CamStyle:
        """The style of a series in the colours of a map."""
        return CamStyle(
            mask=self.mask,
            channel_names=self.channel_names,
            cam_label=TIMES,
            value_label=self.value_label,
            dark=self.dark,
        )

    def inside(self, length: int) -> Array:
        """Return what is no padding, (n_timepoints,)."""
        return np.ones(length, bool) if self.mask is None else np.asarray(self.mask, bool)

    def limits(self, weights: Array, even: float) -> tuple[float, float]:
        """Return the ends of an axis of weights; the even share lies in its middle or below."""
        finite = weights[np.isfinite(weights)]
        if self.full_range and np.ptp(finite) > 0:
            return float(finite.min()), float(finite.max())
        return 0.0, max(2 * even, float(finite.max()))

    def colours(self, times: Array) -> tuple[float, float]:
        """Return the ends of the colours of weights in times the even share."""
        low, high = self.limits(times, 1.0)
        return low, high if self.full_range else min(high, MOST_TIMES)
