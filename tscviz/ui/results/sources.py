"""Where results come from: sweeps below TSCVIZ_HOME, and the tables that ship with the project.

What has not changed on disk is not read again; of a sweep that is at work the table of its last end
is read, and the results since then once each, as they appear.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from tscviz.atomic import read_object
from tscviz.resources import home_folder, resource
from tscviz.training.jobdir import STATUS
from tscviz.training.sweep import Cell, CellState, SweepError, SweepFolder
from tscviz.training.sweep.store import RESULT
from tscviz.training.sweep.summary import protocol_options
from tscviz.training.sweep.table import COLUMNS, row_of
from tscviz.ui.escape import plain_text
from tscviz.ui.results.rows import Results, Stamp, from_csv, results_of, stamp_of

logger = logging.getLogger("tscviz.ui")
_FINAL = ("done", "failed")
_PLAN_BYTES = 1 << 28
#: The project's tables, `benchmarks/results/NAME.csv`, in the order in which they are offered.
_TABLES = {
    "accuracy": "Benchmark: DSN, LSTM-FCN, ALSTM-FCN, three seeds",
    "dtp": "Benchmark: GTP, STP, DTP on small problems",
    "dtp_authors": "Benchmark: GTP, STP, DTP by their authors' code",
    "dtp_longer": "Benchmark: STP and DTP, average pooling, trained longer",
    "shifted": "Benchmark: GTP, STP, DTP on series moved in time",
    "dsn": "Benchmark: DSN and its ablations",
    "lstm": "Benchmark: LSTM-FCN, ALSTM-FCN, report",
    "convtimenet": "Benchmark: ConvTimeNet, pre-trained and from scratch",
    "enrf": "Benchmark: DSN by sparsity and groups",
    "causes": "Benchmark: causes of what falls short",
}
#: Names and stamps of the files of a sweep's plans.
PlanFiles = tuple[tuple[str, Stamp], ...]


@dataclass(frozen=True)
class Source:
    """A table of results.

    Parameters
    ----------
    name : str
        Unique; "sweep/NAME" or "project/NAME".
    path : Path
        A sweep's folder, or a CSV file.
    """

    name: str
    path: Path

    @property
    def is_sweep(self) -> bool:
        """Whether it is a sweep's folder, with jobs in it."""
        return self.name.startswith("sweep/")

    @property
    def label(self) -> str:
        """Name for people; may hold what a stranger called a folder."""
        kind, _, name = self.name.partition("/")
        return f"Sweep {plain_text(name)}" if kind == "sweep" else _TABLES.get(name, name)


def list_sources() -> dict[str, Source]:
    """Return every table at hand by name: sweeps, the newest first, then the project's own."""
    folders = [path.parent for path in (home_folder() / "sweeps").glob("*/plans")]
    folders.sort(key=lambda path: (-_mtime(path / "plans"), path.name))
    found = [Source(f"sweep/{path.name}", path) for path in folders]
    for name in _TABLES:
        path = resource("benchmarks/results") / f"{name}.csv"
        if path.is_file():
            found.append(Source(f"project/{name}", path))
    return {source.name: source for source in found}


def read(source: Source) -> Results:
    """Return the results of a source as they are now.

    Raises
    ------
    SweepError
        Where the table or the plan is damaged.
    """
    if not source.is_sweep:
        found = from_csv(str(source.path), stamp_of(source.path))
        return Results(_by_protocol(found.frame), found.states, found.version)
    return _finished(source.path) or _reader(str(source.path)).read()


def _finished(root: Path) -> Results | None:
    """Return the table of a sweep that has ended; None where the cells must be asked.

    It is the last word if exactly the planned cells have ended in it and their folders agree. No
    time of a file is asked: clocks are set back.
    """
    table, plans = root / "results.csv", _plan_files(root)
    if not table.is_file():
        return None
    if not plans:  # a table alone: nothing can be to come
        return from_csv(str(table), stamp_of(table))
    try:
        found = from_csv(str(table), stamp_of(table))
    except SweepError:  # the cells' own files are what counts
        return None
    done = set(found.frame["cell"])
    whole = found.total == sum(found.states.get(state, 0) for state in _FINAL)
    if not whole or (done | found.failed) != _planned(str(root), plans):
        return None
    folder = SweepFolder(root)
    anew = folder.jobs.is_dir() and not done <= _begun(folder)  # somebody removed their folders
    later = any((folder.jobs / cell / RESULT).is_file() for cell in found.failed)
    return None if anew or later else found


