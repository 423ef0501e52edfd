"""Planted problems: cases of every class with the cue marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.data.planted import Planted
from tscviz.figures.frame import Margin, Panel, finish, grid, set_axis
from tscviz.figures.furniture import heading
from tscviz.figures.lines import padded_range
from tscviz.figures.palette import class_style, look, with_alpha
from tscviz.figures.series import TIME, time_range
from tscviz.figures.stats import MAX_POINTS, thin
from tscviz.figures.text import clean, count, escape, points
from tscviz.types import Array

#: Classes side by side, cases of one channel below each other, channels of one case.
MAX_CLASSES, N_CASES, MAX_CHANNELS = 4, 3, 6
ONE, SEVERAL = 84.0, 60.0


def cue_spans(truth: Array) -> list[tuple[int, int]]:
    """Return the stretches of a truth as (first, last), both inside.

    Parameters
    ----------
    truth : bool array, shape (n_timepoints,)
    """
    edges = np.flatnonzero(np.diff(np.r_[False, np.asarray(truth, bool), False].astype(int)))
    return [(int(start), int(stop) - 1) for start, stop in edges.reshape(-1, 2)]


def plot_planted(made: Planted, *, dark: bool = False) -> go.Figure:
    """Draw training cases of every class, a column a class, with the cue marked.

    Of one channel three cases stand below each other, which shows whether the cue moves; of
    several channels those of one case.

    Parameters
    ----------
    made : Planted
    dark : bool
        Dark or light look.
    """
    data = made.dataset
    classes, channels = list(range(min(data.n_classes, MAX_CLASSES))), _channels(made)
    several = len(channels) > 1
    picked = [_cases(made, k, 1 if several else N_CASES) for k in classes]
    n_rows = len(channels) if several else max(map(len, picked))
    fig, panels = grid(
        n_rows, len(classes), height=SEVERAL if several else ONE, gap=(0.035, 12),
        margin=Margin(left=84, top=30, bottom=44),
    )  # fmt: skip
    for k, cases in zip(classes, picked, strict=True):
        for i in range(n_rows):
            case, c = (cases[0], channels[i]) if several else (cases[min(i, len(cases) - 1)], 0)
            panel = panels[i][k]
            _series(fig, panel, made, (case, c, k), dark)
            if k == 0:
                _side(fig, panel, f"channel {c + 1}" if several else f"example {i + 1}", dark)
            last = i == n_rows - 1
            set_axis(fig, panel.x, range=time_range(data.X_train.shape[2]), showticklabels=last,
                     title_text=TIME if last else None)  # fmt: skip
        heading(fig, panels[0][k], f"class {escape(data.class_names[k], 20)}", dark=dark)
    low, high = padded_range(data.X_train[[i for some in picked for i in some]][:, channels])
    for panel in (one for line in panels for one in line):
        set_axis(fig, panel.y, range=[low, high], showticklabels=False, showgrid=False, ticks="")
    fig.update_layout(hovermode="closest")
    return finish(fig, key="planted", alt=_alt(made, picked), dark=dark, notes=_notes(made))


def _channels(made: Planted) -> list[int]:
    """Return the channels to draw, those that carry the cue first among equals."""
    n = made.dataset.n_channels
    carrying = np.flatnonzero(made.truth_train.any((0, 2)))
    others = [c for c in range(n) if c not in carrying]
    return sorted([*map(int, carrying), *others][:MAX_CHANNELS])


def _cases(made: Planted, k: int, n: int) -> list[int]:
    return np.flatnonzero(made.dataset.y_train == k)[:n].tolist()


def _series(
    fig: go.Figure, panel: Panel, made: Planted, which: tuple[int, int, int], dark: bool
) -> None:
    case, c, k = which
    data, style = made.dataset, class_style(which[2], dark)
    x = np.where(data.mask_train[case], data.X_train[case, c], np.nan).astype(float)
    truth = made.truth_train[case, c]
    name = escape(data.class_names[k], 20)
    for values, line in (
        (x, {"color": look(dark).muted, "width": 1.2}),
        (np.where(truth, x, np.nan), {"color": style.colour, "width": 3}),
    ):
        if not np.isfinite(values).any():
            continue
        picks = thin(values) if len(values) > MAX_POINTS else np.arange(len(values))
        fig.add_trace(
            go.Scatter(
                x=picks, y=values[picks].astype(np.float32), mode="lines", line=line,
                name=f"class {name}, case {case}, channel {c + 1}",
                hovertemplate="%{y:.2f}<extra></extra>", showlegend=False,
                meta={"table": {"x": TIME, "y": "value"}}, **panel.axes,
            )
        )  # fmt: skip
    mark_cue(fig, panel, truth, dark)


def mark_cue(fig: go.Figure, panel: Panel, truth: Array, dark: bool) -> None:
    """Shade the planted stretches of one channel over a panel's whole height."""
    for first, last in cue_spans(truth):
        fig.add_shape(
            type="rect", xref=panel.x, yref=f"{panel.y} domain", x0=first - 0.5, x1=last + 0.5,
            y0=0, y1=1, line={"width": 0}, layer="below",
            fillcolor=with_alpha(look(dark).accent, 0.2 if dark else 0.14),
        )  # fmt: skip


def _side(fig: go.Figure, panel: Panel, text: str, dark: bool) -> None:
    fig.add_annotation(
        text=text, xref="paper", yref="paper", x=0, xshift=-10, xanchor="right", yanchor="middle",
        y=(panel.top + panel.bottom) / 2, showarrow=False,
        font={"size": 12, "color": look(dark).muted},
    )  # fmt: skip


def _alt(made: Planted, picked: Sequence[Sequence[int]]) -> str:
    told = "; ".join(_told(made, k, cases) for k, cases in enumerate(picked))
    n = made.dataset.n_classes
    return f"Training cases of a planted problem with {count(n, 'class', 'classes')}; cue: {told}."


def _told(made: Planted, k: int, cases: Sequence[int]) -> str:
    spans = dict.fromkeys(points(*span) for span in _spans(made, cases))
    return f"class {clean(made.dataset.class_names[k], 20)} {', '.join(spans)}"


def _spans(made: Planted, cases: Sequence[int]) -> Iterator[tuple[int, int]]:
    for case in cases:
        yield from cue_spans(made.truth_train[case].any(0))


def _notes(made: Planted) -> list[str]:
    data, notes = made.dataset, []
    if data.n_classes > MAX_CLASSES:
        notes.append(f"Classes 1-{MAX_CLASSES} of {data.n_classes} are drawn.")
    if data.n_channels > MAX_CHANNELS:
        notes.append(f"{MAX_CHANNELS} of {data.n_channels} channels are drawn.")
    return notes
