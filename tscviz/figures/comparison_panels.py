"""The panels of a comparison of maps: series with bands and gaps, strips, curves, empty rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.bands import fill_between
from tscviz.figures.comparison_marks import cut_lines, empty_row, hatches, stretch_bands
from tscviz.figures.comparison_rows import ComparisonColumn, ComparisonStyle, MapRow
from tscviz.figures.comparison_scales import DrawnRow
from tscviz.figures.frame import Panel, set_axis
from tscviz.figures.furniture import colour_axis
from tscviz.figures.palette import DASHES, OKABE_ITO, class_style, look, signed_scale, with_alpha
from tscviz.figures.series import TIME, channel_name
from tscviz.figures.stats import MAX_POINTS, block_extremes, thin
from tscviz.figures.text import escape
from tscviz.types import Array


def draw_series(
    fig: go.Figure,
    places: Sequence[Panel],
    column: ComparisonColumn,
    channels: Sequence[int],
    style: ComparisonStyle,
    ranges: Sequence[tuple[float, float]],
    *,
    first: bool,
) -> None:
    """Draw the channels of a column, one a panel."""
    tones = look(style.dark)
    values = np.where(column.inside, np.asarray(column.x, dtype=float), np.nan)
    coloured = style.drawn == "lines" and style.each_channel and len(channels) > 1
    for place, c, (low, high) in zip(places, channels, ranges, strict=True):
        name, tint = channel_name(c, style.channel_names), class_style(c, style.dark)
        if column.stretches is not None:
            stretch_bands(fig, place, column.stretches, style.dark)
        if column.bands:
            _band(fig, place, column, c, tones.neutral)
        for i, (label, other) in enumerate(column.overlays.items()):
            _overlay(fig, place, label, other[c], i, first=first and c == channels[0], style=style)
        picks = thin(values[c])
        fig.add_trace(
            go.Scatter(
                x=picks,
                y=values[c][picks].astype(np.float32),
                mode="lines",
                name="series" if len(channels) == 1 else name,
                line={
                    "color": tint.colour if coloured else tones.text,
                    "dash": tint.dash if coloured else "solid",
                    "width": 1.8 if len(channels) == 1 else 1.5,
                },
                hovertemplate=f"{escape(style.value_label)} %{{y:.5~g}}<extra></extra>",
                showlegend=False,
                meta={"table": {"x": TIME, "y": "value"}},
                **place.axes,
            )
        )
        hatches(fig, place, column.inside, _filled(column, c), (low, high), style.dark)
        set_axis(fig, place.y, range=[low, high], nticks=5 if len(channels) == 1 else 3)
        if len(channels) > 1:
            set_axis(fig, place.y, showticklabels=False, showgrid=False)
        if first:
            many = len(channels) > 1
            _name(fig, place, name if many else escape(style.value_label), style, many=many)


def _name(fig: go.Figure, place: Panel, text: str, style: ComparisonStyle, *, many: bool) -> None:
    fig.add_annotation(
        text=text, xref="paper", yref="paper", x=0, xshift=-10 if many else -44,
        y=(place.top + place.bottom) / 2, xanchor="right", yanchor="middle", showarrow=False,
        font={"size": 12, "color": look(style.dark).muted},
    )  # fmt: skip


def _filled(column: ComparisonColumn, c: int) -> Array:
    if column.interpolated is None:
        return column.filled
    return np.asarray(column.interpolated, bool)[c] & column.inside


def _band(fig: go.Figure, place: Panel, column: ComparisonColumn, c: int, colour: str) -> None:
    band = column.bands[c]
    t = np.flatnonzero(np.isfinite(band.low))
    fill_between(fig, t, band.low[t], band.high[t], with_alpha(colour, 0.16), **place.axes)


def _overlay(
    fig: go.Figure,
    place: Panel,
    label: str,
    values: Array,
    i: int,
    *,
    first: bool,
    style: ComparisonStyle,
) -> None:
    safe = escape(label, 30)
    fig.add_trace(
        go.Scatter(
            x=np.arange(len(values)),
            y=np.asarray(values, np.float32),
            mode="lines",
            name=safe,
            legendgroup=safe,
            showlegend=first,
            line={"width": 1.3, "color": class_style(i % len(OKABE_ITO), style.dark).colour,
                  "dash": DASHES[i % len(DASHES)]},
            hoverinfo="skip",
            meta={"table": {"x": TIME, "y": "value"}},
            **place.axes,
        )
    )  # fmt: skip


def draw_row(
    fig: go.Figure,
    place: Panel,
    column: ComparisonColumn,
    row: MapRow,
    drawn: DrawnRow | None,
    style: ComparisonStyle,
) -> None:
    """Draw one map, or why there is none."""
    name = escape(row.name, 60)
    set_axis(fig, place.y, showgrid=False, showticklabels=False, ticks="", fixedrange=True)
    if drawn is None:
        empty_row(fig, place, row, style.dark)
        return
    if style.drawn == "lines":
        span = _curves(fig, place, name, drawn, style)
    else:
        span = _strip(fig, place, name, drawn, style)
    hatches(fig, place, column.inside, column.filled, span, style.dark)
    cuts = column.boundaries if row.boundaries is None else row.boundaries
    if cuts is not None:
        cut_lines(fig, place, cuts, style.dark)


def _strip(
    fig: go.Figure, place: Panel, name: str, drawn: DrawnRow, style: ComparisonStyle
) -> tuple[float, float]:
    at, shown = block_extremes(drawn.values, MAX_POINTS)
    many = len(shown) > 1
    lines = np.asarray(drawn.channels) + 1
    fig.add_trace(
        go.Heatmap(
            z=shown.astype(np.float32),
            x=at,
            y=lines,
            name=name,
            **colour_axis(drawn.colours(style.dark), drawn.limits),
            showscale=False,
            hoverinfo=None if many else "skip",
            hovertemplate=f"{name}, channel %{{y}}: %{{z:.3~g}}<extra></extra>" if many else None,
            meta={"table": {"y": "channel", "x": TIME, "z": "attribution"}},
            **place.axes,
        )
    )
    if not many:
        _whisper(fig, place, name, at, shown[0], float(lines[0]))
    low, high = lines[0] - 0.5, lines[-1] + 0.5
    set_axis(fig, place.y, range=[high, low])
    return low, high


def _whisper(
    fig: go.Figure, place: Panel, name: str, at: Array, values: Array, level: float
) -> None:
    """Put an unseen line through a strip, so that every row speaks at the pointer's time."""
    fig.add_trace(
        go.Scatter(
            x=at,
            y=np.full(len(at), level, np.float32),
            customdata=values.astype(np.float32),
            mode="lines",
            name=name,
            line={"width": 0},
            hovertemplate=f"{name} %{{customdata:.3~g}}<extra></extra>",
            showlegend=False,
            **place.axes,
        )
    )


