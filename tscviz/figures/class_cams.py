"""Many cases with their maps and segments: the paper's Figure 8, a stack, a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import (
    Margin,
    Panel,
    colour_bar,
    finish,
    grid,
    heading,
    rows,
    set_axis,
)
from tscviz.figures.lines import breaks, coloured_line, padded_range, segment_labels
from tscviz.figures.palette import (
    Scale,
    class_scale,
    look,
    signed_scale,
    symmetric_limit,
    unsigned_scale,
    with_alpha,
)
from tscviz.figures.series import TIME, time_range
from tscviz.figures.stats import blank_padding, even_picks, thin, unit_range
from tscviz.figures.text import clean, count, escape, listing
from tscviz.types import Array

MAX_CLASSES = 8


@dataclass(frozen=True, eq=False)
class CamView:
    """The maps of one model over many cases.

    Parameters
    ----------
    name : str
        Heading, such as "FCN-GTP".
    cams : array, shape (n_cases, n_timepoints)
        Map of each case for its own class.
    boundaries : int array, shape (n_cases, L + 1), optional
        Where each case's segments begin; see `Segmentation.boundaries`.
    """

    name: str
    cams: Array
    boundaries: Array | None = None


def plot_class_cams(
    X: Array,
    y: Array,
    class_names: Sequence[str],
    views: Sequence[CamView],
    *,
    mask: Array | None = None,
    case_idx: Array | None = None,
    channel: int = 0,
    classes: Sequence[int] | None = None,
    max_cases: int = 40,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw all cases of each class over one another, coloured by their maps (paper, Figure 8).

    Rows are classes, columns are views (models). Maps are moved to [0, 1] in every case, as the
    paper does; grey is 0, the colour of the class is 1. Ticks at the foot of a panel mark where
    segments 2 to L begin, a row of ticks for each, a tick for each case.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    y : int array, shape (n_cases,)
    class_names : sequence of str
    views : sequence of CamView
    mask : bool array, shape (n_cases, n_timepoints), optional
    case_idx : int array, shape (n_cases,), optional
        Numbers of the cases where these are not all of a split; 0, 1, ... if None.
    channel : int
    classes : sequence of int, optional
        Rows to draw; the first 8 if None.
    max_cases : int
        Cases per panel at most, spread evenly.
    value_label : str
        Title of the value axes.
    dark : bool
        Dark or light look.
    """
    numbers = np.arange(len(X)) if case_idx is None else np.asarray(case_idx)
    rows_drawn, notes = choose_classes(len(class_names), classes)
    fig, panels = grid(
        len(rows_drawn), len(views), height=170, gap=(0.035, 44), margin=Margin(top=56)
    )
    values = blank_padding(X, mask)[:, channel]
    low, high = padded_range(values)
    foot = low - 0.2 * (high - low) * any(view.boundaries is not None for view in views)
    for line, k in zip(panels, rows_drawn, strict=True):
        members = np.flatnonzero(np.asarray(y) == k)
        picks = members[even_picks(len(members), max_cases)]
        if len(picks) < len(members):
            notes.append(f"{clean(class_names[k])}: {len(picks)} of {len(members)} cases drawn.")
        for panel, view in zip(line, views, strict=True):
            _overlay(fig, panel, values[picks], view, picks, int(k), (foot, low), dark, numbers)
            name = f"{escape(class_names[k], 24)} · {escape(view.name, 24)}"
            heading(fig, panel, name, dark=dark)
            set_axis(fig, panel.x, range=time_range(X.shape[2]))
            set_axis(fig, panel.y, range=[foot, high])
    _outer_titles(fig, panels, escape(value_label))
    fig.add_annotation(
        text="stronger colour = higher CAM, 0-1 in each case",
        xref="paper",
        yref="paper",
        x=1,
        y=1,
        yshift=24,
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": look(dark).muted},
    )
    alt = _class_alt(y, class_names, rows_drawn, views)
    return finish(fig, key="class-cams", alt=alt, dark=dark, notes=notes)


def choose_classes(n: int, classes: Sequence[int] | None) -> tuple[list[int], list[str]]:
    """Return the classes to draw, and a note where some are left out."""
    if classes is not None:
        return list(classes), []
    notes = [f"The first {MAX_CLASSES} of {n} classes are drawn."] if n > MAX_CLASSES else []
    return list(range(min(n, MAX_CLASSES))), notes


