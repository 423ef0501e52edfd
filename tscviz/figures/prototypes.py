"""The prototypes of dynamic temporal pooling: latent, compared, and as raw values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, Panel, finish, grid, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, heading, legend_row
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import class_style, look, signed_scale, symmetric_limit, with_alpha
from tscviz.figures.stats import Spread, blank_padding, cosine, even_step, resample, spread
from tscviz.figures.text import clean, escape, minus, number
from tscviz.types import Array


def plot_prototypes(prototypes: Array, *, dark: bool = False) -> go.Figure:
    """Draw the prototypical hidden series P as a signed heat map.

    Parameters
    ----------
    prototypes : array, shape (L, K)
        One row per segment, K latent features.
    dark : bool
        Dark or light look.
    """
    n_segments, n_features = prototypes.shape
    top = symmetric_limit(prototypes)
    fig, panels = rows([float(np.clip(30 * n_segments, 120, 360))], margin=Margin(right=88, top=12))
    fig.add_trace(
        go.Heatmap(
            z=np.asarray(prototypes, dtype=np.float32),
            x=np.arange(1, n_features + 1),
            y=np.arange(1, n_segments + 1),
            **colour_axis(signed_scale(dark), (-top, top)),
            colorbar=colour_bar(fig, "prototype value", panels, dark=dark),
            ygap=2,
            hovertemplate="segment %{y}<br>feature %{x}<br>value %{z:.5~g}<extra></extra>",
            meta={"table": {"y": "segment", "x": "latent feature", "z": "prototype value"}},
        )
    )
    set_axis(fig, "x", title_text="latent feature")
    _segment_rows(fig, panels[0], n_segments)
    norms = ", ".join(number(float(v)) for v in np.linalg.norm(prototypes, axis=1))
    alt = (
        f"Prototypes of {n_segments} segments over {n_features} latent features; "
        f"their norms are {norms}."
    )
    return finish(fig, key="prototypes", alt=alt, dark=dark)


def _segment_rows(fig: go.Figure, panel: Panel, n: int) -> None:
    step = max(1, -(-n // 12))
    set_axis(
        fig,
        panel.y,
        title_text="segment",
        tickvals=list(range(1, n + 1, step)),
        showgrid=False,
        range=[n + 0.5, 0.5],
        ticks="",
        fixedrange=True,
    )


def plot_prototype_similarity(
    prototypes: Array,
    class_weights: Array,
    class_names: Sequence[str],
    *,
    dark: bool = False,
) -> go.Figure:
    """Draw the cosines between prototypes, and between each prototype and the class weights.

    Parameters
    ----------
    prototypes : array, shape (L, K)
    class_weights : array, shape (n_classes, L, K)
        Weight matrix W of the segment-level layer (paper, equation 7).
    class_names : sequence of str
    dark : bool
        Dark or light look.
    """
    n_segments, n_classes = len(prototypes), len(class_weights)
    between = cosine(prototypes, prototypes)
    to_class = np.stack(
        [np.diagonal(cosine(prototypes, weights)) for weights in class_weights], axis=1
    )  # (L, C)
    shares = [float(n_segments), float(min(max(n_classes, 2), 2 * n_segments))]
    height = float(np.clip(46 * n_segments, 170, 420))
    fig, panels = grid(
        1,
        2,
        height=height,
        widths=shares,
        gap=(0.05, 0),
        margin=Margin(top=34, right=88, bottom=52),
        match_x=False,
        match_y=False,
    )
    left, right = panels[0]
    numbers = [str(i + 1) for i in range(n_segments)]
    names = [escape(name, 14) for name in class_names]
    legible = n_segments + n_classes <= 10
    bar = colour_bar(fig, "cosine", [left], dark=dark)
    for panel, matrix, ticks, label in (
        (left, between, numbers, "segment"),
        (right, to_class, names, "class"),
    ):
        _cosines(fig, panel, matrix, label, bar if panel is left else None, dark, numbers=legible)
        set_axis(
            fig,
            panel.x,
            tickvals=list(range(1, len(ticks) + 1)),
            ticktext=ticks,
            title_text=label,
            ticks="",
            showline=False,
        )
        _segment_rows(fig, panel, n_segments)
    set_axis(fig, right.y, title_text=None, showticklabels=False)  # the rows are the left panel's
    heading(fig, left, "cosine with prototypes", dark=dark)
    heading(fig, right, "with class weights", dark=dark)
    return finish(
        fig,
        key="prototype-similarity",
        alt=_similarity_alt(between, to_class, class_names),
        dark=dark,
    )


def _cosines(
    fig: go.Figure,
    panel: Panel,
    matrix: Array,
    label: str,
    bar: dict[str, object] | None,
    dark: bool,
    *,
    numbers: bool,
) -> None:
    fig.add_trace(
        go.Heatmap(
            z=matrix.astype(np.float32),
            x=np.arange(1, matrix.shape[1] + 1),
            y=np.arange(1, len(matrix) + 1),
            **colour_axis(signed_scale(dark), (-1.0, 1.0)),
            xgap=2,
            ygap=2,
            colorbar=bar,
            showscale=bar is not None,
            text=[[minus(f"{v:.2f}") for v in row] for row in matrix.tolist()],
            hovertemplate=f"segment %{{y}}<br>{label} %{{x}}<br>cosine %{{z:.3f}}<extra></extra>",
            meta={"table": {"y": "segment", "x": label, "z": "cosine"}},
            **panel.axes,
        )
    )
    if numbers:
        write_cells(fig)


def _similarity_alt(between: Array, to_class: Array, class_names: Sequence[str]) -> str:
    parts = []
    if len(between) > 1:
        apart = between - 2 * np.eye(len(between))
        i, j = divmod(int(apart.argmax()), len(apart))
        parts.append(f"prototypes {i + 1} and {j + 1} are most alike (cosine {apart[i, j]:.2f})")
    i, k = divmod(int(to_class.argmax()), to_class.shape[1])
    parts.append(
        f"prototype {i + 1} agrees most with the weights of {clean(class_names[k])} "
        f"({to_class[i, k]:.2f})"
    )
    return "Cosines: " + "; ".join(parts) + "."


def plot_segment_shapes(
    X: Array,
    boundaries: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    channel: int = 0,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw the raw pieces that fall to each segment: mean and 10-90 % band per class.

    Pieces are resampled to the median length of their segment; panels are as wide as that.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
    boundaries : int array, shape (n_cases, L + 1)
    y : int array, shape (n_cases,)
    class_names : sequence of str
    channel : int
    value_label : str
        Title of the value axis.
    dark : bool
        Dark or light look.
    """
    bounds, labels = np.asarray(boundaries), np.asarray(y)
    medians = np.median(np.diff(bounds, axis=1), axis=0)
    widths = np.maximum(medians, medians.sum() * 0.07)
    fig, panels = grid(
        1,
        len(medians),
        height=260,
        widths=[float(w) for w in widths],
        gap=(0.02, 0),
        margin=Margin(top=58, bottom=58),
        match_x=False,
    )
    values = blank_padding(X, None)[:, channel]
    extremes = []
    for s, panel in enumerate(panels[0]):
        n = max(2, round(float(medians[s])))
        pieces = np.stack(
            [resample(v[b[s] : b[s + 1]], n) for v, b in zip(values, bounds, strict=True)]
        )
        for k in np.unique(labels):
            band = spread(pieces[labels == k])
            extremes += [np.nanmin(band.low), np.nanmax(band.high)]
            _shape(fig, panel, band, int(k), escape(class_names[k], 24), s, dark)
        set_axis(fig, panel.x, range=[0, n - 1], dtick=even_step(float(medians.sum()), 8))
        heading(fig, panel, f"segment {s + 1}" if s == 0 else str(s + 1), dark=dark)
    low, high = padded_range(np.array(extremes))
    set_axis(fig, panels[0][0].y, title_text=escape(value_label))
    for panel in panels[0]:
        set_axis(
            fig,
            panel.y,
            range=[low, high],
            **({} if panel is panels[0][0] else {"showticklabels": False, "ticks": ""}),
        )
    _shared_x_title(fig, "points since the segment began", dark)
    legend_row(fig, dark=dark, yanchor="bottom", y=1.09)
    lengths = ", ".join(f"{m:.0f}" for m in medians)
    alt = (
        f"Mean shape of {len(medians)} segments over {len(X)} cases, by class; median lengths "
        f"{lengths} points."
    )
    return finish(fig, key="segment-shapes", alt=alt, dark=dark)


