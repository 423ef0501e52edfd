"""Numba's decorator with the settings every kernel of this package shares."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numba
from numba.core import config

from tscviz.resources import home_folder


def kernel(function: Callable[..., Any], *, any_order: bool = False) -> Any:
    """Compile `function` without the GIL and keep the machine code on disk.

    Division follows IEEE 754 instead of raising, and a product may be fused with a sum; sums keep
    their order unless `any_order` lets the compiler split them among the lanes of a vector.

    Numba keeps it beside the source, or in the user's cache folder, or in ``NUMBA_CACHE_DIR``.
    Where none of these can be written, ``TSCVIZ_HOME/cache/numba`` is used, and where that cannot
    be written either the code is compiled anew in every process. A shared temporary folder is
    not used: the cache is unpickled, so anybody able to write there could run code here.
    """
    fastmath = {"contract", "reassoc"} if any_order else {"contract"}
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        if not config.CACHE_DIR and _use_home_cache():  # pyright: ignore[reportAttributeAccessIssue]
            return numba.njit(cache=True, **options)(function)
        return numba.njit(**options)(function)


def _use_home_cache() -> bool:
    """Point numba at the cache folder in the home of tscviz; False where it cannot be written."""
    folder = home_folder() / "cache" / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    if not os.access(folder, os.W_OK):
        return False
    config.CACHE_DIR = str(folder)  # pyright: ignore[reportAttributeAccessIssue]
    return True
