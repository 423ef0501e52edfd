"""What a page that looks every second reads of a sweep: nothing twice that cannot change."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from tscviz.titles import title_of
from tscviz.training.jobdir import STATUS
from tscviz.training.sweep import Cell, CellState, Plan, SweepFolder
from tscviz.training.sweep.plan import cells_that_count
from tscviz.training.sweep.summary import labels

STATES = ("done", "running", "waiting", "failed", "cancelled")
_WAITING = CellState("waiting")


@dataclass(frozen=True)
class Snapshot:
    """A sweep at one moment.

    Parameters
    ----------
    plans : tuple of Plan
        The newest first.
    cells : tuple of Cell
    states : mapping
        Cell id to state.
    rows : mapping
        Cell id to the name of its model with what tells its options apart.
    schedulers : tuple of str
        At work.
    stopping : bool
        They were asked to stop.
    since : float or None
        Unix time at which the oldest of them began.
    """

    plans: tuple[Plan, ...]
    cells: tuple[Cell, ...]
    states: Mapping[str, CellState]
    rows: Mapping[str, str]
    schedulers: tuple[str, ...]
    stopping: bool
    since: float | None

    @property
    def counts(self) -> dict[str, int]:
        """Number of cells by state."""
        found = Counter(state.state for state in self.states.values())
        return {state: found[state] for state in STATES}

    @property
    def finished(self) -> bool:
        """True where nothing waits and nothing runs."""
        return not self.counts["waiting"] and not self.counts["running"]


@dataclass
class _Reader:
    """What is known of one folder."""

    folder: SweepFolder
    signature: tuple[object, ...] = ()
    plans: tuple[Plan, ...] = ()
    cells: tuple[Cell, ...] = ()
    rows: dict[str, str] = field(default_factory=dict)
    done: dict[str, CellState] = field(default_factory=dict)
    ended: dict[str, tuple[tuple[int, int], CellState]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Snapshot:
        """Return the sweep as it is now.

        Raises
        ------
        SweepError
            Where there is none, or a plan is damaged.
        """
        with self.lock:
            self.look_at_plans()
            schedulers = tuple(self.folder.schedulers())
            present = _entries(self.folder.jobs)
            states = {cell.id: self._state(cell, present) for cell in self.cells}
            stopping, since = self._times(schedulers)
            return Snapshot(self.plans, self.cells, states, self.rows, schedulers, stopping, since)

    def look_at_plans(self) -> None:
        """Read the plans if they changed."""
        paths = sorted((self.folder.root / "plans").glob("*.json"))
        signature = tuple((path.stem, _mark(path)) for path in paths)
        if signature == self.signature and self.cells:
            return
        plans = self.folder.plans()
        self.cells = cells_that_count(plans.values()) or self.folder.cells()  # says what is wrong
        self.plans = tuple(reversed(plans.values()))
        self.rows = _names(self.cells)
        self.signature = signature

    def _state(self, cell: Cell, present: set[str]) -> CellState:
        known = self.done.get(cell.id)
        if known is not None and cell.id in present:
            return known
        if cell.id not in present and not cell.problem:
            return _WAITING
        mark = _mark(self.folder.folder(cell.id) / STATUS)
        before = self.ended.get(cell.id)
        if before is not None and before[0] == mark:
            return before[1]
        state = self.folder.state(cell)
        if state.state == "done":
            self.done[cell.id] = state
        elif state.state in ("failed", "cancelled"):
            self.ended[cell.id] = (mark, state)
        return state

    def _times(self, schedulers: tuple[str, ...]) -> tuple[bool, float | None]:
        place = self.folder.root / "schedulers"
        stopping = any((place / f"{name}.cancel").exists() for name in schedulers)
        began = [_mtime(place / f"{name}.lock") for name in schedulers]
        return stopping, min(began, default=None)


def snapshot(folder: SweepFolder) -> Snapshot:
    """Return a sweep as it is now, reading what may have changed.

    Raises
    ------
    SweepError
        Where there is none, or a plan is damaged.
    """
    return _reader(str(folder.root)).read()


def plans(folder: SweepFolder) -> tuple[Plan, ...]:
    """Return the plans of a sweep, the newest first.

    Raises
    ------
    SweepError
        As `snapshot`.
    """
    reader = _reader(str(folder.root))
    with reader.lock:
        reader.look_at_plans()
        return reader.plans


def forget(folder: SweepFolder) -> None:
    """Read everything anew the next time: cells that had ended may be started again."""
    _reader(str(folder.root)).ended.clear()


@st.cache_resource(max_entries=8, show_spinner=False)
def _reader(root: str) -> _Reader:
    return _Reader(SweepFolder(root))


def _entries(path: Path) -> set[str]:
    with suppress(OSError), os.scandir(path) as found:
        return {entry.name for entry in found}
    return set()


def _mtime(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _mark(path: Path) -> tuple[int, int]:
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_ino
    return 0, 0


def _names(cells: tuple[Cell, ...]) -> dict[str, str]:
    keys: dict[tuple[str, str, str], list[str]] = {}
    for cell in cells:
        options = json.dumps(dict(cell.job.options), sort_keys=True)
        keys.setdefault((cell.job.model, cell.job.preset, options), []).append(cell.id)
    named = labels([{"model": m, "preset": p, "options": o} for m, p, o in keys], title_of)
    return {cell: named[key] for key, ids in keys.items() for cell in ids}
