"""What the server does once, before and beside the first visitor."""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

logger = logging.getLogger("tscviz.ui")

#: Imported in this order; the pages then find them loaded.
WARM_MODULES = (
    "plotly.graph_objects",
    "tscviz.figures",
    "tscviz.kernels",
    "tscviz.models",
    "tscviz.explain",
    "tscviz.training",
    "aeon.benchmarking.stats",  # scipy.stats: a second, for the page Results
    "captum.attr",  # and matplotlib: a second or two, for the first map by a gradient
    "captum.metrics",
)
#: Seconds to wait for a first visitor, whose page would compete with the imports.
PATIENCE = 4.0
#: Seconds left to the browser, which often shares the machine, to draw that page.
HEAD_START = 1.0

_first_page = threading.Event()
_warm = threading.Event()


def page_done() -> None:
    """Tell that a page has been sent, so that warming up no longer delays the first one."""
    _first_page.set()


def is_warm() -> bool:
    """Return True once the heavy imports are done."""
    return _warm.is_set()


def warm_up(
    modules: Iterable[str] = WARM_MODULES, *, patience: float = 0.0, head_start: float = 0.0
) -> float:
    """Import heavy modules, compile kernels, then keep the garbage collector away from them.

    Streamlit collects garbage after every script run; with torch loaded and not frozen that
    costs every click a quarter of a second.

    Parameters
    ----------
    modules : iterable of str
    patience : float
        Seconds to wait at most for the first page.
    head_start : float
        Seconds to wait after it.

    Returns
    -------
    float
        Seconds the imports took.
    """
    if _first_page.wait(patience):
        time.sleep(head_start)
    start = time.perf_counter()
    for name in modules:
        import_module(name)
    import_module("tscviz.kernels").warm_up()
    gc.collect()
    gc.freeze()
    _warm.set()
    seconds = time.perf_counter() - start
    logger.info("warm after %.1f s", seconds)
    return seconds


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any] | None]:
    """Start warming up in the background; for ``st.App(..., lifespan=lifespan)``."""
    # captum imports matplotlib, which would look for a display.
    os.environ.setdefault("MPLBACKEND", "Agg")
    threading.Thread(
        target=warm_up,
        kwargs={"patience": PATIENCE, "head_start": HEAD_START},
        name="warm-up",
        daemon=True,
    ).start()
    yield None
