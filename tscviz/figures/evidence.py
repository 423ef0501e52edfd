"""Deletion and insertion curves beside random maps, of one case or as means over many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.bands import fill_between
from tscviz.figures.frame import Margin, Panel, finish, grid, set_axis
from tscviz.figures.furniture import heading, legend_row
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import class_style, look, with_alpha
from tscviz.figures.text import clean, count, escape, number
from tscviz.types import Array, TscvizError

if TYPE_CHECKING:  # tscviz.explain needs torch, and the landing page none
    from tscviz.explain.evidence.cases import CasesEvidence, MeanCurve
    from tscviz.explain.evidence.curves import Curves
    from tscviz.explain.evidence.intervals import Estimates

HEIGHT = 260.0
_DONE = {"deletion": "deleted", "insertion": "put back"}


@dataclass(frozen=True, eq=False)
class _Line:
    name: str
    y: Array
    low: Array | None
    high: Array | None
    colour: str
    dash: str
    width: float


def plot_deletion_insertion(
    curves: Curves,
    *,
    method: str = "map",
    class_name: str | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw how the score falls as a map's points are deleted, and rises as they are put back.

    The band holds the middle 95 % of the random maps; the dotted line marks the top share of the
    sentence. The area of the map reversed is that of the other panel.

    Parameters
    ----------
    curves : Curves
    method : str
        Title of the method.
    class_name : str, optional
        Of the class explained.
    dark : bool
        Dark or light look.
    """
    name, what = method, _what(curves.output, class_name)
    sides = [
        (c, [
            _random(c.random_mean, (c.random_low, c.random_high), dark),
            _reversed(c.reversed, dark),
            _own(name, c.score, None, dark),
        ])
        for c in (curves.deletion, curves.insertion)
    ]  # fmt: skip
    titles = [
        f"{c.kind}: {_beside(c.verdict)}<br>area {number(c.area)}, random {number(c.random_area)}"
        for c, _ in sides
    ]
    fig, panels = _draw([(c.share, lines) for c, lines in sides], titles, what, dark=dark)
    _mark(fig, panels[0], curves.n_top / curves.n_features, dark)
    alt = (
        f"Without the top {curves.n_top} of {curves.n_features} points of {clean(method)} "
        f"the {clean(what)} goes from {number(curves.whole)} to {number(curves.without_top)}; "
        f"without as many {_plural(curves.control)}, to {number(curves.without_random)}. "
        + " ".join(
            f"Area under the {c.kind} curve {number(c.area)}, of random maps "
            f"{number(c.random_area_low)} to {number(c.random_area_high)}: {_beside(c.verdict)}."
            for c, _ in sides
        )
    )
    return finish(fig, key="deletion-insertion", alt=alt, dark=dark)


def plot_mean_deletion_insertion(
    found: CasesEvidence, *, method: str | None = None, dark: bool = False
) -> go.Figure:
    """Draw deletion and insertion as means over cases, with their 95 % confidence intervals.

    Parameters
    ----------
    found : CasesEvidence
    method : str, optional
        Title of the method.
    dark : bool
        Dark or light look.

    Raises
    ------
    TscvizError
        Where the curves were not among the parts.
    """
    if found.deletion is None or found.insertion is None:
        raise TscvizError("there are no curves to draw; gather the part 'curves'.")
    name = method or found.method
    sides = [(c, _mean_lines(c, name, dark)) for c in (found.deletion, found.insertion)]
    gains = [found.estimates[f"{c.kind}_gain"] for c, _ in sides]
    told = [
        f"{number(g.mean)} (95 %: {number(g.low)} to {number(g.high)})"
        if g.n > 1
        else number(g.mean)
        for g in gains
    ]
    titles = [
        f"{c.kind}: gain over random maps<br>{gain}"
        for (c, _), gain in zip(sides, told, strict=True)
    ]
    what = _what(str(found.settings["output"]), None)
    fig, _ = _draw([(c.share, lines) for c, lines in sides], titles, f"mean {what}", dark=dark)
    alt = (
        f"Mean over {count(len(found.cases), 'case')} of {clean(name)}: the area gained over "
        f"random maps is {told[0]} when deleting and {told[1]} when inserting."
    )
    return finish(fig, key="mean-deletion-insertion", alt=alt, dark=dark)


