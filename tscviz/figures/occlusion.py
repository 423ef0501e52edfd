"""What the class score does when a stretch of a series is hidden: map, curve and the worst window.

The series takes the colour of the map, a strip below shows the map alone, and under it stands the
score against the middle of the window, all on one time axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cam import STRIP, draw_line, draw_strip
from tscviz.figures.cam_map import CamStyle, DrawnMap, drawn_map
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import follow_pointer
from tscviz.figures.occlusion_curve import (
    costs_something,
    draw_curve,
    scores_of,
    window_words,
    worst_window,
)
from tscviz.figures.palette import look, with_alpha
from tscviz.figures.series import (
    MAX_CHANNELS,
    TIME,
    choose_channels,
    thinned_note,
    time_range,
    value_title,
)
from tscviz.figures.stats import MAX_POINTS, thin
from tscviz.figures.text import clean, escape, number
from tscviz.types import Array, Attribution

CURVE = 150.0


def plot_occlusion(
    x: Array,
    attribution: Attribution,
    *,
    mask: Array | None = None,
    class_name: str | None = None,
    filling: Array | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw an occlusion map under its series, and the score against the window's middle.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    attribution : Attribution
        Of the method "occlusion".
    mask : bool array, shape (n_timepoints,), optional
        False on padding.
    class_name : str, optional
        Of the class explained.
    filling : array, shape (n_channels, n_timepoints), optional
        What stood in the window that costs most, NaN elsewhere; drawn as a dashed line.
    dark : bool
        Dark or light look.
    """
    told, name = attribution.details, class_name or f"class {attribution.target + 1}"
    what = "p" if told["output"] == "probability" else "score"
    chosen, notes = _strongest(attribution)
    style = CamStyle(
        mask=mask,
        cam_label=f"fall of {what} if hidden",
        dark=dark,
    )
    values, drawn = style.blank(x), drawn_map(attribution, chosen, style)
    fig, lines, strip, curve = _skeleton(drawn, chosen, several=bool(told["per_channel"]))
    for place, c in zip(lines, chosen, strict=True):
        draw_line(fig, place, values[c], drawn, c, style, many=len(chosen) > 1)
    draw_strip(fig, [*lines, strip], drawn, chosen, style)
    if costs_something(told):
        _draw_worst(fig, lines, chosen, told, filling, dark)
    value_title(fig, lines, style.value_label, dark)
    draw_curve(fig, curve, told, chosen, f"{what}({escape(name, 24)})", dark)
    if x.shape[1] > MAX_POINTS:
        notes.append(thinned_note(len(thin(values[chosen[0]])), x.shape[1]))
    set_axis(fig, "x", range=time_range(x.shape[1]))
    follow_pointer(fig, TIME, dark=dark)
    return finish(fig, key="occlusion", alt=_alt(told, name), dark=dark, notes=notes)


def _strongest(attribution: Attribution) -> tuple[list[int], list[str]]:
    """Return the channels to draw; of too many hidden one by one, those that matter most."""
    values, told = attribution.values, attribution.details
    if len(values) <= MAX_CHANNELS or not told["per_channel"]:
        return choose_channels(len(values), None)
    size = np.abs(values).max(axis=1)
    size[int(told["channels"][worst_window(told)])] = np.inf
    chosen = sorted(np.argsort(-size, kind="stable")[:MAX_CHANNELS].tolist())
    names = ", ".join(str(c + 1) for c in chosen)
    return chosen, [f"Of {len(values)} channels those with the strongest map are drawn: {names}."]


def _skeleton(
    drawn: DrawnMap, channels: Sequence[int], *, several: bool
) -> tuple[go.Figure, list[Panel], Panel, Panel]:
    """Return the figure, and the places of the channels, of the strip and of the curve."""
    n = len(channels)
    many = n > 1
    heights = [84.0 if many else 210.0] * n
    heights += [float(STRIP * len(drawn.strip(channels))), CURVE]
    gaps = [24.0] * (n - 1) + [12.0 if many else 6.0, 62.0 if several else 44.0]
    margin = Margin(top=44 if many else 30, right=88)
    fig, places = rows(heights, gaps=gaps, margin=margin)
    return fig, places[:n], places[n], places[n + 1]


def _draw_worst(
    fig: go.Figure,
    lines: Sequence[Panel],
    channels: Sequence[int],
    told: Mapping[str, Any],
    filling: Array | None,
    dark: bool,
) -> None:
    """Shade the window that costs most, and draw what stood there instead of the series."""
    worst = worst_window(told)
    where, tones = int(told["channels"][worst]), look(dark)
    span = {"x0": told["starts"][worst] - 0.5, "x1": told["stops"][worst] - 0.5}
    for place, c in zip(lines, channels, strict=True):
        if where not in (-1, c):
            continue
        fig.add_shape(
            type="rect",
            xref=place.x,
            yref=f"{place.y} domain",
            **span,
            y0=0,
            y1=1,
            layer="below",
            line={"width": 0},
            fillcolor=with_alpha(tones.axis, 0.35),
        )
        if filling is not None:
            fig.add_trace(
                go.Scatter(
                    x=np.arange(filling.shape[1]),
                    y=np.asarray(filling[c], np.float32),
                    mode="lines",
                    name="fill",
                    line={"color": tones.text, "width": 1.6, "dash": "3px,3px"},
                    hoverinfo="skip",
                    showlegend=False,
                    **place.axes,
                )
            )
    if len(lines) == 1:  # above several channels stand their names
        _note_worst(fig, lines[0], span, dark)


def _note_worst(fig: go.Figure, place: Panel, span: dict[str, Any], dark: bool) -> None:
    fig.add_annotation(
        text="costs most",
        xref=place.x,
        x=(span["x0"] + span["x1"]) / 2,
        yref="paper",
        y=place.top,
        yshift=2,
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": look(dark).muted},
    )


def _alt(told: Mapping[str, Any], name: str) -> str:
    whole, hidden = scores_of(told)
    worst, best = worst_window(told), int(np.argmax(hidden))
    what = "probability" if told["output"] == "probability" else "score"
    most = (
        f"Hiding {window_words(told, worst)} lowers it most, to {number(float(hidden[worst]))}"
        if costs_something(told)
        else "No window that is hidden lowers it"
    )
    return (
        f"Occlusion with windows of {told['window']} points; the {what} of {clean(name)} is "
        f"{number(whole)}. {most}; hiding {window_words(told, best)} leaves it highest, at "
        f"{number(float(hidden[best]))}."
    )