def _curves(
    fig: go.Figure, place: Panel, name: str, drawn: DrawnRow, style: ComparisonStyle
) -> tuple[float, float]:
    tones, many = look(style.dark), len(drawn.values) > 1
    low, high = drawn.limits
    if drawn.spread is not None:
        if style.scale == "unit":  # the scale is the mean's own, and the cases go beyond it
            low = min(low, float(np.nanmin(drawn.spread)))
            high = max(high, float(np.nanmax(drawn.spread)))
        t = np.flatnonzero(np.isfinite(drawn.spread[0]))
        least, most = drawn.spread[:, t]
        fill_between(fig, t, least, most, with_alpha(tones.text, 0.16), **place.axes)
    room = 0.08 * (high - low)
    if not many:
        for keep, colour in _sides(drawn, style.dark):
            _area(fig, place, np.where(keep, drawn.values[0], 0.0), colour)
    for c, values in zip(drawn.channels, drawn.values, strict=True):
        picks = thin(values)
        look_of = class_style(c, style.dark)
        label = f"{name}, channel {c + 1}" if many else name
        line = {"color": look_of.colour if many else tones.text, "width": 1.2,
                "dash": look_of.dash if many else "solid"}  # fmt: skip
        fig.add_trace(
            go.Scatter(
                x=picks,
                y=values[picks].astype(np.float32),
                mode="lines",
                name=label,
                line=line,
                hovertemplate=f"{label} %{{y:.3~g}}<extra></extra>",
                showlegend=False,
                meta={"table": {"x": TIME, "y": "attribution"}},
                **place.axes,
            )
        )
    fig.add_shape(
        type="line", xref="paper", x0=place.left, x1=place.right, yref=place.y, y0=0, y1=0,
        line={"color": tones.axis, "width": 1}, layer="below",
    )  # fmt: skip
    set_axis(fig, place.y, range=[low - room, high + room])
    return low - room, high + room


def _sides(drawn: DrawnRow, dark: bool) -> Iterator[tuple[Array, str]]:
    """Yield where a map is above and below zero, with the colour of each side."""
    values = np.nan_to_num(drawn.values[0])
    scale = signed_scale(dark)
    if drawn.signed:
        yield values > 0, scale[5][1]
        yield values < 0, scale[1][1]
    else:
        yield values > 0, look(dark).muted


def _area(fig: go.Figure, place: Panel, values: Array, colour: str) -> None:
    picks = thin(values)
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=np.nan_to_num(values[picks]).astype(np.float32),
            mode="lines",
            line={"width": 0},
            fill="tozeroy",
            fillcolor=with_alpha(colour, 0.55),
            hoverinfo="skip",
            showlegend=False,
            **place.axes,
        )
    )
