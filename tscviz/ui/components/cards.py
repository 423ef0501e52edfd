"""Tiles with one number each, empty states, and links that keep the selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from tscviz.figures.text import percent as known_percent
from tscviz.ui import state
from tscviz.ui.escape import escape_markdown
from tscviz.ui.navigation import page_path

#: Help of a column of `percent_cell`.
AT_MOST = "More than 99.9 % is shown as 99.9 %: no model is quite sure."


def stat_tiles(tiles: Mapping[str, object | tuple[object, str]]) -> None:
    """Show a row of small tiles, a label and a value each.

    Parameters
    ----------
    tiles : mapping
        Label -> value, or ``(value, help)``. Everything is shown letter by letter.
    """
    grid = st.grid(len(tiles), min_column_width=125)
    for label, content in tiles.items():
        value, help_text = content if isinstance(content, tuple) else (content, None)
        grid.metric(
            escape_markdown(label),
            escape_markdown(value, max_length=40),
            help=escape_markdown(help_text) if help_text else None,
        )


def percent(share: float | None) -> str:
    """Return a share as a percentage that rounds no open case to 0 or 100; None is a dash."""
    return "–" if share is None else known_percent(share)


def percent_cell(p: float) -> float:
    """Return a probability in per cent for a column of a table, which cannot write "> 99.9 %"."""
    return min(100 * float(p), 99.9)


def empty_state(title: str, text: str, *, page: str | None = None, label: str = "") -> None:
    """Say what is missing here and how to get it, instead of an empty page.

    Parameters
    ----------
    title, text : str
        Escaped here.
    page : str, optional
        Name of the page that helps; the link to it keeps the selection.
    label : str
        Of that link.
    """
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"##### {escape_markdown(title)}", text_alignment="center", anchors=False)
        st.markdown(f":gray[{escape_markdown(text)}]", text_alignment="center")
        if page is not None:
            go_to(page, label, width="content")


def go_to(
    page: str,
    label: str,
    *,
    icon: str | None = None,
    width: Literal["stretch", "content"] = "stretch",
    **changes: Any,
) -> None:
    """Draw a link to another page that takes the selection along.

    Parameters
    ----------
    page : str
        Name in the URL, such as "segments".
    label : str
        Escaped here.
    icon : str, optional
        ":material/...:".
    width : {"stretch", "content"}
        As wide as its container, or as its label.
    **changes
        Fields of the selection that the link changes. With another dataset, model, case and class
        of the old one are left behind.
    """
    params = state.current().to_params()
    if str(changes.get("dataset", params["dataset"])) != params["dataset"]:
        params = {k: v for k, v in params.items() if k not in ("model", "case", "target")}
    params |= {k: str(v) for k, v in changes.items()}
    st.page_link(
        page_path(page), label=escape_markdown(label), icon=icon, query_params=params,
        width=width,
    )  # fmt: skip


def next_steps(steps: Sequence[tuple[str, str, str, str]]) -> None:
    """Show cards with ways to go on.

    Parameters
    ----------
    steps : sequence of (page, icon, title, sentence)
    """
    grid = st.grid(len(steps), min_column_width=220)
    for page, icon, title, sentence in steps:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            go_to(page, title, icon=icon)
            st.caption(sentence)
