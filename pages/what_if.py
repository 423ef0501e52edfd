"""What if: change the series by hand and see what the model makes of it."""

from __future__ import annotations

import streamlit as st

from tscviz.ui import components, shell, state
from tscviz.ui.inside.case import inside_case
from tscviz.ui.inside.words import whose
from tscviz.ui.selection import Selection
from tscviz.ui.what_if import view


def draw_page(selection: Selection) -> None:
    """Say which case it is, then let it be edited."""
    one = inside_case(selection)
    case = one.case
    st.markdown(f":gray[{whose(selection, one.entry, one.labels, case.proba, case.label)}]")
    view.draw(selection, one)


shell.page_header("What if", "What would have to be different for another answer?")
chosen = state.current()
if chosen.model is not None:
    draw_page(chosen)
else:
    components.empty_state(
        f"No model for {chosen.dataset} yet",
        "Train one: then its answer can be followed while the series is changed.",
        page="train",
        label="Train a model",
    )
