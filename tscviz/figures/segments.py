"""What the segments of a temporal pooling do: their share of the scores and their lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.boxes import class_boxes
from tscviz.figures.contributions import (
    MAX_GROUPED,
    Contributions,
    contribution_figure,
    part_axis,
)
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.text import clean, listing, number
from tscviz.types import Array, Segmentation


def plot_contributions(
    segmentation: Segmentation,
    class_names: Sequence[str],
    *,
    classes: Sequence[int] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw what each segment adds to the score of each class (paper, equation 7).

    Up to five classes are bars side by side; more are a signed heat map.

    Parameters
    ----------
    segmentation : Segmentation
    class_names : sequence of str
    classes : sequence of int, optional
        Classes to draw; all if None.
    dark : bool
        Dark or light look.
    """
    chosen = list(range(len(class_names)) if classes is None else classes)
    parts = np.vstack([segmentation.contributions, segmentation.bias[None]])[:, chosen]
    ticks = [str(i + 1) for i in range(segmentation.n_segments)] + ["bias"]
    names = [class_names[k] for k in chosen]
    what = Contributions(parts, segmentation.logits[chosen], ticks, names, chosen, "segment")
    fig = contribution_figure(what, dark=dark)
    alt = _contribution_alt(segmentation, class_names, chosen)
    return finish(fig, key="contributions", alt=alt, dark=dark)


def _contribution_alt(
    segmentation: Segmentation, class_names: Sequence[str], chosen: list[int]
) -> str:
    parts = []
    for k in chosen[:MAX_GROUPED]:
        column = segmentation.contributions[:, k]
        best = int(np.abs(column).argmax())
        parts.append(
            f"segment {best + 1} weighs most for {clean(class_names[k])} "
            f"({number(float(column[best]))} of a score of {number(float(segmentation.logits[k]))})"
        )
    return f"Of {segmentation.n_segments} segments, {listing(parts)}."


def plot_segment_lengths(
    boundaries: Array, y: Array, class_names: Sequence[str], *, dark: bool = False
) -> go.Figure:
    """Draw how long each segment is, as a box per segment and class.

    Parameters
    ----------
    boundaries : int array, shape (n_cases, L + 1)
        See `Segmentation.boundaries`.
    y : int array, shape (n_cases,)
    class_names : sequence of str
    dark : bool
        Dark or light look.
    """
    lengths = np.diff(np.asarray(boundaries), axis=1)  # (N, L)
    n_segments = lengths.shape[1]
    fig, _ = rows([280.0], margin=Margin(top=34))
    class_boxes(
        fig,
        lengths,
        y,
        class_names,
        quantity="length",
        table=("segment (from 0)", "length (time points)"),
        dark=dark,
    )
    part_axis(fig, [str(i + 1) for i in range(n_segments)], "segment")
    set_axis(fig, "y", title_text="length (time points)", rangemode="tozero")
    medians = ", ".join(f"{m:.0f}" for m in np.median(lengths, axis=0))
    alt = f"Lengths of {n_segments} segments in {len(lengths)} cases; medians {medians} points."
    return finish(fig, key="segment-lengths", alt=alt, dark=dark)
