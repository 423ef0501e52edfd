"""How long a sweep still takes, from what its cells have taken."""

from __future__ import annotations

from statistics import fmean

from tscviz.training.sweep import Cell
from tscviz.ui.sweep.reading import Snapshot


def remaining(seen: Snapshot) -> float | None:
    """Return the seconds left at the present pace; None before the first cell is done.

    A cell is taken to need what its model needed on the same dataset, else on others, else what
    all cells needed on average.
    """
    known: dict[tuple[str, ...], list[float]] = {}
    for cell in seen.cells:
        result = seen.states[cell.id].result
        seconds = (result or {}).get("cell_seconds")
        if seconds is not None:
            for key in _keys(cell, seen):
                known.setdefault(key, []).append(float(seconds))
    if not known:
        return None
    means = {key: fmean(values) for key, values in known.items()}
    left = sum(_left(cell, seen, means) for cell in seen.cells)
    return left / max(1, seen.counts["running"])


def _keys(cell: Cell, seen: Snapshot) -> tuple[tuple[str, ...], ...]:
    row = seen.rows[cell.id]
    return (row, cell.job.dataset), (row,), ()


def _left(cell: Cell, seen: Snapshot, means: dict[tuple[str, ...], float]) -> float:
    state = seen.states[cell.id]
    if state.state not in ("running", "waiting"):
        return 0.0
    seconds = next(means[key] for key in _keys(cell, seen) if key in means)
    done = state.epoch / state.epochs if state.epochs else 0.0
    return seconds * max(0.0, 1.0 - done)
