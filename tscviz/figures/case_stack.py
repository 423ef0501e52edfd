"""Some cases below one another, each with its map and its segments: the paper's Figure 8c."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import colour_bar
from tscviz.figures.lines import breaks, coloured_line, segment_numbers
from tscviz.figures.palette import Scale, look, signed_scale, symmetric_limit, unsigned_scale
from tscviz.figures.series import TIME, thinned_note, time_range
from tscviz.figures.stats import MAX_POINTS, blank_padding, take_rows, thin_rows, unit_range
from tscviz.figures.text import count, escape
from tscviz.types import Array

LANE = 52.0


def plot_segmented_cases(
    X: Array,
    cams: Array,
    boundaries: Array | None = None,
    *,
    case_names: Sequence[str] | None = None,
    mask: Array | None = None,
    channel: int = 0,
    normalised: bool = False,
    cam_label: str = "CAM",
    dark: bool = False,
) -> go.Figure:
    """Draw some cases below one another, each with its map's colours and its segments.

    The l-th segments share a pattern though they lie at different times. Every case fills its
    own lane, so values of two lanes have no common scale.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
        About a dozen cases at most.
    cams : array, shape (n_cases, n_timepoints)
    boundaries : int array, shape (n_cases, L + 1), optional
    case_names : sequence of str, optional
        Labels of the lanes; "case 0", ... if None.
    mask : bool array, shape (n_cases, n_timepoints), optional
    channel : int
    normalised : bool
        Move each map to [0, 1], on the unsigned scale.
    cam_label : str
        Title of the colour bar.
    dark : bool
        Dark or light look.
    """
    names = [f"case {i}" for i in range(len(X))] if case_names is None else list(case_names)
    values = blank_padding(X, mask)[:, channel]  # (N, T)
    shown = np.where(np.isfinite(values), cams, np.nan)
    shown = unit_range(shown) if normalised else shown
    top = symmetric_limit(shown)
    limits = (0.0, 1.0) if normalised else (-top, top)
    scale = unsigned_scale() if normalised else signed_scale(dark)
    fig, panels = rows([LANE * len(X)], margin=Margin(left=90, right=88, top=34))
    drawn = _draw_lanes(fig, panels[0], values, shown, names, (scale, limits), cam_label, dark)
    notes = [thinned_note(drawn, X.shape[2])] if X.shape[2] > MAX_POINTS else []
    bar = colour_bar(fig, escape(cam_label), panels, dark=dark)
    fig.add_trace(_scale_only(scale, limits, bar))
    _lane_axes(fig, names, X.shape[2], dark)
    if boundaries is not None:
        _boundaries(fig, np.asarray(boundaries), dark)
        segment_numbers(fig, boundaries[0], panels[0], length=X.shape[2], dark=dark, shift=4)
    alt = _alt(len(X), boundaries)
    return finish(fig, key="segmented-cases", alt=alt, dark=dark, notes=notes)


def _draw_lanes(
    fig: go.Figure,
    panel: Panel,
    values: Array,
    shown: Array,
    names: Sequence[str],
    colours: tuple[Scale, tuple[float, float]],
    cam_label: str,
    dark: bool,
) -> int:
    """Draw each case in its lane, the first at the top; the casing holds data and hover text.

    Each case is thinned by its own values; how many points one has at most is returned.
    """
    n, label = len(values), escape(cam_label)
    heights = n - 1 - np.arange(n)[:, None] + 0.08 + 0.84 * unit_range(values)
    t = thin_rows(values)
    for i in range(n):
        kept = t[i, np.isfinite(t[i])].astype(int)
        fig.add_trace(
            go.Scatter(
                x=kept,
                y=heights[i, kept].astype(np.float32),
                customdata=np.column_stack([values[i, kept], shown[i, kept]]).astype(np.float32),
                mode="lines",
                name=escape(names[i]),
                line={"color": look(dark).axis, "width": 3.6},
                hovertemplate=f"{escape(names[i])}<br>{TIME} %{{x}}<br>"
                f"value %{{customdata[0]:.5~g}}<br>{label} %{{customdata[1]:.5~g}}<extra></extra>",
                meta={"table": {"x": TIME, "customdata": ["value", cam_label]}},
                **panel.axes,
            )
        )
    series, maps, (scale, limits) = take_rows(heights, t), take_rows(shown, t), colours
    fig.add_traces(coloured_line(t, series, maps, panel, scale=scale, limits=limits, width=2.6))
    return t.shape[1]


def _scale_only(scale: Scale, limits: tuple[float, float], bar: dict[str, Any]) -> go.Scatter:
    """Return an empty trace that carries the colour bar."""
    marker = {
        "color": [limits[0]],
        "cmin": limits[0],
        "cmax": limits[1],
        "colorscale": scale,
        "showscale": True,
        "colorbar": bar,
    }
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip")


def _lane_axes(fig: go.Figure, names: Sequence[str], n_timepoints: int, dark: bool) -> None:
    n = len(names)
    set_axis(
        fig,
        "y",
        range=[0, n],
        tickvals=[n - 0.5 - i for i in range(n)],
        ticktext=[escape(name, 18) for name in names],
        showgrid=False,
        showline=False,
        ticks="",
        ticklabelstandoff=8,
        fixedrange=True,
    )
    set_axis(fig, "x", title_text=TIME, range=time_range(n_timepoints))
    for i in range(1, n):
        fig.add_hline(y=i, line={"color": look(dark).grid, "width": 1}, layer="below")


def _boundaries(fig: go.Figure, boundaries: Array, dark: bool) -> None:
    """Draw the lines between segments, each across the lane of its case."""
    n = len(boundaries)
    cuts = boundaries[:, 1:-1] - 0.5
    foot = (n - 1 - np.arange(n))[:, None] * np.ones_like(cuts)
    fig.add_trace(
        go.Scatter(
            x=breaks(cuts.ravel(), cuts.ravel()),
            y=breaks(foot.ravel() + 0.04, foot.ravel() + 0.96),
            mode="lines",
            line={"color": look(dark).text, "width": 1.4},
            name="boundaries",
            hoverinfo="skip",
        )
    )


def _alt(n: int, boundaries: Array | None) -> str:
    text = f"{count(n, 'case')} below one another, coloured by their maps"
    if boundaries is None:
        return text + "."
    starts = np.asarray(boundaries, dtype=float)[:, :-1].mean(axis=0)
    return f"{text}; on average segments begin at points {', '.join(f'{s:.0f}' for s in starts)}."
