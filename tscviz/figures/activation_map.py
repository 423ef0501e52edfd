"""What every first-layer filter answers to a series, as a heat map grouped by kernel length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.filters import draw_series, length_colours
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar
from tscviz.figures.palette import look, symmetric_limit, unsigned_scale
from tscviz.figures.series import TIME, time_range
from tscviz.figures.stats import MAX_POINTS, block_extremes
from tscviz.figures.text import listing
from tscviz.types import Array


def plot_activation_map(
    x: Array, activations: Sequence[Array], lengths: Sequence[int], *, dark: bool = False
) -> go.Figure:
    """Draw what every filter answers to a series, a row a filter, grouped by length.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
        Without padding.
    activations : sequence of arrays, shape (n_filters, n_timepoints)
        One for each length. Within a length the filter that peaks first stands on top.
    lengths : sequence of int
    dark : bool
        Dark or light look.
    """
    order = [np.argsort(block.argmax(1), kind="stable") for block in activations]
    stacked = np.concatenate(
        [block[rows_] for block, rows_ in zip(activations, order, strict=True)]
    )
    numbers = np.concatenate([rows_ + 1 for rows_ in order])
    of = np.repeat(lengths, [len(block) for block in activations])
    height = float(np.clip(3 * len(stacked), 160, 520))
    fig, (series, place) = rows([110.0, height], gaps=12, margin=Margin(left=84, right=88, top=12))
    draw_series(fig, series, x, dark)
    at, shown = block_extremes(stacked, MAX_POINTS)
    about = np.stack([np.broadcast_to(c[:, None], shown.shape) for c in (of, numbers)], axis=2)
    top = float(np.quantile(stacked, 0.998)) or symmetric_limit(stacked)
    fig.add_trace(
        go.Heatmap(
            z=shown.astype(np.float32),
            x=at,
            customdata=about.astype(np.int32),
            **colour_axis(unsigned_scale(), (0.0, top)),
            colorbar=colour_bar(fig, "activation", [place], dark=dark),
            hovertemplate="length %{customdata[0]}, filter %{customdata[1]}<br>"
            f"{TIME} %{{x}}: %{{z:.5~g}}<extra></extra>",
            meta={"table": {"customdata": ["length", "filter"], "x": TIME, "z": "activation"}},
            **place.axes,
        )
    )
    _length_bands(fig, place, of, dark)
    set_axis(fig, "x", title_text=TIME, range=time_range(x.shape[1]))
    alt = _map_alt(activations, lengths)
    return finish(fig, key="activations", alt=alt, dark=dark)


def _length_bands(fig: go.Figure, place: Panel, of: Array, dark: bool) -> None:
    """Name the lengths at the left, with a bar in their colour, and part them by a line."""
    lengths = list(dict.fromkeys(of.tolist()))
    ticks = []
    for length, colour in zip(lengths, length_colours(len(lengths), dark), strict=True):
        first, last = np.flatnonzero(of == length)[[0, -1]]
        ticks.append((first + last) / 2)
        fig.add_shape(
            type="line",
            xref="paper",
            yref=place.y,
            x0=-0.006,
            x1=-0.006,
            y0=first - 0.3,
            y1=last + 0.3,
            line={"color": colour, "width": 5},
        )
        if first:
            edge = {"type": "line", "xref": "paper", "yref": place.y, "x0": 0, "x1": 1}
            fig.add_shape(
                **edge, y0=first - 0.5, y1=first - 0.5,
                line={"color": look(dark).surface, "width": 3},
            )  # fmt: skip
    set_axis(
        fig,
        place.y,
        tickmode="array",
        tickvals=ticks,
        ticktext=[f"length {n}" for n in lengths],
        range=[len(of) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        ticklabelstandoff=10,
    )


def _map_alt(activations: Sequence[Array], lengths: Sequence[int]) -> str:
    parts = [
        f"length {n} answers most near point {int(block.mean(0).argmax())}"
        for n, block in zip(lengths, activations, strict=True)
    ]
    total = sum(len(block) for block in activations)
    return f"Activations of {total} first-layer filters over one series; {listing(parts)}."
