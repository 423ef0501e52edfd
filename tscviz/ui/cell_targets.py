"""Marks that take the pointer in a confusion matrix: a heat map alone reports no click."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import inner_height

#: Pixels. Plotly gives the pointer to the last of the marks that it lies on, and to the nearest
#: one where it lies on none: marks no larger than a dot leave every cell to its own.
SIZE = 2


def add_targets(fig: go.Figure, *, selected: float = 0.0) -> go.Figure:
    """Put an unseen mark into the middle of every cell of a confusion matrix, in place.

    The cell under the pointer speaks and takes the click, whatever the number of classes.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
        From `tscviz.figures.plot_confusion`.
    selected : float
        Opacity of the square that marks a selected cell.
    """
    cells: Any = fig.data[0]
    about = np.asarray(cells.customdata, dtype=object)
    n = len(about)
    true, predicted = np.indices((n, n)).reshape(2, -1)
    shown = {"opacity": selected, "size": min(30, 0.6 * inner_height(fig) / n)}
    fig.update_traces(hoverinfo="skip", hovertemplate=None, selector={"type": "heatmap"})
    fig.add_trace(
        go.Scatter(
            x=predicted,
            y=true,
            customdata=about.reshape(n * n, -1),
            mode="markers",
            marker={"size": SIZE, "symbol": "square", "opacity": 0, "color": "#ffffff"},
            selected={"marker": shown},
            unselected={"marker": {"opacity": 0}},
            hovertemplate="true %{customdata[3]}<br>predicted %{customdata[4]}<br>"
            "%{customdata[0]} cases<extra></extra>",
            showlegend=False,
        )
    )
    # Streamlit takes clicks only where dragging does not select; -1: however far the mark is
    fig.update_layout(
        dragmode="pan", clickmode="event+select", hovermode="closest", hoverdistance=-1
    )
    return fig
