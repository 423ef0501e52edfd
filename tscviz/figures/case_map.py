"""All cases as points on two principal components, ready to be selected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import legend_row
from tscviz.figures.palette import class_style, look
from tscviz.figures.stats import Projection
from tscviz.figures.text import count, escape
from tscviz.types import Array


def plot_case_map(
    projection: Projection,
    y: Array,
    class_names: Sequence[str],
    *,
    case_idx: Sequence[int] | None = None,
    current: int | None = None,
    boxed: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw every case as a point on the first two principal components, ready to be selected.

    Each point's ``customdata`` is its case index. A click selects, or a dragged box.

    Parameters
    ----------
    projection : Projection
        From `tscviz.figures.stats.project_cases`.
    y : int array, shape (n_cases,)
    class_names : sequence of str
    case_idx : sequence of int, optional
        Case index of each point; 0, 1, ... if None.
    current : int, optional
        Case index to ring.
    boxed : bool
        Select by dragging a box. Streamlit takes clicks only where dragging does not select.
    dark : bool
        Dark or light look.
    """
    ids = np.arange(len(y)) if case_idx is None else np.asarray(case_idx)
    fig, _ = rows([380.0], margin=Margin(top=34))
    for k in np.unique(y):
        mine = np.asarray(y) == k
        _class_points(fig, projection.points[mine], ids[mine], int(k), class_names, dark)
    if current is not None and (ids == current).any():
        _ring(fig, projection.points[ids == current], dark)
    for axis, share, name in (("x", 0, "first"), ("y", 1, "second")):
        title = f"{name} principal component ({projection.explained[share]:.0%} of the variance)"
        set_axis(
            fig, axis, title_text=title, showgrid=True, zeroline=False, showline=False, ticks=""
        )
    drag = "select" if boxed else "pan"
    fig.update_layout(dragmode=drag, clickmode="event+select", hovermode="closest")
    legend_row(fig, dark=dark)
    shown = sum(projection.explained)
    alt = (
        f"Map of {len(y)} cases on two principal components that hold {shown:.0%} of the "
        f"variance, coloured by {count(len(np.unique(y)), 'class', 'classes')}."
    )
    return finish(fig, key="case-map", alt=alt, dark=dark)


def _class_points(
    fig: go.Figure, points: Array, ids: Array, k: int, class_names: Sequence[str], dark: bool
) -> None:
    style, name = class_style(k, dark), escape(class_names[k], 24)
    fig.add_trace(
        go.Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            name=name,
            customdata=ids,
            marker={
                "size": 9,
                "symbol": style.symbol,
                "color": style.colour,
                "opacity": 0.8,
                "line": {"width": 0.8, "color": look(dark).surface},
            },
            selected={"marker": {"opacity": 1, "size": 11}},
            unselected={"marker": {"opacity": 0.2}},
            hovertemplate=f"case %{{customdata}}<br>{name}<extra></extra>",
            meta={"table": {"customdata": ["case"], "x": "component 1", "y": "component 2"}},
        )
    )


def _ring(fig: go.Figure, points: Array, dark: bool) -> None:
    fig.add_trace(
        go.Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            name="this case",
            hoverinfo="skip",
            marker={
                "size": 18,
                "symbol": "circle-open",
                "line": {"width": 2.5, "color": look(dark).text},
                "color": look(dark).text,
            },
        )
    )
