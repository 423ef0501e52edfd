"""Where an attention looks: weights on the series, head by head, and step by step."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.attention_style import TIMES, AttentionOptions, AttentionStyle
from tscviz.figures.cam import draw_line
from tscviz.figures.cam_map import DrawnMap
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, follow_pointer, heading
from tscviz.figures.palette import look, unsigned_scale, with_alpha
from tscviz.figures.series import (
    TIME,
    choose_channels,
    thinned_note,
    time_range,
    value_title,
)
from tscviz.figures.stats import MAX_POINTS, blank_padding, block_extremes, peak_stretch, thin
from tscviz.figures.text import count, escape, listing, number, points
from tscviz.types import Array

#: Rows and columns of a table of weights that are drawn; more are thinned.
MAX_CELLS = 500
ROW, CURVE, TABLE = 18.0, 104.0, 260.0


def plot_attention(x: Array, weights: Array, **options: Unpack[AttentionOptions]) -> go.Figure:
    """Draw a case with the weights of an attention over its time points, on one time axis.

    From top to bottom: the series in the colours of the weights shown, the weights as curves
    beside their even share, all heads as strips, and the queries of which they are the mean.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    weights : array, shape (heads, n_timepoints)
        Each row sums to 1; padding has 0.
    head : int, optional
        Head shown on the series, from 0; the mean of all if None.
    queries : array, shape (n_queries, n_timepoints), optional
        A row a query; padding may be left out.
    query_label : str
        What a query is, such as "LSTM step".
    full_range : bool
        Let colours and curves run from the least to the greatest weight. Otherwise they start
        at zero, and colours end at 5 times the even share.
    mask : bool array, shape (n_timepoints,), optional
        False on padding.
    channels, channel_names : sequences, optional
        Rows to draw (the first 12 if None) and the names of all channels.
    value_label : str
        Title of the value axis.
    dark : bool
        Dark or light look.
    """
    style = AttentionStyle(**options)
    inside = style.inside(x.shape[1])
    even = 1.0 / max(1, int(inside.sum()))
    seen = np.where(inside, weights, np.nan)
    shown = seen.mean(0) if style.head is None else seen[style.head]
    strips = np.vstack([seen.mean(0)[None], seen]) if len(seen) > 1 else seen
    limits = style.colours(shown / even)
    chosen, notes = choose_channels(len(x), style.channels)
    fig, series, curve, strip, table = _skeleton(len(chosen), len(strips), style)
    values = blank_padding(x[None], inside[None])[0]
    drawn = DrawnMap(np.broadcast_to(shown / even, x.shape), unsigned_scale(), limits)
    for place, c in zip(series, chosen, strict=True):
        draw_line(fig, place, values[c], drawn, c, style.cam, many=len(chosen) > 1)
    value_title(fig, series, style.value_label, style.dark)
    _draw_curves(fig, curve, seen, shown, even, style)
    bar = colour_bar(fig, TIMES, [series[0], strip], dark=style.dark)
    _draw_strips(fig, strip, strips / even, limits, bar)
    what = ("Colours", "the greatest weight")
    if style.queries is not None:  # the strips are means of them
        what = ("Colours above the table", "the greatest mean of the table's rows")
    notes += _ends(strips / even, limits, *what)
    if table is not None and style.queries is not None:
        notes += _draw_queries(fig, table, style.queries, even, style)
    if x.shape[1] > MAX_POINTS:
        notes.append(thinned_note(len(thin(values[chosen[0]])), x.shape[1]))
    set_axis(fig, "x", range=time_range(x.shape[1]))
    follow_pointer(fig, TIME, dark=style.dark)
    return finish(fig, key="attention", alt=_alt(seen, even), dark=style.dark, notes=notes)


def _ends(times: Array, limits: tuple[float, float], what: str, greatest: str) -> list[str]:
    """Say where colours end, if weights go on."""
    top = float(np.nanmax(times))
    if top <= 1.05 * limits[1]:
        return []
    return [f"{what} end at {limits[1]:.3g} {TIMES}; {greatest} is {top:.3g} times it."]


def _skeleton(
    n_channels: int, n_strips: int, style: AttentionStyle
) -> tuple[go.Figure, list[Panel], Panel, Panel, Panel | None]:
    many = n_channels > 1
    heights = [84.0 if many else 200.0] * n_channels + [CURVE, ROW * n_strips]
    gaps = [24.0] * (n_channels - 1) + [30.0, 8.0]
    if style.queries is not None:
        heights.append(TABLE)
        gaps.append(40.0)
    top = 26 + 18 * many
    fig, places = rows(heights, gaps=gaps, margin=Margin(left=78, top=top, right=96))
    n = n_channels
    return fig, places[:n], places[n], places[n + 1], (places[n + 2 :] or [None])[0]


def _draw_curves(
    fig: go.Figure,
    place: Panel,
    seen: Array,
    shown: Array,
    even: float,
    style: AttentionStyle,
) -> None:
    """Draw the weights shown as a line, other heads as thin ones, and the even share."""
    tones = look(style.dark)
    for i, row in enumerate(seen):
        if len(seen) > 1 and i != style.head:
            _curve(fig, place, row, f"head {i + 1}", even, (with_alpha(tones.muted, 0.55), 1.0))
    label = "attention" if len(seen) == 1 else "mean of the heads"
    if style.head is not None and len(seen) > 1:
        label = f"head {style.head + 1}"
    _curve(fig, place, shown, label, even, (tones.text, 2.0))
    fig.add_shape(
        type="line",
        xref="paper",
        x0=0,
        x1=1,
        yref=place.y,
        y0=even,
        y1=even,
        line={"color": tones.accent, "width": 1.2, "dash": "4px,3px"},
    )
    heading(fig, place, f"{label}; dashed: even share {100 * even:.3g} %", dark=style.dark,
            strong=False, shift=6)  # fmt: skip
    low, high = style.limits(seen, even)
    room = 0.06 * (high - low)
    bottom = low - room if style.full_range else 0.0
    set_axis(
        fig,
        place.y,
        title_text="attention",
        range=[min(bottom, even - room), high + room],
        tickformat=percent_format(high - low),
        nticks=4,
    )


def percent_format(width: float) -> str:
    """Return a format for shares that tells about four steps of `width` apart."""
    digits = int(np.clip(np.ceil(-np.log10(max(25 * width, 1e-6))), 0, 6))
    return f".{digits}~%"


def _curve(
    fig: go.Figure, place: Panel, row: Array, label: str, even: float, line: tuple[str, float]
) -> None:
    picks = thin(row)
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=row[picks].astype(np.float32),
            customdata=(row[picks] / even).astype(np.float32),
            mode="lines",
            name=label,
            line={"color": line[0], "width": line[1]},
            hovertemplate=f"{label} %{{y:.3~%}}, %{{customdata:.3~f}} {TIMES}<extra></extra>",
            meta={"table": {"x": TIME, "y": "attention", "customdata": [TIMES]}},
            **place.axes,
        )
    )


def _draw_strips(
    fig: go.Figure,
    place: Panel,
    times: Array,
    limits: tuple[float, float],
    bar: dict[str, object],
) -> None:
    at, shown = block_extremes(times, MAX_POINTS)
    names = ["mean", *(f"head {i + 1}" for i in range(len(times) - 1))]
    fig.add_trace(
        go.Heatmap(
            z=shown.astype(np.float32),
            x=at,
            ygap=1 if len(times) > 1 else 0,
            **colour_axis(unsigned_scale(), limits),
            colorbar=bar,
            hoverinfo="skip",
            **place.axes,
        )
    )
    set_axis(
        fig,
        place.y,
        showticklabels=len(times) > 1,
        tickvals=list(range(len(times))),
        ticktext=names,
        range=[len(times) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        ticklabelstandoff=6,
        fixedrange=True,
    )


def _draw_queries(
    fig: go.Figure, place: Panel, queries: Array, even: float, style: AttentionStyle
) -> list[str]:
    inside = style.inside(queries.shape[1])[: queries.shape[1]]  # a case alone has no padding
    real = np.asarray(queries.any(1))
    z = np.where(real[:, None] & inside, queries / even, np.nan)
    at, columns = block_extremes(z, MAX_CELLS)
    steps, cells = block_extremes(columns.T, MAX_CELLS)
    limits = style.colours(z)
    label = escape(style.query_label)
    fig.add_trace(
        go.Heatmap(
            z=cells.T.astype(np.float32),
            x=at,
            y=steps,
            name=f"by {label}",
            **colour_axis(unsigned_scale(), limits),
            colorbar=colour_bar(fig, TIMES, [place], dark=style.dark),
            hovertemplate=f"{label} %{{y}}: %{{z:.3~f}} {TIMES}<extra></extra>",
            meta={"table": {"y": style.query_label, "x": TIME, "z": TIMES}},
            **place.axes,
        )
    )
    set_axis(
        fig,
        place.y,
        title_text=label,
        range=[int(np.flatnonzero(real).max(initial=0)) + 0.5, -0.5],
        showgrid=False,
    )
    heading(fig, place, f"a row for each {label}: where it looks", dark=style.dark, strong=False)
    notes = _ends(z, limits, "Colours of the table", "its greatest weight")
    if max(z.shape) > MAX_CELLS:
        thinned = f"The table of {len(z)} x {z.shape[1]} weights is thinned: each cell shows the "
        notes.append(thinned + "greatest weight of its block.")
    return notes


def _alt(seen: Array, even: float) -> str:
    mean = seen.mean(0)
    n = int(np.isfinite(mean).sum())
    heads = f", mean of {count(len(seen), 'head')}" if len(seen) > 1 else ""
    first, last = peak_stretch(mean)
    top = number(float(np.nanmax(mean) / even))
    text = f"Attention over {count(n, 'time point')}{heads}"
    if np.nanmax(mean) < 1.1 * even:
        text += f": almost alike everywhere, at most {top} times the even share"
    else:
        text += f": highest at {points(first, last)}, {top} times the even share"
    if len(seen) == 1:
        return text + "."
    peaks = [f"head {i + 1} at point {int(np.nanargmax(row))}" for i, row in enumerate(seen)]
    return f"{text}; peaks: {listing(peaks)}."
