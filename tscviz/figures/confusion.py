"""Which classes are taken for which: the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar
from tscviz.figures.palette import unsigned_scale
from tscviz.figures.text import FULL_NAME, clean, distinct, escape
from tscviz.types import Array, TscvizError

MAX_NUMBERS = 16
#: Pixels that one label takes of its axis.
LABEL = 14
#: Pixels: the tallest matrix, and the width that the page leaves to a matrix at least.
TALLEST, NARROWEST = 900, 370


def plot_confusion(
    y_true: Array, y_pred: Array, class_names: Sequence[str], *, dark: bool = False
) -> go.Figure:
    """Draw the confusion matrix: rows are true classes, columns predictions.

    Colour is the share of the true class; numbers are cases. Empty cells stay empty. Each cell's
    ``customdata`` is its cases, true class index, predicted class index and both names. Where
    the labels of an axis would overlap, every second or third is shown.

    Parameters
    ----------
    y_true, y_pred : int arrays, shape (n_cases,)
    class_names : sequence of str
    dark : bool
        Dark or light look.

    Raises
    ------
    TscvizError
        If the two have different lengths.
    """
    true, pred = np.asarray(y_true), np.asarray(y_pred)
    if true.shape != pred.shape:
        raise TscvizError(
            f"y_true has shape {true.shape} and y_pred {pred.shape}; they must be the same cases."
        )
    n = len(class_names)
    counts = np.bincount(true * n + pred, minlength=n * n).reshape(n, n)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = float(max(np.clip(48 * n, 160, 520), min(LABEL * n, TALLEST)))
    fig, panels = rows([size], margin=Margin(left=80, right=88, top=12, bottom=64))
    fig.add_trace(
        _cells(
            counts,
            share,
            class_names,
            colour_bar(fig, "share of the true class", panels, dark=dark, tickformat=".0%"),
        )
    )
    if n <= MAX_NUMBERS:
        write_cells(fig, size=13)
    names = [escape(name) for name in distinct(class_names, 16)]
    plain = {"ticks": "", "showgrid": False, "showline": False}
    columns, lines = (_labels(names, pixels) for pixels in (NARROWEST, size))
    set_axis(fig, "x", **plain, **columns, title_text="predicted class", range=[-0.5, n - 0.5])
    set_axis(
        fig, "y", **plain, **lines, title_text="true class", range=[n - 0.5, -0.5],
        ticklabelstandoff=6,
    )  # fmt: skip
    return finish(fig, key="confusion", alt=_alt(counts, class_names), dark=dark)


def _labels(names: list[str], pixels: float) -> dict[str, list[int] | list[str]]:
    """Return the ticks of an axis: as many of `names`, evenly, as fit beside one another."""
    step = max(1, int(np.ceil(LABEL * len(names) / pixels)))
    return {"tickvals": list(range(len(names)))[::step], "ticktext": names[::step]}


def _cells(
    counts: Array, share: Array, class_names: Sequence[str], bar: dict[str, object]
) -> go.Heatmap:
    n = len(counts)
    names = np.array(
        [escape(name, FULL_NAME) for name in distinct(class_names, FULL_NAME)], dtype=object
    )
    rows_idx, cols_idx = np.indices((n, n))
    custom = np.stack(
        [
            counts.astype(object),
            rows_idx.astype(object),
            cols_idx.astype(object),
            names[rows_idx],
            names[cols_idx],
        ],
        axis=2,
    )
    return go.Heatmap(
        z=np.where(counts > 0, share, np.nan),
        x=np.arange(n),
        y=np.arange(n),
        customdata=custom,
        **colour_axis(unsigned_scale(), (0.0, 1.0)),
        xgap=2,
        ygap=2,
        colorbar=bar,
        text=np.where(counts > 0, counts.astype(str), ""),
        hovertemplate="true %{customdata[3]}<br>predicted %{customdata[4]}<br>"
        "%{customdata[0]} cases, %{z:.1%} of the true class<extra></extra>",
        hoverongaps=False,
        meta={"table": {"customdata": ["cases", None, None, "true class", "predicted class"]}},
    )


def _alt(counts: Array, class_names: Sequence[str]) -> str:
    total, right = int(counts.sum()), int(np.trace(counts))
    text = f"{right} of {total} cases are classified correctly"
    wrong = counts - np.diag(np.diag(counts))
    if wrong.any():
        i, j = divmod(int(wrong.argmax()), len(wrong))
        text += (
            f"; the most frequent confusion is {clean(class_names[i])} taken for "
            f"{clean(class_names[j])} ({wrong[i, j]} cases)"
        )
    return text + "."
