"""Why the segments lie where they lie: the alignment cost with the path drawn on it.

DTP paper, equations 4 and 5 and Figure 3: rows are segments (prototypes), columns time points;
the path runs from the top left to the bottom right with moves right and diagonal only.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, follow_pointer, heading
from tscviz.figures.lines import segment_lines
from tscviz.figures.palette import look, unsigned_scale
from tscviz.figures.series import TIME, finish_value_axis, thinned_note, time_range
from tscviz.figures.stats import MAX_POINTS, blank_padding, thin
from tscviz.figures.text import count, escape
from tscviz.types import Array, Segmentation, TscvizError


def plot_alignment(
    x: Array,
    segmentation: Segmentation,
    *,
    mask: Array | None = None,
    channel: int = 0,
    soft: bool = False,
    cost_label: str = "cosine distance",
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw the cost matrix with the hard path, under the series on the same time axis.

    Bright cells are close matches, in the cost as in the soft alignment.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    segmentation : Segmentation
        With `cost`; global and static pooling align nothing and have none.
    mask : bool array, shape (n_timepoints,), optional
    channel : int
        Channel drawn above the matrix.
    soft : bool
        Add the soft alignment as a third panel.
    cost_label : str
        Name and unit of the cost, on the colour bar.
    value_label : str
        Title of the value axis.
    dark : bool
        Dark or light look.

    Raises
    ------
    TscvizError
        If the segmentation holds no cost, or no soft alignment where one is asked for.
    """
    if segmentation.cost is None:
        raise TscvizError("This pooling has no alignment cost; choose a DTP model.")
    if soft and segmentation.soft_alignment is None:
        raise TscvizError("The segmentation holds no soft alignment; leave out soft=True.")
    tall = float(min(320, max(110, 30 * segmentation.n_segments)))
    heights = [150.0, tall] + ([tall] if soft else [])
    gaps = [12.0, 40.0][: len(heights) - 1]
    fig, panels = rows(heights, gaps=gaps, margin=Margin(right=88, top=34))
    notes = _draw_series(fig, panels[0], x, mask, channel, value_label, dark)
    _draw_matrix(fig, panels[1], segmentation.cost, cost_label, None, mask, dark, reverse=True)
    _draw_path(fig, panels[1], segmentation)
    if soft and segmentation.soft_alignment is not None:
        matrix = segmentation.soft_alignment
        _draw_matrix(fig, panels[2], matrix, "weight", (0.0, 1.0), mask, dark)
        heading(fig, panels[2], "soft alignment", dark=dark, strong=False)
    segment_lines(fig, segmentation.boundaries, panels[:1], dark=dark, length=x.shape[1])
    set_axis(fig, "x", range=time_range(x.shape[1]))
    follow_pointer(fig, TIME, dark=dark)
    return finish(fig, key="alignment", alt=_alt(segmentation), dark=dark, notes=notes)


def _draw_series(
    fig: go.Figure,
    panel: Panel,
    x: Array,
    mask: Array | None,
    channel: int,
    label: str,
    dark: bool,
) -> list[str]:
    values = blank_padding(x[None], None if mask is None else mask[None])[0, channel]
    picks = thin(values)
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=values[picks].astype(np.float32),
            mode="lines",
            name="series",
            line={"color": look(dark).neutral, "width": 1.8},
            hovertemplate=f"{TIME} %{{x}}<br>value %{{y:.5~g}}<extra></extra>",
            meta={"table": {"x": TIME, "y": "value"}},
            **panel.axes,
        )
    )
    finish_value_axis(fig, panel, values, mask, dark)
    set_axis(fig, panel.y, title_text=escape(label), nticks=4)
    return [thinned_note(len(picks), len(values))] if len(values) > MAX_POINTS else []


def _draw_matrix(
    fig: go.Figure,
    panel: Panel,
    matrix: Array,
    label: str,
    limits: tuple[float, float] | None,
    mask: Array | None,
    dark: bool,
    *,
    reverse: bool = False,
) -> None:
    z = np.array(matrix, dtype=np.float32)
    if mask is not None:
        z[:, ~np.asarray(mask, dtype=bool)] = np.nan
    finite = z[np.isfinite(z)]
    z[~np.isfinite(z)] = np.nan
    low, high = limits or (float(finite.min(initial=0.0)), float(finite.max(initial=0.0)) or 1.0)
    n_segments = len(z)
    bar = colour_bar(fig, escape(label), [panel], dark=dark)
    fig.add_trace(
        go.Heatmap(
            z=z,
            x=np.arange(z.shape[1]),
            y=np.arange(1, n_segments + 1),
            name=escape(label),
            **colour_axis(unsigned_scale(reverse), (low, high)),
            colorbar=bar,
            hovertemplate=f"segment %{{y}}<br>{escape(label)} %{{z:.5~g}}<extra></extra>",
            meta={"table": {"x": TIME, "y": "segment", "z": label}},
            **panel.axes,
        )
    )
    step = max(1, -(-n_segments // 12))
    set_axis(
        fig,
        panel.y,
        title_text="segment",
        range=[n_segments + 0.5, 0.5],
        showgrid=False,
        tickvals=list(range(1, n_segments + 1, step)),
        fixedrange=True,
    )


def _draw_path(fig: go.Figure, panel: Panel, segmentation: Segmentation) -> None:
    """Draw the path as steps between cells, white on a dark casing so it reads on any colour."""
    bounds = np.asarray(segmentation.boundaries, dtype=float) - 0.5
    x = np.column_stack([bounds[:-1], bounds[1:]]).ravel()
    y = np.repeat(np.arange(1, segmentation.n_segments + 1), 2)
    for width, colour in ((6.0, "#11151c"), (2.6, "#ffffff")):
        fig.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                name="path",
                hoverinfo="skip",
                line={"color": colour, "width": width, "shape": "linear"},
                **panel.axes,
            )
        )


def _alt(segmentation: Segmentation) -> str:
    bounds = np.asarray(segmentation.boundaries)
    spans = [f"{i + 1} covers points {a}-{b - 1}" for i, (a, b) in enumerate(pairwise(bounds))]
    total = ""
    if segmentation.cost is not None:
        valid = np.flatnonzero(segmentation.segments >= 0)
        cost = segmentation.cost[segmentation.segments[valid], valid].sum()
        total = f" Total cost {cost:.2f}."
    what = count(segmentation.n_segments, "segment")
    return f"Alignment of {bounds[-1]} points with {what}: segment {', '.join(spans)}.{total}"
