"""A series coloured by what an explanation gives each time point.

The paper's Figure 8 for one case: the line takes the colour of the map, a strip below it shows
the map alone, and dashed lines stand between segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cam_map import CamOptions, CamPanel, CamStyle, DrawnMap, describe, drawn_map
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, follow_pointer, heading
from tscviz.figures.lines import calm_width, coloured_line, segment_lines
from tscviz.figures.palette import look
from tscviz.figures.series import (
    TIME,
    channel_name,
    choose_channels,
    finish_value_axis,
    thinned_note,
    time_range,
    value_title,
)
from tscviz.figures.stats import MAX_POINTS, block_extremes, thin
from tscviz.figures.text import escape
from tscviz.types import Array, Attribution, Segmentation

__all__ = ["CamPanel", "plot_cam", "plot_cam_panels"]

STRIP = 14


def plot_cam(
    x: Array,
    attribution: Attribution,
    *,
    segmentation: Segmentation | None = None,
    **options: Unpack[CamOptions],
) -> go.Figure:
    """Draw a case coloured by its class activation map or any other attribution.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    attribution : Attribution
        Values of the same shape.
    segmentation : Segmentation, optional
        Draws the lines between segments and their numbers.
    mask : bool array, shape (n_timepoints,), optional
        False on padding.
    class_names : sequence of str, optional
        Names the explained class in the alternative text.
    probability : float, optional
        Of the explained class, for the alternative text.
    normalised : bool
        Move the map to [0, 1] within the case, as the paper's Figure 8 does.
    limit : float, optional
        End of the colour scale, to compare cases; the largest magnitude if None.
    channels, channel_names : sequences, optional
        Rows to draw (the first 12 if None) and the names of all channels.
    cam_label, value_label : str
        Titles of the colour bar and of the value axis.
    dark : bool
        Dark or light look.
    """
    return plot_cam_panels(x, [CamPanel("", attribution, segmentation)], **options)


def plot_cam_panels(
    x: Array, panels: Sequence[CamPanel], **options: Unpack[CamOptions]
) -> go.Figure:
    """Draw several explanations of one case, aligned on one time axis, such as GTP beside DTP.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    panels : sequence of CamPanel
        From top to bottom. Each has its own colour bar: maps of two models share no unit.
    **options
        As in `plot_cam`.
    """
    style = CamStyle(**options)
    chosen, notes = choose_channels(len(x), style.channels)
    values = style.blank(x)
    maps = [drawn_map(panel.attribution, chosen, style) for panel in panels]
    fig, layout = _skeleton(panels, maps, chosen)
    for panel, drawn, places in zip(panels, maps, layout, strict=True):
        for place, c in zip(places[:-1], chosen, strict=True):
            draw_line(fig, place, values[c], drawn, c, style, many=len(chosen) > 1)
        draw_strip(fig, places, drawn, chosen, style)
        _draw_marks(fig, places, panel, len(chosen), style, x.shape[1])
        value_title(fig, places[:-1], style.value_label, style.dark)
    if x.shape[1] > MAX_POINTS:
        notes.append(thinned_note(len(thin(values[chosen[0]])), x.shape[1]))
    set_axis(fig, "x", range=time_range(x.shape[1]))
    follow_pointer(fig, TIME, dark=style.dark)
    alt = describe(values, panels, style)
    return finish(fig, key="cam", alt=alt, dark=style.dark, notes=notes)


def _skeleton(
    panels: Sequence[CamPanel], maps: Sequence[DrawnMap], channels: Sequence[int]
) -> tuple[go.Figure, list[list[Panel]]]:
    """Return the figure, and for each panel the places of its channels and of its strip."""
    n, many = len(channels), len(channels) > 1
    line = 84.0 if many else (230.0 if len(panels) == 1 else 170.0)
    heights: list[float] = []
    gaps: list[float] = []
    for drawn in maps:
        heights += [line] * n + [float(STRIP * len(drawn.strip(channels)))]
        gaps += [24.0] * (n - 1) + [12.0 if many else 6.0, 76.0 if many else 58.0]
    named, divided = any(p.name for p in panels), any(p.divided for p in panels)
    top = 26 + 20 * named + 6 * divided + 18 * many
    fig, places = rows(heights, gaps=gaps[:-1], margin=Margin(top=top, right=88))
    return fig, [places[i : i + n + 1] for i in range(0, len(places), n + 1)]


def draw_line(
    fig: go.Figure,
    place: Panel,
    series: Array,
    drawn: DrawnMap,
    c: int,
    style: CamStyle,
    *,
    many: bool,
) -> None:
    """Draw a channel: a quiet casing that holds the data and the hover text, then the colours."""
    picks = thin(series)
    y, v = series[picks], drawn.values[c][picks]
    name, label, width = channel_name(c, style.channel_names), escape(style.cam_label), 3.2
    # The dark end of a map is close to a dark page: there the casing is what is read from afar.
    casing = look(style.dark).muted if style.dark else look(style.dark).axis
    told = f"{TIME} %{{x}}<br>value %{{y:.5~g}}<br>{label} %{{customdata:.5~g}}"
    if many:
        told, width = f"{name}: %{{y:.5~g}}, {label} %{{customdata:.5~g}}", 2.4
    calm = calm_width(y, width)
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=y.astype(np.float32),
            customdata=v.astype(np.float32),
            mode="lines",
            name=name,
            line={"color": casing, "width": calm * (1 + 1.2 / width)},
            hovertemplate=told + "<extra></extra>",
            showlegend=False,
            meta={"table": {"x": TIME, "y": "value", "customdata": [style.cam_label]}},
            **place.axes,
        )
    )
    fig.add_traces(
        coloured_line(
            picks, y[None], v[None], place, scale=drawn.scale, limits=drawn.limits, width=calm
        )
    )
    finish_value_axis(fig, place, series, style.mask, style.dark)
    if many:
        heading(fig, place, name, dark=style.dark, strong=False)


def draw_strip(
    fig: go.Figure,
    places: list[Panel],
    drawn: DrawnMap,
    channels: Sequence[int],
    style: CamStyle,
) -> None:
    strip = drawn.strip(channels)
    at, shown = block_extremes(strip, MAX_POINTS)
    label = escape(style.cam_label)
    title = f"{label} (0-1 in this case)" if style.normalised else label
    fig.add_trace(
        go.Heatmap(
            z=shown.astype(np.float32),
            x=at,
            **colour_axis(drawn.scale, drawn.limits),
            colorbar=colour_bar(fig, title, places, dark=style.dark),
            hoverinfo="skip",
            **places[-1].axes,
        )
    )
    set_axis(
        fig,
        places[-1].y,
        showticklabels=len(strip) > 1,
        showgrid=False,
        ticks="",
        tickvals=list(range(len(strip))),
        ticktext=[str(c + 1) for c in channels],
        range=[len(strip) - 0.5, -0.5],
        fixedrange=True,
    )


def _draw_marks(
    fig: go.Figure,
    places: list[Panel],
    panel: CamPanel,
    n_channels: int,
    style: CamStyle,
    length: int,
) -> None:
    """Draw the segments' lines and numbers, and the panel's name above them."""
    above = 18 if n_channels > 1 else 0
    if panel.segmentation is not None and panel.divided:
        segment_lines(
            fig,
            panel.segmentation.boundaries,
            places,
            dark=style.dark,
            length=length,
            shift=6 + above,
        )
    if panel.name:
        shift = 3 + above + 20 * panel.divided
        heading(fig, places[0], escape(panel.name), dark=style.dark, shift=shift)
