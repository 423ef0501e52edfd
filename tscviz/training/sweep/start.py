"""How a sweep was started last, so that a resume does it the same way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tscviz.atomic import read_object, write_json


@dataclass(frozen=True)
class Start:
    """What `run_sweep` was told beside the sweep itself.

    Parameters
    ----------
    backend : str
    workers : int or None
        Cells at a time; None: as many as the machine or the cluster bears.
    address : str or None
        Of a cluster.
    """

    backend: str = "local"
    workers: int | None = None
    address: str | None = None


def save_start(root: Path, plan: str, start: Start) -> None:
    """Remember how a plan of the folder `root` was started; a full disk only forgets it."""
    with suppress(OSError):
        (root / "starts").mkdir(exist_ok=True)
        write_json(root / "starts" / f"{plan}.json", asdict(start))


def read_start(root: Path, plan: str) -> Start:
    """Return how a plan was started last; the defaults where that is not known."""
    value = read_object(root / "starts" / f"{plan}.json") or {}
    backend, workers, address = (value.get(name) for name in ("backend", "workers", "address"))
    return Start(
        backend if isinstance(backend, str) else Start.backend,
        workers if isinstance(workers, int) else None,
        address if isinstance(address, str) else None,
    )
