"""The critical difference diagram: mean ranks on a line, bars over what cannot be told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.palette import class_style, look
from tscviz.figures.results_stats import TESTS, CriticalDifference
from tscviz.figures.text import clean, count, escape, listing, stacked

_LINE, _BAR, _TOP = 31, 10, 16  # pixels: between names, between bars, axis to first bar


def plot_critical_difference(found: CriticalDifference, *, dark: bool = False) -> go.Figure:
    """Draw the critical difference diagram of Demsar (JMLR 2006), the best model at the right.

    Models under one bar are not significantly different.

    Parameters
    ----------
    found : CriticalDifference
        From `tscviz.figures.results_stats.critical_difference`.
    dark : bool
        Dark or light look.
    """
    n = len(found.models)
    better = (n + 1) // 2
    bars = _TOP + _BAR * len(found.cliques) + 12
    named = [stacked(name) for name in found.models]
    line = _LINE + 12 * max(text.count("<br>") for text, _ in named)
    names = bars + line * max(better, n - better)
    height = names + (0 if found.difference is None else 34)
    side = int(min(150, 14 + 6.8 * max(width for _, width in named)))
    fig, (panel,) = rows([float(height)], margin=Margin(side + 10, side + 10, 56, 10))
    _stems(fig, panel, found, (bars, line), dark)
    _bars(fig, panel, found, dark)
    _points(fig, panel, found, dark)
    if found.difference is not None:
        _length(fig, panel, found, names + 10, dark)
    set_axis(
        fig, "x", side="top", position=1, range=[n + 0.06, _best_end(found)],
        tickvals=list(range(1, n + 1)),
        title_text=f"mean rank over {count(found.n_datasets, 'dataset')} (1 is best)",
    )  # fmt: skip
    set_axis(fig, panel.y, visible=False, range=[height, 0], fixedrange=True)
    return finish(fig, key="critical-difference", alt=_alt(found), dark=dark)


def _best_end(found: CriticalDifference) -> float:
    """Return the axis' right end: beyond rank 1 where the critical difference asks for it."""
    return min(0.94, len(found.models) - float(found.difference or 0) - 0.06)


def _stems(
    fig: go.Figure, panel: Panel, found: CriticalDifference, place: tuple[float, float], dark: bool
) -> None:
    """Lead from each rank down and out to the model's name: better half right, others left."""
    n, tones, (bars, line) = len(found.models), look(dark), place
    better = (n + 1) // 2
    lines, texts = [], []
    for i, (name, rank) in enumerate(zip(found.models, found.ranks, strict=True)):
        right = i < better
        y = bars + line * ((i if right else n - 1 - i) + 0.4)
        edge = _best_end(found) if right else n + 0.06
        lines.append(
            go.Scatter(
                x=[rank, rank, edge], y=[0, y, y], mode="lines", hoverinfo="skip",
                line={"color": tones.muted, "width": 1.2}, **panel.axes,
            )
        )  # fmt: skip
        side = "left" if right else "right"
        at = {"showarrow": False, "xref": "paper", "x": int(right), "yref": panel.y, "y": y}
        texts.append(
            at | {"text": stacked(name)[0], "xanchor": side, "align": side,
                  "xshift": 5 if right else -5, "font": {"size": 12, "color": tones.text}}
        )  # fmt: skip
        texts.append(
            at | {"text": f"{rank:.2f}", "xanchor": "right" if right else "left",
                  "yanchor": "bottom", "font": {"size": 11, "color": tones.muted}}
        )  # fmt: skip
    fig.add_traces(lines)
    # At once: plotly checks all annotations anew for each one that is added.
    layout: Any = fig.layout
    layout.annotations = [*layout.annotations, *texts]


def _bars(fig: go.Figure, panel: Panel, found: CriticalDifference, dark: bool) -> None:
    spare = 0.012 * len(found.models)
    for row, (first, last) in enumerate(found.cliques):
        y = _TOP + _BAR * row
        fig.add_trace(
            go.Scatter(
                x=[found.ranks[first] - spare, found.ranks[last] + spare], y=[y, y], mode="lines",
                line={"color": look(dark).text, "width": 5}, hoverinfo="text",
                text="no significant difference", **panel.axes,
            )
        )  # fmt: skip


def _length(fig: go.Figure, panel: Panel, found: CriticalDifference, y: float, dark: bool) -> None:
    """Draw the critical difference as a length below the names."""
    n, difference = len(found.models), float(found.difference or 0)
    fig.add_trace(
        go.Scatter(
            x=[n, n - difference], y=[y, y], mode="lines", hoverinfo="skip",
            line={"color": look(dark).accent, "width": 3}, **panel.axes,
        )
    )  # fmt: skip
    fig.add_annotation(
        text=f"critical difference {difference:.2f}", x=n, yref=panel.y, y=y, yshift=-3,
        xanchor="left", yanchor="top", showarrow=False,
        font={"size": 11, "color": look(dark).accent_text},
    )  # fmt: skip


def _points(fig: go.Figure, panel: Panel, found: CriticalDifference, dark: bool) -> None:
    fig.add_trace(
        go.Scatter(
            x=np.asarray(found.ranks, float),
            y=np.zeros(len(found.models)),
            mode="markers",
            customdata=[escape(name) for name in found.models],
            marker={"size": 9, "color": class_style(0, dark).colour},
            cliponaxis=False,
            name="models",
            hovertemplate="%{customdata}: mean rank %{x:.2f}<extra></extra>",
            meta={"table": {"customdata": ["model"], "x": "mean rank"}},
            **panel.axes,
        )
    )


def _alt(found: CriticalDifference) -> str:
    ranked = [
        f"{clean(name)} {rank:.2f}" for name, rank in zip(found.models, found.ranks, strict=True)
    ]
    groups = [
        listing([clean(name) for name in found.models[first : last + 1]])
        for first, last in found.cliques
    ]
    told = "; not told apart: " + "; ".join(groups) if groups else "; each differs from the next"
    return (
        f"Mean ranks over {count(found.n_datasets, 'dataset')}: {', '.join(ranked)}{told} "
        f"({TESTS[found.test]}, level {found.alpha:g})."
    )
