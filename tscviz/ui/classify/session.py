"""The chosen case of a file, and the key that tells one result from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from tscviz.ui import state
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.sources import Source

if TYPE_CHECKING:
    from tscviz.data import Preparation

_CASES = "_classify_cases"
_ROUND, _TICKED = "_classify_table_round", "_classify_table_ticked"


def result_key(
    source: Source, options: dict[str, Any], preparation: Preparation
) -> tuple[Any, ...]:
    """Return what tells prepared series apart: content, layout and preparation."""
    return source.digest, tuple(sorted(options.items(), key=str)), preparation.to_dict()


def chosen_case(source: Source, n_cases: int) -> int:
    """Return the index of the chosen case; a drawn one is the shared selection's."""
    if source.kind == "draw":
        selection = state.current()
        fits = source.name == f"{selection.dataset} {selection.split}"
        return selection.case if fits and selection.case < n_cases else 0
    index = st.session_state.get(_CASES, {}).get(source.digest, 0)
    return index if index < n_cases else 0


def choose_case(source: Source, model: Model, index: int) -> None:
    """Make a case the chosen one; from a callback."""
    if source.kind == "draw":
        state.select(dataset=model.entry.dataset, model=model.entry.name, case=index)
    else:
        st.session_state.setdefault(_CASES, {})[source.digest] = index


def tick(source: Source, index: int) -> None:
    """Note which row of the table the visitor has ticked."""
    st.session_state[_TICKED] = (source.digest, index)


def shown_round(source: Source, index: int) -> int:
    """Return the number of the table that shows a case as ticked.

    The ticks of a table cannot be set once it is drawn, so a case chosen elsewhere, in the sidebar
    or by a link, and another split get a new one.
    """
    before = st.session_state.get(_ROUND, 0)
    if st.session_state.get(_TICKED) != (source.digest, index):
        st.session_state[_ROUND] = before + 1
        tick(source, index)
    return st.session_state.get(_ROUND, before)


def target_for(model: Model, predicted: int) -> int:
    """Return the class to explain: the shared selection's where it is this model's."""
    selection = state.current()
    if selection.model == model.entry.name and selection.target is not None:
        return selection.target
    return predicted
