"""Options of one page that belong into its link: the open tab, a scale, a sorting.

The shared selection has its own fields (`tscviz.ui.state`); everything else a visitor chooses on a
page is kept here: by the session over page switches, and in the URL where it differs from its
default. Values are text from a fixed list of choices, so nothing from a URL needs to be escaped.

Each page has values of its own: `view` or `against` is another matter on another page. A few names
mean the same everywhere and are one option of all pages (`SHARED`); the pages about the map of one
question share what belongs to the question (`QUESTION_PAGES`).

Widgets with ``bind="query-params"`` will not do: `tscviz.ui.state` rewrites the query, which
Streamlit forbids for bound parameters.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from typing import Any

import streamlit as st

from tscviz.ui import state

#: The same on every page: cases selected, channel drawn, how the map of cases is drawn and picked.
SHARED = frozenset({"among", "channel", "layout", "pick"})
#: Pages with one `against`, `baseline` and options of each method.
QUESTION_PAGES = ("attributions", "evidence")
_PAGE = "_tscviz_options_page"
_VALUES = "_tscviz_options"
_WRITTEN = "_tscviz_options_url"
_REPLACED = "_tscviz_options_url_before"
_HERE = "_tscviz_options_here"
_STALE_SECONDS = 1.0


def begin(page: str = "") -> None:
    """Forget which options the page has; the frame calls it once a run, before the page.

    Parameters
    ----------
    page : str
        Its name in the URL.
    """
    st.session_state[_PAGE] = page
    st.session_state[_HERE] = {}


def value(name: str, choices: Container[str], default: str) -> str:
    """Return the chosen value of an option and bring session and URL together.

    Parameters
    ----------
    name : str
        Of the URL parameter.
    choices : container of str
        What can be chosen now; a value that is not among them gives way to the default.
    default : str
        Left out of the URL.
    """
    values: dict[str, str] = st.session_state.setdefault(_VALUES, {})
    place = _place(name)
    asked = st.query_params.get(name)
    if asked is not None and asked in choices and _is_news(place, asked):
        values[place] = asked
    chosen = values.get(place, default)
    chosen = chosen if chosen in choices else default
    _write(name, asked, None if chosen == default else chosen)
    return chosen


def set_value(name: str, chosen: str) -> None:
    """Change an option of the page, from a callback."""
    st.session_state.setdefault(_VALUES, {})[_place(name)] = chosen


def segmented(
    name: str,
    label: str,
    choices: Sequence[str],
    default: str,
    show: Callable[[str], str] = str,
    **more: Any,
) -> str:
    """Draw the option as a row of buttons and return its value; see `value`."""
    chosen = _mirror(name, choices, default)
    st.segmented_control(
        label, choices, required=True, format_func=show, **more, **_wired(name)
    )  # fmt: skip
    return chosen


def select(
    name: str,
    label: str,
    choices: Sequence[str],
    default: str,
    show: Callable[[str], str] = str,
    **more: Any,
) -> str:
    """Draw the option as a select box and return its value; see `value`."""
    chosen = _mirror(name, choices, default)
    st.selectbox(label, choices, format_func=show, **more, **_wired(name))
    return chosen


def slider(
    name: str,
    label: str,
    choices: Sequence[str],
    default: str,
    show: Callable[[str], str] = str,
    **more: Any,
) -> str:
    """Draw the option as a slider over its choices and return its value; see `value`."""
    chosen = _mirror(name, choices, default)
    st.select_slider(label, choices, format_func=show, **more, **_wired(name))
    return chosen


def tabs(name: str, labels: Sequence[str], slugs: Sequence[str]) -> dict[str, Any]:
    """Draw tabs of which only the open one need be filled: ``if parts["lengths"].open: ...``.

    Parameters
    ----------
    name : str
        Of the URL parameter.
    labels : sequence of str
        Shown.
    slugs : sequence of str
        Written into the URL; the first tab is the default.
    """
    by_slug = dict(zip(slugs, labels, strict=True))
    chosen = value(name, slugs, slugs[0])
    st.session_state[f"option_{name}"] = by_slug[chosen]
    parts = st.tabs(
        labels,
        key=f"option_{name}",
        on_change=_take_tab,
        args=(name, {label: slug for slug, label in by_slug.items()}),
    )
    return dict(zip(slugs, parts, strict=True))


def _mirror(name: str, choices: Sequence[str], default: str) -> str:
    chosen = value(name, choices, default)
    # The widget mirrors the option, whoever changed it.
    st.session_state[f"option_{name}"] = chosen
    return chosen


def _wired(name: str) -> dict[str, Any]:
    return {"key": f"option_{name}", "on_change": _take, "args": (name,)}


def _take(name: str) -> None:
    set_value(name, st.session_state[f"option_{name}"])


def _take_tab(name: str, slugs: dict[str, str]) -> None:
    set_value(name, slugs[st.session_state[f"option_{name}"]])


def _place(name: str) -> str:
    """Return under which key the session keeps an option of the page."""
    if name in SHARED:
        return name
    page = st.session_state.get(_PAGE, "")
    asks = name in ("against", "baseline") or name.endswith("_options")
    return f"{QUESTION_PAGES[0] if asks and page in QUESTION_PAGES else page}/{name}"


def _is_news(place: str, asked: str) -> bool:
    """Tell a link, Back or Forward from an address that this session wrote itself.

    A quick second click arrives with the address of before the first one.
    """
    if place not in st.session_state.get(_VALUES, {}):
        return True
    if asked == st.session_state.get(_WRITTEN, {}).get(place):
        return False
    before, when = st.session_state.get(_REPLACED, {}).get(place, (None, 0.0))
    return asked != before or time.monotonic() - when > _STALE_SECONDS


def _write(name: str, asked: str | None, wanted: str | None) -> None:
    written, place = st.session_state.setdefault(_WRITTEN, {}), _place(name)
    if written.get(place) != wanted:
        replaced = st.session_state.setdefault(_REPLACED, {})
        replaced[place] = (written.get(place), time.monotonic())
    written[place] = wanted
    st.session_state.setdefault(_HERE, {})[name] = wanted
    if asked is not None and wanted is None:
        del st.query_params[name]
    _mend_address()


def _mend_address() -> None:
    """Write what the address lacks of this page's options and of the selection.

    A part that is drawn alone, asked for by a quick second click, comes with the address of before
    the first one, and nothing else on the page is there to write its own.
    """
    state.write_again()
    for name, wanted in st.session_state[_HERE].items():
        if wanted is not None and st.query_params.get(name) != wanted:
            st.query_params[name] = wanted