def _shape(
    fig: go.Figure, panel: Panel, band: Spread, k: int, name: str, segment: int, dark: bool
) -> None:
    style, t = class_style(k, dark), np.arange(len(band.mean))
    fig.add_trace(
        go.Scatter(
            x=np.concatenate([t, t[::-1]]),
            y=np.concatenate([band.high, band.low[::-1]]),
            fill="toself",
            fillcolor=with_alpha(style.colour, 0.16),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
            legendgroup=name,
            **panel.axes,
        )
    )
    fig.add_trace(
        go.Scatter(
            x=t,
            y=band.mean.astype(np.float32),
            mode="lines",
            name=name,
            legendgroup=name,
            line={"color": style.colour, "width": 2.2, "dash": style.dash},
            showlegend=segment == 0,
            customdata=np.full(len(t), segment + 1),
            hovertemplate=f"{name}<br>segment {segment + 1}, point %{{x}}<br>"
            "mean %{y:.5~g}<extra></extra>",
            meta={"table": {"customdata": ["segment"], "x": "point", "y": "mean"}},
            **panel.axes,
        )
    )


def _shared_x_title(fig: go.Figure, text: str, dark: bool) -> None:
    fig.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=0.5,
        y=0,
        yshift=-30,
        yanchor="top",
        showarrow=False,
        font={"size": 13, "color": look(dark).muted},
    )
