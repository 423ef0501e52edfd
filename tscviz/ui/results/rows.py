"""Runs as rows: what a table on disk holds, with every column that the page knows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from tscviz.training.sweep import SweepError
from tscviz.training.sweep.table import COLUMNS

NEEDED = ("model", "dataset", "seed", "accuracy")
_NUMBERS = (
    "seed", "accuracy", "balanced_accuracy", "macro_f1", "log_loss", "auc", "train_seconds",
    "predict_seconds", "parameters", "flops", "epochs", "best_epoch", "cell_seconds",
    "train_accuracy", "train_loss", "n_train", "n_test",
)  # fmt: skip
_TEXTS = ("model", "options", "dataset", "preset", "status", "cell", "reason", "versions",
          "code_version", "data_digest")  # fmt: skip
#: What stands for no value: in a text nothing but nothing, as a dataset may be called "NA".
_MISSING = {
    **{name: ["", "nan", "NaN", "NA", "None", "null"] for name in (*COLUMNS, "seconds")},
    **{name: [""] for name in _TEXTS},
}
#: Time and size of a file.
Stamp = tuple[int, int]


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
    failed : frozenset of str
        Ids of the cells that have failed.
    """

    frame: pd.DataFrame
    states: dict[str, int]
    version: str
    failed: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        """Cells in all."""
        return sum(self.states.values())


def stamp_of(path: Path) -> Stamp:
    """Return time and size of a file, by which what was read of it is remembered."""
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return -1, -1


@st.cache_resource(max_entries=16, show_spinner=False)
def from_csv(path: str, stamp: Stamp) -> Results:
    """Return what a table on disk holds.

    Raises
    ------
    SweepError
        Where it is damaged.
    """
    try:
        frame = pd.read_csv(
            path, dtype=dict.fromkeys(_TEXTS, str), keep_default_na=False, na_values=_MISSING
        )
    except (OSError, ValueError) as error:
        raise SweepError(f"{path} cannot be read as a table: {error}") from None
    missing = [name for name in NEEDED if name not in frame]
    if missing:
        raise SweepError(f"{path} has no column {missing[0]}; it is no table of results.")
    return results_of(frame, f"{path}-{stamp[0]}-{stamp[1]}")


def results_of(frame: pd.DataFrame, version: str) -> Results:
    """Return the results of a table's rows, whatever columns it lacks."""
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
    failed = frozenset(map(str, frame.loc[frame["status"] == "failed", "cell"]))
    return Results(done, states, version, failed)
