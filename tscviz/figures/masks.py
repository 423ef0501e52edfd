"""Masks of a sparse layer: weights or active shares, tap by tap (DSN paper, Figure 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, grid, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, heading
from tscviz.figures.palette import (
    Scale,
    look,
    signed_scale,
    symmetric_limit,
    unsigned_scale,
)
from tscviz.figures.stats import even_step
from tscviz.figures.text import count, escape, number
from tscviz.types import Array, TscvizError

if TYPE_CHECKING:
    from tscviz.explain.masks import KernelRows, Movement

TAP = "tap"
#: Share of the weights whose colour is exact; the rest take the end's colour.
QUANTILE = 0.995


def plot_kernel_masks(
    groups: Sequence[KernelRows],
    *,
    quantity: str = "weight",
    row_label: str = "output channel",
    order: str = "small fields first",
    dark: bool = False,
) -> go.Figure:
    """Draw the kernels of each group as rows over taps; inactive taps stay empty.

    Panels are as wide as the group's exploration region.

    Parameters
    ----------
    groups : sequence of KernelRows
    quantity : {"weight", "share"}
        Mean of the active weights, signed, or share of the row's kernels that are active.
    row_label : str
        What a row is: "output channel" or "input channel".
    order : str
        How the rows are sorted.
    dark : bool
        Dark or light look.

    Raises
    ------
    TscvizError
        Where weights are asked for and not known.
    """
    fig, panels = region_panels(groups)
    single = all(rows.kernels == 1 for rows in groups)
    if quantity == "weight":
        if any(rows.weight is None for rows in groups):
            raise TscvizError("These masks come without weights; draw their active share.")
        values = [np.asarray(rows.weight, float) for rows in groups]
        limit = _limit(values)
        label = "weight" if single else "mean of active weights"
        scale, limits = signed_scale(dark), (-limit, limit)
    else:
        values = [np.where(rows.share > 0, rows.share, np.nan) for rows in groups]
        label, scale, limits = "active share", unsigned_scale(), (0.0, 1.0)
    notes = _beyond(values, limits)
    bar = colour_bar(fig, label, [panels[0]], dark=dark)
    for i, (rows, panel, z) in enumerate(zip(groups, panels, values, strict=True)):
        tap_heatmap(fig, panel, rows, z, (scale, limits), label, row_label, bar if i == 0 else None)
        region_frame(fig, panel, rows, f"{row_label}, {order}" if i == 0 else None, dark)
    alt = _masks_alt(groups, values, quantity)
    return finish(fig, key="kernel-masks", alt=alt, dark=dark, notes=notes)


def region_panels(
    groups: Sequence[KernelRows] | Sequence[Movement], *, bar: bool = True
) -> tuple[go.Figure, list[Panel]]:
    """Return a figure with one panel a group, as wide as its region, and room for a colour bar."""
    n_rows = max(len(rows.numbers) for rows in groups)
    widths = [float(rows.reach) for rows in groups]
    widths = [max(width, 0.06 * sum(widths)) for width in widths]
    fig, panels = grid(
        1,
        len(groups),
        height=float(np.clip(9 * n_rows, 150, 480)),
        widths=widths,
        gap=(0.025, 0),
        margin=Margin(top=56, right=88 if bar else 16),
        match_x=False,
        match_y=False,
    )
    return fig, panels[0]


def _limit(values: Sequence[Array]) -> float:
    flat = np.abs(np.concatenate([v.ravel() for v in values]))
    flat = flat[np.isfinite(flat)]
    return symmetric_limit(np.quantile(flat, [QUANTILE])) if len(flat) else 1.0


def _beyond(values: Sequence[Array], limits: tuple[float, float]) -> list[str]:
    flat = np.concatenate([v.ravel() for v in values])
    flat = flat[np.isfinite(flat)]
    n = int((np.abs(flat) > limits[1] * (1 + 1e-9)).sum())
    return [f"{n} of {len(flat)} values lie beyond the ends of the colour scale."] if n else []


def tap_heatmap(
    fig: go.Figure,
    panel: Panel,
    rows: KernelRows | Movement,
    z: Array,
    colours: tuple[Scale, tuple[float, float]],
    label: str,
    row_label: str,
    bar: dict[str, Any] | None,
) -> None:
    """Draw values over rows and taps; NaN stays empty."""
    fig.add_trace(
        go.Heatmap(
            z=z.astype(np.float32),
            x=np.arange(z.shape[1]),
            y=np.arange(len(z)),
            name=f"group {rows.group + 1}",
            customdata=row_numbers(rows, z.shape[1]),
            **colour_axis(*colours),
            xgap=1,
            ygap=1,
            colorbar=bar,
            showscale=bar is not None,
            hovertemplate=f"{escape(row_label)} %{{customdata}}<br>tap %{{x}}<br>"
            f"{label} %{{z:.5~g}}<extra></extra>",
            meta={"table": {"customdata": [row_label], "x": TAP, "z": label}},
            **panel.axes,
        )
    )


def row_numbers(rows: KernelRows | Movement, n: int) -> Array:
    """Return the number of every cell's row, shape (n_rows, n)."""
    return np.broadcast_to(rows.numbers[:, None], (len(rows.numbers), n)).astype(np.int32)


def region_frame(
    fig: go.Figure, panel: Panel, rows: KernelRows | Movement, title: str | None, dark: bool
) -> None:
    """Outline the exploration region, so that its inactive taps can be told from the page."""
    reach, n = rows.reach, len(rows.numbers)
    fig.add_shape(
        type="rect",
        x0=-0.5,
        x1=reach - 0.5,
        y0=-0.5,
        y1=n - 0.5,
        line={"color": look(dark).axis, "width": 1},
        layer="below",
        **panel.refs,
    )
    set_axis(
        fig,
        panel.x,
        range=[-0.6, reach - 0.4],
        title_text=TAP,
        showline=False,
        dtick=even_step(reach, 5) if reach > 1 else 1,
    )
    set_axis(
        fig,
        panel.y,
        range=[n - 0.4, -0.6],
        showgrid=False,
        showticklabels=False,
        ticks="",
        title_text=None if title is None else escape(title, 60),
    )
    heading(fig, panel, f"group {rows.group + 1}", dark=dark, shift=4)


def _masks_alt(groups: Sequence[KernelRows], values: Sequence[Array], quantity: str) -> str:
    parts = []
    for rows, z in zip(groups, values, strict=True):
        finite = z[np.isfinite(z)]
        what = f"group {rows.group + 1}: {count(len(rows.numbers), 'row')} over {rows.reach} taps"
        if not len(finite):
            parts.append(f"{what}, none active")
        elif quantity == "weight":
            parts.append(
                f"{what}, weights from {number(float(finite.min()))} to "
                f"{number(float(finite.max()))}, {(finite > 0).mean():.0%} positive"
            )
        else:
            parts.append(
                f"{what}, active share {number(float(np.nan_to_num(z).mean()))} on average"
            )
    return "Kernel masks by group. " + "; ".join(parts) + "."
