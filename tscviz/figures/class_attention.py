"""Attention of many cases: the mean of each class over time, and how focused single cases are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.attention import percent_format
from tscviz.figures.bands import class_band, class_mean
from tscviz.figures.boxes import class_boxes
from tscviz.figures.contributions import part_axis
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, follow_pointer, heading, legend_row
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import look, unsigned_scale
from tscviz.figures.series import TIME, time_range
from tscviz.figures.stats import Spread, blank_padding, spread
from tscviz.figures.text import clean, count, distinct, escape, listing, number
from tscviz.types import Array

MAX_CLASSES = 8


def plot_class_attention(
    X: Array,
    weights: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    mask: Array | None = None,
    channel: int = 0,
    full_range: bool = False,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw the mean attention of each class over time, under the mean series of the class.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    weights : array, shape (n_cases, n_timepoints)
        Each row sums to 1.
    y : int array, shape (n_cases,)
    class_names : sequence of str
        The first 8 classes that have cases are drawn.
    mask : bool array, shape (n_cases, n_timepoints), optional
        At each point the mean is over the cases that reach it.
    channel : int
        Of the mean series.
    full_range : bool
        Let the axis run from the least to the greatest weight instead of from zero.
    value_label : str
        Title of the series' axis.
    dark : bool
        Dark or light look.
    """
    present = [int(k) for k in np.unique(y)]
    drawn = present[:MAX_CLASSES]
    notes = [f"{len(drawn)} of {len(present)} classes are drawn."] if drawn != present else []
    fig, (upper, lower) = rows([130.0, 240.0], gaps=34, margin=Margin(left=78, top=34))
    series = blank_padding(X, mask)[:, channel]
    seen = blank_padding(weights[:, None], mask)[:, 0]
    bands = {k: spread(seen[np.asarray(y) == k]) for k in drawn}
    names = distinct(class_names, 24)
    for k in drawn:
        mean = spread(series[np.asarray(y) == k])
        class_mean(fig, mean, k, names[k], dark=dark, panel=upper, context=True)
        class_band(fig, bands[k], k, names[k], dark=dark, panel=lower)
    for k in drawn:
        class_mean(
            fig, bands[k], k, names[k], dark=dark, panel=lower,
            number=".3~%", column="mean attention",
        )  # fmt: skip
    lengths = np.isfinite(seen).sum(1)
    _weight_axis(fig, lower.y, bands, float((1 / lengths).mean()), full_range=full_range)
    if np.ptp(lengths) == 0:
        fig.add_shape(
            type="line", xref="paper", x0=0, x1=1, yref=lower.y, y0=1 / lengths[0],
            y1=1 / lengths[0], line={"color": look(dark).accent, "width": 1.2, "dash": "4px,3px"},
        )  # fmt: skip
        heading(fig, lower, f"dashed: the even share, {100 / lengths[0]:.3g} %", dark=dark,
                strong=False)  # fmt: skip
    set_axis(fig, upper.y, title_text=escape(value_label), nticks=3)
    set_axis(fig, "x", range=time_range(X.shape[2]))
    follow_pointer(fig, TIME, dark=dark, unified=True)
    legend_row(fig, dark=dark)
    alt = _classes_alt(bands, class_names)
    return finish(fig, key="class-attention", alt=alt, dark=dark, notes=notes)


def _weight_axis(
    fig: go.Figure, axis: str, bands: dict[int, Spread], even: float, *, full_range: bool
) -> None:
    ends = np.concatenate([np.r_[band.low, band.high] for band in bands.values()])
    low, high = padded_range(ends)
    if not full_range:
        low, high = 0.0, max(high, 2 * even)
    set_axis(
        fig, axis, title_text="attention", tickformat=percent_format(high - low), range=[low, high]
    )


