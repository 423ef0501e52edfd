"""All cases as points of a plane, ready to be selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import legend_row
from tscviz.figures.palette import class_style, look
from tscviz.figures.stats import Projection
from tscviz.figures.text import count, escape
from tscviz.types import Array

#: Opacity of a point: as it is, and where others are selected.
SHOWN, FADED = 0.8, 0.15
#: Place in the legend of what is no class.
OTHERS = 2000


def plot_case_map(
    projection: Projection,
    y: Array,
    class_names: Sequence[str],
    *,
    case_idx: Sequence[int] | None = None,
    current: int | None = None,
    chosen: Sequence[int] = (),
    prototypes: Mapping[int, int] | None = None,
    boxed: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw every case as a point on two principal components or as UMAP places it.

    Each point's ``customdata`` is its case index. A click selects, or a dragged box.

    Parameters
    ----------
    projection : Projection
        From `tscviz.figures.stats.project_cases` or `tscviz.explain.case_space.umap_places`.
    y : int array, shape (n_cases,)
    class_names : sequence of str
    case_idx : sequence of int, optional
        Case index of each point; 0, 1, ... if None.
    current : int, optional
        Case index to ring.
    chosen : sequence of int
        Case indices that are selected; the others fade, where there are any.
    prototypes : mapping of int to int, optional
        Class index -> case index, to be marked by a star.
    boxed : bool
        Select by dragging a box. Streamlit takes clicks only where dragging does not select.
    dark : bool
        Dark or light look.
    """
    y = np.asarray(y)
    ids = np.arange(len(y)) if case_idx is None else np.asarray(case_idx)
    faded = np.isin(ids, np.asarray(chosen, dtype=int), invert=True) if len(chosen) else ids < 0
    fig, _ = rows([380.0], margin=Margin(top=34))
    for k in np.unique(y):
        mine = y == k
        points = projection.points[mine]
        _class_points(fig, points, ids[mine], faded[mine], int(k), class_names, dark)
    _stars(fig, projection.points, ids, prototypes or {}, class_names, dark)
    if current is not None and (ids == current).any():
        _ring(fig, projection.points[ids == current], dark)
    if faded.any():
        _unfaded_legend(fig)
    _axes(fig, projection)
    drag = "select" if boxed else "pan"
    fig.update_layout(dragmode=drag, clickmode="event+select", hovermode="closest")
    legend_row(fig, dark=dark)
    return finish(fig, key="case-map", alt=_alt(projection, y, chosen, prototypes), dark=dark)


def _unfaded_legend(fig: go.Figure) -> None:
    """Show the classes in the legend as they are: the last traces, so that no number changes."""
    traces: list[Any] = list(fig.data)
    for trace in [t for t in traces if t.legendrank < OTHERS]:
        mark = go.Scatter(x=[None], y=[None], mode="markers", name=trace.name, hoverinfo="skip")
        mark.update(
            marker={**trace.marker.to_plotly_json(), "opacity": SHOWN},
            legendgroup=trace.name,
            legendrank=trace.legendrank,
        )
        trace.update(showlegend=False, legendgroup=trace.name)
        fig.add_trace(mark)


def _axes(fig: go.Figure, projection: Projection) -> None:
    for axis, share, name in (("x", 0, "first"), ("y", 1, "second")):
        title = f"{name} principal component ({projection.explained[share]:.0%} of the variance)"
        if projection.method == "umap":
            title = f"UMAP {share + 1}, without unit"
        set_axis(
            fig, axis, title_text=title, showgrid=True, zeroline=False, showline=False, ticks=""
        )


def _alt(
    projection: Projection, y: Array, chosen: Sequence[int], prototypes: Mapping[int, int] | None
) -> str:
    where = f"two principal components that hold {sum(projection.explained):.0%} of the variance"
    if projection.method == "umap":
        where = "a plane by UMAP, neighbours close together"
    classes = count(len(np.unique(y)), "class", "classes")
    parts = [f"Map of {len(y)} cases on {where}, coloured by {classes}."]
    if prototypes:
        parts.append("Stars: the prototype of each class.")
    if len(chosen):
        parts.append(f"{count(len(chosen), 'case is', 'cases are')} selected.")
    return " ".join(parts)


def _class_points(
    fig: go.Figure,
    points: Array,
    ids: Array,
    faded: Array,
    k: int,
    class_names: Sequence[str],
    dark: bool,
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
                "opacity": np.where(faded, FADED, SHOWN) if faded.any() else SHOWN,
                "line": {"width": 0.8, "color": look(dark).surface},
            },
            # what is selected is drawn by `chosen`, wherever it was selected
            selected={"marker": {"opacity": SHOWN}},
            unselected={"marker": {"opacity": FADED}},
            legendrank=k,
            hovertemplate=f"case %{{customdata}}<br>{name}<extra></extra>",
            meta={"table": {"customdata": ["case"], "x": "component 1", "y": "component 2"}},
        )
    )


def _stars(
    fig: go.Figure,
    points: Array,
    ids: Array,
    prototypes: Mapping[int, int],
    class_names: Sequence[str],
    dark: bool,
) -> None:
    at = {int(case): i for i, case in enumerate(ids)}
    found = {k: case for k, case in prototypes.items() if case in at}
    if not found:
        return
    where = points[[at[case] for case in found.values()]]
    fig.add_trace(
        go.Scatter(
            x=where[:, 0],
            y=where[:, 1],
            mode="markers",
            name="prototypes",
            customdata=list(found.values()),
            legendrank=OTHERS,
            text=[escape(class_names[k], 24) for k in found],
            marker={
                "size": 17,
                "symbol": "star",
                "color": [class_style(k, dark).colour for k in found],
                "line": {"width": 1.6, "color": look(dark).text},
                "opacity": 1,
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate="prototype of %{text}<br>case %{customdata}<extra></extra>",
        )
    )


def _ring(fig: go.Figure, points: Array, dark: bool) -> None:
    fig.add_trace(
        go.Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            name="this case",
            legendrank=OTHERS + 1,
            hoverinfo="skip",
            marker={
                "size": 22,
                "symbol": "circle-open",
                "line": {"width": 2.5, "color": look(dark).text},
                "color": look(dark).text,
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
