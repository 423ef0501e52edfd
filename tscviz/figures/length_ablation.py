"""What is lost without the filters of one kernel length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.filters import length_colours
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import heading
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import look
from tscviz.figures.text import clean, count, escape, number
from tscviz.types import Array


def plot_length_ablation(
    lengths: Sequence[int],
    change: Array,
    accuracy: Array,
    whole: float,
    *,
    class_name: str,
    unit: str = "score",
    split: str = "test",
    dark: bool = False,
) -> go.Figure:
    """Draw what is lost without the filters of each length: one case's score, and the accuracy.

    Parameters
    ----------
    lengths : sequence of int
    change : array, shape (n_lengths,)
        Of the class's score in the case shown, without the filters of each length.
    accuracy : array, shape (n_lengths,)
        Over the cases of a split, without the filters of each length.
    whole : float
        Accuracy of the whole network.
    class_name : str
    unit : str
        What `change` is of: "score" or "probability".
    split : str
    dark : bool
        Dark or light look.
    """
    fig, (upper, lower) = rows([170.0, 150.0], gaps=52, margin=Margin(top=30))
    colours = length_colours(len(lengths), dark)
    name = escape(class_name, 24)
    bars = (
        (upper, change, f"change of the {unit} of {name}", "%{y:+.3~f}"),
        (lower, accuracy, f"accuracy ({split})", "%{y:.1%}"),
    )
    for place, values, title, shown in bars:
        fig.add_trace(
            go.Bar(
                x=list(range(len(lengths))),
                y=np.asarray(values, np.float32),
                customdata=list(lengths),
                marker={"color": colours, "cornerradius": 2, "line": {"width": 0}},
                width=0.55,
                name=title,
                hovertemplate=f"without length %{{customdata}}: {shown}<extra></extra>",
                meta={"table": {"customdata": ["without length"], "y": title}},
                **place.axes,
            )
        )
        text = title if place is upper else f"{title}; dashed: the whole network, {whole:.1%}"
        heading(fig, place, text, dark=dark, strong=False, shift=4)
    _level(fig, upper, 0.0, look(dark).muted, "solid")
    _level(fig, lower, whole, look(dark).muted, "4px,3px")
    set_axis(fig, upper.y, title_text="change", range=list(padded_range(np.append(change, 0), 0.1)))
    set_axis(fig, lower.y, title_text="accuracy", range=[0, 1.05], tickformat=".0%")
    set_axis(
        fig, "x", tickvals=list(range(len(lengths))), ticktext=[str(n) for n in lengths], ticks="",
        title_text="without the filters of length", range=[-0.6, len(lengths) - 0.4],
    )  # fmt: skip
    alt = _ablation_alt(lengths, change, accuracy, whole, clean(class_name), unit)
    return finish(fig, key="lengths", alt=alt, dark=dark)


def _level(fig: go.Figure, place: Panel, y: float, colour: str, dash: str) -> None:
    line = {"color": colour, "width": 1.2, "dash": dash}
    fig.add_shape(type="line", xref="paper", yref=place.y, x0=0, x1=1, y0=y, y1=y, line=line)


def _ablation_alt(
    lengths: Sequence[int], change: Array, accuracy: Array, whole: float, name: str, unit: str
) -> str:
    worst, least = int(np.argmin(change)), int(np.argmin(accuracy))
    case = (
        f"Without the filters of length {lengths[worst]} the {unit} of {name} changes by "
        f"{number(float(change[worst]))}, the least of {count(len(lengths), 'length')}."
    )
    if accuracy[least] >= whole:
        return f"{case} Leaving out any one length costs no accuracy ({whole:.1%})."
    return (
        f"{case} Accuracy falls most without length {lengths[least]}, from {whole:.1%} to "
        f"{float(accuracy[least]):.1%}."
    )
