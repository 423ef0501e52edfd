"""Maps as a comparison draws them: lines of values, the scale of each row, the spread of a mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tscviz.figures.comparison_rows import ComparisonColumn, ComparisonStyle, MapRow
from tscviz.figures.palette import Scale, signed_scale, symmetric_limit, unsigned_scale
from tscviz.types import Array, Attribution

#: Share of a row's values that lie within its scale where it is clipped.
CLIP = 0.95


@dataclass(frozen=True, eq=False)
class DrawnRow:
    """A map as drawn.

    Parameters
    ----------
    values : float64 array, shape (n_lines, n_timepoints)
        One line, or one a channel; NaN on padding.
    limit : float
        End of the scale, which starts at its negative for a signed map and at zero otherwise.
    signed : bool
    spread : float64 array, shape (2, n_timepoints), or None
        Low and high quantile of the cases behind a mean map that is drawn as one curve.
    channels : sequence of int
        Of the lines, where there are several.
    """

    values: Array
    limit: float
    signed: bool
    spread: Array | None = None
    channels: Sequence[int] = (0,)

    @property
    def limits(self) -> tuple[float, float]:
        """Both ends of the scale."""
        return (-self.limit if self.signed else 0.0), self.limit

    def colours(self, dark: bool) -> Scale:
        """Return the diverging scale of a signed map, or cividis."""
        return signed_scale(dark) if self.signed else unsigned_scale()


def reduced(attribution: Attribution, each_channel: bool) -> Array:
    """Return a map as it is shown, float64, (n_lines, n_timepoints).

    Parameters
    ----------
    attribution : Attribution
        ``details["per_channel"]`` False says that its rows are one map, repeated.
    each_channel : bool
        A line a channel where they differ; otherwise their sum.
    """
    values = np.asarray(attribution.values, dtype=float)
    if not attribution.details.get("per_channel", True):
        return values[:1]
    return values if each_channel else values.sum(0, keepdims=True)


def spread_of(attribution: Attribution, each_channel: bool) -> Array | None:
    """Return the quantiles of the cases behind a mean map, as it is shown, float64, (2, T).

    Parameters
    ----------
    attribution : Attribution
        Its details hold ``low`` and ``high``, (n_channels, n_timepoints), and ``low_summed`` and
        ``high_summed``, those of the sum over the channels.
    each_channel : bool

    Returns
    -------
    array or None
        None for a map of one case, and where several lines are shown.
    """
    about = attribution.details
    if "low" not in about:
        return None
    one_line = len(attribution.values) == 1 or not about.get("per_channel", True)
    if not one_line and each_channel:
        return None
    ends = ("low", "high") if one_line else ("low_summed", "high_summed")
    return np.stack([np.asarray(about[end], dtype=float)[0] for end in ends])


def drawn_rows(
    columns: Sequence[ComparisonColumn], style: ComparisonStyle
) -> list[list[DrawnRow | None]]:
    """Return every map as drawn, by column and row; None where there is none.

    The scale is the row's own ("own"), that of 95 % of its values ("clipped"), one for the rows of
    a family ("family"), or 1 after division by the row's own ("unit").
    """
    plain = [[_unscaled(column, row, style) for row in column.rows] for column in columns]
    tops: dict[str, float] = {}
    for column, maps in zip(columns, plain, strict=True):
        for row, one in zip(column.rows, maps, strict=True):
            if one is not None:
                tops[row.family] = max(tops.get(row.family, 0.0), one.limit)
    return [
        [
            None if one is None else _scaled(one, style.scale, tops[row.family])
            for row, one in zip(column.rows, maps, strict=True)
        ]
        for column, maps in zip(columns, plain, strict=True)
    ]


def _unscaled(column: ComparisonColumn, row: MapRow, style: ComparisonStyle) -> DrawnRow | None:
    """Return a row whose scale holds all that is drawn."""
    if row.attribution is None:
        return None
    shown = reduced(row.attribution, style.each_channel)
    several = style.channels is not None and len(shown) > 1
    channels = list(style.channels or ()) if several else list(range(len(shown)))
    values = np.where(column.inside, shown[channels], np.nan)
    spread = None
    if style.drawn == "lines":
        spread = spread_of(row.attribution, style.each_channel)
    all_values = values if spread is None else np.concatenate([values, spread])
    limit = symmetric_limit(all_values)
    return DrawnRow(values, limit, row.attribution.signed, spread, channels)


def row_limit(values: Array, scale: str) -> float:
    """Return the end of a row's own scale: its greatest magnitude, or that of 95 % of its values.

    Parameters
    ----------
    values : array
        NaN does not count.
    scale : str
        "clipped" for 95 %, unless those are all zero.
    """
    own = symmetric_limit(values)
    if scale != "clipped":
        return own
    finite = np.abs(values[np.isfinite(values)])
    most = float(np.quantile(finite, CLIP)) if finite.size else 0.0
    return most if most > 0 else own


def _scaled(row: DrawnRow, scale: str, family: float) -> DrawnRow:
    if scale == "unit":
        own = symmetric_limit(row.values)
        spread = None if row.spread is None else row.spread / own
        return replace(row, values=row.values / own, limit=1.0, spread=spread)
    limit = {"family": family, "clipped": row_limit(row.values, "clipped")}.get(scale, row.limit)
    return replace(row, limit=limit)
