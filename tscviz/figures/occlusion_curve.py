"""The windows of an occlusion map: what each one costs, as numbers, in words and as a curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Panel, set_axis
from tscviz.figures.furniture import heading, legend_row
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import class_style, look
from tscviz.figures.series import channel_name
from tscviz.figures.text import points
from tscviz.types import Array

#: A probability that moves less than this is not drawn from 0 to 1.
FLAT = 0.15


def worst_window(details: Mapping[str, Any]) -> int:
    """Return the number of the window that costs the class most."""
    return int(np.argmin(scores_of(details)[1]))


def costs_something(details: Mapping[str, Any]) -> bool:
    """Return whether any window that is hidden lowers the score."""
    whole, hidden = scores_of(details)
    return bool(hidden.min() < whole)


def scores_of(details: Mapping[str, Any]) -> tuple[float, Array]:
    """Return the score of the whole case, and with each window hidden."""
    if details["output"] == "probability":
        return float(details["probability"]), np.asarray(details["window_probabilities"])
    return float(details["logit"]), np.asarray(details["window_logits"])


def draw_curve(
    fig: go.Figure,
    place: Panel,
    told: Mapping[str, Any],
    channels: Sequence[int],
    label: str,
    dark: bool,
) -> None:
    """Draw the score by the window's middle: one line, or one a channel hidden by itself."""
    whole, hidden = scores_of(told)
    tones = look(dark)
    rows_of = np.asarray(told["channels"])
    several = bool((rows_of >= 0).any())
    for c in channels if several else [-1]:
        _draw_scores(fig, place, told, hidden, rows_of == c, label, c, dark)
    if costs_something(told):
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
            hovertemplate=f"{name} %{{y:.5~g}} without points %{{customdata}}<extra></extra>",
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


def window_words(told: Mapping[str, Any], i: int) -> str:
    """Return what window `i` hides: its points, and its channel where it hides one."""
    channel = int(told["channels"][i])
    where = "" if channel < 0 else f" of channel {channel + 1}"
    return points(int(told["starts"][i]), int(told["stops"][i]) - 1) + where
