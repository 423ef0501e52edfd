"""What the segments of a temporal pooling do: their share of the scores and their lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, legend_row
from tscviz.figures.palette import class_style, look, signed_scale, symmetric_limit, with_alpha
from tscviz.figures.text import clean, escape, listing, number
from tscviz.types import Array, Segmentation

MAX_GROUPED = 5


def plot_contributions(
    segmentation: Segmentation,
    class_names: Sequence[str],
    *,
    classes: Sequence[int] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw what each segment adds to the score of each class (paper, equation 7).

    Up to five classes are bars side by side; more are a signed heat map.

    Parameters
    ----------
    segmentation : Segmentation
    class_names : sequence of str
    classes : sequence of int, optional
        Classes to draw; all if None.
    dark : bool
        Dark or light look.
    """
    chosen = list(range(len(class_names)) if classes is None else classes)
    parts = np.vstack([segmentation.contributions, segmentation.bias[None]])[:, chosen]
    ticks = [str(i + 1) for i in range(segmentation.n_segments)] + ["bias"]
    logits = segmentation.logits[chosen]
    alt = _contribution_alt(segmentation, class_names, chosen)
    draw = _bars if len(chosen) <= MAX_GROUPED else _matrix
    fig = draw(parts, ticks, [class_names[k] for k in chosen], chosen, logits, dark)
    return finish(fig, key="contributions", alt=alt, dark=dark)


def _bars(
    parts: Array,
    ticks: list[str],
    names: list[str],
    chosen: list[int],
    logits: Array,
    dark: bool,
) -> go.Figure:
    fig, _ = rows([240.0], margin=Margin(top=34))
    for i, (k, name) in enumerate(zip(chosen, names, strict=True)):
        label = f"{escape(name, 24)}  (score {number(float(logits[i]))})"
        fig.add_trace(
            go.Bar(
                x=list(range(len(ticks))),
                y=parts[:, i].astype(np.float32),
                name=label,
                marker={
                    "color": class_style(k, dark).colour,
                    "cornerradius": 2,
                    "line": {"width": 0},
                },
                customdata=ticks,
                hovertemplate=f"{escape(name, 24)}<br>segment %{{customdata}}<br>"
                "adds %{y:.3~f}<extra></extra>",
                meta={"table": {"customdata": ["segment"], "y": f"contribution to {name}"}},
            )
        )
    fig.update_layout(barmode="group", bargap=0.35, bargroupgap=0.08)
    _segment_axis(fig, ticks)
    set_axis(fig, "y", title_text="contribution to the score", zeroline=True, zerolinewidth=1)
    fig.add_hline(y=0, line={"color": look(dark).muted, "width": 1})
    legend_row(fig, dark=dark)
    return fig


def _segment_axis(fig: go.Figure, ticks: list[str]) -> None:
    set_axis(
        fig,
        "x",
        tickvals=list(range(len(ticks))),
        ticktext=ticks,
        title_text="segment",
        ticks="",
        showline=False,
        range=[-0.5, len(ticks) - 0.5],
    )


def _matrix(
    parts: Array,
    ticks: list[str],
    names: list[str],
    chosen: list[int],
    logits: Array,
    dark: bool,
) -> go.Figure:
    fig, panels = rows([float(max(150, 26 * len(chosen)))], margin=Margin(right=88, top=12))
    top = symmetric_limit(parts)
    labels = [escape(name, 20) for name in names]
    fig.add_trace(
        go.Heatmap(
            z=parts.T.astype(np.float32),
            x=list(range(len(ticks))),
            y=list(range(len(names))),
            **colour_axis(signed_scale(dark), (-top, top)),
            xgap=1,
            ygap=1,
            colorbar=colour_bar(fig, "contribution to the score", panels, dark=dark),
            customdata=np.broadcast_to(np.array(labels)[:, None], parts.T.shape),
            hovertemplate="%{customdata}<br>segment %{x}<br>adds %{z:.3~f}<extra></extra>",
            meta={"table": {"customdata": ["class"], "x": "segment", "z": "contribution"}},
        )
    )
    texts = [f"{label}  {number(float(s))}" for label, s in zip(labels, logits, strict=True)]
    set_axis(
        fig,
        "y",
        tickvals=list(range(len(names))),
        ticktext=texts,
        showgrid=False,
        ticks="",
        range=[len(names) - 0.5, -0.5],
        title_text="class and its score",
    )
    _segment_axis(fig, ticks)
    return fig


def _contribution_alt(
    segmentation: Segmentation, class_names: Sequence[str], chosen: list[int]
) -> str:
    parts = []
    for k in chosen[:MAX_GROUPED]:
        column = segmentation.contributions[:, k]
        best = int(np.abs(column).argmax())
        parts.append(
            f"segment {best + 1} weighs most for {clean(class_names[k])} "
            f"({number(float(column[best]))} of a score of {number(float(segmentation.logits[k]))})"
        )
    return f"Of {segmentation.n_segments} segments, {listing(parts)}."


def plot_segment_lengths(
    boundaries: Array, y: Array, class_names: Sequence[str], *, dark: bool = False
) -> go.Figure:
    """Draw how long each segment is, as a box per segment and class.

    Parameters
    ----------
    boundaries : int array, shape (n_cases, L + 1)
        See `Segmentation.boundaries`.
    y : int array, shape (n_cases,)
    class_names : sequence of str
    dark : bool
        Dark or light look.
    """
    lengths = np.diff(np.asarray(boundaries), axis=1)  # (N, L)
    n_segments = lengths.shape[1]
    fig, _ = rows([280.0], margin=Margin(top=34))
    for k in np.unique(y):
        mine = lengths[np.asarray(y) == k]
        style = class_style(int(k), dark)
        fig.add_trace(
            go.Box(
                x=np.tile(np.arange(n_segments), len(mine)),
                y=mine.ravel(),
                name=escape(class_names[k], 24),
                boxpoints="outliers",
                fillcolor=with_alpha(style.colour, 0.25),
                line={"color": style.colour, "width": 1.6},
                marker={"size": 4, "symbol": style.symbol, "color": style.colour, "opacity": 0.7},
                hovertemplate="length %{y}<extra>%{fullData.name}</extra>",
                meta={"table": {"x": "segment (from 0)", "y": "length (time points)"}},
            )
        )
    fig.update_layout(boxmode="group", boxgap=0.3, boxgroupgap=0.15)
    _segment_axis(fig, [str(i + 1) for i in range(n_segments)])
    set_axis(fig, "y", title_text="length (time points)", rangemode="tozero")
    if len(np.unique(y)) > 1:
        legend_row(fig, dark=dark)
    medians = ", ".join(f"{m:.0f}" for m in np.median(lengths, axis=0))
    alt = f"Lengths of {n_segments} segments in {len(lengths)} cases; medians {medians} points."
    return finish(fig, key="segment-lengths", alt=alt, dark=dark)
