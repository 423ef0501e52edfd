"""A bar for work that takes longer than a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

#: Work shorter than this shows nothing.
MOMENT = 0.4


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function ``tell(done, total)`` that keeps a bar with the time left up to date.

    Parameters
    ----------
    text : str
        What is being done; the page's own Markdown.
    """
    place, started = st.empty(), time.monotonic()

    def tell(done: int, total: int) -> None:
        passed = time.monotonic() - started
        if passed > MOMENT and done < total:
            left = passed / done * (total - done)
            place.progress(done / total, f"{text} · {_left(left)}")

    yield tell
    place.empty()


def _left(seconds: float) -> str:
    """Return a rough time: "about 3 s left", "about 2 min left"."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"
