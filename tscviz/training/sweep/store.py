"""A sweep's folder: plans, one job directory a cell, and a result that is whole or absent.

::

    SWEEP/plans/<id>.json          the cells of each sweep that was started here, and a number
                                   that is the highest of all for the one stored last
         /starts/<id>.json         how that sweep was started last: backend, workers, address
         /jobs/<cell>/             a job directory (see `tscviz.training.jobdir`), and
         /jobs/<cell>/result.json  the cell's figures; once it is there the cell is done
         /jobs/<cell>/attempts.jsonl  why it was started again
         /schedulers/<id>.lock     locked by a living scheduler; <id>.cancel asks it to stop
         /digests.json             of the data, by their files and what reads them; only a memory
         /results.csv, .parquet    the tidy table, as of the last end of a sweep, and now and
                                   then while one is at work
         /results.lock             held while that is read and written

`jobs` is what it is below TSCVIZ_HOME: `tscviz.training.jobs.get_job(cell, home=SWEEP)` works.
Several sweeps and several schedulers may share a folder. A cell belongs to who holds its
`worker.lock`; no time and no process number is asked.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tscviz.atomic import (
    FileLock,
    append_json_line,
    is_locked,
    read_json_lines,
    read_object,
    write_json,
)
from tscviz.training.jobdir import CANCEL, is_alive, read_status
from tscviz.training.jobspec import JOB_ID, JobError
from tscviz.training.jobstore import store_lock, storing
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.plan import (
    Cell,
    Plan,
    cells_that_count,
    plan_from_json,
    plan_to_json,
)

RESULT, ATTEMPTS = "result.json", "attempts.jsonl"
FORMAT = 1
_PLAN_BYTES = 1 << 28


@dataclass(frozen=True)
class CellState:
    """What a cell is doing.

    Parameters
    ----------
    state : {"waiting", "running", "done", "failed", "cancelled"}
        A cell whose worker died or whose sweep was stopped waits: the next scheduler takes it up.
    epoch, epochs : int
    message : str
        Why it failed.
    eta_seconds : float or None
        Of a running cell.
    result : mapping or None
        Of a done cell; see `tscviz.training.sweep.table`.
    """

    state: str
    epoch: int = 0
    epochs: int = 0
    message: str = ""
    eta_seconds: float | None = None
    result: dict[str, Any] | None = None


class SweepFolder:
    """The folder of one or more sweeps.

    Parameters
    ----------
    root : path
        Created by `save_plan`.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root).expanduser().absolute()
        self.jobs = self.root / "jobs"

    def save_plan(self, plan: Plan) -> None:
        """Store a plan as the newest, in place of an older one of the same sweep.

        Raises
        ------
        SweepError
            Where the folder cannot be written.
        """
        try:
            with store_lock(self.jobs):
                (self.root / "plans").mkdir(exist_ok=True)
                number = 1 + max((number for number, _, _ in self._plan_files()), default=0)
                value = plan_to_json(plan) | {"number": number}
                write_json(self.root / "plans" / f"{plan.id}.json", value)
        except (JobError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SweepError(f"The sweep cannot be stored in {self.root}: {reason}") from None

    def plans(self) -> dict[str, Plan]:
        """Return the plans by id, the oldest first; those without a number in order of their ids.

        Raises
        ------
        SweepError
            Where one is damaged.
        """
        plans = {}
        for _, path, value in sorted(self._plan_files(), key=lambda found: found[:2]):
            if value is None:
                raise SweepError(f"{path} is damaged; start the sweep again to write it anew.")
            plans[path.stem] = plan_from_json(value)
        return plans

    def _plan_files(self) -> Iterator[tuple[int, Path, dict[str, Any] | None]]:
        """Yield number, file and content of each plan; no content where it is damaged."""
        for path in (self.root / "plans").glob("*.json"):
            value = read_object(path, _PLAN_BYTES)
            number = (value or {}).get("number")
            yield (number if isinstance(number, int) else 0), path, value

    def cells(self) -> tuple[Cell, ...]:
        """Return the cells of all plans, each once, as `cells_that_count` says.

        Raises
        ------
        SweepError
            Where no sweep was started here.
        """
        plans = self.plans()
        if not plans:
            raise SweepError(
                f"{self.root} holds no sweep; give the folder that `tscviz sweep` named with --out."
            )
        return cells_that_count(plans.values())

    def folder(self, cell_id: str) -> Path:
        """Return the job directory of a cell; it may not exist yet."""
        if not JOB_ID.fullmatch(cell_id):
            raise SweepError(f"{cell_id[:40]!r} is no cell: wanted sixteen hexadecimal digits.")
        return self.jobs / cell_id

    def result(self, cell_id: str) -> dict[str, Any] | None:
        """Return the figures of a done cell; None where it is not done."""
        return read_result(self.folder(cell_id))

    def state(self, cell: Cell) -> CellState:
        """Return what a cell is doing."""
        folder = self.folder(cell.id)
        result = read_result(folder)
        if result is not None:
            epochs = int(result.get("epochs") or 0)
            return CellState("done", epochs, epochs, result=result)
        if cell.problem:
            return CellState("failed", message=cell.problem)
        if not folder.is_dir():
            return CellState("waiting")
        status = read_status(folder)
        # Done without a result: the worker died between the two; the figures are still to come.
        # Cancelled without anybody wanting it: stopped with its sweep.
        asked = (folder / CANCEL).exists()
        passing = status.state in ("dead", "done") or (status.state == "cancelled" and not asked)
        state = "waiting" if passing else status.state
        return CellState(state, status.epoch, status.epochs, status.message, status.eta_seconds)

    def note_attempt(self, cell_id: str, reason: str) -> None:
        """Remember why a cell is started again."""
        with suppress(OSError):
            append_json_line(self.folder(cell_id) / ATTEMPTS, {"reason": reason})

    def attempts(self, cell_id: str) -> list[str]:
        """Return why a cell was started again, once for each time."""
        lines = read_json_lines(self.folder(cell_id) / ATTEMPTS)
        return [str(line.get("reason", "")) for line in lines]

    @contextmanager
    def scheduling(self) -> Iterator[Path]:
        """Be a scheduler of this folder for the block; yields the file that asks it to stop.

        Raises
        ------
        SweepError
            Where the folder cannot be written.
        """
        place = self.root / "schedulers"
        try:
            with store_lock(self.jobs):
                place.mkdir(exist_ok=True)
                for path in place.glob("*.lock"):
                    if not is_locked(path):  # of a scheduler that is gone
                        path.unlink(missing_ok=True)
                        path.with_suffix(".cancel").unlink(missing_ok=True)
                lock = FileLock(place / f"{secrets.token_hex(8)}.lock")
                lock.acquire()
        except (JobError, OSError) as error:
            raise SweepError(f"The sweep cannot be started in {self.root}: {error}") from None
        cancel = lock.path.with_suffix(".cancel")
        try:
            yield cancel
        finally:
            for path in (cancel, lock.path):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            lock.close()

    def schedulers(self) -> list[str]:
        """Return the ids of the schedulers that are at work here."""
        paths = (self.root / "schedulers").glob("*.lock")
        return sorted(path.stem for path in paths if is_locked(path))

    def cancel(self) -> int:
        """Ask every scheduler here to stop, its cells to keep a checkpoint; return how many.

        Raises
        ------
        JobError
            Where the request cannot be written.
        """
        asked = self.schedulers()
        with storing(self.root):
            for name in asked:
                (self.root / "schedulers" / f"{name}.cancel").touch()
        return len(asked)

    def forget_cancels(self) -> None:
        """Make cells waiting again that were cancelled one by one and that nobody works at."""
        for path in self.jobs.glob(f"*/{CANCEL}"):
            if not is_alive(path.parent):
                with suppress(OSError):
                    path.unlink()


def read_result(folder: Path) -> dict[str, Any] | None:
    """Return the figures in a cell's folder; None where they are absent, damaged or another's."""
    value = read_object(folder / RESULT) or {}
    usable = value.get("format") == FORMAT and value.get("cell") == folder.name
    return value if usable else None
