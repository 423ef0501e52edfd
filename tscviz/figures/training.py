"""Training as it goes: losses and accuracies per epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, layout_of, rows, set_axis
from tscviz.figures.furniture import follow_pointer, legend_row, mark_x, message
from tscviz.figures.palette import class_style, look
from tscviz.figures.stats import MAX_POINTS, even_picks
from tscviz.figures.text import escape, number
from tscviz.types import Array

TOTAL = "total"
_SPLIT_NAMES = {"train": "train", "test": "test", "val": "held out"}
_SPLIT_STYLE = {"train": 0, "test": 1, "val": 6}


def plot_training(
    events: Sequence[Mapping[str, Any]],
    *,
    best_epoch: int | None = None,
    log: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw the loss, whole and in parts, above the accuracy, epoch by epoch.

    Parameters
    ----------
    events : sequence of mappings
        One per finished epoch, with "epoch" (from 1), "epochs", "losses" (name to value; without
        "total" the parts are added up), "train_accuracy" and "test_accuracy" (or None), and, where
        cases were held out, "val_loss" and "val_accuracy".
    best_epoch : int, optional
        Epoch whose weights are kept; marked by a line.
    log : bool
        Logarithmic loss axis.
    dark : bool
        Dark or light look.
    """
    fig, panels = rows([220.0, 190.0], gaps=52, margin=Margin(top=34))
    follow_pointer(fig, "epoch", dark=dark, unified=True)
    set_axis(fig, panels[0].y, title_text="loss", type="log" if log else "linear")
    set_axis(fig, panels[1].y, title_text="accuracy", tickformat=".0%", range=[0, 1.03])
    if not events:
        message(fig, "No epoch has finished yet.", dark=dark)
        return finish(fig, key="training", alt="No epoch has finished yet.", dark=dark)
    picks = [events[i] for i in even_picks(len(events), MAX_POINTS)]
    epochs = np.array([event["epoch"] for event in picks])
    _losses(fig, panels[0], epochs, picks, dark)
    if log and _decades(picks) >= 2:
        set_axis(fig, panels[0].y, dtick=1)  # plotly also writes a bare 2 and 5 into each decade
    _accuracies(fig, panels[1], epochs, picks, dark)
    last = max(int(events[-1].get("epochs") or 0), int(epochs[-1]), 2)
    set_axis(
        fig,
        "x",
        range=[1 - 0.01 * last, last * 1.01],
    )
    if best_epoch is not None:
        right = best_epoch > 0.7 * last
        mark_x(fig, panels, best_epoch, f"best epoch {best_epoch}", right=right, dark=dark)
    _legends(fig, panels, dark)
    return finish(fig, key="training", alt=_alt(events, best_epoch), dark=dark)


def _losses(
    fig: go.Figure, panel: Panel, epochs: Array, events: Sequence[Mapping[str, Any]], dark: bool
) -> None:
    parts = list(dict.fromkeys(name for event in events for name in event["losses"]))
    totals = [_total(event["losses"]) for event in events]
    _curve(fig, panel, epochs, totals, (TOTAL, look(dark).text, "solid", "circle"), "legend")
    inner = [name for name in parts if name != TOTAL]
    for i, name in enumerate(inner if len(inner) > 1 else []):
        style = class_style(i + 2, dark)
        values = [event["losses"].get(name) for event in events]
        dash = ("dash", "dot", "dashdot", "longdash")[i % 4]
        _curve(fig, panel, epochs, values, (escape(name), style.colour, dash, "circle"), "legend")
    held = [event.get("val_loss") for event in events]
    if any(value is not None for value in held):
        style = class_style(_SPLIT_STYLE["val"], dark)
        kind = (_SPLIT_NAMES["val"], style.colour, "dot", style.symbol)
        _curve(fig, panel, epochs, held, kind, "legend")


def _decades(events: Sequence[Mapping[str, Any]]) -> float:
    """Return how many powers of ten the losses span."""
    values = [value for event in events for value in event["losses"].values() if value > 0]
    return float(np.log10(max(values) / min(values))) if values else 0.0


def _total(losses: Mapping[str, float]) -> float:
    return float(losses[TOTAL] if TOTAL in losses else sum(losses.values()))


def _accuracies(
    fig: go.Figure, panel: Panel, epochs: Array, events: Sequence[Mapping[str, Any]], dark: bool
) -> None:
    for i, split in enumerate(("train", "test", "val")):
        values = [event.get(f"{split}_accuracy") for event in events]
        if any(value is not None for value in values):
            style = class_style(_SPLIT_STYLE[split], dark)
            kind = (_SPLIT_NAMES[split], style.colour, ("solid", "dash", "dot")[i], style.symbol)
            _curve(fig, panel, epochs, values, kind, "legend2")


def _curve(
    fig: go.Figure,
    panel: Panel,
    epochs: Array,
    values: Sequence[float | None],
    kind: tuple[str, str, str, str],
    legend: str,
) -> None:
    name, colour, dash, symbol = kind
    y = np.array([np.nan if value is None else value for value in values], dtype=float)
    accuracy = legend == "legend2"
    quantity = f"{name} accuracy" if accuracy else f"{name} loss"
    fig.add_trace(
        go.Scatter(
            x=epochs,
            y=y,
            name=name,
            connectgaps=True,
            legend=legend,
            showlegend=True,
            mode="lines+markers" if np.isfinite(y).sum() < 12 else "lines",
            line={"color": colour, "width": 2.6 if name == TOTAL else 2, "dash": dash},
            marker={"size": 6, "symbol": symbol, "color": colour},
            hovertemplate="%{y:.1%} " + quantity + "<extra></extra>"
            if accuracy
            else "%{y:.5~g} " + quantity + "<extra></extra>",
            meta={"table": {"x": "epoch", "y": quantity}},
            **panel.axes,
        )
    )


def _legends(fig: go.Figure, panels: Sequence[Panel], dark: bool) -> None:
    legend_row(fig, dark=dark)
    layout = layout_of(fig).legend.to_plotly_json()
    fig.update_layout(legend2={**layout, "y": panels[1].top})


def _alt(events: Sequence[Mapping[str, Any]], best_epoch: int | None) -> str:
    last = events[-1]
    text = f"Epoch {last['epoch']} of {last.get('epochs') or last['epoch']}: loss "
    text += number(_total(last["losses"]))
    for split in ("train", "test"):
        value = last.get(f"{split}_accuracy")
        if value is not None:
            text += f", {split} accuracy {value:.1%}"
    return text + (f"; the best epoch is {best_epoch}." if best_epoch is not None else ".")