def _plan_files(root: Path) -> PlanFiles:
    return tuple(sorted((p.name, stamp_of(p)) for p in (root / "plans").glob("*.json")))


@st.cache_resource(max_entries=16, show_spinner=False)
def _planned(root: str, plans: PlanFiles) -> frozenset[str]:
    """Return the ids of the cells that count; none where a plan is damaged."""
    (name, _), *others = plans
    if others:  # a newer plan may stand in for cells of an older one
        with suppress(SweepError):
            return frozenset(cell.id for cell in SweepFolder(root).cells())
        return frozenset()
    # One plan's ids without what the cells are: a sixth of the time.
    cells = (read_object(Path(root, "plans", name), _PLAN_BYTES) or {}).get("cells")
    kept = cells if isinstance(cells, list) else []
    return frozenset(str(cell.get("id")) for cell in kept if isinstance(cell, dict))


def _begun(folder: SweepFolder) -> set[str]:
    with suppress(FileNotFoundError), os.scandir(folder.jobs) as found:
        return {entry.name for entry in found}
    return set()


def _by_protocol(frame: pd.DataFrame) -> pd.DataFrame:
    names = ("model", "preset", "dataset", "options")
    runs = list(zip(*(frame[name] for name in names), strict=True))
    return frame.assign(options=protocol_options(runs))


def _mtime(path: Path) -> int:
    return stamp_of(path)[0]


@dataclass
class _Reader:
    """What is known of one sweep: results that are there stay, the others are looked for."""

    root: Path
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, Stamp] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    plans: PlanFiles = ()
    last: Results | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Results:
        """Read the plans if they changed, and results that were not there before."""
        with self.lock:
            folder = SweepFolder(self.root)
            self._plan(folder)
            begun = _begun(folder)
            if self.last is None:
                self._remember(begun)
            known, failed = len(self.rows), self._look(folder, begun)
            if self.last is None or known != len(self.rows) or failed.keys() != self.failed.keys():
                self.last = self._made(len(failed))
            self.failed = failed
            return self.last

    def _look(self, folder: SweepFolder, begun: set[str]) -> dict[str, Stamp]:
        """Read the results that are new; return the cells that have failed, each with its stamp."""
        failed = {}
        for cell in self.cells:
            if cell.id in self.rows or not (cell.problem or cell.id in begun):
                continue
            result = folder.result(cell.id)
            if result is not None:
                self.rows[cell.id] = row_of(cell, CellState("done", result=result))
                continue
            stamp = stamp_of(folder.folder(cell.id) / STATUS)
            known = stamp == self.failed.get(cell.id)
            if cell.problem or known or folder.state(cell).state == "failed":
                failed[cell.id] = stamp
        return failed

    def _plan(self, folder: SweepFolder) -> None:
        plans = _plan_files(self.root)
        if plans != self.plans:
            self.cells, self.plans, self.last = folder.cells(), plans, None

    def _remember(self, begun: set[str]) -> None:
        """Take what an earlier end of the sweep wrote down: one file in place of thousands.

        A cell that is done stays as it is, unless somebody removed its folder.
        """
        table = self.root / "results.csv"
        if not table.is_file():
            return
        with suppress(SweepError):  # damaged: the cells' own files are what counts
            frame = from_csv(str(table), stamp_of(table)).frame
            for row in frame.to_dict(orient="records"):
                if row["cell"] in begun:
                    self.rows.setdefault(row["cell"], {str(k): v for k, v in row.items()})

    def _made(self, n_failed: int) -> Results:
        rows = [self.rows[cell.id] for cell in self.cells if cell.id in self.rows]
        version = f"{self.root}-{len(rows)}-{n_failed}-{hash(self.plans)}"
        found = results_of(pd.DataFrame(rows, columns=list(COLUMNS)), version)
        states = {"done": len(rows), "failed": n_failed}
        states["to come"] = len(self.cells) - sum(states.values())
        return replace(found, states={name: n for name, n in states.items() if n})


@st.cache_resource(max_entries=8, show_spinner="Reading the sweep …")
def _reader(root: str) -> _Reader:
    return _Reader(Path(root))