def _classes_alt(bands: dict[int, Spread], class_names: Sequence[str]) -> str:
    parts = [
        f"{clean(class_names[k])} ({count(band.n_cases, 'case')}) peaks at point "
        f"{int(np.nanargmax(band.mean))} with {number(100 * float(np.nanmax(band.mean)))} %"
        for k, band in bands.items()
    ]
    return f"Mean attention by class with the 10-90 % band: {listing(parts)}."


def plot_attention_entropy(
    relative: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    most: Sequence[int] = (),
    dark: bool = False,
) -> go.Figure:
    """Draw how evenly the attention of each case is spread, a box by head and class.

    Parameters
    ----------
    relative : array, shape (n_cases, heads)
        Entropy over its greatest value, 0 to 1.
    y : int array, shape (n_cases,)
    class_names : sequence of str
    most : sequence of int
        Classes to draw; all if empty.
    dark : bool
        Dark or light look.
    """
    keep = np.isin(y, most) if len(most) else np.ones(len(y), bool)
    fig, (panel,) = rows([260.0], margin=Margin(left=78, top=34))
    names = [f"head {i + 1}" for i in range(relative.shape[1])]
    class_boxes(
        fig,
        relative[keep],
        np.asarray(y)[keep],
        class_names,
        quantity="relative entropy",
        table=("head (from 0)", "relative entropy"),
        dark=dark,
    )
    part_axis(fig, names if len(names) > 1 else ["attention"], "head" if len(names) > 1 else "")
    low = float(relative.min()) if len(relative) else 0.0
    room = max(0.02 * (1 - low), 1e-6)
    set_axis(fig, panel.y, title_text="relative entropy", range=[min(low, 1.0) - room, 1 + room])
    fig.add_hline(y=1, line={"color": look(dark).muted, "width": 1, "dash": "4px,3px"})
    medians = ", ".join(f"{m:.3f}" for m in np.median(relative, axis=0))
    alt = f"Relative entropy of {count(len(relative), 'case')}; median by head {medians}."
    return finish(fig, key="attention-entropy", alt=alt, dark=dark)


def plot_place_attention(
    weights: Array, row_names: Sequence[str], *, row_label: str, dark: bool = False
) -> go.Figure:
    """Draw the weights of an attention over channels as a table.

    Parameters
    ----------
    weights : array, shape (n_rows, n_channels)
        NaN leaves a cell blank.
    row_names : sequence of str
    row_label : str
        What a row is, our own words.
    dark : bool
        Dark or light look.
    """
    n_rows, n_channels = weights.shape
    fig, panels = rows(
        [float(np.clip(26 * n_rows, 60, 420))], margin=Margin(left=110, right=96, top=14)
    )
    labels = [escape(name, 16) for name in row_names]
    fig.add_trace(
        go.Heatmap(
            z=weights.astype(np.float32),
            x=np.arange(1, n_channels + 1),
            y=np.arange(n_rows),
            customdata=np.broadcast_to(np.array(labels)[:, None], weights.shape),
            xgap=1,
            ygap=1,
            **colour_axis(unsigned_scale(), (0.0, max(2 / n_channels, float(np.nanmax(weights))))),
            colorbar=colour_bar(fig, "attention", panels, dark=dark, tickformat=".2~%"),
            hovertemplate="%{customdata}<br>channel %{x}: %{z:.3~%}<extra></extra>",
            meta={"table": {"customdata": [row_label], "x": "channel", "z": "attention"}},
        )
    )
    set_axis(fig, "x", title_text="channel looked at", ticks="", range=[0.5, n_channels + 0.5])
    set_axis(
        fig, "y", title_text=escape(row_label), tickvals=list(range(n_rows)), ticktext=labels,
        range=[n_rows - 0.5, -0.5], showgrid=False, ticks="", ticklabelstandoff=6,
    )  # fmt: skip
    best = [
        f"{clean(n)}: {int(np.nanargmax(r)) + 1}" for n, r in zip(row_names, weights, strict=True)
    ]
    alt = f"Attention over {count(n_channels, 'channel')}; the most weight by row: {listing(best)}."
    return finish(fig, key="place-attention", alt=alt, dark=dark)
