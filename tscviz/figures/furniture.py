"""What stands around the panels: headings, notes, legends, colour bars, the pointer's line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from tscviz.figures.frame import Panel, inner_height, set_axis
from tscviz.figures.palette import Scale, look


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


def mark_x(
    fig: go.Figure, panels: Sequence[Panel], at: float, text: str, *, right: bool, dark: bool
) -> None:
    """Draw a dashed line at one x through all panels, with its name at the top.

    Parameters
    ----------
    at : float
    text : str
        Already escaped.
    right : bool
        Whether the name stands to the left of the line, for one near the right end.
    """
    fig.add_shape(
        type="line",
        xref="x",
        yref="paper",
        x0=at,
        x1=at,
        y0=panels[-1].bottom,
        y1=panels[0].top,
        line={"color": look(dark).accent, "width": 1.4, "dash": "4px,3px"},
    )
    fig.add_annotation(
        text=text,
        xref="x",
        yref="paper",
        x=at,
        y=1,
        xanchor="right" if right else "left",
        xshift=-4 if right else 4,
        yanchor="top",
        showarrow=False,
        font={"size": 12, "color": look(dark).accent_text},
    )