def _outer_titles(fig: go.Figure, panels: list[list[Panel]], value_label: str) -> None:
    """Title the axes on the outer edge only, and hide the tick labels inside."""
    for r, line in enumerate(panels):
        for c, panel in enumerate(line):
            if c == 0:
                set_axis(fig, panel.y, title_text=value_label)
            else:
                set_axis(fig, panel.y, showticklabels=False, ticks="")
            if r == len(panels) - 1:
                set_axis(fig, panel.x, title_text=TIME)
            else:
                set_axis(fig, panel.x, showticklabels=False)


def _overlay(
    fig: go.Figure,
    panel: Panel,
    values: Array,
    view: CamView,
    picks: Array,
    k: int,
    foot: tuple[float, float],
    dark: bool,
    numbers: Array,
) -> None:
    if not len(picks):
        return
    maps = unit_range(np.where(np.isfinite(values), view.cams[picks], np.nan))
    t = thin(values[0], max(200, 60_000 // len(picks)))
    fig.add_trace(_hover(t, values[:, t], maps[:, t], numbers[picks], panel))
    fig.add_traces(
        coloured_line(
            t,
            values[:, t],
            maps[:, t],
            scale=class_scale(k, dark),
            limits=(0.0, 1.0),
            width=1.5,
            opacity=0.75,
            **panel.axes,
        )
    )
    if view.boundaries is not None:
        _rugs(fig, panel, view.boundaries[picks], foot, dark)


def _hover(t: Array, values: Array, maps: Array, picks: Array, panel: Panel) -> go.Scatter:
    """Return the invisible line that speaks for all cases of a panel and holds their data."""
    cases = _chain(np.broadcast_to(picks[:, None], values.shape))
    return go.Scatter(
        x=_chain(np.broadcast_to(t, values.shape)),
        y=_chain(values),
        mode="lines",
        customdata=np.column_stack([cases, _chain(maps)]),
        line={"color": "rgba(0,0,0,0)", "width": 1},
        showlegend=False,
        hovertemplate=f"case %{{customdata[0]}}<br>{TIME} %{{x}}<br>value %{{y:.3~f}}<br>"
        "CAM %{customdata[1]:.2f}<extra></extra>",
        meta={"table": {"x": TIME, "y": "value", "customdata": ["case", "CAM (0-1)"]}},
        **panel.axes,
    )


def _chain(values: Array) -> Array:
    """Return the rows of `values` one after another, with NaN after each."""
    end = np.full((len(values), 1), np.nan, dtype=np.float32)
    return np.concatenate([values.astype(np.float32), end], axis=1).ravel()


def _rugs(
    fig: go.Figure, panel: Panel, boundaries: Array, foot: tuple[float, float], dark: bool
) -> None:
    """Mark where segments begin: a row of ticks for each boundary, a faint tick for each case."""
    cuts = np.asarray(boundaries, dtype=float)[:, 1:-1] - 0.5  # (n, L-1)
    step = (foot[1] - foot[0]) / max(cuts.shape[1], 1)
    base = (foot[1] - step * (1 + np.arange(cuts.shape[1])))[None, :] * np.ones_like(cuts)
    fig.add_trace(
        go.Scatter(
            x=breaks(cuts.ravel(), cuts.ravel()),
            y=breaks(base.ravel() + 0.1 * step, base.ravel() + 0.9 * step),
            mode="lines",
            line={"color": with_alpha(look(dark).text, 0.45), "width": 1.6},
            hoverinfo="skip",
            name="boundaries",
            **panel.axes,
        )
    )
    fig.add_annotation(
        text="segments begin",
        xref="paper",
        yref=panel.y,
        x=panel.left,
        xshift=5,
        y=foot[0],
        yshift=2,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 11, "color": look(dark).muted},
    )


def _class_alt(
    y: Array, class_names: Sequence[str], chosen: list[int], views: Sequence[CamView]
) -> str:
    who = listing([f"{int((np.asarray(y) == k).sum())} {clean(class_names[k])}" for k in chosen])
    parts = [
        f"Cases of {who}, coloured by the class activation map of "
        f"{listing([clean(view.name) for view in views])}"
    ]
    for view in views:
        for k in chosen:
            members = np.asarray(y) == k
            if members.any():
                mean = unit_range(view.cams[members]).mean(axis=0)
                spot = f"{clean(view.name)} lights {clean(class_names[k])} most near point"
                parts.append(f"{spot} {int(mean.argmax())}")
    return "; ".join(parts) + "."


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

    The paper's Figure 8c: the l-th segments share a pattern though they lie at different times.
    Every case fills its own lane, so values of two lanes have no common scale.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
        About a dozen cases at most.
    cams : array, shape (n_cases, n_timepoints)
    boundaries : int array, shape (n_cases, L + 1), optional
    case_names : sequence of str, optional
        Labels of the lanes; "case 1", ... if None.
    mask : bool array, shape (n_cases, n_timepoints), optional
    channel : int
    normalised : bool
        Move each map to [0, 1], on the unsigned scale.
    cam_label : str
        Title of the colour bar.
    dark : bool
        Dark or light look.
    """
    n = len(X)
    fig, panels = rows([52.0 * n], margin=Margin(left=90, right=88, top=28))
    lanes = unit_range(blank_padding(X, mask)[:, channel])  # (n, T)
    shown = np.where(np.isfinite(lanes), cams, np.nan)
    shown = unit_range(shown) if normalised else shown
    top = symmetric_limit(shown)
    limits = (0.0, 1.0) if normalised else (-top, top)
    scale = unsigned_scale() if normalised else signed_scale(dark)
    heights = n - 1 - np.arange(n)[:, None] + 0.08 + 0.84 * lanes
    t = thin(lanes[0])
    fig.add_trace(_hover(t, heights[:, t], shown[:, t], np.arange(n), panels[0]))
    fig.data[0].update(
        hovertemplate=f"{TIME} %{{x}}<br>CAM %{{customdata[1]:.3~f}}<extra></extra>",
        line={"color": look(dark).axis, "width": 3.6},
    )
    fig.add_traces(
        coloured_line(t, heights[:, t], shown[:, t], scale=scale, limits=limits, width=2.6)
    )
    bar = colour_bar(fig, escape(cam_label), panels, dark=dark)
    fig.add_trace(_scale_only(scale, limits, bar))
    _lanes(fig, n, case_names, X.shape[2], dark)
    if boundaries is not None:
        _lane_boundaries(fig, boundaries, dark)
    return finish(fig, key="segmented-cases", alt=_stack_alt(n, boundaries), dark=dark)


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


def _lanes(
    fig: go.Figure, n: int, names: Sequence[str] | None, n_timepoints: int, dark: bool
) -> None:
    labels = [escape(name, 18) for name in names] if names else [f"case {i + 1}" for i in range(n)]
    set_axis(
        fig,
        "y",
        range=[0, n],
        tickvals=[n - 0.5 - i for i in range(n)],
        ticktext=labels,
        showgrid=False,
        ticks="",
        fixedrange=True,
        showline=False,
        ticklabelstandoff=8,
    )
    set_axis(fig, "x", title_text=TIME, range=time_range(n_timepoints))
    for i in range(1, n):
        fig.add_hline(y=i, line={"color": look(dark).grid, "width": 1}, layer="below")


def _lane_boundaries(fig: go.Figure, boundaries: Array, dark: bool) -> None:
    n = len(boundaries)
    cuts = np.asarray(boundaries, dtype=float)[:, 1:-1] - 0.5
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
    for text, centre in segment_labels(np.asarray(boundaries[0]), boundaries[0][-1] * 0.022):
        fig.add_annotation(
            text=text,
            x=centre,
            xref="x",
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=4,
            showarrow=False,
            font={"size": 12, "color": look(dark).text},
        )
    fig.add_annotation(
        text="segment",
        x=0,
        xref="paper",
        y=1,
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        xshift=-8,
        yshift=4,
        showarrow=False,
        font={"size": 11, "color": look(dark).muted},
    )


def _stack_alt(n: int, boundaries: Array | None) -> str:
    text = f"{count(n, 'case')} below one another, coloured by their maps"
    if boundaries is None:
        return text + "."
    mean = np.asarray(boundaries, dtype=float)[:, 1:-1].mean(axis=0)
    return f"{text}; on average segments begin at points 0, {', '.join(f'{m:.0f}' for m in mean)}."
