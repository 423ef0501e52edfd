"""What the visitor chooses on the segments page, and what stands where nothing can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tscviz.titles import title_of
from tscviz.ui import cache, page_options
from tscviz.ui.components.cards import go_to
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside.controls import target_choice
from tscviz.ui.segments import data, words
from tscviz.ui.segments.data import OneCase
from tscviz.ui.selection import Selection

NOTHING = "none"
SCALES = {"score": "score units", "unit": "0 to 1"}


@dataclass(frozen=True)
class Shown:
    """What the visitor chose for the maps of the whole page.

    Parameters
    ----------
    beside : str or None
        Name of the model whose map stands under the selected one's.
    unit : bool
        Move each map to [0, 1], as the paper's Figure 8 does.
    spread : bool
        Share each value of a map among the points its hidden vector sees.
    """

    beside: str | None
    unit: bool
    spread: bool


def main_options(selection: Selection, one: OneCase) -> Shown:
    """Draw the row of options above the main figure."""
    models, names = cache.models(), data.others(selection)
    wanted = data.sister_architecture(one.entry)
    first = next((name for name in names if models[name].architecture == wanted), NOTHING)
    seen = data.points_seen(str(selection.model))
    with st.container(horizontal=True, gap="medium"):
        target_choice(
            "Map of class", one.names, one.target, one.result.predicted, key="segments_target"
        )
        beside = page_options.select(
            "beside",
            "Held against",
            (*names, NOTHING),
            first,
            lambda name: "no other model" if name == NOTHING else models[name].label,
            width=180,
        )
        scale = page_options.segmented(
            "scale",
            "Colours",
            tuple(SCALES),
            "score",
            SCALES.__getitem__,
            help="Score units keep sign and strength. From 0 to 1 within each map is how the "
            "paper draws its Figure 8; it hides how strong a map is, and of which sign.",
        )
        points = page_options.segmented(
            "map",
            "Each value covers",
            ("middle", "seen"),
            "middle",
            lambda name: f"{seen} points" if name == "seen" else "1 point",
            help=f"A hidden vector sees {seen} points of the series, and equation 10 gives one "
            "value for each hidden vector. The value is shared among the points seen, or put on "
            "the middle one as it is; the sum is the same.",
        )
    return Shown(None if beside == NOTHING else beside, scale == "unit", points == "seen")


def sister_hint(selection: Selection, one: OneCase) -> None:
    """Say what the missing sister model would show, and how to get it; nothing if it is there."""
    models = cache.models()
    wanted = data.sister_architecture(one.entry)
    if any(models[name].architecture == wanted for name in data.others(selection)):
        return
    name, own = escape_markdown(title_of(wanted)), escape_markdown(title_of(one.entry.architecture))
    with st.container(border=True):
        st.markdown(
            f"**No {name} model of {escape_markdown(selection.dataset)} yet.** "
            f"{words.WHAT[wanted[:3]]}; held against {own} it shows what the segments change. The "
            "quick preset trains one in a minute or two, and it then appears here by itself."
        )
        go_to(
            "train",
            f"Train {title_of(wanted)}",
            icon=":material/model_training:",
            job="new",
            architecture=wanted,
        )
