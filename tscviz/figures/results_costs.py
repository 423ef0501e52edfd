"""Accuracy against what a model costs, and against one of its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, columns, finish, rows, set_axis
from tscviz.figures.furniture import heading, legend_row
from tscviz.figures.palette import class_style, look, sample, unsigned_scale, with_alpha
from tscviz.figures.text import clean, count, escape, number
from tscviz.types import Array

_NAMED = 6  # lines at most that carry their name


@dataclass(frozen=True, eq=False)
class CostPoints:
    """One model's values and costs, one a dataset.

    Parameters
    ----------
    model : str
    datasets : tuple of str
    costs, values : float arrays, shape (n_datasets,)
        Costs above zero.
    published : bool
        Drawn hollow.
    """

    model: str
    datasets: tuple[str, ...]
    costs: Array
    values: Array
    published: bool = False


def plot_cost(
    points: Sequence[CostPoints], *, cost: str, measure: str = "accuracy", dark: bool = False
) -> go.Figure:
    """Draw each model's mean value against its mean cost, its datasets as faint points.

    The mean of a cost is the geometric one, as the axis is logarithmic.

    Parameters
    ----------
    points : sequence of CostPoints
        At least one.
    cost : str
        What it costs, with unit; our own words.
    measure : str
    dark : bool
        Dark or light look.
    """
    fig, _ = rows([380.0], margin=Margin(top=58))
    for k, one in enumerate(points):
        _cost_points(fig, one, k, (cost, measure), dark)
    ticks = _log_ticks(np.concatenate([one.costs for one in points]))
    texts = [_si(tick) for tick in ticks]
    set_axis(fig, "x", type="log", title_text=cost, showgrid=True, tickvals=ticks, ticktext=texts)
    set_axis(fig, "y", title_text=measure)
    fig.update_layout(hovermode="closest")
    legend_row(fig, dark=dark)
    told = [
        f"{clean(p.model)} {p.values.mean():.4f} at {number(_geometric(p.costs))}" for p in points
    ]
    alt = f"Mean {measure} against {cost} of {count(len(points), 'model')}: {', '.join(told)}."
    return finish(fig, key="cost", alt=alt, dark=dark)


def _log_ticks(costs: Array) -> list[float]:
    """Return 1, 2 and 5 of each decade, or the decades alone where there are many."""
    low, high = np.log10(costs.min()) - 0.3, np.log10(costs.max()) + 0.3
    steps = (1, 2, 5) if high - low < 3.5 else (1,)
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    return [tick for tick in ticks if low <= np.log10(tick) <= high]


def _si(value: float) -> str:
    """Return a tick of a logarithmic axis as people write it: "0.5", "20", "50k", "10M"."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _number_format(cost: str) -> str:
    """Return how a cost is written: times in full, counts such as FLOPs with k, M or G."""
    return ".5~g" if cost.endswith("(s)") else ".4s"


def _geometric(costs: Array) -> float:
    return float(np.exp(np.log(costs).mean()))


def _cost_points(
    fig: go.Figure, one: CostPoints, k: int, names: tuple[str, str], dark: bool
) -> None:
    style, name = class_style(k, dark), escape(one.model, 34)
    symbol = f"{style.symbol}-open" if one.published else style.symbol
    table = {"customdata": ["dataset"], "x": names[0], "y": names[1]}
    told = f"%{{y:.4f}} at %{{x:{_number_format(names[0])}}}<extra></extra>"
    fig.add_trace(
        go.Scatter(
            x=one.costs, y=one.values, mode="markers", showlegend=False, name=name,
            legendgroup=name, customdata=[escape(d) for d in one.datasets],
            marker={"size": 7, "symbol": symbol, "color": style.colour, "opacity": 0.6},
            hovertemplate=f"{name}, %{{customdata}}<br>{told}",
            meta={"table": table},
        )
    )  # fmt: skip
    fig.add_trace(
        go.Scatter(
            x=[_geometric(one.costs)], y=[one.values.mean()], mode="markers", name=name,
            legendgroup=name, customdata=[f"mean of {len(one.datasets)}"],
            marker={"size": 16, "symbol": symbol, "color": style.colour,
                    "line": {"width": 2, "color": style.colour if one.published
                             else look(dark).text}},
            hovertemplate=f"{name}, %{{customdata}} datasets<br>{told}",
            meta={"table": table},
        )
    )  # fmt: skip


