"""All cases of a class over one another, coloured by their maps: the paper's Figure 8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.case_stack import plot_segmented_cases
from tscviz.figures.frame import Margin, Panel, finish, grid, set_axis
from tscviz.figures.furniture import corner_note, heading
from tscviz.figures.lines import breaks, chain, coloured_line, padded_range
from tscviz.figures.palette import Scale, class_scale, look, with_alpha
from tscviz.figures.series import TIME, thinned_note, time_range
from tscviz.figures.stats import (
    blank_padding,
    even_picks,
    mean,
    take_rows,
    thin_rows,
    unit_range,
)
from tscviz.figures.text import clean, distinct, escape, listing
from tscviz.types import Array

__all__ = ["CamView", "plot_class_cams", "plot_segmented_cases"]

MAX_CLASSES = 8
MAX_CASES = 40


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


def plot_class_cams(  # noqa: PLR0913
    X: Array,
    y: Array,
    class_names: Sequence[str],
    views: Sequence[CamView],
    *,
    mask: Array | None = None,
    case_idx: Array | None = None,
    channel: int = 0,
    classes: Sequence[int] | None = None,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw all cases of each class over one another, coloured by their maps (paper, Figure 8).

    Rows are classes, columns are views (models); a panel holds 40 cases at most, spread evenly.
    Maps are moved to [0, 1] in every case, as the paper does; grey is 0, the colour of the class
    is 1. Ticks at the foot of a panel mark where segments 2 to L begin: a row of ticks for each,
    a tick for each case.

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
    value_label : str
        Title of the value axes.
    dark : bool
        Dark or light look.
    """
    rows_drawn, notes = choose_classes(len(class_names), classes)
    numbers = np.arange(len(X)) if case_idx is None else np.asarray(case_idx)
    fig, panels = grid(
        len(rows_drawn), len(views), height=170, gap=(0.035, 44), margin=Margin(top=56)
    )
    values = blank_padding(X, mask)[:, channel]
    low, high = padded_range(values)
    names, drawn = distinct(class_names, 24), X.shape[2]
    foot = low - 0.2 * (high - low) * any(view.boundaries is not None for view in views)
    for line, k in zip(panels, rows_drawn, strict=True):
        members = np.flatnonzero(np.asarray(y) == k)
        picks = members[even_picks(len(members), MAX_CASES)]
        if len(picks) < len(members):
            notes.append(f"{clean(class_names[k])}: {len(picks)} of {len(members)} cases drawn.")
        for panel, view in zip(line, views, strict=True):
            if len(picks):
                maps = _seen_maps(view, values, picks)
                scale = class_scale(k, dark)
                points = _overlay(fig, panel, values[picks], maps, numbers[picks], scale)
                drawn = min(drawn, points)
            if view.boundaries is not None:
                _rugs(fig, panel, view.boundaries[picks], (foot, low), dark)
            name = f"{escape(names[k])} · {escape(view.name, 40)}"
            heading(fig, panel, name, dark=dark)
    if drawn < X.shape[2]:
        notes.append(thinned_note(drawn, X.shape[2]))
    set_axis(fig, "x", range=time_range(X.shape[2]))
    set_axis(fig, "y", range=[foot, high])
    _outer_titles(fig, panels, escape(value_label))
    corner_note(fig, "stronger colour = higher CAM, 0-1 in each case", dark=dark, shift=24)
    alt = _alt(values, y, class_names, rows_drawn, views)
    return finish(fig, key="class-cams", alt=alt, dark=dark, notes=notes)


def choose_classes(n: int, classes: Sequence[int] | None) -> tuple[list[int], list[str]]:
    """Return the classes to draw, and a note where some are left out."""
    if classes is not None:
        return list(classes), []
    notes = [f"The first {MAX_CLASSES} of {n} classes are drawn."] if n > MAX_CLASSES else []
    return list(range(min(n, MAX_CLASSES))), notes


def _seen_maps(view: CamView, values: Array, picks: Array) -> Array:
    """Return the maps of some cases, each moved to [0, 1] over the points its series has."""
    return unit_range(np.where(np.isfinite(values[picks]), view.cams[picks], np.nan))


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
    fig: go.Figure, panel: Panel, values: Array, maps: Array, numbers: Array, scale: Scale
) -> int:
    """Draw cases over one another, with an invisible line that holds their data for hover.

    Each case is thinned by its own values; how many points one has at most is returned.
    """
    t = thin_rows(values, max(200, 60_000 // len(values)))
    values, maps = take_rows(values, t), take_rows(maps, t)
    cases = chain(np.where(np.isfinite(t), numbers[:, None], np.nan))
    told = f"case %{{customdata[0]}}<br>{TIME} %{{x}}<br>value %{{y:.5~g}}<br>"
    fig.add_trace(
        go.Scatter(
            x=chain(t),
            y=chain(values),
            customdata=np.column_stack([cases, chain(maps)]),
            mode="lines",
            line={"color": "rgba(0,0,0,0)", "width": 1},
            hovertemplate=told + "CAM %{customdata[1]:.2f}<extra></extra>",
            meta={"table": {"customdata": ["case", "CAM (0-1)"], "x": TIME, "y": "value"}},
            **panel.axes,
        )
    )
    fig.add_traces(
        coloured_line(
            t, values, maps, panel, scale=scale, limits=(0.0, 1.0), width=1.5, opacity=0.75
        )
    )
    return t.shape[1]


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


def _alt(
    values: Array,
    y: Array,
    class_names: Sequence[str],
    chosen: list[int],
    views: Sequence[CamView],
) -> str:
    who = listing([f"{int((np.asarray(y) == k).sum())} {clean(class_names[k])}" for k in chosen])
    models = listing([clean(view.name) for view in views])
    parts = [f"Cases of {who}, coloured by the class activation map of {models}"]
    for view in views:
        for k in chosen:
            strength = mean(_seen_maps(view, values, np.flatnonzero(np.asarray(y) == k)))
            if np.isfinite(strength).any():
                spot = f"{clean(view.name)} lights {clean(class_names[k])} most near point"
                parts.append(f"{spot} {int(np.nanargmax(strength))}")
    return "; ".join(parts) + "."
