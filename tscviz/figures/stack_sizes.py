"""What a stack of sparse layers reaches (DSN paper, equation 3), by depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import legend_row, mark_x
from tscviz.figures.lines import breaks
from tscviz.figures.palette import class_style, look
from tscviz.figures.text import clean, escape
from tscviz.types import Array

SEEN = "receptive field (time points)"


@dataclass(frozen=True, eq=False)
class StackCurve:
    """What a stack of some depth reaches.

    Parameters
    ----------
    label : str
        Such as "layers 1 to 3".
    shares : float array, shape (n_sizes,)
        Share of the paths that see so many time points, from 0.
    reached : int array
        The sizes above 0 that any path has, ascending.
    """

    label: str
    shares: Array
    reached: Array


def plot_stack_sizes(
    curves: Sequence[StackCurve],
    others: Sequence[StackCurve] = (),
    *,
    others_label: str = "",
    length: int | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw the receptive fields that paths through a stack have, above the sizes within reach.

    Parameters
    ----------
    curves : sequence of StackCurve
        By depth. The first one's shares are left out where there are more.
    others : sequence of StackCurve
        Of another network, at the same depths; drawn as dotted lines.
    others_label : str
        Name of that network.
    length : int, optional
        Time points of the series, marked by a line.
    dark : bool
        Dark or light look.
    """
    fig, panels = rows([260.0, 26.0 * len(curves) + 14], gaps=14, margin=Margin(left=84, top=34))
    # one layer alone is ragged and would flatten the others
    first = 1 if len(curves) > 1 else 0
    for i, curve in enumerate(curves):
        if i >= first:
            _curve(fig, panels[0], curve, i, dark, dotted=False)
        _reach(fig, panels[1], curve, i, dark)
    for i, curve in enumerate(others):
        if i >= first:
            _curve(fig, panels[0], curve, i, dark, dotted=True)
    if others:
        _dotted_entry(fig, panels[0], others_label, dark)
    drawn = [*curves, *others]
    last = max([len(curve.shares) - 1 for curve in drawn] + [length or 0])
    if length is not None:
        mark_x(fig, panels, length, f"whole series, {length}", right=length > 0.7 * last, dark=dark)
    set_axis(fig, "x", title_text=SEEN, range=[0, last + 1.5])
    set_axis(fig, panels[0].y, title_text="share of paths", tickformat=".1~%", rangemode="tozero")
    set_axis(
        fig,
        panels[1].y,
        tickvals=list(range(len(curves))),
        ticktext=[escape(curve.label, 18) for curve in curves],
        range=[len(curves) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
    )
    legend_row(fig, dark=dark)
    return finish(fig, key="stack-sizes", alt=_stack_alt(curves, length), dark=dark)


def _curve(
    fig: go.Figure, panel: Panel, curve: StackCurve, i: int, dark: bool, *, dotted: bool
) -> None:
    label, style = escape(curve.label, 60), class_style(i, dark)
    shares = np.asarray(curve.shares, float)[1:]  # an empty path sees nothing
    fig.add_trace(
        go.Scatter(
            x=np.arange(1, len(shares) + 1),
            y=shares,
            mode="lines",
            name=label,
            showlegend=not dotted,
            line={
                "color": style.colour,
                "width": 1.4 if dotted else 2.2,
                "dash": "dot" if dotted else "solid",
            },
            hovertemplate=f"{label}<br>%{{x}} time points: %{{y:.2~%}} of the paths<extra></extra>",
            meta={"table": {"x": SEEN, "y": "share of paths"}},
            **panel.axes,
        )
    )


def _dotted_entry(fig: go.Figure, panel: Panel, label: str, dark: bool) -> None:
    """Explain the dotted lines in the legend once, whatever their colours."""
    fig.add_trace(
        go.Scatter(
            x=[None],
            y=[None],
            mode="lines",
            name=escape(label, 60),
            line={"color": look(dark).muted, "width": 1.4, "dash": "dot"},
            **panel.axes,
        )
    )


def _reach(fig: go.Figure, panel: Panel, curve: StackCurve, i: int, dark: bool) -> None:
    """Draw the sizes that are reached as a bar with gaps where none is."""
    if not len(curve.reached):
        return
    runs = np.split(curve.reached, np.flatnonzero(np.diff(curve.reached) > 1) + 1)
    starts, ends = (np.array([run[at] for run in runs], float) for at in (0, -1))
    fig.add_trace(
        go.Scatter(
            x=breaks(starts - 0.5, ends + 0.5),
            y=breaks(np.full(len(runs), i), np.full(len(runs), i)),
            mode="lines",
            name=f"{escape(curve.label, 60)}, reached",
            showlegend=False,
            line={"color": class_style(i, dark).colour, "width": 10},
            hovertemplate=f"{escape(curve.label, 60)}<br>{int(curve.reached[0])} to "
            f"{int(curve.reached[-1])} time points, {len(curve.reached)} sizes<extra></extra>",
            **panel.axes,
        )
    )


def _stack_alt(curves: Sequence[StackCurve], length: int | None) -> str:
    parts = []
    for curve in curves:
        name = clean(curve.label)
        if not len(curve.reached):
            parts.append(f"{name}: nothing gets through")
            continue
        parts.append(
            f"{name}: {int(curve.reached[0])} to {int(curve.reached[-1])} time points, most often "
            f"{int(np.asarray(curve.shares)[1:].argmax()) + 1}"
        )
    whole = f" The series has {length} time points." if length is not None else ""
    return "Receptive fields of paths. " + "; ".join(parts) + "." + whole
