"""Choosing what is planted, and seeing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from tscviz.data.planted import PlantedOptions
from tscviz.figures import plot_planted
from tscviz.types import TscvizError
from tscviz.ui import cache, components, page_options, shell
from tscviz.ui.escape import escape_markdown
from tscviz.ui.planted import words
from tscviz.ui.planted.texts import DEFAULT, ProblemText

_NOW = "_tscviz_planted"


@dataclass(frozen=True)
class Number:
    """How a number of the problem is asked for: its label and what the page offers."""

    label: str
    low: float
    high: float
    step: float


#: Always in sight, and folded.
NUMBERS = {
    "noise": Number("Noise", 0.0, 2.0, 0.1),
    "distractors": Number("Distractors", 0, 5, 1),
    "length": Number("Time points", 40, 400, 10),
    "channels": Number("Channels", 1, 6, 1),
    "n_cases": Number("Cases a split", 40, 600, 10),
    "seed": Number("Seed", 0, 2**31 - 1, 1),
}
FOLDED = {
    "classes": Number("Classes", 2, 6, 1),
    "motif": Number("Points of the cue", 0, 100, 1),
    "shortest": Number("Shortest series", 0, 400, 10),
}
CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "cue": ("Classes differ in", {"shape": "the shape", "amplitude": "the height"}),
    "position": ("The cue stands", {"fixed": "at one place", "free": "anywhere"}),
    "where": ("It is in", {"single": "one channel", "interacting": "two channels together"}),
}


def choose() -> PlantedOptions:
    """Draw the form and return what is to be planted."""
    options = ProblemText.read(page_options.value("plant", ProblemText(), ""))
    st.session_state[_NOW] = options
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        for name, (label, shown) in CHOICES.items():
            _put(name, options)
            st.segmented_control(
                label, list(shown), required=True, format_func=shown.__getitem__,
                help=words.HELP[name], **_wired(name),
            )  # fmt: skip
    grid = st.grid(len(NUMBERS), min_column_width=120)
    for name, number in NUMBERS.items():
        with grid.container():
            _number(name, number, options)
    with st.expander(_folded_label(options), icon=":material/tune:", key="planted_more"):
        grid = st.grid(len(FOLDED), min_column_width=150)
        for name, number in FOLDED.items():
            with grid.container():
                _number(name, number, options)
    return options


def _folded_label(options: PlantedOptions) -> str:
    n = sum(getattr(options, name) != getattr(DEFAULT, name) for name in FOLDED)
    label = "Classes, width of the cue, series of unequal length"
    return f"{label}: {n} changed" if n else label


def _number(name: str, number: Number, options: PlantedOptions) -> None:
    kind = float if isinstance(number.step, float) else int
    value = getattr(options, name)
    low = 2 if name == "channels" and options.where == "interacting" else number.low
    # A link may ask for more than the form offers.
    bounds = {"min_value": kind(min(low, value)), "max_value": kind(max(number.high, value))}
    _put(name, options)
    common: dict[str, Any] = {"step": kind(number.step), "help": words.HELP[name]}
    if kind is float or number.high <= 6:
        st.slider(number.label, **bounds, **common, **_wired(name))
    else:
        st.number_input(number.label, **bounds, **common, **_wired(name))


def _put(name: str, options: PlantedOptions) -> None:
    # The widget mirrors the option, whoever changed it: this run's value goes in first.
    st.session_state[f"planted_{name}"] = getattr(options, name)


def _wired(name: str) -> dict[str, Any]:
    return {"key": f"planted_{name}", "on_change": _take, "args": (name,)}


def _take(name: str) -> None:
    value = st.session_state[f"planted_{name}"]
    if isinstance(value, float):
        value = round(value, 3)  # a slider's 0.30000000000000004
    options = changed(st.session_state[_NOW], name, value)
    page_options.set_value("plant", ProblemText.write(options))


def changed(options: PlantedOptions, name: str, value: Any) -> PlantedOptions:
    """Return the options with one changed, and others where they would contradict it.

    Two interacting channels get a third one beside them, which says nothing.
    """
    options = replace(options, **{name: value})
    if name == "where" and value == "interacting" and options.channels < 2:
        return replace(options, channels=3)
    if name == "length" and options.shortest > options.length:
        return replace(options, shortest=0)
    return options


def draw_examples(name: str) -> bool:
    """Draw some training cases with the cue marked; return False where it cannot be planted."""
    try:
        made = cache.planted(name)
    except TscvizError as error:
        st.warning(
            f"**This cannot be planted.** {escape_markdown(str(error))}",
            icon=":material/block:",
        )
        return False
    st.markdown(words.planted(made.options, float(made.truth_test.mean())))
    components.figure(plot_planted(made, dark=shell.is_dark()), name="planted-examples")
    return True
