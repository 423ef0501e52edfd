"""Maps of many cases as one picture: a row per case, sorted by class, with segment boundaries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, inner_height, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar
from tscviz.figures.lines import breaks
from tscviz.figures.palette import (
    class_style,
    look,
    signed_scale,
    symmetric_limit,
    unsigned_scale,
)
from tscviz.figures.series import TIME, time_range
from tscviz.figures.stats import blank_padding, block_extremes, even_picks, mean, unit_range
from tscviz.figures.text import clean, distinct, escape
from tscviz.types import Array

MAX_COLUMNS = 3000
#: Pixels that the name of one class takes, and of the tallest figure.
LABEL, TALLEST = 14, 900


def plot_cam_heatmap(  # noqa: PLR0913
    cams: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    boundaries: Array | None = None,
    mask: Array | None = None,
    case_idx: Array | None = None,
    sort: bool = True,
    normalised: bool = False,
    signed: bool = True,
    limit: float | None = None,
    max_cases: int = 300,
    cam_label: str = "CAM",
    dark: bool = False,
) -> go.Figure:
    """Draw the maps of many cases, one row a case, cases of a class together.

    Within a class, cases whose segments begin early come first, or those that were given first.

    Parameters
    ----------
    cams : array, shape (n_cases, n_timepoints)
    y : int array, shape (n_cases,)
    class_names : sequence of str
    boundaries : int array, shape (n_cases, L + 1), optional
        Drawn as strokes, one a row.
    mask : bool array, shape (n_cases, n_timepoints), optional
    case_idx : int array, shape (n_cases,), optional
        Numbers of the cases where these are not all of a split; 0, 1, ... if None.
    sort : bool
        False keeps the order given within each class.
    normalised : bool
        Move each map to [0, 1], on the unsigned scale.
    signed : bool
        False for maps without negative values: the unsigned scale from zero.
    limit : float, optional
        End of the colour scale; the largest magnitude if None.
    max_cases : int
        Rows at most; every class keeps its share.
    cam_label : str
        Title of the colour bar.
    dark : bool
        Dark or light look.
    """
    order = _order(np.asarray(y), boundaries if sort else None, max_cases)
    names = order if case_idx is None else np.asarray(case_idx)[order]
    notes = [f"{len(order)} of {len(y)} cases drawn."] if len(order) < len(y) else []
    values = blank_padding(cams[:, None], mask)[order, 0]
    values = unit_range(values) if normalised else values
    n_classes = len(np.unique(np.asarray(y)[order]))
    height = max(np.clip(6 * len(order), 180, 460), min(LABEL * n_classes, TALLEST))
    fig, panels = rows([float(height)], margin=Margin(left=90, right=88, top=12))
    top = limit or symmetric_limit(values)
    plain = normalised or not signed
    scale = unsigned_scale() if plain else signed_scale(dark)
    limits = (0.0, 1.0) if normalised else (0.0 if plain else -top, top)
    at, shown = block_extremes(values, MAX_COLUMNS)
    label, when = escape(cam_label), f"{TIME} %{{x}}"
    if len(at) < values.shape[1]:
        notes.append(f"Drawn with {len(at)} of {values.shape[1]} points (strongest of each block).")
        when = f"around {when}"
    fig.add_trace(
        go.Heatmap(
            z=shown.astype(np.float32),
            x=at,
            y=np.arange(len(order)),
            customdata=_case_ids(names, len(at)),
            **colour_axis(scale, limits),
            colorbar=colour_bar(fig, label, panels, dark=dark),
            hovertemplate=f"case %{{customdata}}<br>{when}<br>{label} %{{z:.5~g}}<extra></extra>",
            meta={"table": {"customdata": ["case"], "x": TIME, "z": cam_label}},
        )
    )
    if boundaries is not None:
        colour = "#ffffff" if plain else look(dark).text
        _cuts(fig, np.asarray(boundaries, dtype=float)[order], colour)
    _class_bands(fig, np.asarray(y)[order], class_names, dark)
    set_axis(fig, "x", title_text=TIME, range=time_range(values.shape[1]))
    alt = _alt(values, np.asarray(y)[order], class_names)
    return finish(fig, key="cam-heatmap", alt=alt, dark=dark, notes=notes)


def _order(y: Array, boundaries: Array | None, limit: int) -> Array:
    """Return case indices class by class, thinned evenly to `limit`.

    Within a class, cases whose segments begin early come first: the stairs then run smoothly.
    """
    late = np.zeros(len(y)) if boundaries is None else np.asarray(boundaries)[:, 1:-1].sum(axis=1)
    order = np.lexsort((late, y))
    return order[even_picks(len(order), limit)]


def _case_ids(order: Array, n_columns: int) -> Array:
    return np.broadcast_to(order[:, None], (len(order), n_columns)).astype(np.int32)


def _cuts(fig: go.Figure, boundaries: Array, colour: str) -> None:
    """Draw every cut as a stroke in its row; strokes of neighbours make a line where they agree."""
    row = np.arange(len(boundaries))
    for cut in (boundaries[:, 1:-1] - 0.5).T:
        fig.add_trace(
            go.Scatter(
                x=breaks(cut, cut),
                y=breaks(row - 0.5, row + 0.5),
                mode="lines",
                name="boundary",
                hoverinfo="skip",
                line={"color": colour, "width": 1.6},
            )
        )


def _class_bands(fig: go.Figure, y: Array, class_names: Sequence[str], dark: bool) -> None:
    """Name the classes at the left, with a bar in their colour, and part them by a line.

    A name that would touch the one above it is left out.
    """
    names, room = distinct(class_names, 16), LABEL * len(y) / inner_height(fig)
    ticks: list[float] = []
    texts: list[str] = []
    for k in np.unique(y):
        first, last = np.flatnonzero(y == k)[[0, -1]]
        middle = float(first + last) / 2
        if not ticks or middle - ticks[-1] >= room - 1e-9:
            ticks.append(middle)
            texts.append(escape(names[k]))
        fig.add_shape(
            type="line",
            xref="paper",
            yref="y",
            x0=-0.004,
            x1=-0.004,
            y0=first - 0.4,
            y1=last + 0.4,
            line={"color": class_style(int(k), dark).colour, "width": 5},
        )
        if first:
            fig.add_hline(y=first - 0.5, line={"color": look(dark).surface, "width": 3})
    set_axis(
        fig,
        "y",
        tickvals=ticks,
        ticktext=texts,
        range=[len(y) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        ticklabelstandoff=10,
        tickmode="array",
    )


def _alt(values: Array, y: Array, class_names: Sequence[str]) -> str:
    parts = [f"Maps of {len(values)} cases, one row a case"]
    for k in np.unique(y):
        mine = mean(values[y == k])
        if np.isfinite(mine).any():
            top = int(np.nanargmax(mine))
            parts.append(f"in {clean(class_names[k])} the mean is highest at point {top}")
    return "; ".join(parts) + "."
