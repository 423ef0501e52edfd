"""What became of the taps of a sparse layer between two masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Panel, finish, inner_height
from tscviz.figures.furniture import colour_axis, colour_bar, legend_row
from tscviz.figures.masks import TAP, region_frame, region_panels, row_numbers, tap_heatmap
from tscviz.figures.palette import class_style, look, signed_scale, symmetric_limit
from tscviz.figures.text import clean, count, escape, listing

if TYPE_CHECKING:
    from tscviz.explain.masks import Movement

KEPT, GROWN, PRUNED = "stayed", "grown", "pruned"


def plot_mask_movement(
    groups: Sequence[Movement],
    *,
    row_label: str = "output channel",
    order: str = "small fields first",
    dark: bool = False,
) -> go.Figure:
    """Draw what became of each tap between two masks.

    Where a row is one kernel: taps that stayed, that were grown, and, as crosses, those pruned.
    Where it is the mean of several: by how much the active share changed.

    Parameters
    ----------
    groups : sequence of Movement
    row_label : str
        What a row is: "output channel" or "input channel".
    order : str
        How the rows are sorted.
    dark : bool
        Dark or light look.
    """
    exact = all(rows.kernels == 1 for rows in groups)
    fig, panels = region_panels(groups, bar=not exact)
    bar = None if exact else colour_bar(fig, "change of active share", [panels[0]], dark=dark)
    limit = symmetric_limit(np.concatenate([(g.grown - g.pruned).ravel() for g in groups]))
    for i, (rows, panel) in enumerate(zip(groups, panels, strict=True)):
        if exact:
            _states(fig, panel, rows, row_label, dark, first=i == 0)
        else:
            z = np.where(rows.kept + rows.grown + rows.pruned > 0, rows.grown - rows.pruned, np.nan)
            colours = (signed_scale(dark), (-limit, limit))
            first = bar if i == 0 else None
            tap_heatmap(fig, panel, rows, z, colours, "change of active share", row_label, first)
        region_frame(fig, panel, rows, f"{row_label}, {order}" if i == 0 else None, dark)
    if exact:
        legend_row(fig, dark=dark, y=1 + 26 / inner_height(fig))
    return finish(fig, key="mask-movement", alt=_movement_alt(groups), dark=dark)


def _states(
    fig: go.Figure, panel: Panel, rows: Movement, row_label: str, dark: bool, *, first: bool
) -> None:
    """Draw taps that stayed or were grown as cells, pruned ones as crosses."""
    colours = state_colours(dark)
    z = np.where(rows.grown > 0, 1.0, np.where(rows.kept > 0, 0.0, np.nan))
    fig.add_trace(
        go.Heatmap(
            z=z.astype(np.float32),
            x=np.arange(z.shape[1]),
            y=np.arange(len(z)),
            name=f"group {rows.group + 1}",
            customdata=row_numbers(rows, z.shape[1]),
            **colour_axis([(0.0, colours[KEPT]), (1.0, colours[GROWN])], (0.0, 1.0)),
            xgap=1,
            ygap=1,
            showscale=False,
            hovertemplate=f"{escape(row_label)} %{{customdata}}<br>tap %{{x}}<br>active"
            "<extra></extra>",
            meta={"table": {"customdata": [row_label], "x": TAP, "z": "grown (1) or stayed (0)"}},
            **panel.axes,
        )
    )
    for name in (KEPT, GROWN) if first else ():
        _legend_square(fig, panel, name, colours[name])
    y, x = np.nonzero(rows.pruned > 0)
    fig.add_trace(
        go.Scatter(
            x=x,
            y=y,
            mode="markers",
            name=PRUNED,
            legendgroup=PRUNED,
            showlegend=first,
            marker={"symbol": "x", "size": 6, "color": colours[PRUNED]},
            customdata=rows.numbers[y],
            hovertemplate=f"{escape(row_label)} %{{customdata}}<br>tap %{{x}}<br>pruned"
            "<extra></extra>",
            meta={"table": {"customdata": [f"{row_label} pruned"], "x": TAP}},
            **panel.axes,
        )
    )


def state_colours(dark: bool) -> dict[str, str]:
    """Return the colours of taps that stayed, were grown, and were pruned."""
    kept = look(dark).muted
    return {
        KEPT: kept,
        GROWN: class_style(0, dark).colour,
        PRUNED: class_style(1, dark).colour,
    }


def _legend_square(fig: go.Figure, panel: Panel, name: str, colour: str) -> None:
    fig.add_trace(
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=name,
            marker={"symbol": "square", "size": 9, "color": colour},
            **panel.axes,
        )
    )


def _movement_alt(groups: Sequence[Movement]) -> str:
    parts = [
        f"in group {g.group + 1} {count(round(g.grown.sum() * g.kernels), 'tap')} grown and "
        f"{round(g.pruned.sum() * g.kernels)} pruned"
        for g in groups
    ]
    return f"Movement of the mask: {listing([clean(part, 200) for part in parts])}."
