"""What the LSTM and the FCN branch add to the scores, and the filters' scales (LSTM-FCN)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.boxes import class_boxes
from tscviz.figures.contributions import Contributions, contribution_figure, part_axis
from tscviz.figures.frame import Margin, Panel, finish, grid, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, heading
from tscviz.figures.palette import look, unsigned_scale
from tscviz.figures.text import clean, count, escape, listing, number
from tscviz.types import Array

BRANCHES = ("LSTM branch", "FCN branch")


def plot_branches(
    parts: Array,
    class_names: Sequence[str],
    *,
    rest: str = "bias",
    classes: Sequence[int] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw what each branch adds to the score of each class.

    Parameters
    ----------
    parts : array, shape (3, n_classes)
        LSTM branch, FCN branch, and what is left; they sum to the scores.
    class_names : sequence of str
    rest : str
        What is left.
    classes : sequence of int, optional
        Classes to draw; all if None.
    dark : bool
        Dark or light look.
    """
    chosen = list(range(len(class_names)) if classes is None else classes)
    what = Contributions(
        parts[:, chosen],
        parts[:, chosen].sum(0),
        (*BRANCHES, rest),
        [class_names[k] for k in chosen],
        chosen,
        "branch",
    )
    fig = contribution_figure(what, dark=dark)
    set_axis(fig, "x", title_text="part of the network")
    told = [
        f"{clean(class_names[k])}: LSTM {number(float(parts[0, k]))}, FCN "
        f"{number(float(parts[1, k]))}, {rest} {number(float(parts[2, k]))}"
        for k in chosen[:8]
    ]
    alt = f"What each branch adds to the score. {'; '.join(told)}."
    return finish(fig, key="branches", alt=alt, dark=dark)


def plot_branch_spread(
    shares: Array,
    y: Array,
    class_names: Sequence[str],
    *,
    quantity: str,
    dark: bool = False,
) -> go.Figure:
    """Draw how the contributions of the two branches are spread over cases, by class.

    Parameters
    ----------
    shares : array, shape (n_cases, 2)
        Of the LSTM and of the FCN branch.
    y : int array, shape (n_cases,)
    class_names : sequence of str
    quantity : str
        What they contribute to, such as "score of the own class".
    dark : bool
        Dark or light look.
    """
    fig, (panel,) = rows([280.0], margin=Margin(top=34))
    class_boxes(
        fig,
        shares,
        y,
        class_names,
        quantity="adds",
        table=("branch (0 LSTM, 1 FCN)", f"contribution to the {quantity}"),
        dark=dark,
    )
    part_axis(fig, BRANCHES, "part of the network")
    set_axis(fig, panel.y, title_text=f"adds to the {escape(quantity, 40)}")
    fig.add_hline(y=0, line={"color": look(dark).muted, "width": 1})
    parts = []
    for k in np.unique(y):
        lstm, fcn = np.median(shares[np.asarray(y) == k], axis=0)
        parts.append(f"{clean(class_names[k])} LSTM {number(lstm)}, FCN {number(fcn)}")
    alt = (
        f"Contributions to the {clean(quantity)} in {count(len(y), 'case')}; medians: "
        f"{listing(parts)}."
    )
    return finish(fig, key="branch-spread", alt=alt, dark=dark)


def plot_filter_scales(
    blocks: Sequence[Array], row_names: Sequence[str], *, by_size: bool = False, dark: bool = False
) -> go.Figure:
    """Draw the squeeze-and-excitation scale of every filter, a panel a block.

    Parameters
    ----------
    blocks : sequence of arrays, shape (n_rows, K)
        Values in (0, 1); first row: the case, the others: means of classes.
    row_names : sequence of str
    by_size : bool
        Sort the filters of each block by the first row, the largest first.
    dark : bool
        Dark or light look.
    """
    n = len(row_names)
    fig, places = grid(
        len(blocks),
        1,
        height=float(max(56, 22 * n)),
        gap=(0.0, 56),
        margin=Margin(left=110, top=30, right=96),
        match_x=False,
    )
    flat = [line[0] for line in places]
    for i, (block, place) in enumerate(zip(blocks, flat, strict=True)):
        order = np.argsort(-block[0], kind="stable") if by_size else np.arange(block.shape[1])
        bar = colour_bar(fig, "scale", flat, dark=dark) if i == 0 else None
        _scales(fig, place, (f"block {i + 1}", block[:, order]), order, row_names, bar)
        heading(fig, place, f"block {i + 1}: {block.shape[1]} filters", dark=dark)
    set_axis(
        fig,
        flat[-1].x,
        title_text="filter, largest scale of the case first" if by_size else "filter",
    )
    told = [
        f"block {i + 1} from {number(float(b[0].min()))} to {number(float(b[0].max()))}"
        for i, b in enumerate(blocks)
    ]
    alt = f"Squeeze-and-excitation scales of the case's filters: {listing(told)}."
    return finish(fig, key="filter-scales", alt=alt, dark=dark)


def _scales(
    fig: go.Figure,
    place: Panel,
    named: tuple[str, Array],
    order: Array,
    row_names: Sequence[str],
    bar: dict[str, object] | None,
) -> None:
    """Draw a block, `named` so in the CSV."""
    name, block = named
    labels = [escape(row, 16) for row in row_names]
    told = np.empty((*block.shape, 2), dtype=object)
    told[..., 0] = np.array(labels)[:, None]
    told[..., 1] = order[None]
    fig.add_trace(
        go.Heatmap(
            z=block.astype(np.float32),
            x=np.arange(block.shape[1]),
            y=np.arange(len(block)),
            customdata=told,
            name=name,
            ygap=1,
            **colour_axis(unsigned_scale(), (0.0, 1.0)),
            showscale=bar is not None,
            colorbar=bar,
            hovertemplate="%{customdata[0]}<br>filter %{customdata[1]}: %{z:.3f}<extra></extra>",
            meta={"table": {"customdata": ["row", "filter"], "z": "scale"}},
            **place.axes,
        )
    )
    set_axis(fig, place.x, range=[-0.5, block.shape[1] - 0.5], showline=False)
    set_axis(
        fig, place.y, tickvals=list(range(len(block))), ticktext=labels, ticklabelstandoff=6,
        range=[len(block) - 0.5, -0.5], showgrid=False, ticks="", fixedrange=True,
    )  # fmt: skip
