"""What is chosen beside the editor: the map, and the channel where there are many."""

from __future__ import annotations

import streamlit as st

from tscviz.models import Classifier
from tscviz.ui import cache, page_options
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.controls import channel_choice
from tscviz.ui.selection import Selection
from tscviz.ui.what_if.data import digest, seconds
from tscviz.ui.what_if.history import History
from tscviz.ui.what_if.payload import MAX_ROWS

NO_MAP = "none"
_ORDER = {"cheap": 0, "moderate": 1, "dear": 2}
#: Seconds that a map may take to follow every edit.
LIVE = 0.2
_ASKED = "_tscviz_what_if_maps"
_KEPT = 200


def fitting(clf: Classifier) -> dict[str, str]:
    """Return the methods that apply to the model, the quickest first, with their titles."""
    from tscviz.explain.registry import methods

    found = [m for m in methods().values() if m.obstacle(clf) is None]
    found.sort(key=lambda m: _ORDER[m.cost])
    return {m.name: m.title for m in found}


def map_choice(selection: Selection) -> str | None:
    """Let the visitor choose the map; None where none is wanted."""
    titles = fitting(cache.classifier(str(selection.model)))
    choices = [*titles, NO_MAP]
    chosen = page_options.select(
        "map",
        "Map",
        choices,
        choices[0],
        lambda name: titles.get(name, "no map"),
        width=230,
    )
    return None if chosen == NO_MAP else chosen


def follows(selection: Selection, history: History, method: str | None) -> bool:
    """Return True where the map follows every edit; else draw the button that updates it.

    A map that takes longer than `LIVE` seconds is computed for the edited case when asked.
    """
    if method is None or not history.changed.any():
        return True
    took = seconds(selection, method)
    asked: list[tuple[str, str]] = st.session_state.setdefault(_ASKED, [])
    wanted = (method, digest(history.x))
    if took <= LIVE or _cost(method) == "cheap" or wanted in asked:
        return True

    def ask() -> None:
        asked.append(wanted)
        del asked[:-_KEPT]

    st.button(
        "Update the map",
        key="what_if_update_map",
        icon=":material/refresh:",
        on_click=ask,
        help=f"It takes about {max(took, 0.5):.1f} s, too long to follow every edit.",
    )
    return False


def shown_channels(one: InsideCase) -> list[int]:
    """Return the channels drawn: all of them, or the one that is chosen."""
    n = len(one.case.x)
    return list(range(n)) if n <= MAX_ROWS else [channel_choice(n)]


def _cost(name: str) -> str:
    from tscviz.explain.registry import methods

    return methods()[name].cost
