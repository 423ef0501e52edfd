"""The edits of a session: one history a case, the latest cases only."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import streamlit as st

from tscviz.ui import cache
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.selection import Selection
from tscviz.ui.what_if.history import History

#: Cases whose edits a session remembers.
LIMIT = 20
_HISTORIES = "_tscviz_what_if"
_HEARD = "_tscviz_what_if_heard"


def token_of(selection: Selection, one: InsideCase) -> str:
    """Return what tells a case apart; models that prepare it alike share its edits."""
    name, split, case = cache.case_key(selection)
    made = hashlib.sha256(one.case.x.tobytes()).hexdigest()
    return f"{name[:12]}-{split}-{case}-{made[:12]}"


def history(selection: Selection, one: InsideCase) -> History:
    """Return the history of the selected case, a new one on the first visit."""
    kept: OrderedDict[str, History] = st.session_state.setdefault(_HISTORIES, OrderedDict())
    token = token_of(selection, one)
    if token not in kept:
        kept[token] = History(one.case.x[:, : one.n_points])
        while len(kept) > LIMIT:
            kept.popitem(last=False)
    kept.move_to_end(token)
    return kept[token]


def heard(run: str) -> int:
    """Return the number of the last message of an editor that was dealt with; 0 for none."""
    known, number = st.session_state.get(_HEARD, ("", 0))
    return number if known == run else 0


def hear(run: str, number: int) -> None:
    """Remember that messages of an editor up to `number` were dealt with."""
    st.session_state[_HEARD] = (run, number)


def last_heard() -> dict[str, str | int]:
    """Return the editor heard last and its last number, for the answer to it."""
    run, number = st.session_state.get(_HEARD, ("", 0))
    return {"run": run, "number": number}
