"""First-layer filters of one length: their taps beside their activation over a series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, grid, set_axis
from tscviz.figures.furniture import heading
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import (
    class_style,
    look,
    sample,
    symmetric_limit,
    unsigned_scale,
    with_alpha,
)
from tscviz.figures.series import TIME, channel_name, time_range
from tscviz.figures.stats import thin
from tscviz.figures.text import count, number
from tscviz.types import Array

SHARE = 0.24  # of the width, for the taps


def length_colours(n: int, dark: bool) -> list[str]:
    """Return a colour for each of `n` kernel lengths, from short to long."""
    ends = (0.98, 0.55) if dark else (0.72, 0.05)
    return sample(unsigned_scale(), np.linspace(*ends, max(n, 1)))


def plot_filters(
    x: Array,
    weights: Array,
    activations: Array,
    filter_idx: Sequence[int],
    *,
    before: int,
    colour: str | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw some filters of one length: their taps at the left, their activation over the series.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
        Without padding; every channel is drawn above.
    weights : array, shape (n_filters, n_channels, length)
    activations : array, shape (n_filters, n_timepoints)
    filter_idx : sequence of int
        Numbers of the filters, from 0.
    before : int
        Taps before the output's own point.
    colour : str, optional
        Of taps and activations; see `length_colours`.
    dark : bool
        Dark or light look.
    """
    colour = colour or length_colours(1, dark)[0]
    n, length = len(filter_idx), weights.shape[2]
    fig, panels = grid(
        n + 1, 2, height=58, widths=[SHARE, 1 - SHARE], gap=(0.08, 18),
        margin=Margin(left=56, top=26), match_x=False, match_y=False,
    )  # fmt: skip
    draw_series(fig, panels[0][1], x, dark)
    for axis in (panels[0][0].x, panels[0][0].y):
        set_axis(fig, axis, visible=False)
    taps = np.arange(length) - before
    limit, top = symmetric_limit(weights), symmetric_limit(activations)
    for i, (number_, row) in enumerate(zip(filter_idx, panels[1:], strict=True)):
        _draw_taps(fig, row[0], taps, weights[i], colour, limit, dark)
        _draw_activation(fig, row[1], activations[i], f"filter {number_ + 1}", colour, top, dark)
        heading(fig, row[0], f"filter {number_ + 1}", dark=dark, strong=False, shift=-1)
    _share_axes(fig, panels, taps, x.shape[1])
    heading(fig, panels[0][1], "series", dark=dark, strong=False)
    return finish(fig, key="filters", alt=_filters_alt(activations, filter_idx, length), dark=dark)


def draw_series(fig: go.Figure, place: Panel, x: Array, dark: bool) -> None:
    """Draw a series as a quiet line, or each of several channels in its colour."""
    for c, row in enumerate(x):
        picks = thin(np.asarray(row, float))
        name, line = _channel_look(c, len(x), "series", look(dark).neutral, dark)
        fig.add_trace(
            go.Scatter(
                x=picks,
                y=row[picks].astype(np.float32),
                mode="lines",
                name=name,
                line={**line, "width": 1.6},
                hovertemplate=f"{name if len(x) > 1 else ''} %{{y:.5~g}}<extra></extra>",
                meta={"table": {"x": TIME, "y": "value"}},
                **place.axes,
            )
        )
    set_axis(fig, place.y, range=list(padded_range(x)), nticks=3)


def _channel_look(
    c: int, n: int, alone: str, colour: str, dark: bool
) -> tuple[str, dict[str, str]]:
    """Return name and line of a channel: its own among several, else the ones given."""
    if n == 1:
        return alone, {"color": colour}
    style = class_style(c, dark)
    return channel_name(c, None), {"color": style.colour, "dash": style.dash}


def _draw_taps(
    fig: go.Figure, place: Panel, taps: Array, weights: Array, colour: str, limit: float, dark: bool
) -> None:
    """Draw a kernel as a line of dots, a line a channel, over the zero line."""
    fig.add_shape(
        type="line",
        **place.refs,
        x0=taps[0] - 0.5,
        x1=taps[-1] + 0.5,
        y0=0,
        y1=0,
        line={"color": look(dark).axis, "width": 1},
    )
    for c, row in enumerate(weights):
        name, line = _channel_look(c, len(weights), "weight", colour, dark)
        fig.add_trace(
            go.Scatter(
                x=taps,
                y=row.astype(np.float32),
                mode="lines+markers" if len(taps) <= 16 else "lines",
                marker={"size": 5},
                line={**line, "width": 2.0},
                name=name,
                hovertemplate=f"{name}, tap %{{x:+d}}: %{{y:.5~g}}<extra></extra>",
                **place.axes,
            )
        )
    set_axis(fig, place.y, range=[-1.1 * limit, 1.1 * limit], nticks=3)


def _draw_activation(
    fig: go.Figure, place: Panel, values: Array, name: str, colour: str, top: float, dark: bool
) -> None:
    picks = thin(np.asarray(values, float))
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=values[picks].astype(np.float32),
            mode="lines",
            name=name,
            line={"color": colour, "width": 1.4},
            fill="tozeroy",
            fillcolor=with_alpha(colour, 0.45 if dark else 0.3),
            hovertemplate=f"{TIME} %{{x}}: %{{y:.5~g}}<extra></extra>",
            meta={"table": {"x": TIME, "y": "activation"}},
            **place.axes,
        )
    )
    set_axis(fig, place.y, range=[0, 1.08 * top], nticks=3)


def _share_axes(fig: go.Figure, panels: list[list[Panel]], taps: Array, n_points: int) -> None:
    """Let each column zoom together, and title its last axis alone."""
    last = len(panels) - 1
    columns = ((0, "tap, from the point", [taps[0] - 0.5, taps[-1] + 0.5]), (1, TIME, None))
    for column, title, span in columns:
        for i, row in enumerate(panels):
            place = row[column]
            set_axis(
                fig,
                place.x,
                range=span or time_range(n_points),
                matches=panels[last][column].x if i < last else None,
                showticklabels=i == last,
                ticks="outside" if i == last else "",
                title_text=title if i == last else None,
                zeroline=False,
                nticks=5 if column == 0 else None,
            )


def _filters_alt(activations: Array, filter_idx: Sequence[int], length: int) -> str:
    if not len(filter_idx):
        return f"No filters of length {length}."
    i = int(activations.max(1).argmax())
    return (
        f"{count(len(filter_idx), 'filter')} of length {length} over one series. Filter "
        f"{filter_idx[i] + 1} answers most strongly, {number(float(activations[i].max()))} at "
        f"point {int(activations[i].argmax())}."
    )
