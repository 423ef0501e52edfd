"""The sweeps below TSCVIZ_HOME/sweeps, by name; a name is checked before it meets a path."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tscviz.resources import home_folder
from tscviz.training.sweep import SweepError, SweepFolder
from tscviz.training.sweep.naming import LISTED
from tscviz.ui import page_options
from tscviz.ui.escape import plain_text

NEW = "new"
_PARAMETER = "sweep"
_PLANS = "*/plans/*.json"


def place() -> Path:
    """Return the folder of all sweeps; that of `tscviz sweep` without ``--out``, too."""
    return home_folder() / "sweeps"


def names() -> tuple[str, ...]:
    """Return the sweeps there are, the one planned last first."""
    newest: dict[str, float] = {}
    for path in place().glob(_PLANS):
        name = path.parent.parent.name
        if LISTED.fullmatch(name):
            newest[name] = max(newest.get(name, 0.0), _changed(path))
    return tuple(sorted(newest, key=lambda name: (-newest[name], name)))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def check_name(name: str) -> str:
    """Return the name of a new sweep.

    Raises
    ------
    SweepError
        Where it cannot be one, or is taken.
    """
    name = name.strip()
    if not LISTED.fullmatch(name) or name == NEW:
        raise SweepError(
            f"{plain_text(name, max_length=40)!r} cannot be the name of a sweep; use up to 60 "
            f"letters, digits, dots, dashes and underscores, a letter or digit first, not {NEW!r}."
        )
    if (place() / name).exists():
        raise SweepError(f"There is a sweep called {name!r}; open it, or choose another name.")
    return name


def free_name(stem: str = "sweep") -> str:
    """Return a name that no sweep has."""
    taken, number = set(names()), 1
    while f"{stem}-{number}" in taken or (place() / f"{stem}-{number}").exists():
        number += 1
    return f"{stem}-{number}"


def choose(found: tuple[str, ...]) -> str | None:
    """Draw the choice among the sweeps; return the open one, None for a new one.

    The open sweep is in the address; what is no sweep there is named.
    """
    asked = st.query_params.get(_PARAMETER)
    if asked is not None and asked not in (NEW, *found):
        st.warning(
            "There is no such sweep here; choose one, or start a new one.",
            icon=":material/link_off:",
        )
    if not found:
        page_options.value(_PARAMETER, (NEW,), NEW)
        return None
    chosen = page_options.select(
        _PARAMETER,
        "Sweep",
        (NEW, *found),
        NEW,
        lambda name: "New sweep" if name == NEW else name,
        help="The sweeps of this server, the newest first; also those started by `tscviz sweep` "
        "without `--out`.",
    )
    return None if chosen == NEW else chosen


def folder_of(name: str) -> SweepFolder:
    """Return the folder of a sweep in `names`."""
    return SweepFolder(place() / name)


def show(name: str) -> None:
    """Open a sweep; follow it by a rerun."""
    page_options.set_value(_PARAMETER, name)
