"""A dataset at a glance: examples and means of every class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.bands import class_band, class_mean
from tscviz.figures.case_map import plot_case_map
from tscviz.figures.frame import Margin, Panel, finish, grid, rows, set_axis
from tscviz.figures.furniture import follow_pointer, heading, legend_row
from tscviz.figures.lines import calm_width, chain, padded_range
from tscviz.figures.palette import class_style, with_alpha
from tscviz.figures.series import TIME, thinned_note, time_range
from tscviz.figures.stats import (
    MAX_POINTS,
    Spread,
    blank_padding,
    even_picks,
    mean,
    spread,
    take_rows,
    thin,
    thin_rows,
)
from tscviz.figures.text import class_labels, clean, count, distinct, escape, listing, number
from tscviz.types import Array

__all__ = ["plot_case_map", "plot_class_means", "plot_glance"]

MAX_PANELS = 24
#: Points of a line in one of the small panels.
MAX_SMALL = 1000
MAX_MEANS = 8


def plot_glance(
    X: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    mask: Array | None = None,
    channel: int = 0,
    per_class: int = 8,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw a small panel per class with some of its cases and their mean.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    y : int array, shape (n_cases,)
    class_names : sequence of str
    mask : bool array, shape (n_cases, n_timepoints), optional
    channel : int
    per_class : int
        Thin lines per panel at most, spread evenly over the class.
    value_label : str
        Title of the value axes.
    dark : bool
        Dark or light look.
    """
    shown = list(range(min(len(class_names), MAX_PANELS)))
    notes = (
        [f"The first {MAX_PANELS} of {len(class_names)} classes are drawn."]
        if len(class_names) > MAX_PANELS
        else []
    )
    n_cols = _columns(len(shown))
    n_rows = -(-len(shown) // n_cols)
    fig, panels = grid(n_rows, n_cols, height=130 if n_rows > 1 else 180, gap=(0.025, 40))
    values = blank_padding(X, mask)[:, channel]
    low, high = padded_range(values)
    flat = [panel for line in panels for panel in line]
    names, drawn = distinct(class_labels(class_names), 18), 0
    for k, panel in enumerate(flat):
        if k < len(shown):
            members = np.flatnonzero(np.asarray(y) == k)
            points = _examples(fig, panel, values, members, k, per_class, names, dark)
            drawn = max(drawn, points)
        _panel_axes(fig, k, panel, n_cols, len(shown), escape(value_label))
    if X.shape[2] > MAX_SMALL:
        notes.append(thinned_note(drawn, X.shape[2]))
    set_axis(fig, "x", range=time_range(X.shape[2]))
    set_axis(fig, "y", range=[low, high])
    alt = (
        f"{count(len(shown), 'small panel')}, one a class, each with up to {per_class} cases and "
        f"their mean: {listing([clean(class_names[k]) for k in shown])}."
    )
    return finish(fig, key="glance", alt=alt, dark=dark, notes=notes)


def _columns(n: int) -> int:
    """Return the number of columns that fills rows of at most four panels most evenly."""
    return n if n <= 4 else min((3, 4), key=lambda c: (-(-n // c) * c - n, -c))


def _examples(
    fig: go.Figure,
    panel: Panel,
    values: Array,
    members: Array,
    k: int,
    per_class: int,
    names: Sequence[str],
    dark: bool,
) -> int:
    """Draw some cases of a class and its mean; return how many points a line has at most."""
    style, name = class_style(k, dark), escape(names[k])
    heading(fig, panel, f"{name}</b> · {count(len(members), 'case')}<b>", dark=dark)
    if not len(members):
        return 0
    picks = members[even_picks(len(members), per_class)]
    t = thin_rows(values[picks], MAX_SMALL)
    fig.add_trace(
        go.Scatter(
            x=chain(t),
            y=chain(take_rows(values[picks], t)),
            mode="lines",
            line={"color": with_alpha(style.colour, 0.32), "width": 1.1},
            customdata=chain(np.where(np.isfinite(t), picks[:, None], np.nan)),
            name=name,
            hovertemplate=f"case %{{customdata}}<br>{TIME} %{{x}}<br>value %{{y:.5~g}}"
            "<extra></extra>",
            meta={"table": {"customdata": ["case"], "x": TIME, "y": "value"}},
            **panel.axes,
        )
    )
    average = mean(values[members])
    kept = thin(average, MAX_SMALL)
    fig.add_trace(
        go.Scatter(
            x=kept,
            y=average[kept].astype(np.float32),
            mode="lines",
            line={"color": style.colour, "width": calm_width(average[kept], 2.4)},
            hoverinfo="skip",
            **panel.axes,
        )
    )
    return max(t.shape[1], len(kept))


def _panel_axes(
    fig: go.Figure, k: int, panel: Panel, n_cols: int, n_shown: int, value_label: str
) -> None:
    """Title and label the outer axes only; hide the panels without a class."""
    if k >= n_shown:
        set_axis(fig, panel.x, visible=False)
        set_axis(fig, panel.y, visible=False)
        return
    first, lowest = k % n_cols == 0, k + n_cols >= n_shown
    set_axis(fig, panel.x, nticks=5, showticklabels=lowest, title_text=TIME if lowest else None)
    set_axis(
        fig,
        panel.y,
        nticks=4,
        showticklabels=first,
        ticks="outside" if first else "",
        title_text=value_label if first else None,
    )


def plot_class_means(
    X: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    mask: Array | None = None,
    channel: int = 0,
    classes: Sequence[int] | None = None,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw the mean of each class with the band that holds 80 % of its cases (10-90 %).

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    y : int array, shape (n_cases,)
    class_names : sequence of str
    mask : bool array, shape (n_cases, n_timepoints), optional
    channel : int
    classes : sequence of int, optional
        Classes to draw; the first 8 if None.
    value_label : str
        Title of the value axis.
    dark : bool
        Dark or light look.
    """
    chosen = list(range(min(len(class_names), MAX_MEANS)) if classes is None else classes)
    notes = (
        [f"{len(chosen)} of {len(class_names)} classes are drawn."]
        if len(chosen) < len(class_names)
        else []
    )
    fig, panels = rows([320.0], margin=Margin(top=34))
    class_names = class_labels(class_names)
    names = distinct(class_names, 24)
    values = blank_padding(X, mask)[:, channel]
    bands = {k: spread(values[np.asarray(y) == k]) for k in chosen}
    for k, band in bands.items():
        class_band(fig, band, k, names[k], dark=dark)
    for k, band in bands.items():
        class_mean(fig, band, k, names[k], dark=dark)
    if X.shape[2] > MAX_POINTS:
        drawn = max(len(thin(band.mean)) for band in bands.values())
        notes.append(thinned_note(drawn, X.shape[2]))
    extremes = np.concatenate([np.r_[band.low, band.high] for band in bands.values()])
    set_axis(fig, panels[0].y, title_text=escape(value_label), range=list(padded_range(extremes)))
    set_axis(fig, "x", range=time_range(X.shape[2]))
    follow_pointer(fig, TIME, dark=dark, unified=True)
    legend_row(fig, dark=dark)
    return finish(
        fig, key="class-means", alt=_means_alt(bands, class_names), dark=dark, notes=notes
    )


def _means_alt(bands: dict[int, Spread], class_names: Sequence[str]) -> str:
    parts = []
    for k, band in bands.items():
        if np.isfinite(band.mean).any():
            top = int(np.nanargmax(band.mean))
            peak = number(float(band.mean[top]))
            parts.append(
                f"{clean(class_names[k])} ({band.n_cases} cases) peaks at point {top} with {peak}"
            )
    return f"Class means with the 10-90 % band: {listing(parts) if parts else 'no cases'}."
