"""The one selection all pages share: kept by the session, written in the URL.

The memory rules; the address rules when it is news: on a session's first run, and whenever it
differs from what this session wrote (Back, Forward, a link opened in place). A page switch through
the navigation empties the address; then the memory is written back.

A quick second click can arrive with the address of before the first one. So an address that this
session replaced on the same page less than a second ago is not news either.

Widgets with ``bind="query-params"`` also keep their value over page switches, but drop a bad value
without a word, leave a default out of the link (here the defaults depend on the dataset), and
write the label shown instead of an index; so the selection does its own reading and writing.

Until the visitor chooses a model, in the sidebar or by a link that names one, every page opens with
the dataset's model that it is about. A link that takes along the model shown is no choice, unless
its page would open another one. Nor is Back to an address that this session wrote, if its model was
none then. (The browser's history also holds addresses of one page with the parameters of the next:
Streamlit writes those first.)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tscviz.types import TscvizError
from tscviz.ui import cache
from tscviz.ui.selection import FIELDS, Selection, change, resolve

_SELECTION = "_tscviz_selection"
_WRITTEN = "_tscviz_url"
_REPLACED = "_tscviz_url_before"
_NOTICES = "_tscviz_notices"
_CHOSEN = "_tscviz_model_chosen"  # by the visitor
_PAGE = "_tscviz_page"
_OURS = "_tscviz_addresses"  # parameters written by this session -> `_CHOSEN` of then
_MOST_ADDRESSES = 500
_STALE_SECONDS = 1.0


def sync(page: str = "", prefer: Sequence[str] = ()) -> Selection:
    """Bring session, URL and catalogue together; the frame calls it once a run, before the page.

    Parameters
    ----------
    page : str
        Its name in the URL.
    prefer : sequence of str
        Architectures that the page is about, the most wanted first.
    """
    params = _params()
    known: Selection | None = st.session_state.get(_SELECTION)
    news = known is None or _is_news(params, page)
    asked = params if known is None or news else known.to_params()
    selection, notices = _resolve(asked, prefer)
    opened = _open_model(selection, prefer)
    if news:
        st.session_state[_CHOSEN] = _names_a_choice(params, known)
    if asked.get("model") != selection.model:  # there is no such model (any more)
        st.session_state[_CHOSEN] = False
    elif selection != opened and _is_link(params, page, prefer):
        st.session_state[_CHOSEN] = True
    if not st.session_state.get(_CHOSEN):
        selection = opened
    st.session_state[_SELECTION] = selection
    st.session_state[_PAGE] = page
    if notices:
        st.session_state[_NOTICES] = notices
    _write_url(params, selection.to_params())
    _remember(selection.to_params())
    return selection


def write_again() -> None:
    """Write the selection into the address once more, where it has been lost since `sync`."""
    written = st.session_state.get(_WRITTEN)
    if written is not None:
        _write_url(_params(), written)


def current() -> Selection:
    """Return the shared selection of this session."""
    return st.session_state[_SELECTION]


def select(**changes: Any) -> None:
    """Change the shared selection: ``select(case=12)``, ``select(dataset="OSULeaf")``.

    Made for callbacks (``on_click=select, kwargs={...}``). Called in a page's body, follow it by
    ``st.rerun()``: the sidebar has been drawn already.

    Parameters
    ----------
    **changes
        Fields of `Selection`. A new dataset brings its own model, case 0 and no target.
    """
    before = current()
    after = change(before, cache.catalogue(), **changes)
    if after.dataset != before.dataset:
        st.session_state[_CHOSEN] = "model" in changes
    elif after.model != before.model:
        st.session_state[_CHOSEN] = True
    st.session_state[_SELECTION] = after


def take_notices() -> tuple[str, ...]:
    """Return the sentences about values that could not be used, once."""
    return st.session_state.pop(_NOTICES, ())


def _params() -> dict[str, str]:
    return {key: st.query_params[key] for key in FIELDS if key in st.query_params}


def _resolve(source: dict[str, str], prefer: Sequence[str]) -> tuple[Selection, tuple[str, ...]]:
    try:
        return resolve(source, cache.catalogue(), prefer)
    except TscvizError as error:  # a dataset that is listed but cannot be read
        return resolve({}, cache.catalogue(), prefer)[0], (str(error),)


def _names_a_choice(params: dict[str, str], known: Selection | None) -> bool:
    """Tell whether the model of an address that is news is the visitor's choice."""
    chosen = bool(st.session_state.get(_CHOSEN))
    if known is None or params.get("model") != known.model:
        chosen = "model" in params  # else the link takes along what is shown already
    ours = st.session_state.get(_OURS, {}) if _comes_back() else {}
    return ours.get(frozenset(params.items()), chosen)


def _open_model(selection: Selection, prefer: Sequence[str]) -> Selection:
    names = cache.catalogue().models_for(selection.dataset, prefer)
    return replace(selection, model=next(iter(names), None))


def _remember(written: dict[str, str]) -> None:
    """Keep whether the model of an address that this session wrote was the visitor's choice."""
    ours = st.session_state.setdefault(_OURS, {})
    address = frozenset(written.items())
    ours.pop(address, None)  # the last written comes last
    ours[address] = bool(st.session_state.get(_CHOSEN))
    if len(ours) > _MOST_ADDRESSES:
        del ours[next(iter(ours))]


def _comes_back() -> bool:
    """Tell Back and Forward from everything else that runs the script."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def _is_link(params: dict[str, str], page: str, prefer: Sequence[str]) -> bool:
    """Tell a link from a switch through the navigation, which empties the address.

    Pages about no architecture open any model alike: links to them are not about the model.
    """
    switched = page != st.session_state.get(_PAGE)
    return bool(prefer and params) and switched and not _comes_back()


def _is_news(params: dict[str, str], page: str) -> bool:
    if not params or params == st.session_state.get(_WRITTEN):
        return False
    before, when = st.session_state.get(_REPLACED, (None, 0.0))
    fresh = page != st.session_state.get(_PAGE) or time.monotonic() - when > _STALE_SECONDS
    return params != before or fresh


def _write_url(params: dict[str, str], wanted: dict[str, str]) -> None:
    written = st.session_state.get(_WRITTEN)
    if written is not None and written != wanted:
        st.session_state[_REPLACED] = (written, time.monotonic())
    st.session_state[_WRITTEN] = wanted
    if params == wanted:
        return
    for key in params.keys() - wanted.keys():
        del st.query_params[key]
    st.query_params.update(wanted)