def _mean_lines(curve: MeanCurve, name: str, dark: bool) -> list[_Line]:
    return [
        _random(curve.random.mean, _interval(curve.random), dark),
        _reversed(curve.reversed.mean, dark),
        _own(name, curve.score.mean, _interval(curve.score), dark),
    ]


def _interval(found: Estimates) -> tuple[Array, Array] | None:
    return None if np.isnan(found.low).any() else (found.low, found.high)


def _what(output: str, class_name: str | None) -> str:
    noun = "probability" if output == "probability" else "score"
    return noun if class_name is None else f"{noun} of {class_name}"


def _beside(verdict: str) -> str:
    return "no better than random" if verdict == "no different" else f"{verdict} than random"


def _plural(control: str) -> str:
    from tscviz.explain.evidence.orders import CONTROLS

    return "random points" if control == "points" else f"points of {CONTROLS[control].words}"


def _random(y: Array, band: tuple[Array, Array] | None, dark: bool) -> _Line:
    return _Line("random maps", y, *(band or (None, None)), look(dark).neutral, "dash", 1.8)


def _reversed(y: Array, dark: bool) -> _Line:
    return _Line("the map reversed", y, None, None, class_style(1, dark).colour, "dot", 1.8)


def _own(name: str, y: Array, band: tuple[Array, Array] | None, dark: bool) -> _Line:
    low, high = band or (None, None)
    return _Line(escape(name, 32), y, low, high, class_style(0, dark).colour, "solid", 2.6)


def _draw(
    sides: list[tuple[Array, list[_Line]]], titles: list[str], what: str, *, dark: bool
) -> tuple[go.Figure, list[Panel]]:
    fig, ((left, right),) = grid(
        1, 2, height=HEIGHT, gap=(0.07, 0), margin=Margin(top=78, right=20)
    )
    for panel, (share, lines), title in zip((left, right), sides, titles, strict=True):
        done = _DONE[title.partition(":")[0]]
        for line in lines:
            _trace(fig, panel, (f"share {done}", share), line, first=panel is left)
        heading(fig, panel, title, dark=dark, strong=False, shift=4)
        set_axis(
            fig, panel.x, title_text=f"share of points {done}", tickformat=".0%",
            range=[-0.02, 1.02],
        )  # fmt: skip
    drawn = [(line.y, line.low, line.high) for _, lines in sides for line in lines]
    values = np.concatenate([one for each in drawn for one in each if one is not None])
    low, high = (-0.04, 1.04) if _is_share(values) and "prob" in what else padded_range(values)
    set_axis(fig, left.y, title_text=escape(what, 40), range=[low, high])
    set_axis(fig, right.y, showticklabels=False)
    legend_row(fig, dark=dark, panel=left, yref="paper")
    fig.update_layout(legend={"y": 1 + 40 / HEIGHT})
    return fig, [left, right]


def _is_share(values: Array) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def _trace(
    fig: go.Figure, panel: Panel, along: tuple[str, Array], line: _Line, *, first: bool
) -> None:
    """Draw a line and its band over `along`: the name of the shares in the CSV, and the shares."""
    column, share = along
    if line.low is not None and line.high is not None:
        fill, more = with_alpha(line.colour, 0.16), {"legendgroup": line.name}
        fill_between(fig, share, line.low, line.high, fill, **more, **panel.axes)
    told = "%{y:.5~g}"
    table = {"x": column, "y": "score"}
    custom = None
    if line.low is not None and line.high is not None:
        custom = np.column_stack([line.low, line.high])
        told += " (95 % %{customdata[0]:.5~g} to %{customdata[1]:.5~g})"
        table |= {"customdata": ["low", "high"]}
    fig.add_trace(
        go.Scatter(
            x=share,
            y=line.y,
            customdata=custom,
            mode="lines",
            name=line.name,
            legendgroup=line.name,
            showlegend=first,
            line={"color": line.colour, "dash": line.dash, "width": line.width},
            hovertemplate=f"%{{x:.0%}} of points: {told}<extra>%{{fullData.name}}</extra>",
            meta={"table": table},
            **panel.axes,
        )
    )


def _mark(fig: go.Figure, panel: Panel, share: float, dark: bool) -> None:
    fig.add_shape(
        type="line", xref=panel.x, yref=f"{panel.y} domain", x0=share, x1=share, y0=0, y1=1,
        line={"color": look(dark).muted, "width": 1, "dash": "2px,3px"},
    )  # fmt: skip
