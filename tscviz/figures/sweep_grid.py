"""A sweep at a glance: a square a cell, which fills while it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar
from tscviz.figures.palette import look, unsigned_scale, with_alpha
from tscviz.figures.text import clean, escape
from tscviz.types import Array

#: Squares that are drawn at once; more are shown part by part.
MOST_SQUARES = 2500
#: Squares, and columns, up to which each square bears its number.
MAX_NUMBERS, _MAX_NUMBERED_COLUMNS = 1200, 30
#: Pixels of a row: that of a small sweep, and the least.
_SQUARE, _LOW_SQUARE = 26, 17
_TALL = 1400
_NAME = 26  # letters of a row's name
_SYMBOLS = {"waiting": "circle-open", "running": "circle", "failed": "x", "cancelled": "line-ew"}
_WORDS = ("done", "running", "waiting", "failed", "cancelled")


@dataclass(frozen=True)
class Square:
    """One square of the grid: a cell, or the cells of several seeds.

    Parameters
    ----------
    row, column : str
        Where it stands.
    counts : tuple of int
        Cells that are done, running, waiting, failed, cancelled.
    accuracy : float or None
        Mean over the done cells, 0 to 1.
    share : float
        Of the epochs, done cells included; 0 to 1.
    """

    row: str
    column: str
    counts: tuple[int, int, int, int, int]
    accuracy: float | None
    share: float

    @property
    def total(self) -> int:
        """Number of cells."""
        return sum(self.counts)

    @property
    def state(self) -> str:
        """The state that matters most: failed, running, waiting, cancelled, done."""
        done, running, waiting, failed, cancelled = self.counts
        order = {"failed": failed, "running": running, "waiting": waiting, "cancelled": cancelled}
        return next((name for name, n in order.items() if n), "done" if done else "waiting")


def plot_sweep_grid(
    squares: Sequence[Square], *, across: str = "dataset", down: str = "model", dark: bool = False
) -> go.Figure:
    """Draw a grid of squares: colour is accuracy, marks are what is not done.

    A ring waits, a disc runs (the fuller the square's tint, the more epochs), a cross has failed, a
    dash was cancelled. The last trace has one point a square, in the order given.

    Parameters
    ----------
    squares : sequence of Square
    across, down : str
        What columns and rows are.
    dark : bool
        Dark or light look.
    """
    names_y = list(dict.fromkeys(square.row for square in squares))
    names_x = list(dict.fromkeys(square.column for square in squares))
    ys = np.array([names_y.index(square.row) for square in squares])
    xs = np.array([names_x.index(square.column) for square in squares])
    shape = (len(names_y), len(names_x))
    longest = max((len(clean(name)) for name in names_y), default=0)
    most = max(_TALL, min(_LOW_SQUARE * shape[0], 1.5 * _TALL))
    tall = float(np.clip(_SQUARE * shape[0], 90, most))
    bottom = 56 if len(names_x) <= 4 else 110  # names stand aslant where there are many
    margin = Margin(left=48 + 6 * min(longest, _NAME), right=76, top=10, bottom=bottom)
    fig, panels = rows([tall], margin=margin)
    bar = colour_bar(fig, "accuracy", panels, dark=dark, tickformat=".0%")
    fig.add_trace(_accuracy(squares, xs, ys, shape, bar))
    if bears_numbers(squares):
        write_cells(fig, size=11 if shape[0] <= _TALL // _SQUARE else 10)
    fig.add_trace(_progress(squares, xs, ys, shape, dark=dark))
    fig.add_trace(_points(squares, xs, ys, dark=dark))
    _axes(fig, names_x, names_y, across, down)
    return finish(fig, key="sweep_grid", alt=_alt(squares, shape), dark=dark)


def bears_numbers(squares: Sequence[Square]) -> bool:
    """Tell whether each square of a grid has room for its number."""
    columns = len({square.column for square in squares})
    return len(squares) <= MAX_NUMBERS and columns <= _MAX_NUMBERED_COLUMNS


def _spread(values: Sequence[float], xs: Array, ys: Array, shape: tuple[int, int]) -> Array:
    z = np.full(shape, np.nan)
    z[ys, xs] = values
    return z


def _accuracy(
    squares: Sequence[Square], xs: Array, ys: Array, shape: tuple[int, int], bar: dict[str, object]
) -> go.Heatmap:
    known = [np.nan if square.accuracy is None else square.accuracy for square in squares]
    z = _spread(known, xs, ys, shape)
    numbers = np.where(np.isnan(z), "", np.char.mod("%.0f", 100 * np.nan_to_num(z)))
    return go.Heatmap(
        z=z,
        **colour_axis(unsigned_scale(), _range(known)),
        colorbar=bar,
        xgap=2,
        ygap=2,
        text=numbers,
        hoverinfo="skip",
        hoverongaps=False,
    )


def _range(known: Sequence[float]) -> tuple[float, float]:
    """Return the range of the colours: whole tenths around what there is."""
    values = [value for value in known if not np.isnan(value)]
    low = min(np.floor(10 * min(values)) / 10, 0.9) if values else 0.0
    return float(low), 1.0


def _progress(
    squares: Sequence[Square], xs: Array, ys: Array, shape: tuple[int, int], *, dark: bool
) -> go.Heatmap:
    """Tint what has no accuracy yet, by the share of its epochs."""
    tone = look(dark).muted
    z = _spread(
        [0.08 + 0.92 * s.share if s.accuracy is None else np.nan for s in squares], xs, ys, shape
    )
    scale = [[0.0, with_alpha(tone, 0.06)], [1.0, with_alpha(tone, 0.75)]]
    return go.Heatmap(
        z=z, zmin=0.0, zmax=1.0, colorscale=scale, showscale=False, xgap=2, ygap=2,
        hoverinfo="skip", hoverongaps=False,
    )  # fmt: skip


def _points(squares: Sequence[Square], xs: Array, ys: Array, *, dark: bool) -> go.Scatter:
    tones = look(dark)
    colours = {"failed": "#D55E00", "running": "#56B4E9" if dark else "#0072B2"}
    states = [square.state for square in squares]
    # Beside the number, where there is one.
    both = [s.accuracy is not None and s.state != "done" for s in squares]
    sizes = [18 if s == "done" else 6 if b else 9 for s, b in zip(states, both, strict=True)]
    hidden = ["rgba(0,0,0,0)" if s == "done" else colours.get(s, tones.muted) for s in states]
    return go.Scatter(
        x=xs + 0.3 * np.array(both),
        y=ys,
        mode="markers",
        marker={
            "symbol": [_SYMBOLS.get(state, "square") for state in states],
            "size": sizes,
            "color": hidden,
            "line": {"width": [2 if s == "cancelled" else 1.5 * (s != "done") for s in states],
                     "color": hidden},
        },
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 1.0}},
        customdata=[
            [escape(s.row, 60), escape(s.column, 40), _says(s), *s.counts, s.accuracy]
            for s in squares
        ],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        showlegend=False,
        meta={"table": {"customdata": ["row", "column", "state", *_WORDS, "accuracy"]}},
    )  # fmt: skip


def _says(square: Square) -> str:
    if square.total == 1:
        parts = [square.state]
    else:
        parts = [f"{n} {word}" for n, word in zip(square.counts, _WORDS, strict=True) if n]
    if square.accuracy is not None:
        parts.append(f"accuracy {square.accuracy:.1%}")
    if square.state == "running" and square.total == 1:
        parts.append(f"{square.share:.0%} of the epochs")
    return ", ".join(parts)


def _axes(
    fig: go.Figure, names_x: Sequence[str], names_y: Sequence[str], across: str, down: str
) -> None:
    common = {"ticks": "", "showgrid": False, "showline": False, "zeroline": False}
    # A square is wider than the point in its middle: the nearest point is the one that is meant.
    fig.update_layout(clickmode="event+select", hovermode="closest", hoverdistance=-1)
    set_axis(
        fig, "x", **common, **_ticks(names_x, 60, 18), title_text=across,
        range=[-0.5, len(names_x) - 0.5],
    )  # fmt: skip
    set_axis(
        fig, "y", **common, **_ticks(names_y, 100, _NAME), title_text=down,
        range=[len(names_y) - 0.5, -0.5], ticklabelstandoff=6,
    )  # fmt: skip


def _ticks(names: Sequence[str], most: int, width: int) -> dict[str, list[object]]:
    """Name every square, or every so many where there are more than fit."""
    step = -(-len(names) // most) if names else 1
    at: list[object] = [*range(0, len(names), step)]
    return {"tickvals": at, "ticktext": [escape(name, width) for name in names[::step]]}


def _alt(squares: Sequence[Square], shape: tuple[int, int]) -> str:
    sums = [sum(square.counts[i] for square in squares) for i in range(len(_WORDS))]
    said = ", ".join(f"{n} {word}" for n, word in zip(sums, _WORDS, strict=True) if n)
    known = [square.accuracy for square in squares if square.accuracy is not None]
    text = f"Sweep of {sum(sums)} cells in {shape[0]} rows and {shape[1]} columns: {said}"
    if known:
        text += f"; accuracy from {min(known):.0%} to {max(known):.0%}"
    return text + "."
