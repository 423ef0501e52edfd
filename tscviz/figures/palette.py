"""Colours, fonts and the light and dark look shared by every figure.

Classes take the colours of Okabe and Ito (2008), with a dash and a marker symbol as a second
channel. Unsigned maps use cividis. Signed maps use a blue to vermilion map whose centre is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sequential

from tscviz.types import Array

OKABE_ITO = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # bluish green
    "#E69F00",  # orange
    "#CC79A7",  # reddish purple
    "#56B4E9",  # sky blue
    "#000000",  # black
    "#F0E442",  # yellow
)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = (
    "circle",
    "diamond",
    "square",
    "triangle-up",
    "cross",
    "star",
    "triangle-down",
    "hexagon",
)
FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, system-ui, sans-serif"

_CIVIDIS = tuple(str(colour) for colour in sequential.Cividis)

Scale = list[tuple[float, str]]


@dataclass(frozen=True)
class Theme:
    """Colours of one look, as CSS values.

    Parameters
    ----------
    text, muted : str
        Axis titles and values; secondary text.
    grid, axis : str
        Grid lines; axis and zero lines.
    surface : str
        The page behind the (transparent) figure; used where something must be covered.
    raised : str
        Background of hover labels.
    neutral : str
        A series without a class.
    centre : str
        Middle of the signed map and low end of the class maps.
    accent : str
        Marks that must stand out: interpolated points, the best epoch.
    accent_text : str
        The accent of words: the same tone, with a contrast to the page of 4.5 or more.
    """

    text: str
    muted: str
    grid: str
    axis: str
    surface: str
    raised: str
    neutral: str
    centre: str
    accent: str
    accent_text: str


LIGHT = Theme(
    "#1f2430",
    "#5c6675",
    "#e9ecf1",
    "#b8c0cc",
    "#ffffff",
    "#ffffff",
    "#374151",
    "#d3d7de",
    "#D55E00",
    "#B04E00",
)
DARK = Theme(
    "#e8ebf0",
    "#9aa5b5",
    "#232936",
    "#4a5364",
    "#0e1117",
    "#1b212c",
    "#c3cad6",
    "#3d4452",
    "#FF8A3D",
    "#FF8A3D",
)


@dataclass(frozen=True)
class ClassStyle:
    """How one class is drawn: colour, line dash and marker symbol."""

    colour: str
    dash: str
    symbol: str


def look(dark: bool) -> Theme:
    """Return the colours of the dark or the light look."""
    return DARK if dark else LIGHT


def class_style(class_idx: int, dark: bool = False) -> ClassStyle:
    """Return the style of a class; 48 classes differ in colour and dash taken together.

    Black is drawn near white on a dark page and yellow darker on a light one: as published
    either would vanish.
    """
    turn, step = divmod(class_idx, len(OKABE_ITO))
    colour = OKABE_ITO[step]
    if dark:
        colour = {"#000000": "#E8EBF0", "#0072B2": "#2E9BE0"}.get(colour, colour)
    elif colour == "#F0E442":
        colour = "#A89A00"
    return ClassStyle(
        colour, DASHES[(step + turn) % len(DASHES)], SYMBOLS[(step + turn) % len(SYMBOLS)]
    )


def unsigned_scale(reverse: bool = False) -> Scale:
    """Return cividis as (position, colour) pairs, bright end first if `reverse`."""
    colours = _CIVIDIS[::-1] if reverse else _CIVIDIS
    return [(i / (len(colours) - 1), colour) for i, colour in enumerate(colours)]


def signed_scale(dark: bool = False) -> Scale:
    """Return the diverging map: blue is negative, vermilion positive, a quiet grey zero.

    The centre is a grey, not the page's colour, so that a line drawn with it stays visible.
    """
    if dark:
        stops = ["#a8dcff", "#52abf0", "#2f6a9e", DARK.centre, "#96502a", "#f0823c", "#ffcf9e"]
    else:
        stops = ["#08386b", "#1a6fb3", "#7fb0d6", LIGHT.centre, "#eda679", "#d55e00", "#852a00"]
    return [(i / 6, stop) for i, stop in enumerate(stops)]


def class_scale(class_idx: int, dark: bool = False) -> Scale:
    """Return a map from a quiet grey (0) to the colour of a class (1)."""
    return [(0.0, look(dark).centre), (1.0, class_style(class_idx, dark).colour)]


def sample(scale: Scale, positions: Array) -> list[str]:
    """Return the colours of `scale` at `positions` between 0 and 1."""
    at = [position for position, _ in scale]
    bands = np.array([_rgb(colour) for _, colour in scale], dtype=float).T
    mixed = np.stack([np.interp(positions, at, band) for band in bands], axis=1).round().astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in mixed]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def readable_ink(colour: str) -> str:
    """Return black or white, whichever has the greater contrast (WCAG 2) on ``#rrggbb``."""
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (band / 255 for band in _rgb(colour))
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if luminance > 0.179 else "#ffffff"


def symmetric_limit(values: Array) -> float:
    """Return the largest finite magnitude in `values`, 1 where there is none or all are zero."""
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    top = float(finite.max()) if finite.size else 0.0
    return top if top > 0 else 1.0


def with_alpha(colour: str, alpha: float) -> str:
    """Return a ``#rrggbb`` colour as ``rgba(r,g,b,alpha)``."""
    red, green, blue = _rgb(colour)
    return f"rgba({red},{green},{blue},{alpha:g})"


def theme(fig: go.Figure, dark: bool) -> go.Figure:
    """Give `fig` the light or dark look, in place, and return it.

    The paper is transparent, so the figure sits on whatever the page shows. Only colours and
    fonts are set: sizes, titles and ranges stay as they are.
    """
    tones = look(dark)
    # in a template: set once, and it holds for every axis
    axis = _axis_colours(tones)
    fig.layout.template = {"layout": {"xaxis": axis, "yaxis": axis}}
    fig.update_layout(
        font={"family": FONT, "size": 13, "color": tones.text},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={
            "bgcolor": tones.raised,
            "bordercolor": tones.axis,
            "font": {"family": FONT, "size": 13, "color": tones.text},
            "align": "left",
        },
        modebar={
            "bgcolor": "rgba(0,0,0,0)",
            "color": tones.axis,
            "activecolor": tones.text,
            "orientation": "h",
        },
    )
    return fig


def _axis_colours(tones: Theme) -> dict[str, Any]:
    return {
        "gridcolor": tones.grid,
        "linecolor": tones.axis,
        "zerolinecolor": tones.grid,
        "tickcolor": tones.axis,
        "tickfont": {"color": tones.muted, "size": 12},
        "title": {"font": {"color": tones.muted, "size": 13}},
    }
