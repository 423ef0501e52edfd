"""Where cells are run. A backend is one file that offers a `Backend`, named in `_HOMES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from tscviz.training.sweep.cell import Outcome
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.plan import Cell
from tscviz.training.sweep.raysettings import NO_SETTINGS, RaySettings

_HOMES = {"local": "local:LocalPool", "ray": "ray_pool:RayPool"}


@dataclass(frozen=True)
class Ended:
    """An attempt at a cell that has ended."""

    cell: Cell
    outcome: Outcome


@dataclass(frozen=True)
class BackendOptions:
    """What every backend is told.

    Parameters
    ----------
    jobs : Path
        `SweepFolder.jobs`.
    workers : int or None
        Cells at a time; None: as many as the machine or the cluster bears.
    threads : int
        Of one cell.
    archive : str or None
        Folder of datasets.
    keep : str
        See `SweepSpec.keep`.
    code : str or None
        `code_version` that the workers must have; None: whatever they have.
    ray : RaySettings
        For a cluster.
    """

    jobs: Path
    workers: int | None = None
    threads: int = 1
    archive: str | None = None
    keep: str = "model"
    code: str | None = None
    ray: RaySettings = NO_SETTINGS


class Backend(Protocol):
    """Runs `tscviz.training.sweep.cell.run_cell` somewhere; used from one thread."""

    def places(self) -> int:
        """Return how many cells can be started now."""
        ...

    def bears(self, cell: Cell) -> bool:
        """Return whether this cell can be started now; asked where `places` is above zero."""
        ...

    def start(self, cell: Cell, *, fresh: bool = False) -> None:
        """Start an attempt at a cell; only where `bears` said so."""
        ...

    def wait(self, seconds: float) -> list[Ended]:
        """Return the attempts that have ended, waiting for one at most so long."""
        ...

    def stop(self, grace: Callable[[], float]) -> list[Ended]:
        """Stop what runs, its checkpoints kept, by force after `grace()` seconds; what ended.

        `grace` is asked again and again: a second wish to stop makes it shorter.
        """
        ...

    def close(self) -> None:
        """Give back all processes; nothing runs any more."""
        ...


def make_backend(name: str, options: BackendOptions) -> Backend:
    """Return a backend by name.

    Raises
    ------
    SweepError
        On an unknown name, or a backend whose requirements are not installed.
    """
    if name not in _HOMES:
        raise SweepError(f"there is no backend {name!r}; there are: {', '.join(_HOMES)}.")
    module, _, made = _HOMES[name].partition(":")
    return getattr(import_module(f"{__name__}.{module}"), made)(options)
