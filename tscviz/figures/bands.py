"""The mean of a class over time, with the band that holds most of its cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Panel
from tscviz.figures.lines import calm_width
from tscviz.figures.palette import class_style, with_alpha
from tscviz.figures.series import TIME
from tscviz.figures.stats import MAX_POINTS, Spread, thin
from tscviz.figures.text import escape, middle_cut
from tscviz.types import Array


def fill_between(
    fig: go.Figure, x: Array, low: Array, high: Array, colour: str, **more: Any
) -> None:
    """Fill the space between two lines; `more` says where and with which entry of the legend."""
    fig.add_trace(
        go.Scatter(
            x=np.r_[x, x[::-1]],
            y=np.r_[high, low[::-1]].astype(np.float32),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=colour,
            hoverinfo="skip",
            showlegend=False,
            **more,
        )
    )


def class_band(
    fig: go.Figure, band: Spread, k: int, name: str, *, dark: bool, panel: Panel | None = None
) -> None:
    """Fill the space between the low and the high quantile of class `k`."""
    t = _ends_of(band)
    t = t[np.isfinite(band.low[t])]
    colour = class_style(k, dark).colour
    group = {"legendgroup": _group(k, name)}
    fill_between(
        fig, t, band.low[t], band.high[t], with_alpha(colour, 0.14), **group, **_axes(panel)
    )


def _ends_of(band: Spread) -> Array:
    """Return the indices to draw of a band: those that both its edges need."""
    n = len(band.low)
    if n <= MAX_POINTS:
        return np.arange(n)
    return np.union1d(thin(band.low, MAX_POINTS // 2), thin(band.high, MAX_POINTS // 2))


def _group(k: int, name: str) -> str:
    """Return what the band and the mean of a class share in the legend, and no other class has."""
    return f"{k} {escape(name)}"


def class_mean(
    fig: go.Figure,
    band: Spread,
    k: int,
    name: str,
    *,
    dark: bool,
    panel: Panel | None = None,
    number: str = ".5~g",
    column: str = "mean",
    context: bool = False,
) -> None:
    """Draw the mean of class `k` as a line.

    Parameters
    ----------
    name : str
        Of the class; see `tscviz.figures.text.distinct` where names may be long.
    number : str
        Format of a value under the pointer.
    column : str
        Name of the mean in the CSV.
    context : bool
        A line beside the figure's subject: without its quantiles, and not in the legend.
    """
    style, t, label = class_style(k, dark), thin(band.mean), escape(middle_cut(name, 24))
    table: dict[str, Any] = {"x": TIME, "y": column}
    told = f"%{{y:{number}}}"
    if not context:
        told += f" (80 % in %{{customdata[0]:{number}}} to %{{customdata[1]:{number}}})"
        table["customdata"] = ["10 % quantile", "90 % quantile"]
    fig.add_trace(
        go.Scatter(
            x=t,
            y=band.mean[t].astype(np.float32),
            mode="lines",
            name=label,
            legendgroup=_group(k, name),
            showlegend=not context,
            line={
                "color": style.colour,
                "width": calm_width(band.mean[t], 2.4),
                "dash": style.dash,
            },
            customdata=np.column_stack([band.low[t], band.high[t]]).astype(np.float32),
            hovertemplate=told,
            hoverlabel={"namelength": -1},  # plotly's own 15 letters can be those of two classes
            meta={"table": table},
            **_axes(panel),
        )
    )


def _axes(panel: Panel | None) -> dict[str, str]:
    return {} if panel is None else panel.axes
