"""Numbers in the cells of a heat map, in the ink that can be read on each cell's colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.palette import Scale, readable_ink, sample


def write_cells(fig: go.Figure, *, size: int = 12) -> None:
    """Write the texts of the heat map drawn last into its cells, each in black or white.

    plotly's own cell texts are white or a grey, which falls below a contrast of 3.5 on the middle
    of a colour scale.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
        Its last trace is a heat map with colours from `tscviz.figures.furniture.colour_axis` and
        a ``text`` for each cell, already escaped; empty where nothing is written.
    size : int
        Pixels of the letters.
    """
    heat: Any = fig.data[-1]
    z, texts = np.asarray(heat.z, dtype=float), np.asarray(heat.text, dtype=object)
    low, high = float(heat.zmin), float(heat.zmax)
    scale: Scale = [(float(position), str(colour)) for position, colour in heat.colorscale]
    i, j = np.nonzero(np.isfinite(z) & (texts != ""))
    share = np.clip((z[i, j] - low) / ((high - low) or 1.0), 0, 1)
    x = np.arange(z.shape[1]) if heat.x is None else np.asarray(heat.x)
    y = np.arange(z.shape[0]) if heat.y is None else np.asarray(heat.y)
    fig.add_trace(
        go.Scatter(
            x=x[j],
            y=y[i],
            text=texts[i, j],
            mode="text",
            textfont={"size": size, "color": [readable_ink(c) for c in sample(scale, share)]},
            hoverinfo="skip",
            showlegend=False,
            cliponaxis=False,
            xaxis=heat.xaxis,
            yaxis=heat.yaxis,
        )
    )
