"""How well methods find a planted cue: one line a method, against chance and a perfect map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, columns, finish, set_axis
from tscviz.figures.furniture import heading
from tscviz.figures.palette import class_style, look
from tscviz.figures.text import clean, count, escape

if TYPE_CHECKING:
    from tscviz.explain.localisation import Mean

LINE = 28.0
AREA, POINTING = "area under PR curve", "pointing game"
_NAME, _REASON = 34, 48
#: Characters of a reason that are sure to be drawn.
REASON_ROOM = 80


@dataclass(frozen=True, eq=False)
class RankRow:
    """One method.

    Parameters
    ----------
    title : str
    area, pointing : Mean or None
        None where the method does not apply.
    reason : str
        Why not.
    """

    title: str
    area: Mean | None = None
    pointing: Mean | None = None
    reason: str = ""


def plot_localisation(rows: Sequence[RankRow], chance: float, *, dark: bool = False) -> go.Figure:
    """Draw the scores of methods as points with their intervals, from the chance level outwards.

    Parameters
    ----------
    rows : sequence of RankRow
        From the top down; those without scores are grey, with the reason.
    chance : float
        Score of a map that says nothing.
    dark : bool
        Dark or light look.
    """
    left = int(max(110, 14 + 6.6 * max(len(clean(row.title, _NAME)) for row in rows)))
    fig, ((area,), (pointing,)) = columns(
        2, [LINE * len(rows)], between=0.06, margin=Margin(left=left, top=46, bottom=48)
    )
    for k, (panel, what) in enumerate(((area, AREA), (pointing, POINTING))):
        scored = [(i, row, m) for i, row in enumerate(rows)
                  if (m := row.area if what == AREA else row.pointing) is not None]  # fmt: skip
        _chance(fig, panel, chance, len(scored), dark)
        _scores(fig, panel, scored, chance, what, k, dark)
        heading(fig, panel, f"{what[0].upper()}{what[1:]}", dark=dark, shift=20)
        set_axis(fig, panel.x, range=[-0.02, 1.04], tickvals=[0, 0.5, 1],
                 tickformat=".2~f", showgrid=True,
                 title_text="score (1 is perfect)" if k == 0 else "share of cases")  # fmt: skip
        set_axis(fig, panel.y, range=[len(rows) - 0.5, -0.5], showgrid=False, ticks="",
                 showticklabels=False, fixedrange=True)  # fmt: skip
    for i, row in enumerate(rows):
        _words(fig, area, i, row, dark)
    fig.update_layout(hovermode="closest")
    return finish(fig, key="localisation", alt=_alt(rows, chance), dark=dark)


def _chance(fig: go.Figure, panel: Panel, chance: float, n: int, dark: bool) -> None:
    tones = look(dark)
    fig.add_shape(
        type="line", **panel.refs, x0=chance, x1=chance, y0=-0.5, y1=n - 0.5, layer="below",
        line={"color": tones.accent, "width": 1.4, "dash": "4px,3px"},
    )  # fmt: skip
    fig.add_annotation(
        text=f"chance {chance:.2f}", xref=panel.x, yref="paper", x=chance, y=panel.top,
        xanchor="left", yanchor="bottom", xshift=-4, showarrow=False,
        font={"size": 11, "color": tones.accent_text},
    )  # fmt: skip


def _scores(
    fig: go.Figure,
    panel: Panel,
    scored: Sequence[tuple[int, RankRow, Mean]],
    chance: float,
    what: str,
    k: int,
    dark: bool,
) -> None:
    style = class_style((0, 2)[k], dark)
    xs = [x for _, _, m in scored for x in (chance, m.mean, None)]
    fig.add_trace(
        go.Scatter(
            x=xs, y=[y for i, _, _ in scored for y in (i, i, None)], mode="lines",
            line={"color": look(dark).grid, "width": 7}, hoverinfo="skip", **panel.axes,
        )
    )  # fmt: skip
    means = np.array([m.mean for _, _, m in scored])
    fig.add_trace(
        go.Scatter(
            x=means,
            y=[i for i, _, _ in scored],
            mode="markers",
            name=what,
            customdata=[(escape(row.title, _NAME), m.low, m.high, m.n) for _, row, m in scored],
            marker={"size": 10, "symbol": style.symbol, "color": style.colour},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [m.high - m.mean for _, _, m in scored],
                "arrayminus": [m.mean - m.low for _, _, m in scored],
                "color": style.colour,
                "thickness": 1.6,
                "width": 3,
            },
            hovertemplate="%{customdata[0]}<br>%{x:.3f} (95 % in %{customdata[1]:.3f} to "
            "%{customdata[2]:.3f}, %{customdata[3]} cases)<extra></extra>",
            cliponaxis=False,
            meta={"table": {"customdata": ["method", "low", "high", "cases"], "x": what}},
            **panel.axes,
        )
    )


def _words(fig: go.Figure, panel: Panel, i: int, row: RankRow, dark: bool) -> None:
    """Write the method's name at the left and, where it has no score, the reason in its line."""
    tones = look(dark)
    fig.add_annotation(
        text=escape(row.title, _NAME), xref="paper", yref=panel.y, x=0, y=i, xshift=-10,
        xanchor="right", yanchor="middle", showarrow=False,
        font={"size": 12, "color": tones.muted if row.area is None else tones.text},
    )  # fmt: skip
    if row.area is None:
        lines = [escape(line, _REASON) for line in wrap(row.reason, _REASON)[:2]]
        fig.add_annotation(
            text="<br>".join(lines), xref="paper", yref=panel.y, x=0, y=i, xshift=6, align="left",
            xanchor="left", yanchor="middle", showarrow=False, hovertext=escape(row.reason, 400),
            font={"size": 11, "color": tones.muted},
        )  # fmt: skip


def _alt(rows: Sequence[RankRow], chance: float) -> str:
    told = [
        f"{clean(row.title, _NAME)} {row.area.mean:.2f} and {row.pointing.mean:.2f}"
        for row in rows
        if row.area is not None and row.pointing is not None
    ]
    text = f"Area under precision and recall, and pointing game, of {count(len(told), 'method')}"
    text += f" (chance {chance:.2f}): {', '.join(told)}"
    without = len(rows) - len(told)
    return f"{text}; {count(without, 'method')} without a score." if without else f"{text}."
