"""Maps of several methods under one case whose cue is known, with the cue marked."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.comparison import ComparisonColumn, plot_comparison
from tscviz.figures.comparison_rows import ComparisonOptions
from tscviz.figures.frame import layout_of
from tscviz.figures.palette import look, with_alpha
from tscviz.figures.planted import cue_spans
from tscviz.figures.series import MAX_CHANNELS
from tscviz.figures.text import listing, points
from tscviz.types import Array


def plot_planted_maps(
    column: ComparisonColumn, truth: Array, **options: Unpack[ComparisonOptions]
) -> go.Figure:
    """Draw maps as rows under their series; the planted stretch is marked through all of them.

    Parameters
    ----------
    column : ComparisonColumn
    truth : bool array, shape (n_channels, n_timepoints)
        True on the cue, in the channels that carry it; their panels are shaded there.
    **options
        Of `plot_comparison`; the channels that carry the cue are always drawn.
    """
    dark = options.get("dark", False)
    channels = _channels(truth)
    fig = plot_comparison([column], **(options | {"channels": channels}))
    shapes: list[dict[str, Any]] = []
    for i, c in enumerate(channels):
        y = "y domain" if i == 0 else f"y{i + 1} domain"
        shapes += [_shade(span, y, dark) for span in cue_spans(truth[c])]
    spans = cue_spans(np.logical_or.reduce(truth, axis=0))
    shapes += [
        line
        for first, last in spans
        for at in (first - 0.5, last + 0.5)
        for line in _edge(at, dark)
    ]
    layout = layout_of(fig)
    layout.shapes = [*layout.shapes, *shapes]
    _label(fig, spans, dark)
    where = listing([points(*span) for span in spans]) if spans else "nowhere"
    layout.meta = layout.meta | {"alt": f"{layout.meta['alt']} Planted: {where}."}
    return fig


def _channels(truth: Array) -> list[int]:
    carrying = np.flatnonzero(truth.any(1)).tolist()
    others = [c for c in range(len(truth)) if c not in carrying]
    return sorted([*carrying, *others][:MAX_CHANNELS])


def _shade(span: tuple[int, int], y: str, dark: bool) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "x", "yref": y, "x0": span[0] - 0.5, "x1": span[1] + 0.5,
        "y0": 0, "y1": 1, "line": {"width": 0}, "layer": "below",
        "fillcolor": with_alpha(look(dark).accent, 0.22 if dark else 0.16),
    }  # fmt: skip


def _edge(at: float, dark: bool) -> list[dict[str, Any]]:
    """Return a line through all rows on a wider one, so that it is seen on any colour."""
    tones = look(dark)
    where = {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1}
    return [
        where | {"line": {"color": tones.surface, "width": 4}},
        where | {"line": {"color": tones.accent, "width": 1.6}},
    ]


def _label(fig: go.Figure, spans: list[tuple[int, int]], dark: bool) -> None:
    for first, last in spans[:1]:
        fig.add_annotation(
            text="planted", xref="x", yref="paper", x=(first + last) / 2, y=1, yanchor="bottom",
            showarrow=False, font={"size": 12, "color": look(dark).accent_text},
        )  # fmt: skip
