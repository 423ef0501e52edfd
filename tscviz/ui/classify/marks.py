"""Mark in a figure of one case the points that were filled in."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.palette import look
from tscviz.types import Array

_SERIES = "value"


def mark_filled(fig: go.Figure, x: Array, filled: Array, *, dark: bool) -> int:
    """Put an open mark on every point that was filled in, on the channels that `fig` draws.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
        From `tscviz.figures.plot_cam`; changed in place.
    x : array, shape (n_channels, n_timepoints)
    filled : bool array, shape (n_channels, n_timepoints)
    dark : bool

    Returns
    -------
    int
        Points marked.
    """
    tones = look(dark)
    drawn: list[Any] = list(fig.select_traces({"type": "scatter"}))
    lines = [t for t in drawn if isinstance(t.meta, dict) and t.meta["table"].get("y") == _SERIES]
    for c, line in enumerate(lines):
        at = np.flatnonzero(filled[c])
        if at.size:
            fig.add_trace(
                go.Scatter(
                    x=at,
                    y=x[c, at].astype(np.float32),
                    mode="markers",
                    name="filled in",
                    marker={
                        "size": 7,
                        "color": tones.surface,
                        "line": {"width": 1.8, "color": tones.accent},
                    },
                    hovertemplate="missing in the file, filled in<extra></extra>",
                    showlegend=False,
                    xaxis=line.xaxis,
                    yaxis=line.yaxis,
                )
            )
    return int(filled[: len(lines)].sum())
