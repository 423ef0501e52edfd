"""The skeleton every figure stands on: panels of a fixed height, headings, colour bars, alt text.

Heights are in pixels; widths are the page's. Panels that share a time axis share one plotly
x axis, so zooming and hovering speak for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from tscviz.figures.palette import theme


@dataclass(frozen=True)
class Margin:
    """Space around the panels, in pixels: left, right, top, bottom."""

    left: int = 64
    right: int = 16
    top: int = 28
    bottom: int = 48


@dataclass(frozen=True)
class Panel:
    """One drawing area.

    Parameters
    ----------
    x, y : str
        Axis ids for traces, such as "x" and "y2".
    left, right, bottom, top : float
        Position in paper coordinates, 0 to 1.
    """

    x: str
    y: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def axes(self) -> dict[str, str]:
        """Keyword arguments that put a trace into the panel."""
        return {"xaxis": self.x, "yaxis": self.y}

    @property
    def refs(self) -> dict[str, str]:
        """Keyword arguments that put a shape or an annotation into the panel."""
        return {"xref": self.x, "yref": self.y}


def _axis_key(axis: str) -> str:
    return f"{axis[0]}axis{axis[1:]}"


def _id(letter: str, i: int) -> str:
    return letter if i == 0 else f"{letter}{i + 1}"


def rows(
    heights: Sequence[float], *, gaps: Sequence[float] | float = 14, margin: Margin | None = None
) -> tuple[go.Figure, list[Panel]]:
    """Return a figure of panels one above the other over one x axis.

    Parameters
    ----------
    heights : sequence of float
        Pixels, from the top panel down.
    gaps : float or sequence of float
        Pixels between neighbours.
    margin : Margin, optional
    """
    fig, stacks = columns(1, heights, gaps=gaps, margin=margin)
    return fig, stacks[0]


def columns(
    n: int,
    heights: Sequence[float],
    *,
    gaps: Sequence[float] | float = 14,
    between: float = 0.05,
    margin: Margin | None = None,
) -> tuple[go.Figure, list[list[Panel]]]:
    """Return a figure of `n` columns side by side, each as from `rows`, with an x axis of its own.

    Parameters
    ----------
    n : int
    heights, gaps, margin
        As in `rows`; the same in every column.
    between : float
        Share of the width between two columns.
    """
    margin = margin or Margin()
    apart = [float(gaps)] * (len(heights) - 1) if isinstance(gaps, int | float) else list(gaps)
    inner, width = sum(heights) + sum(apart), (1 - between * (n - 1)) / n
    stacks: list[list[Panel]] = []
    axes: dict[str, Any] = {}
    for k in range(n):
        x, left = _id("x", k), k * (width + between)
        right = min(1.0, left + width)
        # "free" at the foot: anchored to a panel, the axis would move when that panel is hidden
        axes[_axis_key(x)] = {**_x_axis("free", (left, right)), "position": 0}
        stack, at = [], inner
        for i, height in enumerate(heights):
            y = _id("y", k * len(heights) + i)
            panel = Panel(x, y, left, right, max(0.0, (at - height) / inner), at / inner)
            axes[_axis_key(y)] = _y_axis(x, (panel.bottom, panel.top))
            stack.append(panel)
            at -= height + (apart[i] if i < len(apart) else 0)
        stacks.append(stack)
    return go.Figure(layout={**axes, **_outer(inner, margin)}), stacks


def grid(
    n_rows: int,
    n_cols: int,
    *,
    height: float,
    widths: Sequence[float] | None = None,
    gap: tuple[float, float] = (0.03, 34),
    margin: Margin | None = None,
    match_x: bool = True,
    match_y: bool = True,
) -> tuple[go.Figure, list[list[Panel]]]:
    """Return a figure of ``n_rows * n_cols`` panels, each with its own axes.

    Parameters
    ----------
    height : float
        Pixels of one panel.
    widths : sequence of float, optional
        Relative widths of the columns.
    gap : (float, float)
        Share of the width between columns, pixels between rows.
    match_x, match_y : bool
        Let all panels zoom together.
    """
    inner = n_rows * height + (n_rows - 1) * gap[1]
    shares = list(widths or [1.0] * n_cols)
    usable = 1 - gap[0] * (n_cols - 1)
    panels, axes = [], {}
    for r in range(n_rows):
        top = 1 - r * (height + gap[1]) / inner
        line, left = [], 0.0
        for c in range(n_cols):
            right = left + usable * shares[c] / sum(shares)
            i = r * n_cols + c
            panel = Panel(
                _id("x", i), _id("y", i), left, min(1.0, right), max(0.0, top - height / inner), top
            )
            axes[_axis_key(panel.x)] = _x_axis(panel.y, (panel.left, panel.right))
            axes[_axis_key(panel.y)] = _y_axis(panel.x, (panel.bottom, panel.top))
            line.append(panel)
            left = right + gap[0]
        panels.append(line)
    for key, axis in axes.items():
        if match_x if key.startswith("x") else match_y:
            axis["matches"] = key[0]
    return go.Figure(layout={**axes, **_outer(inner, margin or Margin())}), panels


def _x_axis(anchor: str, domain: tuple[float, float]) -> dict[str, Any]:
    return {
        "anchor": anchor,
        "domain": list(domain),
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "ticklen": 4,
        "title": {"standoff": 8},
    }


def _y_axis(anchor: str, domain: tuple[float, float]) -> dict[str, Any]:
    return {
        "anchor": anchor,
        "domain": list(domain),
        "showgrid": True,
        "zeroline": False,
        "nticks": 5,
        "automargin": True,
        "title": {"standoff": 10},
    }


def _outer(inner: float, margin: Margin) -> dict[str, Any]:
    return {
        "height": round(inner + margin.top + margin.bottom),
        "margin": {"l": margin.left, "r": margin.right, "t": margin.top, "b": margin.bottom},
        "showlegend": False,
    }


def set_axis(fig: go.Figure, axis: str, **settings: Any) -> None:
    """Update the axis with the id `axis`, such as "x" or "y3"."""
    fig.update_layout({_axis_key(axis): settings})


def inner_height(fig: go.Figure) -> float:
    """Return the height of the drawing area in pixels."""
    layout = layout_of(fig)
    return float(layout.height - layout.margin.t - layout.margin.b)


def layout_of(fig: go.Figure) -> Any:
    """Return ``fig.layout``, whose attributes plotly makes while running."""
    return fig.layout


def finish(
    fig: go.Figure, *, key: str, alt: str, dark: bool, notes: Sequence[str] = ()
) -> go.Figure:
    """Apply the look, and write the alternative text and notes into ``fig.layout.meta``.

    Parameters
    ----------
    key : str
        Name of the figure; also its ``uirevision``, so a zoom survives an update.
    alt : str
        A sentence made from the data, as plain text.
    notes : sequence of str
        What was left out or thinned for display.
    """
    theme(fig, dark)
    fig.update_layout(
        uirevision=key,
        meta={"alt": alt, "notes": list(notes), "figure": key, "dark": dark},
    )
    return fig
