"""Traces for one series: a line coloured by value, segment lines, hatched padding, hover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Panel
from tscviz.figures.palette import Scale, look, sample, with_alpha
from tscviz.types import Array

N_COLOURS = 24
ROOM = 300.0  # pixels of ink that a line may spread over the width of its panel
THINNEST = 0.8


def coloured_line(
    t: Array,
    series: Array,
    values: Array,
    panel: Panel,
    *,
    scale: Scale,
    limits: tuple[float, float],
    width: float = 3.0,
    opacity: float = 1.0,
) -> list[go.Scatter]:
    """Draw lines whose colour follows a value, as at most `N_COLOURS` traces.

    The values fall into even bins, and each bin is one trace. A point owns the line half-way to
    its neighbours, so colours change in the middle of a straight piece and leave no notch.

    Parameters
    ----------
    t : array, shape (n_timepoints,)
    series, values : arrays, shape (n_lines, n_timepoints)
        NaN in either leaves a gap.
    panel : Panel
        Where to draw.
    scale : list of (position, colour)
    limits : (float, float)
        Values at the ends of the scale; what lies outside takes the end's colour.
    width : float
        Pixels.
    """
    bins = _bins(values, limits)
    bins[~np.isfinite(series)] = -1
    x, y, keep = _pieces(np.broadcast_to(t, series.shape), series, bins)
    colours = sample(scale, (np.arange(N_COLOURS) + 0.5) / N_COLOURS)
    middle = (N_COLOURS - 1) / 2 if limits[0] < 0 < limits[1] else 0
    traces = []
    # the strongest values are drawn last, on top
    for b in sorted(range(N_COLOURS), key=lambda b: abs(b - middle)):
        chosen = (bins == b)[..., None] & keep
        if chosen.any():
            line = {"color": colours[b], "width": width}
            traces.append(_plain(x[chosen], y[chosen], line, opacity, panel))
    return traces


def calm_width(y: Array, width: float) -> float:
    """Return the pixels to draw a line with: fewer for one that would fill its panel.

    A line that runs over its whole range N times covers about N times its width of the panel's.

    Parameters
    ----------
    y : array, shape (n_timepoints,)
        NaN for a gap.
    width : float
        For a calm line.
    """
    y = y[np.isfinite(y)]
    if len(y) < 2 or not np.ptp(y):
        return width
    runs = float(np.abs(np.diff(y)).sum() / np.ptp(y))
    return float(np.clip(ROOM / runs, min(THINNEST, width), width))


def _bins(values: Array, limits: tuple[float, float]) -> Array:
    """Return the colour bin of each value, -1 for NaN."""
    width = (limits[1] - limits[0]) or 1.0
    share = np.clip((np.asarray(values, dtype=float) - limits[0]) / width, 0, 1)
    bins = np.minimum(np.nan_to_num(share * N_COLOURS, nan=-1), N_COLOURS - 1)
    return np.floor(bins).astype(int)


def _pieces(t: Array, y: Array, bins: Array) -> tuple[Array, Array, Array]:
    """Return x, y and what to keep, each (n_lines, n_timepoints, 4).

    The four are: the middle before the point, the point, the middle after it, a break.
    """
    t, y = np.asarray(t, dtype=float), np.asarray(y, dtype=float)
    x_before, x_after = _halves(t)
    y_before, y_after = _halves(y)
    # beside a gap there is no half-way point: the line ends in the point itself
    x_before = np.where(np.isnan(y_before), t, x_before)
    x_after = np.where(np.isnan(y_after), t, x_after)
    y_before, y_after = (np.where(np.isnan(half), y, half) for half in (y_before, y_after))
    gap = np.full_like(y, np.nan)
    change = bins[:, 1:] != bins[:, :-1]
    edge = np.ones((len(bins), 1), dtype=bool)
    starts, ends = np.concatenate([edge, change], 1), np.concatenate([change, edge], 1)
    keep = np.stack([starts, np.ones_like(starts), ends, ends], axis=2)
    x = np.stack([x_before, t, x_after, gap], axis=2)
    return x, np.stack([y_before, y, y_after, gap], axis=2), keep


def _halves(a: Array) -> tuple[Array, Array]:
    """Return the values half-way to the previous and to the next point."""
    middle = (a[:, 1:] + a[:, :-1]) / 2
    return np.concatenate([a[:, :1], middle], 1), np.concatenate([middle, a[:, -1:]], 1)


def _plain(x: Array, y: Array, line: dict[str, Any], opacity: float, panel: Panel) -> go.Scatter:
    return go.Scatter(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        mode="lines",
        line=line,
        opacity=opacity,
        hoverinfo="skip",
        showlegend=False,
        **panel.axes,
    )


def breaks(*columns: Array) -> Array:
    """Return equally long `columns` interleaved and each row ended by NaN, for one line trace."""
    return np.column_stack([*columns, np.full(len(columns[0]), np.nan)]).ravel()


def hatch(
    fig: go.Figure, panel: Panel, span: tuple[float, float], y: tuple[float, float], dark: bool
) -> None:
    """Hatch the padding: time points `span` over the whole panel height `y`."""
    tones = look(dark)
    fig.add_trace(
        go.Scatter(
            x=[span[0], span[1], span[1], span[0]],
            y=[y[0], y[0], y[1], y[1]],
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=with_alpha(tones.axis, 0.08),
            fillpattern={"shape": "/", "size": 7, "solidity": 0.12, "fgcolor": tones.axis},
            hoverinfo="text",
            text="padding",
            hoveron="fills",
            showlegend=False,
            **panel.axes,
        )
    )


def segment_lines(
    fig: go.Figure,
    boundaries: Array,
    panels: Sequence[Panel],
    *,
    length: int,
    dark: bool,
    shift: float = 6,
    named: bool = True,
) -> None:
    """Draw a vertical line between segments across `panels`, with the numbers 1..L above.

    Parameters
    ----------
    boundaries : int array, shape (L + 1,)
        Segment l covers the points ``boundaries[l] .. boundaries[l + 1] - 1``; the line stands
        half a step before a segment's first point.
    panels : sequence of Panel
        From the top one to the bottom one.
    length : int
        Points on the time axis; numbers that would touch share one text.
    shift : float
        Pixels between the top panel and the numbers.
    named : bool
        Write "segment" at the left of the numbers.
    """
    for cut in np.asarray(boundaries, dtype=float)[1:-1] - 0.5:
        fig.add_shape(
            type="line",
            xref=panels[0].x,
            yref="paper",
            x0=cut,
            x1=cut,
            y0=panels[-1].bottom,
            y1=panels[0].top,
            line={"color": look(dark).muted, "width": 1.2, "dash": "4px,3px"},
        )
    segment_numbers(fig, boundaries, panels[0], length=length, dark=dark, shift=shift, named=named)


def segment_numbers(
    fig: go.Figure,
    boundaries: Array,
    panel: Panel,
    *,
    length: int,
    dark: bool,
    shift: float = 6,
    named: bool = True,
) -> None:
    """Write 1..L above the middle of each segment; parameters as in `segment_lines`."""
    tones = look(dark)
    common = {"yref": "paper", "y": panel.top, "yshift": shift, "yanchor": "bottom"}
    for text, centre in segment_labels(np.asarray(boundaries), 0.022 * length):
        fig.add_annotation(
            text=text,
            xref=panel.x,
            x=centre,
            showarrow=False,
            font={"size": 12, "color": tones.text},
            **common,
        )
    if not named:
        return
    fig.add_annotation(
        text="segment",
        xref="paper",
        x=panel.left,
        xshift=-8,
        xanchor="right",
        showarrow=False,
        font={"size": 11, "color": tones.muted},
        **common,
    )


def segment_labels(boundaries: Array, room: float) -> list[tuple[str, float]]:
    """Return (text, centre) of the segment numbers; those nearer than `room` share one text."""
    groups: list[list[int]] = []
    centres = (boundaries[:-1] + boundaries[1:] - 1) / 2
    for i in range(len(centres)):
        if groups and centres[i] - centres[groups[-1][0]] < room * (1 + len(groups[-1]) / 2):
            groups[-1].append(i)
        else:
            groups.append([i])
    return [
        (f"{g[0] + 1}" if len(g) == 1 else f"{g[0] + 1}-{g[-1] + 1}", float(centres[g].mean()))
        for g in groups
    ]


def padded_range(values: Array, share: float = 0.06) -> tuple[float, float]:
    """Return the range of the finite values, widened by `share` on both sides."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return -1.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = (high - low) * share or 1.0
    return low - room, high + room


def chain(values: Array) -> Array:
    """Return the rows of `values` one after another as float32, with NaN after each."""
    end = np.full((len(values), 1), np.nan, dtype=np.float32)
    return np.concatenate([values.astype(np.float32), end], axis=1).ravel()
