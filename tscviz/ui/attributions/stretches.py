"""Stretches drawn by hand: the features of feature ablation, Shapley values, KernelSHAP and LIME.

They are kept in the link as the points at which a stretch begins, and reach the methods as their
option ``edges``; so they stand in each map's specification, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from tscviz.options import describe_options
from tscviz.ui import page_options, shell
from tscviz.ui.attributions.data import known, segmentation
from tscviz.ui.components import stretches as drawing
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.selection import Selection
from tscviz.ui.what_if.looks import rounded, tones

_OPTION, _KEY = "stretches", "attributions_stretches"
#: Options of a method that say themselves where its features lie.
_OWN = ("edges", "segments", "width")
MOST_CUTS, MOST_CHANNELS = 200, 6


@dataclass(frozen=True)
class CutText:
    """Cuts between stretches as text: "30_70" are the stretches 0-29, 30-69 and from 70 on.

    Parameters
    ----------
    n_points : int
        Of the case, without padding.
    """

    n_points: int

    def __contains__(self, text: object) -> bool:
        """Tell whether the text names points inside the case, rising."""
        return isinstance(text, str) and self.read(text) is not None

    def read(self, text: str) -> list[int] | None:
        """Return the cuts in a text, None where they do not fit the case."""
        parts = text.split("_")
        if not all(p.isascii() and p.isdigit() and len(p) < 9 for p in parts):
            return None
        return self.checked([int(p) for p in parts])

    def checked(self, cuts: object) -> list[int] | None:
        """Return cuts as they may be used, None where they may not; for what a browser sends."""
        if not isinstance(cuts, list) or not 0 < len(cuts) <= MOST_CUTS:
            return None
        if not all(type(c) is int and 0 < c < self.n_points for c in cuts):
            return None
        return cuts if cuts == sorted(set(cuts)) else None

    @staticmethod
    def write(cuts: Sequence[int]) -> str:
        """Return cuts as text, "" for none."""
        return "_".join(map(str, cuts))


def takers(methods: Sequence[str]) -> list[str]:
    """Return the methods over features."""
    return [m for m in methods if "edges" in {o.name for o in describe_options(known()[m].options)}]


def with_edges(
    options: Mapping[str, Mapping[str, Any]], methods: Sequence[str], cuts: Sequence[int]
) -> dict[str, Mapping[str, Any]]:
    """Return the options with the cuts as ``edges`` of methods that choose no features themselves.

    Parameters
    ----------
    options : mapping of str to mapping
        Changed options by method.
    methods : sequence of str
        Over features.
    cuts : sequence of int
    """
    given = {name: dict(changed) for name, changed in options.items()}
    for name in methods if cuts else ():
        mine = given.setdefault(name, {})
        if not any(option in mine for option in _OWN):
            mine.pop("windows", None)
            mine["edges"] = tuple(cuts)
    return dict(given)


def draw(selection: Selection, one: InsideCase, methods: Sequence[str]) -> list[int]:
    """Let the visitor draw stretches where a method over features is shown; return the cuts."""
    texts, mine = CutText(one.n_points), takers(methods)
    text = page_options.value(_OPTION, texts, "")
    cuts = (texts.read(text) or []) if text else []
    if not mine:
        return cuts
    number = f"{len(cuts) + 1} drawn by hand" if cuts else "eight windows, or draw your own"
    titles = ", ".join(known()[m].title for m in mine)
    with st.expander(f"Stretches: {number}", icon=":material/view_column:", key="stretches"):
        st.caption(
            f"What is hidden together, for {titles}: draw it on the series, or type it. Options of "
            "a method that name its own features come first."
        )
        _drawing(selection, one, texts, cuts)
        with st.container(horizontal=True, gap="small"):
            _buttons(selection, texts, cuts)
            _table(texts, cuts)
    return cuts


def _drawing(selection: Selection, one: InsideCase, texts: CutText, cuts: list[int]) -> None:
    def take() -> None:
        sent = drawing.message(_KEY)
        if sent == [] or texts.checked(sent) is not None:
            page_options.set_value(_OPTION, texts.write(sent))

    x = one.case.x[:MOST_CHANNELS, : one.n_points]
    data = {
        "series": [rounded(row) for row in x],
        "n_points": one.n_points,
        "cuts": cuts,
        "colours": tones(shell.is_dark()),
        "label": f"{selection.split} case {selection.case}: {one.n_points} points in "
        f"{len(cuts) + 1} stretches",
    }
    drawing.stretch_drawing(data, key=_KEY, on_cuts=take)


def _buttons(selection: Selection, texts: CutText, cuts: list[int]) -> None:
    found = segmentation(selection)
    if found is not None:
        own = np.asarray(found.boundaries)[1:-1].tolist()
        st.button(
            "The model's own segments", key="stretches_own", on_click=_set,
            args=(texts.write(own),), disabled=texts.checked(own) is None,
            help="As a start: then move the lines.",
        )  # fmt: skip
    st.button(
        "Clear", key="stretches_clear", type="tertiary", disabled=not cuts, on_click=_set,
        args=("",),
    )  # fmt: skip


def _set(text: str) -> None:
    page_options.set_value(_OPTION, text)


def _table(texts: CutText, cuts: list[int]) -> None:
    """Show the stretches as rows, whose first points can be typed; a new row is a new stretch."""
    edges = [0, *cuts, texts.n_points]
    rows = {"first point": edges[:-1], "last point": [e - 1 for e in edges[1:]]}
    number = st.column_config.NumberColumn
    with st.popover("As a table"):
        found: Any = st.data_editor(
            rows,
            key=f"stretches_table_{texts.n_points}_{texts.write(cuts)}",
            num_rows="dynamic",
            hide_index=True,
            column_config={
                "first point": number(
                    min_value=0, max_value=texts.n_points - 1, step=1, required=True
                ),
                "last point": number(disabled=True, help="Follows from the next stretch."),
            },
        )
    typed = sorted({int(v) for v in _first_points(found) if 0 < v < texts.n_points})[:MOST_CUTS]
    if typed != cuts:
        _set(texts.write(typed))
        st.rerun()


def _first_points(found: Any) -> list[float]:
    """Return what stands in the first column; an empty cell of a new row is left out."""
    column = found["first point"]
    return [float(v) for v in column if v is not None and np.isfinite(v)]
