"""What the parts of a network add to each class: bars side by side, or a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, legend_row
from tscviz.figures.palette import class_style, look, signed_scale, symmetric_limit
from tscviz.figures.text import escape, minus, number
from tscviz.types import Array

MAX_GROUPED = 5


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each part adds to each class.

    Parameters
    ----------
    parts : array, shape (n_parts, n_classes)
    totals : array, shape (n_classes,)
        Their sums, written beside the names.
    ticks : sequence of str
        Names of the parts, our own words.
    names : sequence of str
        Of the classes.
    classes : sequence of int
        Their indices, for the colours.
    part : str
        What a part is, such as "segment".
    quantity : str
        What is added to.
    total : str
        What the totals are.
    """

    parts: Array
    totals: Array
    ticks: Sequence[str]
    names: Sequence[str]
    classes: Sequence[int]
    part: str
    quantity: str = "contribution to the score"
    total: str = "score"


def contribution_figure(what: Contributions, *, dark: bool) -> go.Figure:
    """Draw up to five classes as bars side by side, more as a signed heat map."""
    return (_bars if len(what.names) <= MAX_GROUPED else _matrix)(what, dark)


def _bars(what: Contributions, dark: bool) -> go.Figure:
    fig, _ = rows([240.0], margin=Margin(top=34))
    for i, (k, name) in enumerate(zip(what.classes, what.names, strict=True)):
        total = minus(number(float(what.totals[i])))
        fig.add_trace(
            go.Bar(
                x=list(range(len(what.ticks))),
                y=what.parts[:, i].astype(np.float32),
                name=f"{escape(name, 24)}  ({what.total} {total})",
                marker={
                    "color": class_style(k, dark).colour,
                    "cornerradius": 2,
                    "line": {"width": 0},
                },
                customdata=list(what.ticks),
                hovertemplate=f"{escape(name, 24)}<br>{what.part} %{{customdata}}<br>"
                "adds %{y:.5~g}<extra></extra>",
                meta={"table": {"customdata": [what.part], "y": f"contribution to {name}"}},
            )
        )
    fig.update_layout(barmode="group", bargap=0.35, bargroupgap=0.08)
    part_axis(fig, what.ticks, what.part)
    set_axis(fig, "y", title_text=what.quantity, zeroline=True, zerolinewidth=1)
    fig.add_hline(y=0, line={"color": look(dark).muted, "width": 1})
    legend_row(fig, dark=dark)
    return fig


def part_axis(fig: go.Figure, ticks: Sequence[str], part: str) -> None:
    """Name the parts along the x axis of a figure."""
    set_axis(
        fig,
        "x",
        tickvals=list(range(len(ticks))),
        ticktext=list(ticks),
        title_text=part,
        ticks="",
        showline=False,
        range=[-0.5, len(ticks) - 0.5],
    )


def _matrix(what: Contributions, dark: bool) -> go.Figure:
    n = len(what.names)
    fig, panels = rows([float(max(150, 26 * n))], margin=Margin(right=88, top=12))
    top = symmetric_limit(what.parts)
    labels = [escape(name, 20) for name in what.names]
    fig.add_trace(
        go.Heatmap(
            z=what.parts.T.astype(np.float32),
            x=list(range(len(what.ticks))),
            y=list(range(n)),
            **colour_axis(signed_scale(dark), (-top, top)),
            xgap=1,
            ygap=1,
            colorbar=colour_bar(fig, what.quantity, panels, dark=dark),
            customdata=np.broadcast_to(np.array(labels)[:, None], what.parts.T.shape),
            hovertemplate=f"%{{customdata}}<br>{what.part} %{{x}}<br>adds %{{z:.5~g}}"
            "<extra></extra>",
            meta={"table": {"customdata": ["class"], "x": what.part, "z": "contribution"}},
        )
    )
    texts = [f"{a}  {minus(number(float(s)))}" for a, s in zip(labels, what.totals, strict=True)]
    set_axis(
        fig,
        "y",
        tickvals=list(range(n)),
        ticktext=texts,
        showgrid=False,
        ticks="",
        range=[n - 0.5, -0.5],
        title_text=f"class and its {what.total}",
    )
    part_axis(fig, what.ticks, what.part)
    return fig
