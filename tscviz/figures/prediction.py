"""How sure the model is: the class probabilities of one case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.palette import class_style, look, with_alpha
from tscviz.figures.text import FULL_NAME, clean, count, distinct, escape, probability
from tscviz.types import Array


def plot_probabilities(
    proba: Array, class_names: Sequence[str], *, top: int = 10, dark: bool = False
) -> go.Figure:
    """Draw the probability of every class as a bar, the most probable first.

    Parameters
    ----------
    proba : array, shape (n_classes,)
    class_names : sequence of str
    top : int
        Bars at most; the rest are added up in one.
    dark : bool
        Dark or light look.
    """
    proba = np.asarray(proba, dtype=float)
    order = np.argsort(-proba, kind="stable")
    shown, rest = order[:top], order[top:]
    short, full = (distinct(class_names, limit) for limit in (24, FULL_NAME))
    ticks = [escape(short[i]) for i in shown]
    names = [escape(full[i], FULL_NAME) for i in shown]
    values = [float(proba[i]) for i in shown]
    colours = [_fill(class_style(int(i), dark).colour, rank) for rank, i in enumerate(shown)]
    if rest.size:
        others = count(rest.size, "other class", "other classes")
        ticks.append(others)
        names.append(others)
        values.append(float(proba[rest].sum()))
        colours.append(with_alpha(look(dark).axis, 0.6))
    fig, _ = rows([30.0 * len(names)], margin=Margin(left=16, right=64, top=8, bottom=40))
    fig.add_trace(_bars(names, values, colours, dark))
    _axes(fig, ticks)
    winner = f"{clean(class_names[shown[0]])} is most probable ({probability(values[0])})"
    second = (
        f"; next is {clean(class_names[shown[1]])} ({probability(values[1])})"
        if len(shown) > 1
        else ""
    )
    return finish(fig, key="probabilities", alt=winner + second + ".", dark=dark)


def _fill(colour: str, rank: int) -> str:
    return colour if rank == 0 else with_alpha(colour, 0.38)


def _bars(names: list[str], values: list[float], colours: list[str], dark: bool) -> go.Bar:
    tones = look(dark)
    texts = [f"<b>{probability(v)}</b>" if i == 0 else probability(v) for i, v in enumerate(values)]
    return go.Bar(
        x=values,
        y=list(range(len(values))),
        orientation="h",
        width=0.62,
        text=texts,
        textposition="outside",
        cliponaxis=False,
        customdata=names,
        textfont={"size": 13, "color": tones.text},
        marker={"color": colours, "line": {"width": 0}, "cornerradius": 3},
        hovertemplate="%{customdata}<br>probability %{x:.4f}<extra></extra>",
        meta={"table": {"customdata": ["class"], "x": "probability"}},
    )


def _axes(fig: go.Figure, ticks: list[str]) -> None:
    labels = [f"<b>{name}</b>" if i == 0 else name for i, name in enumerate(ticks)]
    set_axis(
        fig,
        "y",
        tickvals=list(range(len(ticks))),
        ticktext=labels,
        showgrid=False,
        ticks="",
        range=[len(ticks) - 0.5, -0.5],
        fixedrange=True,
        ticklabelstandoff=6,
    )
    set_axis(
        fig,
        "x",
        range=[0, 1],
        title_text="probability",
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        fixedrange=True,
        showgrid=True,
        showline=False,
        ticks="",
        zeroline=False,
    )
