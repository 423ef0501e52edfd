"""Learning curves of several models: the median over the seeds and their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.bands import fill_between
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import follow_pointer, heading, legend_row
from tscviz.figures.palette import class_style, with_alpha
from tscviz.figures.stats import even_picks
from tscviz.figures.text import clean, count, escape
from tscviz.types import Array

MAX_POINTS = 800  # of one line; there may be many
_PANELS = ("train loss", "test accuracy")


@dataclass(frozen=True, eq=False)
class SeedCurves:
    """One model's runs on one dataset.

    Parameters
    ----------
    name : str
    epochs : int array, shape (n_epochs,)
    loss, accuracy : float arrays, shape (n_seeds, n_epochs)
        Training class loss and test accuracy; NaN where a run has none.
    """

    name: str
    epochs: Array
    loss: Array
    accuracy: Array


def seed_curves(name: str, runs: Sequence[Sequence[Mapping[str, Any]]]) -> SeedCurves:
    """Bring the events of several runs onto one axis of epochs.

    An accuracy that is measured only now and then is carried up to the next measurement; after
    the last one there is none.

    Parameters
    ----------
    name : str
    runs : sequence of sequences of events
        As `tscviz.training.jobs.Job.events` gives them.
    """
    last = max((int(run[-1]["epoch"]) for run in runs if run), default=0)
    epochs = np.arange(1, last + 1)
    loss, accuracy = (np.full((len(runs), last), np.nan) for _ in range(2))
    for i, run in enumerate(runs):
        for event in run:
            at, losses = int(event["epoch"]) - 1, event.get("losses", {})
            loss[i, at] = losses.get("class", sum(losses.values())) if losses else np.nan
            found = event.get("test_accuracy")
            accuracy[i, at] = np.nan if found is None else found
        accuracy[i] = _carried(accuracy[i])
    picks = even_picks(last, MAX_POINTS)
    return SeedCurves(name, epochs[picks], loss[:, picks], accuracy[:, picks])


def _carried(values: Array) -> Array:
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return values
    at = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    carried = np.where(at >= 0, values[known[np.maximum(at, 0)]], np.nan)
    carried[known[-1] + 1 :] = np.nan
    return carried


def plot_learning_curves(curves: Sequence[SeedCurves], *, dark: bool = False) -> go.Figure:
    """Draw loss and test accuracy over the epochs: median over the seeds, and least to most.

    Parameters
    ----------
    curves : sequence of SeedCurves
        At least one.
    dark : bool
        Dark or light look.
    """
    fig, panels = rows([190.0, 190.0], gaps=40, margin=Margin(top=52))
    for k, one in enumerate(curves):
        every = zip(panels, (one.loss, one.accuracy), _PANELS, strict=True)
        drawn = [part for part in every if np.isfinite(part[1]).any()]
        for i, (panel, values, what) in enumerate(drawn):
            _band(fig, panel, one, values, (what, k), dark, first=i == 0)
    heading(fig, panels[1], "test accuracy", dark=dark, strong=False)
    set_axis(fig, panels[0].y, type="log", title_text="train loss", exponentformat="power")
    set_axis(fig, panels[1].y, title_text="accuracy", tickformat=".0%")
    follow_pointer(fig, "epoch", dark=dark)
    legend_row(fig, dark=dark)
    ends = [f"{clean(one.name)} ({count(len(one.loss), 'seed')})" for one in curves]
    alt = (
        f"Train loss and test accuracy over up to {max(int(one.epochs[-1]) for one in curves)} "
        f"epochs, median and range over the seeds: {', '.join(ends)}."
    )
    return finish(fig, key="learning-curves", alt=alt, dark=dark)


def _band(
    fig: go.Figure,
    panel: Panel,
    one: SeedCurves,
    values: Array,
    what: tuple[str, int],
    dark: bool,
    *,
    first: bool,
) -> None:
    """Draw the median and its band; the model's first ones stand for it in the legend."""
    known = np.isfinite(values).any(axis=0)
    x, found = one.epochs[known], values[:, known]
    style, name = class_style(what[1], dark), escape(one.name, 34)
    if len(values) > 1:
        colour = with_alpha(style.colour, 0.18)
        low, high = np.nanmin(found, axis=0), np.nanmax(found, axis=0)
        fill_between(fig, x, low, high, colour, legendgroup=name, **panel.axes)
    fig.add_trace(
        go.Scatter(
            x=x, y=np.nanmedian(found, axis=0), mode="lines", name=name, legendgroup=name,
            showlegend=first,
            line={"width": 2.2, "color": style.colour, "dash": style.dash},
            hovertemplate=f"{name} %{{y:.5~g}}<extra></extra>",
            meta={"table": {"x": "epoch", "y": f"median {what[0]}"}}, **panel.axes,
        )
    )  # fmt: skip
