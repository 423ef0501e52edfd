"""Sweeps: models with options x datasets x seeds, each cell a job, none run twice.

>>> from tscviz.training import sweep  # doctest: +SKIP
>>> sweep.run_sweep(sweep.read_sweep("sweep.toml"), "results", workers=2)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tscviz.training.sweep.errors import SweepError as SweepError
    from tscviz.training.sweep.plan import Cell as Cell
    from tscviz.training.sweep.plan import Plan as Plan
    from tscviz.training.sweep.progress import Progress as Progress
    from tscviz.training.sweep.run import plan_sweep as plan_sweep
    from tscviz.training.sweep.run import run_sweep as run_sweep
    from tscviz.training.sweep.run import start_sweep as start_sweep
    from tscviz.training.sweep.spec import SweepSpec as SweepSpec
    from tscviz.training.sweep.spec import read_sweep as read_sweep
    from tscviz.training.sweep.spec import sweep_from_mapping as sweep_from_mapping
    from tscviz.training.sweep.store import CellState as CellState
    from tscviz.training.sweep.store import SweepFolder as SweepFolder
    from tscviz.training.sweep.table import open_sweep as open_sweep
    from tscviz.training.sweep.table import read_table as read_table

_HOMES = {
    "Cell": "plan",
    "CellState": "store",
    "Plan": "plan",
    "Progress": "progress",
    "SweepError": "errors",
    "SweepFolder": "store",
    "SweepSpec": "spec",
    "open_sweep": "table",
    "plan_sweep": "run",
    "read_sweep": "spec",
    "read_table": "table",
    "run_sweep": "run",
    "start_sweep": "run",
    "sweep_from_mapping": "spec",
}

__all__ = [
    "Cell",
    "CellState",
    "Plan",
    "Progress",
    "SweepError",
    "SweepFolder",
    "SweepSpec",
    "open_sweep",
    "plan_sweep",
    "read_sweep",
    "read_table",
    "run_sweep",
    "start_sweep",
    "sweep_from_mapping",
]


def __getattr__(name: str) -> Any:
    """Import the module that holds `name` on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
