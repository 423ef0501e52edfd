"""Two models, dataset by dataset: wins, ties and losses about the diagonal."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import legend_row
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import class_style, look
from tscviz.figures.results_stats import Scores, two_sided
from tscviz.figures.text import clean, count, escape
from tscviz.types import Array

_WORDS = {1: "{y} better: {n}", 0: "the same: {n}", -1: "{x} better: {n}"}


def plot_pairwise(scores: Scores, x: str, y: str, *, dark: bool = False) -> go.Figure:
    """Draw a point a dataset: one model's value against the other's (DTP Figure 4, DSN Figure 7).

    Parameters
    ----------
    scores : Scores
        Datasets on which one of the two has no value are left out.
    x, y : str
        Models of `scores`.
    dark : bool
        Dark or light look.
    """
    a, b = scores.column(x), scores.column(y)
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    datasets = [name for name, keep in zip(scores.datasets, both, strict=True) if keep]
    sign = np.sign(np.round(b - a, 12)) * (1 if scores.higher_better else -1)
    fig, _ = rows([400.0], margin=Margin(top=34))
    low, high = padded_range(np.concatenate([a, b]))
    ends = [low, high]
    tones = look(dark)
    fig.add_trace(
        go.Scatter(x=ends, y=ends, mode="lines", hoverinfo="skip", showlegend=False,
                   line={"color": tones.muted, "width": 1.2, "dash": "4px,3px"})
    )  # fmt: skip
    for k, (kind, words) in enumerate(_WORDS.items()):
        mine = sign == kind
        name = words.format(x=escape(x, 30), y=escape(y, 30), n=int(mine.sum()))
        _points(fig, a, b, mine, datasets, (name, x, y), (0, 5, 1)[k], dark)
    form = ".0%" if high <= 1.2 and scores.measure != "log loss" else None
    for axis, model in (("x", x), ("y", y)):
        title = f"{scores.measure} of {escape(model, 34)}"
        set_axis(fig, axis, title_text=title, range=ends, tickformat=form, showgrid=True, nticks=7)
    fig.update_layout(hovermode="closest")
    legend_row(fig, dark=dark)
    alt = (
        f"{clean(y)} against {clean(x)} on {count(len(a), 'dataset')} by {scores.measure}: better "
        f"on {int((sign > 0).sum())}, the same on {int((sign == 0).sum())}, worse on "
        f"{int((sign < 0).sum())}" + (f"; p = {two_sided(a, b):.3g}." if len(a) else ".")
    )
    return finish(fig, key="pairwise", alt=alt, dark=dark)


def _points(
    fig: go.Figure,
    a: Array,
    b: Array,
    mine: Array,
    datasets: list[str],
    names: tuple[str, str, str],
    style_idx: int,
    dark: bool,
) -> None:
    name, x, y = names
    style = class_style(style_idx, dark)
    fig.add_trace(
        go.Scatter(
            x=a[mine],
            y=b[mine],
            mode="markers",
            name=name,
            customdata=[escape(d) for d, keep in zip(datasets, mine, strict=True) if keep],
            marker={
                "size": 10,
                "symbol": style.symbol,
                "color": style.colour,
                "opacity": 0.85,
                "line": {"width": 0.8, "color": look(dark).surface},
            },
            hovertemplate=f"%{{customdata}}<br>{escape(x, 30)} %{{x:.4f}}<br>{escape(y, 30)} "
            "%{y:.4f}<extra></extra>",
            meta={"table": {"customdata": ["dataset"], "x": clean(x), "y": clean(y)}},
        )
    )
