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
from tscviz.figures.furniture import follow_pointer, heading, legend_row
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import class_style, look, symmetric_limit, with_alpha
from tscviz.figures.series import (
    TIME,
    channel_name,
    choose_channels,
    thinned_note,
    time_range,
    value_title,
)
from tscviz.figures.stats import MAX_POINTS, thin
from tscviz.figures.text import clean, escape, number, points
from tscviz.types import Array, Attribution

CURVE = 150.0
#: A probability that moves less than this is not drawn from 0 to 1.
FLAT = 0.15
#: Least end of the colour scale of a probability.
FAINT = 0.05


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
    chosen, notes = choose_channels(len(x), None)
    style = CamStyle(
        mask=mask,
        cam_label=f"fall of {what} if hidden",
        limit=_limit(attribution, chosen),
        dark=dark,
    )
    values, drawn = style.blank(x), drawn_map(attribution, chosen, style)
    fig, lines, strip, curve = _skeleton(drawn, chosen, several=bool(told["per_channel"]))
    for place, c in zip(lines, chosen, strict=True):
        draw_line(fig, place, values[c], drawn, c, style, many=len(chosen) > 1)
    draw_strip(fig, [*lines, strip], drawn, chosen, style)
    _draw_worst(fig, lines, chosen, told, filling, dark)
    value_title(fig, lines, style.value_label, dark)
    _draw_curve(fig, curve, told, f"{what}({escape(name, 24)})", dark)
    if x.shape[1] > MAX_POINTS:
        notes.append(thinned_note(len(thin(values[chosen[0]])), x.shape[1]))
    set_axis(fig, "x", range=time_range(x.shape[1]))
    follow_pointer(fig, TIME, dark=dark)
    return finish(fig, key="occlusion", alt=_alt(told, name), dark=dark, notes=notes)


def worst_window(details: Mapping[str, Any]) -> int:
    """Return the number of the window that costs the class most."""
    return int(np.argmin(_scores(details)[1]))


def _scores(details: Mapping[str, Any]) -> tuple[float, Array]:
    """Return the score of the whole case, and with each window hidden."""
    if details["output"] == "probability":
        return float(details["probability"]), np.asarray(details["window_probabilities"])
    return float(details["logit"]), np.asarray(details["window_logits"])


def _limit(attribution: Attribution, channels: Sequence[int]) -> float:
    """Return the end of the colour scale: a probability that hardly moves stays pale."""
    least = FAINT if attribution.details["output"] == "probability" else 0.0
    return max(symmetric_limit(attribution.values[list(channels)]), least)


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


def _draw_curve(
    fig: go.Figure, place: Panel, told: Mapping[str, Any], label: str, dark: bool
) -> None:
    whole, hidden = _scores(told)
    tones = look(dark)
    rows_of = np.asarray(told["channels"])
    several = bool((rows_of >= 0).any())
    for c in np.unique(rows_of):
        mine = rows_of == c
        _draw_scores(fig, place, told, hidden, mine, label, int(c), dark)
    worst = worst_window(told)
    fig.add_trace(
        go.Scatter(
            x=[told["centres"][worst]],
            y=[np.float32(hidden[worst])],
            mode="markers",
            name="costs most",
            marker={"size": 9, "symbol": "diamond", "color": tones.accent},
            hoverinfo="skip",
            showlegend=False,
            **place.axes,
        )
    )
    fig.add_shape(
        type="line",
        xref="paper",
        yref=place.y,
        x0=place.left,
        x1=place.right,
        y0=whole,
        y1=whole,
        line={"color": tones.muted, "width": 1.2, "dash": "4px,3px"},
    )
    if several:
        legend_row(fig, dark=dark, panel=place)
    else:
        text = "by the window's centre (dashed: nothing hidden)"
        heading(fig, place, text, dark=dark, strong=False, shift=4)
    set_axis(fig, place.y, title_text=label, range=_curve_range(told, whole, hidden))


def _draw_scores(
    fig: go.Figure,
    place: Panel,
    told: Mapping[str, Any],
    hidden: Array,
    mine: Array,
    label: str,
    channel: int,
    dark: bool,
) -> None:
    style = class_style(max(channel, 0), dark)
    name = label if channel < 0 else channel_name(channel, None)
    spans = [f"{a}–{b - 1}" for a, b in zip(told["starts"][mine], told["stops"][mine], strict=True)]
    fig.add_trace(
        go.Scatter(
            x=np.asarray(told["centres"])[mine],
            y=hidden[mine].astype(np.float32),
            customdata=spans,
            mode="lines" if len(spans) > 60 else "lines+markers",
            marker={"size": 4},
            name=name,
            line={
                "color": look(dark).text if channel < 0 else style.colour,
                "dash": "solid" if channel < 0 else style.dash,
                "width": 1.8,
            },
            hovertemplate=f"{name} %{{y:.3~f}} without points %{{customdata}}<extra></extra>",
            showlegend=channel >= 0,
            meta={"table": {"x": "window centre", "customdata": ["hidden points"], "y": label}},
            **place.axes,
        )
    )


def _curve_range(told: Mapping[str, Any], whole: float, hidden: Array) -> list[float]:
    every = np.append(hidden, whole)
    if told["output"] == "probability" and np.ptp(every) > FLAT:
        return [-0.04, 1.04]
    return list(padded_range(every, 0.1))


def _alt(told: Mapping[str, Any], name: str) -> str:
    whole, hidden = _scores(told)
    worst, best = worst_window(told), int(np.argmax(hidden))
    what = "probability" if told["output"] == "probability" else "score"
    return (
        f"Occlusion with windows of {told['window']} points; the {what} of {clean(name)} is "
        f"{number(whole)}. Hiding {_span(told, worst)} lowers it most, to "
        f"{number(float(hidden[worst]))}; hiding {_span(told, best)} leaves it highest, at "
        f"{number(float(hidden[best]))}."
    )


def _span(told: Mapping[str, Any], i: int) -> str:
    channel = int(told["channels"][i])
    where = "" if channel < 0 else f" of channel {channel + 1}"
    return points(int(told["starts"][i]), int(told["stops"][i]) - 1) + where
