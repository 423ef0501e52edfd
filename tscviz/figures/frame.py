"""The skeleton every figure stands on: panels of a fixed height, headings, colour bars, alt text.

Heights are in pixels; widths are the page's. Panels that share a time axis share one plotly
x axis, so zooming and hovering speak for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from tscviz.figures.palette import Scale, look, theme


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
    margin = margin or Margin()
    between = [float(gaps)] * (len(heights) - 1) if isinstance(gaps, int | float) else list(gaps)
    inner = sum(heights) + sum(between)
    fig, panels, at = go.Figure(), [], inner
    for i, height in enumerate(heights):
        panel = Panel("x", _id("y", i), 0.0, 1.0, max(0.0, (at - height) / inner), at / inner)
        fig.update_layout({_axis_key(panel.y): _y_axis("x", (panel.bottom, panel.top))})
        panels.append(panel)
        at -= height + (between[i] if i < len(between) else 0)
    # "free" at the foot: anchored to a panel, the axis would move when that panel is hidden
    fig.update_layout(xaxis={**_x_axis("free", (0.0, 1.0)), "position": 0})
    _outer(fig, inner, margin)
    return fig, panels


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
    fig, panels = go.Figure(), []
    for r in range(n_rows):
        top = 1 - r * (height + gap[1]) / inner
        line, left = [], 0.0
        for c in range(n_cols):
            right = left + usable * shares[c] / sum(shares)
            line.append(_cell(fig, r * n_cols + c, (left, right), (top - height / inner, top)))
            left = right + gap[0]
        panels.append(line)
    if match_x:
        fig.update_xaxes(matches="x")
    if match_y:
        fig.update_yaxes(matches="y")
    _outer(fig, inner, margin or Margin())
    return fig, panels


def _cell(fig: go.Figure, i: int, x: tuple[float, float], y: tuple[float, float]) -> Panel:
    low = max(0.0, y[0])
    panel = Panel(_id("x", i), _id("y", i), x[0], min(1.0, x[1]), low, min(1.0, y[1]))
    fig.update_layout(
        {
            _axis_key(panel.x): _x_axis(panel.y, (panel.left, panel.right)),
            _axis_key(panel.y): _y_axis(panel.x, (panel.bottom, panel.top)),
        }
    )
    return panel


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


def _outer(fig: go.Figure, inner: float, margin: Margin) -> None:
    fig.update_layout(
        height=round(inner + margin.top + margin.bottom),
        margin={"l": margin.left, "r": margin.right, "t": margin.top, "b": margin.bottom},
        showlegend=False,
    )


def set_axis(fig: go.Figure, axis: str, **settings: Any) -> None:
    """Update the axis with the id `axis`, such as "x" or "y3"."""
    fig.update_layout({_axis_key(axis): settings})


def follow_pointer(fig: go.Figure, name: str, *, dark: bool, unified: bool = False) -> None:
    """Let a thin line follow the pointer over all panels, and title the x axis `name`.

    Parameters
    ----------
    name : str
        What x counts, such as "time point".
    unified : bool
        One box for all lines at an x instead of a label on each.
    """
    fig.update_layout(hovermode="x unified" if unified else "x", hoversubplots="axis")
    set_axis(
        fig,
        "x",
        title_text=name,
        unifiedhovertitle={"text": f"{name} %{{x}}"},
        showspikes=True,
        spikemode="across",
        spikesnap="data",
        spikethickness=1,
        spikedash="solid",
        spikecolor=look(dark).muted,
    )


def heading(
    fig: go.Figure, panel: Panel, text: str, *, dark: bool, strong: bool = True, shift: float = 3
) -> None:
    """Write `text` (already escaped) above the top left corner of a panel."""
    tones = look(dark)
    fig.add_annotation(
        text=f"<b>{text}</b>" if strong else text,
        xref="paper",
        yref="paper",
        x=panel.left,
        y=panel.top,
        yshift=shift,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        align="left",
        font={"size": 13 if strong else 12, "color": tones.text if strong else tones.muted},
    )


def corner_note(fig: go.Figure, text: str, *, dark: bool, shift: float) -> None:
    """Write a quiet line at the top right, `shift` pixels above the panels."""
    fig.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=1,
        y=1,
        yshift=shift,
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": look(dark).muted},
    )


def message(fig: go.Figure, text: str, *, dark: bool) -> None:
    """Write `text` in the middle of an otherwise empty figure."""
    fig.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        showarrow=False,
        font={"size": 14, "color": look(dark).muted},
    )
    fig.update_xaxes(visible=False)
    fig.update_yaxes(visible=False)


def colour_bar(
    fig: go.Figure, title: str, panels: Sequence[Panel], *, dark: bool, **more: Any
) -> dict[str, Any]:
    """Return a slim colour bar as tall as `panels`, at the right edge, and write its title.

    Parameters
    ----------
    title : str
        Quantity and unit, already escaped.
    panels : sequence of Panel
        From the top one to the bottom one.
    """
    tones = look(dark)
    top, bottom = panels[0].top, panels[-1].bottom
    # plotly's own bar title stands too near its tick labels
    fig.add_annotation(
        text=title,
        textangle=-90,
        xref="paper",
        yref="paper",
        x=1,
        xshift=66,
        y=(top + bottom) / 2,
        xanchor="center",
        yanchor="middle",
        showarrow=False,
        font={"size": 12, "color": tones.muted},
    )
    return {
        "thickness": 10,
        "outlinewidth": 0,
        "tickfont": {"size": 11, "color": tones.muted},
        "tickcolor": tones.axis,
        "nticks": 5,
        "x": 1.0,
        "xpad": 12,
        "ypad": 0,
        "y": (top + bottom) / 2,
        "len": max(top - bottom, 60 / inner_height(fig)),
        **more,
    }


def inner_height(fig: go.Figure) -> float:
    """Return the height of the drawing area in pixels."""
    layout = layout_of(fig)
    return float(layout.height - layout.margin.t - layout.margin.b)


def layout_of(fig: go.Figure) -> Any:
    """Return ``fig.layout``, whose attributes plotly makes while running."""
    return fig.layout


def colour_axis(scale: Scale, limits: tuple[float, float]) -> dict[str, Any]:
    """Return the colour settings of a heat map."""
    return {"colorscale": scale, "zmin": limits[0], "zmax": limits[1]}


def legend_row(fig: go.Figure, *, dark: bool, panel: Panel | None = None, **more: Any) -> None:
    """Show the legend as one line above the panels."""
    fig.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": panel.left if panel else 0.0,
            "y": panel.top if panel else 1.0,
            "xanchor": "left",
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 12, "color": look(dark).text},
            **more,
        },
    )


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
