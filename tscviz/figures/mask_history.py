"""Training's moves of a mask: weights pruned, grown and returned, and what became of the eNRF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import follow_pointer, legend_row
from tscviz.figures.mask_movement import GROWN, PRUNED, state_colours
from tscviz.figures.palette import class_style, look
from tscviz.figures.stats import even_step
from tscviz.figures.text import escape
from tscviz.types import Array


def plot_mask_history(
    update_epochs: Array,
    counts: Array,
    epochs: Array,
    sizes: Array,
    group_labels: Sequence[str],
    *,
    first_group: int = 0,
    at: int | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw what every move pruned and grew, above the mean eNRF size of each kernel group.

    Parameters
    ----------
    update_epochs : int array, shape (n_moves,)
        Epochs that were over at each move.
    counts : int array, shape (n_moves, 3)
        Weights pruned, grown, and, among the grown, returned: active at some time before.
    epochs : int array, shape (n_snapshots,)
    sizes : float array, shape (n_snapshots, n_groups)
        Mean eNRF size of each group, in taps.
    group_labels : sequence of str
    first_group : int
        Number of the first group drawn, so that it keeps its colour when it stands alone.
    at : int, optional
        Epoch marked by a line.
    dark : bool
        Dark or light look.
    """
    fig, panels = rows([210.0, 150.0], gaps=58, margin=Margin(top=34))
    follow_pointer(fig, "epoch", dark=dark, unified=True)
    moves, counts = np.asarray(update_epochs, float), np.asarray(counts)
    _moves(fig, panels[0], moves, counts, dark)
    for j, label in enumerate(group_labels):
        style = class_style(first_group + j, dark)
        fig.add_trace(
            go.Scatter(
                x=epochs,
                y=np.asarray(sizes, float)[:, j],
                mode="lines+markers",
                name=escape(label),
                legend="legend2",
                line={"color": style.colour, "width": 2},
                marker={"size": 6, "symbol": style.symbol},
                hovertemplate=f"%{{y:.1f}} taps, {escape(label)}<extra></extra>",
                meta={"table": {"x": "epoch", "y": "mean eNRF size (taps)"}},
                **panels[1].axes,
            )
        )
    set_axis(fig, panels[1].y, title_text="mean eNRF (taps)", rangemode="tozero")
    last = float(max([*np.asarray(epochs, float), *moves, 1.0]))
    set_axis(fig, "x", range=[-0.02 * last, last * 1.02])
    if at is not None:
        _mark(fig, panels, at, dark)
    _legends(fig, panels, dark)
    alt = _alt(update_epochs, counts, sizes, group_labels)
    return finish(fig, key="mask-history", alt=alt, dark=dark)


def _moves(fig: go.Figure, panel: Panel, epochs: Array, counts: Array, dark: bool) -> None:
    """Draw grown weights upwards, the returned among them apart, and pruned ones downwards."""
    pruned, grown, returned = counts.T if len(counts) else np.zeros((3, 0))
    width = 0.8 * float(np.diff(epochs).min()) if len(epochs) > 1 else 0.8
    colours = state_colours(dark) | {"returned": class_style(2, dark).colour}
    for name, label, height, value in (
        (GROWN, "grown for the first time", grown - returned, grown - returned),
        ("returned", "returned (active before)", returned, returned),
        (PRUNED, "pruned", -pruned, pruned),
    ):
        fig.add_trace(
            go.Bar(
                x=epochs,
                y=height,
                width=width,
                name=label,
                marker={"color": colours[name], "line": {"width": 0}},
                customdata=value,
                hovertemplate=f"%{{customdata}} {label}<extra></extra>",
                meta={"table": {"x": "epoch", "customdata": ["weights"]}},
                **panel.axes,
            )
        )
    fig.update_layout(barmode="relative")
    top = float(max([*pruned, *grown, 1]))
    step = even_step(top, 2)
    ticks = np.arange(-2, 3) * step
    set_axis(
        fig,
        panel.y,
        title_text="weights",
        tickvals=ticks,
        ticktext=[f"{abs(tick):.0f}" for tick in ticks],
        range=[-1.08 * top, 1.08 * top],
        zeroline=True,
        zerolinecolor=look(dark).axis,
    )


def _mark(fig: go.Figure, panels: Sequence[Panel], epoch: int, dark: bool) -> None:
    for panel in panels:
        fig.add_shape(
            type="line",
            xref="x",
            yref="paper",
            x0=epoch,
            x1=epoch,
            y0=panel.bottom,
            y1=panel.top,
            line={"color": look(dark).accent, "width": 1.4, "dash": "4px,3px"},
        )


def _legends(fig: go.Figure, panels: Sequence[Panel], dark: bool) -> None:
    legend_row(fig, dark=dark, traceorder="normal")
    layout = fig.to_dict()["layout"]["legend"]
    fig.update_layout(legend2={**layout, "y": panels[1].top})


def _alt(update_epochs: Array, counts: Array, sizes: Array, labels: Sequence[str]) -> str:
    if not len(update_epochs):
        return "The mask never moved."
    pruned, grown, returned = np.asarray(counts).sum(0)
    ends = [
        f"{label} {before:.1f} to {after:.1f} taps"
        for label, before, after in zip(labels, sizes[0], sizes[-1], strict=True)
    ]
    return (
        f"{len(update_epochs)} moves up to epoch {int(update_epochs[-1])}: {int(pruned)} weights "
        f"pruned, {int(grown)} grown, {int(returned)} of them returned. Mean eNRF size: "
        f"{'; '.join(ends)}."
    )
