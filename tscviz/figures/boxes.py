"""How a number is spread over the cases of each class: boxes side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.furniture import legend_row
from tscviz.figures.palette import class_style, with_alpha
from tscviz.figures.text import escape
from tscviz.types import Array


def class_boxes(
    fig: go.Figure,
    values: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    quantity: str,
    table: tuple[str, str],
    dark: bool,
) -> None:
    """Draw a box for every column and class, with the legend where there are several classes.

    Parameters
    ----------
    values : array, shape (n_cases, n_columns)
        Columns stand at x = 0, 1, ...
    y : int array, shape (n_cases,)
    class_names : sequence of str
    quantity : str
        What a value is, under the pointer; our own words.
    table : (str, str)
        Names of column number and value in the CSV.
    """
    n_columns = values.shape[1]
    for k in np.unique(y):
        mine = values[np.asarray(y) == k]
        style = class_style(int(k), dark)
        fig.add_trace(
            go.Box(
                x=np.tile(np.arange(n_columns), len(mine)),
                y=mine.ravel(),
                name=escape(class_names[k], 24),
                boxpoints="outliers",
                fillcolor=with_alpha(style.colour, 0.25),
                line={"color": style.colour, "width": 1.6},
                marker={"size": 4, "symbol": style.symbol, "color": style.colour, "opacity": 0.7},
                hovertemplate=f"{quantity} %{{y}}<extra>%{{fullData.name}}</extra>",
                meta={"table": {"x": table[0], "y": table[1]}},
            )
        )
    fig.update_layout(boxmode="group", boxgap=0.3, boxgroupgap=0.15)
    if len(np.unique(y)) > 1:
        legend_row(fig, dark=dark)
