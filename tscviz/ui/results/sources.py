"""Where results come from: sweeps below TSCVIZ_HOME, and the tables that ship with the project.

A table that has not changed on disk is not read again; of a sweep that is at work the table of its
last end is read, and the results since then once each, as they appear.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from tscviz.resources import home_folder, resource
from tscviz.training.sweep import Cell, CellState, SweepError, SweepFolder
from tscviz.training.sweep.table import COLUMNS, row_of
from tscviz.ui.escape import plain_text

logger = logging.getLogger("tscviz.ui")
_NEEDED = ("model", "dataset", "seed", "accuracy")
_NUMBERS = (
    "seed", "accuracy", "balanced_accuracy", "macro_f1", "log_loss", "auc", "train_seconds",
    "predict_seconds", "parameters", "flops", "epochs", "best_epoch", "cell_seconds",
    "train_accuracy", "train_loss", "n_train", "n_test",
)  # fmt: skip
_TEXTS = ("model", "options", "dataset", "preset", "status", "cell", "reason", "code_version")
_FINAL = ("done", "failed")


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
        return f"Sweep {plain_text(name)}" if kind == "sweep" else f"Benchmark: {name}"


def list_sources() -> dict[str, Source]:
    """Return every table at hand by name: sweeps, the newest first, then the project's own."""
    folders = [path.parent for path in (home_folder() / "sweeps").glob("*/plans")]
    folders.sort(key=lambda path: (-_mtime(path / "plans"), path.name))
    found = [Source(f"sweep/{path.name}", path) for path in folders]
    for path in sorted(resource("benchmarks/results").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            if set(_NEEDED) <= set(file.readline().strip().split(",")):
                found.append(Source(f"project/{path.stem}", path))
    return {source.name: source for source in found}


@dataclass(frozen=True, eq=False)
class Results:
    """What a source holds.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a run that is done, with at least the columns of `COLUMNS`.
    states : dict of str to int
        Cells by what has become of them.
    version : str
        Changes with the content.
    """

    frame: pd.DataFrame
    states: dict[str, int]
    version: str

    @property
    def total(self) -> int:
        """Cells in all."""
        return sum(self.states.values())


def read(source: Source) -> Results:
    """Return the results of a source as they are now.

    Raises
    ------
    SweepError
        Where the table or the plan is damaged.
    """
    if not source.is_sweep:
        found = _from_csv(str(source.path), _mtime(source.path), _size(source.path))
        return Results(_by_protocol(found.frame), found.states, found.version)
    table = source.path / "results.csv"
    plans = max((_mtime(p) for p in (source.path / "plans").glob("*.json")), default=0)
    if _mtime(table) >= plans:
        found = _from_csv(str(table), _mtime(table), _size(table))
        if found.total == sum(found.states.get(state, 0) for state in _FINAL):
            return found
    return _reader(str(source.path)).read()


def _by_protocol(frame: pd.DataFrame) -> pd.DataFrame:
    """Take options that a protocol sets by dataset for no difference between models.

    They are one where no dataset has two of them.
    """
    kinds = frame.groupby(["model", "preset", "dataset"])["options"].nunique()
    single = pd.Series(kinds.groupby(["model", "preset"]).max()).eq(1)
    keys = pd.MultiIndex.from_arrays([frame["model"], frame["preset"]])
    return frame.assign(options=np.where(single.reindex(keys), "{}", frame["options"]))


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return -1


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return -1


@st.cache_resource(max_entries=16, show_spinner=False)
def _from_csv(path: str, written: int, size: int) -> Results:
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(_TEXTS, str))
    except (OSError, ValueError) as error:
        raise SweepError(f"{path} cannot be read as a table: {error}") from None
    missing = [name for name in _NEEDED if name not in frame]
    if missing:
        raise SweepError(f"{path} has no column {missing[0]}; it is no table of results.")
    return _results(frame, f"{path}-{written}-{size}")


def _results(frame: pd.DataFrame, version: str) -> Results:
    if "seconds" in frame and "train_seconds" not in frame:
        frame = frame.rename(columns={"seconds": "train_seconds"})
    defaults = {"options": "{}", "preset": "paper", "status": "done"}
    for name in COLUMNS:
        if name not in frame:
            frame[name] = defaults.get(name, np.nan)
    for name in _NUMBERS:
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["options"] = frame["options"].fillna("{}")
    frame["preset"] = frame["preset"].fillna("")
    states = {str(k): int(v) for k, v in frame["status"].value_counts().items()}
    done = frame.loc[frame["status"] == "done"].reset_index(drop=True)
    return Results(done, states, version)


@dataclass
class _Reader:
    """What is known of one sweep: results that are there stay, the others are looked for."""

    root: Path
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    plans: tuple[tuple[str, int], ...] = ()
    last: Results | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Results:
        """Read the plans if they changed, and results that were not there before."""
        with self.lock:
            folder = SweepFolder(self.root)
            self._plan(folder)
            begun = {p.name for p in folder.jobs.iterdir()} if folder.jobs.is_dir() else set()
            if self.last is None:
                self._remember(begun)
            known = len(self.rows)
            for cell in self.cells:
                if cell.id in begun and cell.id not in self.rows:
                    result = folder.result(cell.id)
                    if result is not None:
                        self.rows[cell.id] = row_of(cell, CellState("done", result=result))
            if self.last is None or len(self.rows) != known:
                self.last = self._made()
            return self.last

    def _plan(self, folder: SweepFolder) -> None:
        plans = tuple(sorted((p.name, _mtime(p)) for p in (self.root / "plans").glob("*.json")))
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
            frame = _from_csv(str(table), _mtime(table), _size(table)).frame
            for row in frame.to_dict(orient="records"):
                if row["cell"] in begun:
                    self.rows.setdefault(row["cell"], {str(k): v for k, v in row.items()})

    def _made(self) -> Results:
        rows = [self.rows[cell.id] for cell in self.cells if cell.id in self.rows]
        found = _results(pd.DataFrame(rows, columns=list(COLUMNS)), f"{self.root}-{len(rows)}")
        left = len(self.cells) - len(rows)
        states = {"done": len(rows)} | ({"to come": left} if left else {})
        return Results(found.frame, states, f"{found.version}-{hash(self.plans)}")


@st.cache_resource(max_entries=8, show_spinner="Reading the sweep …")
def _reader(root: str) -> _Reader:
    return _Reader(Path(root))