def plot_option_effect(
    option: str,
    levels: Sequence[float],
    lines: Mapping[str, Array],
    *,
    measure: str = "accuracy",
    higher_better: bool = True,
    costs: Mapping[str, Array] | None = None,
    published: Sequence[str] = (),
    dark: bool = False,
) -> go.Figure:
    """Draw a line a dataset over the values of one option (DTP Figure 7, DSN Table 3).

    A line takes the colour of the level at which it is best; the mean over the datasets that have
    every level is bold.

    Parameters
    ----------
    option : str
        Our own words, such as "segments L" or "sparsity".
    levels : sequence of float
        Values of the option, ascending.
    lines : mapping of dataset to array, shape (n_levels,)
        NaN where there is none.
    measure : str
    higher_better : bool
        False: the least value is the best.
    costs : mapping of name to array, shape (n_levels,), optional
        Means over those datasets, such as parameters and FLOPs, each a panel beside the lines.
    published : sequence of str
        Datasets whose lines are dotted: figures of a paper.
    dark : bool
        Dark or light look.
    """
    costs = costs or {}
    fig, stacks = columns(1 + len(costs), [320.0], between=0.09, margin=Margin(top=34, bottom=56))
    panels = [stack[0] for stack in stacks]
    colours = sample(unsigned_scale(), np.linspace(0.15, 0.9, len(levels)))
    named = len(lines) <= _NAMED
    for name, line in lines.items():
        colour = colours[_best(line, higher_better)]
        _line(fig, panels[0], levels, line, escape(name, 30), colour,
              published=name in published, solid=named)  # fmt: skip
    if named:
        _names(fig, panels[0], lines, dark)
    whole = np.array([v for k, v in lines.items() if k not in published and np.isfinite(v).all()])
    if len(whole) > 1:
        _mean(fig, panels[0], levels, whole.mean(axis=0), (measure, ".4f"), dark)
    heading(fig, panels[0], measure, dark=dark, strong=False)
    for panel, (name, values) in zip(panels[1:], costs.items(), strict=True):
        heading(fig, panel, name, dark=dark, strong=False)
        _mean(fig, panel, levels, values, (name, _number_format(name)), dark)
        set_axis(fig, panel.y, rangemode="tozero", exponentformat="SI")
    for panel in panels:
        ticks = [f"{level:g}" for level in levels]
        set_axis(fig, panel.x, title_text=option, tickvals=list(range(len(levels))), ticktext=ticks)
    fig.update_layout(hovermode="closest")
    best = [_best(line, higher_better) for line in lines.values()]
    alt = _option_alt(option, levels, best, measure)
    return finish(fig, key="option", alt=alt, dark=dark)


def _best(line: Array, higher_better: bool) -> int:
    return int(np.nanargmax(line) if higher_better else np.nanargmin(line))


def _line(
    fig: go.Figure, panel: Panel, levels: Sequence[float], line: Array, name: str, colour: str,
    *, published: bool, solid: bool,
) -> None:  # fmt: skip
    fig.add_trace(
        go.Scatter(
            x=list(range(len(levels))), y=np.asarray(line, float), name=name,
            mode="lines+markers", customdata=list(levels), connectgaps=True,
            line={"width": 1.6, "color": with_alpha(colour, 0.85 if solid else 0.45),
                  "dash": "dot" if published else "solid"},
            marker={"size": 6, "color": colour},
            hovertemplate=f"{name}<br>%{{customdata}}: %{{y:.4f}}<extra></extra>",
            meta={"table": {"customdata": ["level"], "y": "value"}}, **panel.axes,
        )
    )  # fmt: skip


def _names(fig: go.Figure, panel: Panel, lines: Mapping[str, Array], dark: bool) -> None:
    """Write each line's name over its end, moved up where it would lie on the one below."""
    every = np.concatenate([np.asarray(line, float) for line in lines.values()])
    gap, tones = 0.075 * max(float(np.nanmax(every) - np.nanmin(every)), 1e-3), look(dark)
    at = -np.inf
    for name in sorted(lines, key=lambda key: float(_last(lines[key])[1])):
        x, y = _last(lines[name])
        at = max(float(y), at + gap)
        fig.add_annotation(
            x=int(x), y=at, text=escape(name, 30), xref=panel.x, yref=panel.y, showarrow=False,
            xanchor="right", yanchor="bottom", yshift=4, font={"size": 11, "color": tones.text},
            bgcolor=with_alpha(tones.surface, 0.75), borderpad=0,
        )  # fmt: skip


def _last(line: Array) -> tuple[int, float]:
    i = int(np.flatnonzero(np.isfinite(line))[-1])
    return i, float(line[i])


def _mean(
    fig: go.Figure, panel: Panel, levels: Sequence[float], values: Array, what: tuple[str, str],
    dark: bool,
) -> None:  # fmt: skip
    """Draw the bold line; `what` is the name of its values and how they are written."""
    fig.add_trace(
        go.Scatter(
            x=list(range(len(levels))), y=np.asarray(values, float), mode="lines+markers",
            name=f"mean {what[0]}", customdata=list(levels),
            line={"width": 4, "color": look(dark).text}, marker={"size": 9},
            hovertemplate=f"mean at %{{customdata}}: %{{y:{what[1]}}}<extra></extra>",
            meta={"table": {"customdata": ["level"], "y": "value"}}, **panel.axes,
        )
    )  # fmt: skip


def _option_alt(option: str, levels: Sequence[float], best: Sequence[int], measure: str) -> str:
    told = [f"{best.count(i)} at {level:g}" for i, level in enumerate(levels) if i in best]
    return (
        f"{measure} against {option} on {count(len(best), 'dataset')}; datasets at their best: "
        f"{', '.join(told)}."
    )
