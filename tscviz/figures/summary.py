"""A dataset in numbers: how many cases a class has, how long they are, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import legend_row, message
from tscviz.figures.palette import class_style, look, with_alpha
from tscviz.figures.series import TIME, time_range
from tscviz.figures.stats import even_picks
from tscviz.figures.text import clean, count, distinct, escape, listing
from tscviz.types import Array, Dataset

MAX_ROWS = 200
MAX_COLUMNS = 1500


def plot_class_balance(dataset: Dataset, *, dark: bool = False) -> go.Figure:
    """Draw the number of cases of each class in the training and the test split.

    Parameters
    ----------
    dataset : Dataset
    dark : bool
        Dark or light look.
    """
    n = dataset.n_classes
    train, test = (np.bincount(y, minlength=n) for y in (dataset.y_train, dataset.y_test))
    fig, _ = rows([float(max(34 * n, 60))], margin=Margin(left=16, right=24, top=34))
    colours = [class_style(k, dark).colour for k in range(n)]
    names = [escape(name) for name in distinct(dataset.class_names, 24)]
    for label, counts, alpha in (("train", train, 1.0), ("test", test, 0.38)):
        fig.add_trace(
            go.Bar(
                x=counts,
                y=list(range(n)),
                orientation="h",
                name=label,
                customdata=names,
                marker={
                    "color": [with_alpha(colour, alpha) for colour in colours],
                    "cornerradius": 2,
                    "line": {"width": 0},
                },
                text=[str(c) for c in counts],
                textposition="outside",
                cliponaxis=False,
                textfont={"size": 11, "color": look(dark).muted},
                showlegend=False,
                hovertemplate=f"%{{customdata}}<br>{label} %{{x}}<extra></extra>",
                meta={"table": {"customdata": ["class"], "x": f"{label} cases"}},
            )
        )
        _swatch(fig, label, with_alpha(look(dark).muted, alpha))
    fig.update_layout(barmode="group", bargap=0.3, bargroupgap=0.08)
    set_axis(
        fig, "x", title_text="cases", showgrid=True, showline=False, ticks="", rangemode="tozero"
    )
    set_axis(
        fig,
        "y",
        tickvals=list(range(n)),
        ticktext=names,
        showgrid=False,
        ticks="",
        range=[n - 0.5, -0.5],
        ticklabelstandoff=6,
    )
    legend_row(fig, dark=dark, traceorder="normal")
    parts = [
        f"{clean(c)} {a} and {b}" for c, a, b in zip(dataset.class_names, train, test, strict=True)
    ]
    alt = f"Cases per class, train and test: {listing(parts)}."
    return finish(fig, key="class-balance", alt=alt, dark=dark)


def _swatch(fig: go.Figure, label: str, colour: str) -> None:
    """Add a legend entry in a neutral colour: bars of one split have many colours."""
    fig.add_trace(
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=label,
            hoverinfo="skip",
            marker={"symbol": "square", "size": 11, "color": colour},
        )
    )


def plot_lengths(
    mask: Array, y: Array, class_names: Sequence[str], *, dark: bool = False
) -> go.Figure:
    """Draw how many cases have which length, classes stacked.

    Parameters
    ----------
    mask : bool array, shape (n_cases, n_timepoints)
    y : int array, shape (n_cases,)
    class_names : sequence of str
    dark : bool
        Dark or light look.
    """
    lengths = np.asarray(mask).sum(axis=1)
    low, high = (int(lengths.min()), int(lengths.max())) if len(lengths) else (0, 0)
    fig, _ = rows([200.0], margin=Margin(top=34))
    set_axis(fig, "y", title_text="cases")
    set_axis(fig, "x", title_text="length (time points)")
    if low == high:
        message(
            fig, f"All {count(len(lengths), 'series', 'series')} have {high} points.", dark=dark
        )
        fig.update_layout(height=120)
        alt = f"All {len(lengths)} series have {high} points."
        return finish(fig, key="lengths", alt=alt, dark=dark)
    edges = np.unique(np.linspace(low, high + 1, 25).astype(int))
    names = distinct(class_names, 24)
    for k in np.unique(y):
        _length_bars(fig, lengths[np.asarray(y) == k], edges, int(k), names, dark)
    fig.update_layout(barmode="stack", bargap=0)
    legend_row(fig, dark=dark, traceorder="normal")
    alt = (
        f"Lengths of {len(lengths)} series, from {low} to {high} points; the median is "
        f"{np.median(lengths):.0f}."
    )
    return finish(fig, key="lengths", alt=alt, dark=dark)


def _length_bars(
    fig: go.Figure, lengths: Array, edges: Array, k: int, class_names: Sequence[str], dark: bool
) -> None:
    counts, _ = np.histogram(lengths, edges)
    spans = [f"{a}-{b - 1}" if b - a > 1 else f"{a}" for a, b in pairwise(edges)]
    name = escape(class_names[k])
    fig.add_trace(
        go.Bar(
            x=(edges[:-1] + edges[1:] - 1) / 2,
            width=np.diff(edges),
            y=counts,
            name=name,
            customdata=spans,
            marker={
                "color": class_style(k, dark).colour,
                "line": {"width": 1, "color": look(dark).surface},
            },
            hovertemplate=f"{name}<br>%{{customdata}} points<br>%{{y}} cases<extra></extra>",
            meta={"table": {"customdata": ["length"], "y": "cases"}},
        )
    )


def plot_missing(
    X: Array,
    *,
    mask: Array | None = None,
    case_names: Sequence[str] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw where values are missing, one row a case; only cases with gaps are shown.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
        NaN where missing.
    mask : bool array, shape (n_cases, n_timepoints), optional
        False on padding.
    case_names : sequence of str, optional
        Shown on hover; "case 0", ... if None.
    dark : bool
        Dark or light look.
    """
    missing = np.isnan(X)
    if mask is not None:
        missing &= np.asarray(mask, dtype=bool)[:, None, :]
    share = missing.mean(axis=1)  # (N, T)
    affected = np.flatnonzero(share.any(axis=1))
    picks = affected[even_picks(len(affected), MAX_ROWS)]
    fig, _ = rows([float(np.clip(9 * len(picks), 60, 420))], margin=Margin(top=12))
    set_axis(fig, "x", title_text=TIME, range=time_range(X.shape[2]))
    if not len(affected):
        message(fig, "No value is missing.", dark=dark)
        alt = f"No value is missing in {count(len(X), 'case')}."
        return finish(fig, key="missing", alt=alt, dark=dark)
    names = [escape(case_names[i]) if case_names else f"case {i}" for i in picks]
    step = -(-X.shape[2] // MAX_COLUMNS)
    _missing_map(fig, share[picks], names, step, dark)
    notes = (
        [f"{len(picks)} of {len(affected)} cases with gaps drawn."]
        if len(picks) < len(affected)
        else []
    )
    if step > 1:
        notes.append(f"A cell stands for {step} points and shows the one with most missing.")
    alt = (
        f"{int(missing.sum())} values are missing in {count(len(affected), 'case')} of "
        f"{len(X)}; point {int(share.sum(axis=0).argmax())} is missing most often."
    )
    return finish(fig, key="missing", alt=alt, dark=dark, notes=notes)


def _missing_map(fig: go.Figure, share: Array, names: list[str], step: int, dark: bool) -> None:
    """Draw the share that is missing, with `step` points in a column and their worst shown."""
    tones = look(dark)
    starts = np.arange(0, share.shape[1], step)
    ends = np.append(starts[1:], share.shape[1]) - 1
    cells = np.maximum.reduceat(share, starts, axis=1)
    custom, when, columns = _whereabouts(names, starts, ends)
    fig.add_trace(
        go.Heatmap(
            z=np.where(cells > 0, cells, np.nan).astype(np.float32),
            y=np.arange(len(names)),
            x=(starts + ends) / 2,
            zmin=0,
            zmax=1,
            showscale=False,
            customdata=custom,
            colorscale=[(0.0, with_alpha(tones.accent, 0.35)), (1.0, tones.accent)],
            ygap=1,
            hovertemplate=f"%{{customdata[0]}}<br>{when}<br>%{{z:.0%}} of the channels missing"
            "<extra></extra>",
            meta={"table": {**columns, "z": "share of channels missing"}},
        )
    )
    set_axis(
        fig,
        "y",
        title_text=f"cases with gaps ({len(names)})",
        showticklabels=False,
        ticks="",
        showgrid=False,
        range=[len(names) - 0.5, -0.5],
    )


def _whereabouts(names: list[str], starts: Array, ends: Array) -> tuple[Array, str, dict[str, Any]]:
    """Return each cell's case and points, how the hover text tells these, and their columns."""
    shape = (len(names), len(starts))
    cases = np.broadcast_to(np.array(names, dtype=object)[:, None], shape)
    if np.array_equal(starts, ends):
        return cases[..., None], f"{TIME} %{{x}}", {"customdata": ["case"], "x": TIME}
    spans = [np.broadcast_to(edge, shape) for edge in (starts, ends)]
    return (
        np.stack([cases, *spans], axis=2),
        "points %{customdata[1]}-%{customdata[2]}",
        {"customdata": ["case", "first point", "last point"]},
    )
