"""tscviz shows what a time-series classifier sees."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tscviz._version import __version__

if TYPE_CHECKING:
    from tscviz import kernels
    from tscviz.data import load_dataset, read_series
    from tscviz.explain import explain, segment
    from tscviz.models import build_model, describe_model, load_model
    from tscviz.training import train

# How long torch's threads wait busily for more work, where it is not imported yet: 0.1 ms or so.
# By default they hold the cores for longer, just when the kernels of this package want them.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

_HOMES = {
    "load_dataset": "tscviz.data",
    "read_series": "tscviz.data",
    "build_model": "tscviz.models",
    "describe_model": "tscviz.models",
    "load_model": "tscviz.models",
    "train": "tscviz.training",
    "segment": "tscviz.explain",
}

__all__ = [
    "__version__",
    "build_model",
    "describe_model",
    "explain",
    "kernels",
    "load_dataset",
    "load_model",
    "read_series",
    "segment",
    "train",
]


def __getattr__(name: str) -> Any:
    """Import public names on first use: `import tscviz` itself costs nothing."""
    if name in ("kernels", "data", "models", "training", "explain", "figures", "estimators"):
        return import_module(f"tscviz.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'tscviz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
