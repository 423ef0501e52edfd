"""What a comparison of maps is drawn from: columns over a time axis each, and rows of maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TypedDict

import numpy as np

from tscviz.figures.stats import Spread
from tscviz.figures.text import escape
from tscviz.types import Array, Attribution

#: Characters of a line of a row's label, and of a reason.
LABEL, REASON = 17, 56


@dataclass(frozen=True, eq=False)
class MapRow:
    """One map, or the reason why there is none.

    Parameters
    ----------
    title, subtitle : str
        Label at the left: the method, and under it the model where there are several.
    attribution : Attribution or None
        None draws an empty row with `reason`.
    reason : str
    told : str
        Shown where the pointer rests on the label: sign, cost, time.
    group : str
        Heading above the row; empty continues the group.
    boundaries : int array, shape (L + 1,), optional
        Segments of the row's own model; see `Segmentation.boundaries`.
    family : str
        Rows of one family share a scale where the reader asks for it: the method.
    continues : bool
        The row above has the same title, so that the subtitle alone is written.
    """

    title: str
    subtitle: str = ""
    attribution: Attribution | None = None
    reason: str = ""
    told: str = ""
    group: str = ""
    boundaries: Array | None = None
    family: str = ""
    continues: bool = False

    @property
    def name(self) -> str:
        """Title and subtitle on one line, plain text."""
        return f"{self.title} ({self.subtitle})" if self.subtitle else self.title

    def label(self) -> str:
        """Return the label as lines of safe text."""
        lines: list[str] = []
        if not (self.continues and self.subtitle):
            lines = [escape(line, LABEL + 3) for line in wrap(self.title, LABEL)[:2]]
            if self.subtitle:
                lines = [f"<b>{line}</b>" for line in lines]
        if self.subtitle:
            lines.append(escape(self.subtitle, LABEL + 3))
        return "<br>".join(lines)

    def why(self) -> str:
        """Return the reason as at most two lines of safe text."""
        return "<br>".join(escape(line, REASON + 3) for line in wrap(self.reason, REASON)[:2])


@dataclass(frozen=True, eq=False)
class ComparisonColumn:
    """One time axis: a case or the mean of several, and its maps from top to bottom.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    rows : sequence of MapRow
        As many in every column.
    title : str
        Heading.
    mask : bool array, shape (n_timepoints,), optional
        False on padding, which is hatched.
    interpolated : bool array, shape (n_channels, n_timepoints), optional
        True where a value was filled in; hatched.
    boundaries : int array, shape (L + 1,), optional
        Segments; lines between them cross all rows.
    bands : sequence of Spread, optional
        One a channel, where `x` is a mean over cases.
    overlays : mapping of str to array, shape (n_channels, n_timepoints), optional
        Other series, such as the references of a method, drawn as thin lines.
    stretches : int array, shape (n + 1,), optional
        Edges of stretches drawn by hand: every second one is shaded behind the series.
    """

    x: Array
    rows: Sequence[MapRow]
    title: str = ""
    mask: Array | None = None
    interpolated: Array | None = None
    boundaries: Array | None = None
    bands: Sequence[Spread] = ()
    overlays: Mapping[str, Array] = field(default_factory=dict)
    stretches: Array | None = None

    @property
    def divided(self) -> bool:
        """Whether there are at least two segments to tell apart."""
        return self.boundaries is not None and len(self.boundaries) > 2

    @property
    def inside(self) -> Array:
        """What is no padding, bool, shape (n_timepoints,)."""
        if self.mask is None:
            return np.ones(self.x.shape[1], bool)
        return np.asarray(self.mask, bool)

    @property
    def filled(self) -> Array:
        """Points of which any channel was filled in, bool, shape (n_timepoints,)."""
        if self.interpolated is None:
            return np.zeros(self.x.shape[1], bool)
        return np.asarray(self.interpolated, bool).any(0) & self.inside

    def all_values(self, c: int) -> Array:
        """Return everything drawn in the panel of channel `c`, for its range."""
        own = np.where(self.inside, np.asarray(self.x[c], dtype=float), np.nan)
        bands = [a for band in self.bands[c : c + 1] for a in (band.low, band.high)]
        return np.concatenate([own, *bands, *(other[c] for other in self.overlays.values())])


class ComparisonOptions(TypedDict, total=False):
    """Keyword options of `plot_comparison`; see there."""

    each_channel: bool
    scale: str
    drawn: str
    channels: Sequence[int] | None
    channel_names: Sequence[str] | None
    class_name: str
    value_label: str
    dark: bool


@dataclass(frozen=True, eq=False)
class ComparisonStyle:
    """The options of `ComparisonOptions` with their defaults."""

    each_channel: bool = False
    scale: str = "own"
    drawn: str = "strips"
    channels: Sequence[int] | None = None
    channel_names: Sequence[str] | None = None
    class_name: str = "the class"
    value_label: str = "value"
    dark: bool = False
