"""How far the kernels of a sparse network look: eNRF sizes (DSN paper, Figures 6 and 9 to 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, grid, inner_height, set_axis
from tscviz.figures.furniture import heading, legend_row
from tscviz.figures.palette import class_style, look
from tscviz.figures.text import clean, count, escape, number
from tscviz.types import Array

SIZE = "eNRF size (taps)"
#: A line may rise this much above the highest bar before its peak is cut.
HEADROOM = 3.0


@dataclass(frozen=True, eq=False)
class SizePanel:
    """One histogram of eNRF sizes.

    Parameters
    ----------
    title : str
    bars : int array, shape (n_groups, k + 1)
        Kernels of each group and size, stacked; column 0 counts the empty kernels.
    lines : tuple of int arrays, shape (k + 1,)
        Other networks, each drawn as a line.
    """

    title: str
    bars: Array
    lines: tuple[Array, ...] = ()


def plot_enrf_sizes(
    panels: Sequence[SizePanel],
    group_labels: Sequence[str],
    line_labels: Sequence[str] = (),
    *,
    first_group: int = 0,
    n_cols: int = 2,
    bars_are: str = "trained",
    dark: bool = False,
) -> go.Figure:
    """Draw how many kernels have which eNRF size: bars by kernel group, other networks as lines.

    Parameters
    ----------
    panels : sequence of SizePanel
        One a layer, or one a sparsity.
    group_labels : sequence of str
        Names of the kernel groups.
    line_labels : sequence of str
        Names of the lines.
    first_group : int
        Number of the first group drawn, so that it keeps its colour when it stands alone.
    n_cols : int
        Panels side by side.
    bars_are : str
        What the bars belong to, for the alternative text.
    dark : bool
        Dark or light look.
    """
    n_cols = min(n_cols, len(panels))
    n_rows = ceil(len(panels) / n_cols)
    fig, places = grid(
        n_rows,
        n_cols,
        height=300.0 if n_rows == 1 else 190.0,
        gap=(0.07, 56),
        margin=Margin(top=62),
        match_y=False,
    )
    cut: list[str] = []
    flat = [place for line in places for place in line]
    for i, (panel, place) in enumerate(zip(panels, flat, strict=False)):
        _bars(fig, place, panel, (group_labels, first_group), dark, first=i == 0)
        _lines(fig, place, panel, line_labels, dark, first=i == 0)
        cut += _value_axis(fig, place, panel, line_labels)
        heading(fig, place, escape(panel.title, 60), dark=dark)
        # the lowest panel of each column names the axis
        title = SIZE if i + n_cols >= len(panels) else None
        set_axis(fig, place.x, title_text=title, range=[-0.7, panel.bars.shape[1] - 0.3], nticks=9)
        if i % n_cols == 0:
            set_axis(fig, place.y, title_text="kernels")
    for place in flat[len(panels) :]:
        set_axis(fig, place.x, visible=False)
        set_axis(fig, place.y, visible=False)
    fig.update_layout(barmode="stack", bargap=0.08)
    legend_row(fig, dark=dark, y=1 + 26 / inner_height(fig), traceorder="normal")
    alt = _sizes_alt(panels, bars_are)
    return finish(fig, key="enrf-sizes", alt=alt, dark=dark, notes=cut)


def _bars(
    fig: go.Figure,
    place: Panel,
    panel: SizePanel,
    groups: tuple[Sequence[str], int],
    dark: bool,
    *,
    first: bool,
) -> None:
    sizes = np.arange(panel.bars.shape[1])
    for j, (label, row) in enumerate(zip(groups[0], panel.bars, strict=True), start=groups[1]):
        label = escape(label, 40)  # noqa: PLW2901
        fig.add_trace(
            go.Bar(
                x=sizes,
                y=row,
                name=label,
                legendgroup=f"group{j}",
                showlegend=first,
                marker={"color": class_style(j, dark).colour, "line": {"width": 0}},
                customdata=np.full((len(row), 2), [escape(panel.title, 60), label]),
                hovertemplate=f"{label}<br>size %{{x}}: %{{y}} kernels<extra></extra>",
                meta={"table": {"customdata": ["panel", "network"], "x": SIZE, "y": "kernels"}},
                **place.axes,
            )
        )


def _lines(
    fig: go.Figure,
    place: Panel,
    panel: SizePanel,
    labels: Sequence[str],
    dark: bool,
    *,
    first: bool,
) -> None:
    tones = look(dark)
    for i, row in enumerate(panel.lines):
        label = escape(labels[i], 60)
        fig.add_trace(
            go.Scatter(
                x=np.arange(len(row)),
                y=row,
                mode="lines",
                name=label,
                legendgroup=f"line{i}",
                showlegend=first,
                line={
                    "color": (tones.text, tones.muted)[i % 2],
                    "width": 2,
                    "dash": ("solid", "4px,3px")[i % 2],
                    "shape": "hvh",
                },
                customdata=np.full((len(row), 2), [escape(panel.title, 60), label]),
                hovertemplate=f"{label}<br>size %{{x}}: %{{y}} kernels<extra></extra>",
                meta={"table": {"customdata": ["panel", "network"], "x": SIZE, "y": "kernels"}},
                **place.axes,
            )
        )


def _value_axis(fig: go.Figure, place: Panel, panel: SizePanel, labels: Sequence[str]) -> list[str]:
    """Let the bars fill the panel; say which line leaves it."""
    bars = float(panel.bars.sum(0).max())
    lines = max((float(line.max()) for line in panel.lines), default=0.0)
    top = max(bars, min(lines, HEADROOM * bars)) or 1.0
    set_axis(fig, place.y, range=[0, 1.06 * top])
    return [
        f"{panel.title}: {labels[i]} leaves the axis, {int(line.max()):,} kernels have size "
        f"{int(line.argmax())}."
        for i, line in enumerate(panel.lines)
        if line.max() > 1.06 * top
    ]


def _sizes_alt(panels: Sequence[SizePanel], bars_are: str) -> str:
    parts = []
    for panel in panels:
        row = panel.bars.sum(0)
        live = np.flatnonzero(row[1:]) + 1
        if not len(live):
            parts.append(f"{clean(panel.title)}: all kernels are empty")
            continue
        mean = float((row[1:] * np.arange(1, len(row))).sum() / row[1:].sum())
        parts.append(
            f"{clean(panel.title)}: {count(int(row.sum()), 'kernel')} of sizes {live[0]} to "
            f"{live[-1]}, {number(mean)} on average"
        )
    return f"Histogram of eNRF sizes ({clean(bars_are)}). " + "; ".join(parts) + "."
