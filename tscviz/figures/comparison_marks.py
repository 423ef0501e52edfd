"""What stands on the panels of a comparison beside maps: reasons, cuts, hatches, colour legends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.comparison_rows import ComparisonStyle, MapRow
from tscviz.figures.comparison_scales import DrawnRow
from tscviz.figures.frame import Panel, set_axis
from tscviz.figures.palette import look, with_alpha
from tscviz.figures.text import escape
from tscviz.types import Array


def empty_row(fig: go.Figure, place: Panel, row: MapRow, dark: bool) -> None:
    """Draw a row without a map: a quiet field with the reason."""
    tones = look(dark)
    set_axis(fig, place.y, range=[0, 1])
    fig.add_shape(
        type="rect", xref="paper", yref="paper", x0=place.left, x1=place.right, y0=place.bottom,
        y1=place.top, line={"width": 0}, layer="below", fillcolor=with_alpha(tones.axis, 0.16),
    )  # fmt: skip
    fig.add_annotation(
        text=row.why(), xref="paper", yref="paper", x=place.left, xshift=8,
        y=(place.top + place.bottom) / 2, xanchor="left", yanchor="middle", align="left",
        showarrow=False, hovertext=escape(row.reason, 400),
        font={"size": 11, "color": tones.muted},
    )  # fmt: skip
    # without any trace plotly hides the axis, and the time axis of a figure of reasons alone
    fig.add_trace(
        go.Scatter(x=[0], y=[0], mode="markers", marker={"opacity": 0}, hoverinfo="skip",
                   showlegend=False, **place.axes)
    )  # fmt: skip


def cut_lines(fig: go.Figure, place: Panel, boundaries: Array, dark: bool) -> None:
    """Draw the cuts between segments inside a row."""
    for cut in np.asarray(boundaries, dtype=float)[1:-1] - 0.5:
        fig.add_shape(
            type="line", xref=place.x, yref=f"{place.y} domain", x0=cut, x1=cut, y0=0, y1=1,
            line={"color": look(dark).muted, "width": 1.2, "dash": "4px,3px"},
        )  # fmt: skip


def stretch_bands(fig: go.Figure, place: Panel, edges: Array, dark: bool) -> None:
    """Shade every second stretch of those drawn by hand, behind the series."""
    at = np.asarray(edges, dtype=float) - 0.5
    for first, last in list(pairwise(at))[1::2]:
        fig.add_shape(
            type="rect", xref=place.x, yref=f"{place.y} domain", x0=first, x1=last, y0=0, y1=1,
            layer="below", line={"width": 0}, fillcolor=with_alpha(look(dark).accent, 0.16),
            name="stretch drawn by hand",
        )  # fmt: skip


def hatches(
    fig: go.Figure,
    place: Panel,
    inside: Array,
    filled: Array,
    y: tuple[float, float],
    dark: bool,
) -> None:
    """Hatch the padding, and the other way round what was filled in, over a whole panel."""
    tones = look(dark)
    for flags, words, shape, colour in (
        (~inside, "padding", "/", tones.axis),
        (filled, "filled in", "\\", tones.accent),
    ):
        spans = list(_runs(flags))
        if not spans:
            continue
        xs = [at for a, b in spans for at in (a, b, b, a, a, None)]
        fig.add_trace(
            go.Scatter(
                x=xs,
                y=[at for _ in spans for at in (y[0], y[0], y[1], y[1], y[0], None)],
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=with_alpha(tones.axis, 0.08),
                fillpattern={"shape": shape, "size": 6, "solidity": 0.16, "fgcolor": colour},
                hoverinfo="text",
                text=words,
                hoveron="fills",
                name=words,
                showlegend=False,
                **place.axes,
            )
        )


def _runs(flags: Array) -> Iterator[tuple[float, float]]:
    """Yield the edges of the runs of True, half a step outside the points."""
    edges = np.flatnonzero(np.diff(np.r_[False, np.asarray(flags, bool), False].astype(int)))
    for start, stop in edges.reshape(-1, 2):
        yield float(start) - 0.5, float(stop) - 0.5


def legend_bars(fig: go.Figure, drawn: Sequence[DrawnRow | None], style: ComparisonStyle) -> None:
    """Show what the colours of signed and of unsigned strips mean, under the time axis."""
    if style.drawn != "strips":
        return
    tones, place = look(style.dark), 0.0
    for signed in (True, False):
        one = next((d for d in drawn if d is not None and d.signed is signed), None)
        if one is None:
            continue
        ticks = ["against", "0", "for"] if signed else ["0", "most"]
        ends = [-1.0, 0.0, 1.0] if signed else [0.0, 1.0]
        fig.add_trace(
            go.Scatter(
                x=[0], y=[0], mode="markers", hoverinfo="skip", showlegend=False,
                name="signed" if signed else "unsigned",
                marker={
                    "opacity": 0,
                    "color": [0.0],
                    "colorscale": one.colours(style.dark),
                    "cmin": ends[0],
                    "cmax": ends[-1],
                    "showscale": True,
                    "colorbar": {
                        "orientation": "h", "x": place, "xanchor": "left", "len": 0.36, "xpad": 0,
                        "y": 0, "yref": "container", "yanchor": "bottom", "ypad": 4,
                        "thickness": 9, "outlinewidth": 0, "tickvals": ends, "ticktext": ticks,
                        "tickfont": {"size": 11, "color": tones.muted}, "ticks": "",
                    },
                },
            )
        )  # fmt: skip
        place += 0.46
