"""What the visitor chooses on the occlusion page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from tscviz.figures.text import count
from tscviz.ui import page_options
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.controls import target_choice
from tscviz.ui.inside.need import Need
from tscviz.ui.occlusion.data import Settings

NEED = Need(
    offers="multi_length",
    lacks="no filters of several lengths",
    text="The occlusion map works for every model. What the filters see, and which lengths matter, "
    "is shown for ConvTimeNet, whose layers hold filters of several lengths.",
    architectures=("convtimenet",),
)
#: Shares of the series, in per cent: a link then fits a dataset of another length, too.
WINDOWS = ("2", "5", "10", "15", "20", "30", "50")
STEPS = {
    "1": "1 point",
    "quarter": "a quarter of it",
    "half": "half of it",
    "whole": "side by side",
}
FILLS = {"mean": "its mean", "zero": "zero", "noise": "noise", "linear": "a straight line"}
OUTPUTS = {"probability": "probability", "logit": "score (logit)"}
#: Longer series are hidden in larger steps until the visitor chooses otherwise.
LONG = 600


def main_options(one: InsideCase) -> Settings:
    """Draw the row of options above the main figure."""
    n_points, n_channels = one.n_points, len(one.case.x)
    with st.container(horizontal=True, gap="medium"):
        target_choice("Class", one.names, one.target, one.case.predicted, key="occlusion_target")
        window = _points(_window(n_points), n_points)
        stride = _stride(window, n_points)
        fill = page_options.select(
            "fill", "Hidden behind", tuple(FILLS), "mean", FILLS.__getitem__, width=150,
            help="What the model sees in the window instead of the series. Each is a guess at "
            "'nothing there', and none is neutral: if the map changes much with it, trust it less.",
        )  # fmt: skip
        output = page_options.segmented(
            "output", "Watched", tuple(OUTPUTS), "probability", OUTPUTS.__getitem__,
            help="The probability stands still near 0 and 100 %, however the score moves; where "
            "the model is very sure, the score shows more.",
        )  # fmt: skip
        each = n_channels > 1 and _each_channel()
    return Settings(window, stride, fill, output, each)


def _window(n_points: int) -> str:
    shares = distinct(WINDOWS, lambda share: _points(share, n_points), "10")
    return page_options.select(
        "window", "Window", shares, "10",
        lambda share: f"{count(_points(share, n_points), 'point')} ({share} %)", width=160,
    )  # fmt: skip


def distinct(choices: Sequence[str], value: Callable[[str], int], default: str) -> tuple[str, ...]:
    """Return the choices that differ in their value: the default, else the first of each."""
    taken = {value(default): default}
    for choice in choices:
        taken.setdefault(value(choice), choice)
    return tuple(choice for choice in choices if choice in taken.values())


def _points(share: str, n_points: int) -> int:
    """Return a share in per cent as time points, at least one."""
    return max(1, round(int(share) / 100 * n_points))


def _stride(window: int, n_points: int) -> int:
    parts = {"1": window, "quarter": 4, "half": 2, "whole": 1}
    strides = {step: max(1, window // part) for step, part in parts.items()}
    default = "1" if n_points <= LONG else "quarter"
    steps = distinct(tuple(STEPS), strides.__getitem__, default)
    step = page_options.select("step", "Moved by", steps, default, STEPS.__getitem__, width=150)
    return strides[step]


def _each_channel() -> bool:
    hidden = page_options.segmented(
        "hide", "Hidden at once", ("all", "each"), "all",
        {"all": "all channels", "each": "one channel"}.__getitem__,
    )  # fmt: skip
    return hidden == "each"
