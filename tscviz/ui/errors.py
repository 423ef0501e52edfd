"""What a visitor sees when something goes wrong: one clear box, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from tscviz.data.errors import DataError, Say, Setting
from tscviz.types import TscvizError
from tscviz.ui.escape import escape_markdown

logger = logging.getLogger("tscviz.ui")


def _no_control(_: Setting) -> None:
    """Say that a page has no control for a setting."""


def show_error(error: TscvizError, say: Say = _no_control) -> None:
    """Show an error's text in a red box; the text may quote a file, so it is escaped.

    Parameters
    ----------
    error : TscvizError
    say : callable
        What this page calls a setting that the error advises.
    """
    st.error(escape_markdown(said(error, say)), icon=":material/error:")


def said(error: TscvizError, say: Say = _no_control) -> str:
    """Return an error's text in the words of the app."""
    return error.worded(say) if isinstance(error, DataError) else str(error)


@contextmanager
def guard(say: Say = _no_control) -> Iterator[None]:
    """Turn a `TscvizError` raised inside the block into a box in its place.

    The rest of the page goes on after the block. Every other exception passes through; the
    server hands it to `report_unexpected`.

    Parameters
    ----------
    say : callable
        As in `show_error`.
    """
    try:
        yield
    except TscvizError as error:
        logger.info("shown to the visitor: %s", error)
        show_error(error, say)


def report_unexpected(error: Exception) -> bool:
    """Log an unexpected exception and show a plain sentence instead of it.

    Made for ``st.App(..., on_script_error=report_unexpected)``.

    Returns
    -------
    bool
        True: Streamlit shows nothing of its own.
    """
    logger.error("a page failed", exc_info=error)
    st.error(
        "Something went wrong that should not have. The rest of the app still works: choose "
        "another page, or reload this one. The server's log has the details.",
        icon=":material/error:",
    )
    return True
