"""One cell, in whatever process offers itself: train, score, and leave a whole result."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from tscviz.atomic import FileLock, is_disk_full, read_object, write_json
from tscviz.training.attempt import (
    Attempt,
    explain_failure,
    lacks_memory,
    lacks_room,
    remove_litter,
)
from tscviz.training.errors import CheckpointError
from tscviz.training.jobdir import (
    CANCEL,
    CHECKPOINT,
    LOG,
    MODEL,
    SPEC,
    STATUS,
    State,
    read_status,
    spec_problem,
    write_status,
)
from tscviz.training.jobspec import JobError, JobSpec, spec_to_json
from tscviz.training.jobstore import create_job, forget, store_lock
from tscviz.training.sweep.result import result_of, sized
from tscviz.training.sweep.store import RESULT, read_result
from tscviz.training.worker import run_job, take_lock
from tscviz.types import Dataset, TscvizError

QUEUE = "sweep"
Kind = Literal["", "room", "memory", "checkpoint", "died", "node", "code", "start"]


@dataclass(frozen=True)
class Outcome:
    """How an attempt at a cell ended.

    Parameters
    ----------
    state : {"done", "failed", "cancelled", "elsewhere"}
        "elsewhere": another worker has the cell.
    kind : str
        Of a failure: "room" on the disk, "memory", "checkpoint" (cannot be read), "died" (the
        worker, without a word), "node" (with the machine it was on), "code" (the sources changed),
        "start" (no worker can start); empty for one that would come again.
    message : str
        One line for people.
    """

    state: Literal["done", "failed", "cancelled", "elsewhere"]
    kind: Kind = ""
    message: str = ""


class Loader:
    """`load_dataset` that remembers the dataset of the cell before."""

    def __init__(self) -> None:
        self.last: Dataset | None = None

    def __call__(self, spec: JobSpec, load: Callable[[JobSpec], Dataset]) -> Dataset:
        """Return the dataset of `spec`, remembered or from `load`."""
        last = self.last
        if last is None or (last.name, last.digest) != (spec.dataset, spec.dataset_digest):
            self.last = None  # two at once might not fit
            self.last = load(spec)
        return self.last  # type: ignore[return-value]


class CellAttempt(Attempt):
    """An attempt at a cell: a job whose figures are stored before it is called done."""

    def __init__(self, folder: Path, stop: threading.Event, loader: Loader, keep: str) -> None:
        super().__init__(folder)
        self.stop, self.loader, self.keep = stop, loader, keep
        self.error: Exception | None = None
        self.seconds: float | None = None
        self.load_seconds = 0.0

    def check(self) -> None:
        """Raise `Cancelled` if somebody wants this cell or its worker to stop."""
        self.stopping = self.stopping or self.stop.is_set()
        super().check()

    def _train(self, spec: JobSpec) -> None:
        started = time.perf_counter()
        super()._train(spec)
        self.seconds = time.perf_counter() - started - self.load_seconds

    def _load(self, spec: JobSpec) -> Dataset:
        started = time.perf_counter()
        try:
            return self._remembered(spec)
        finally:
            self.load_seconds = time.perf_counter() - started

    def _remembered(self, spec: JobSpec) -> Dataset:
        return self.loader(spec, super()._load)

    def train(self) -> None:
        """Train, and store the result."""
        super().train()
        write_json(self.folder / RESULT, self._result())
        tidy(self.folder, self.keep)

    def _result(self) -> dict[str, Any]:
        from tscviz.models.cost import module_cost
        from tscviz.models.store import load_model

        classifier = self.classifier
        if classifier is None:  # trained before, by a worker that died on the threshold
            try:
                classifier = load_model(self.folder / MODEL)
            except TscvizError as error:
                raise CheckpointError(f"the stored model cannot be read: {error}") from None
        cost = asdict(module_cost(*sized(classifier)))
        found = result_of(self.folder.name, classifier.card, cost)
        return found | {"cell_seconds": self.seconds}

    def _ending(self, error: Exception | None) -> tuple[State, str]:
        self.error = error
        return super()._ending(error)


def tidy(folder: Path, keep: str) -> None:
    """Remove what a done cell does not need; only for the holder of the worker's lock."""
    if keep != "all":
        shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
    if keep == "nothing":
        shutil.rmtree(folder / MODEL, ignore_errors=True)


def settle(folder: Path, keep: str) -> None:
    """Put in order what a worker left that died after the result and before its last word."""
    if (read_object(folder / STATUS) or {}).get("state") == "done":
        return
    with suppress(OSError, JobError):
        lock = take_lock(folder)
        if lock is None:  # it lives, and is about to say so
            return
        try:
            remove_litter(folder)
            tidy(folder, keep)
            seen = read_status(folder)
            card = read_object(folder / MODEL / "card.json") or {}
            write_status(
                folder,
                "done",
                message="",
                started=seen.started,
                epoch=seen.epoch,
                epochs=seen.epochs,
                metrics=card.get("metrics", {}),
            )
        finally:
            lock.close()


def run_cell(
    root: Path,
    spec: JobSpec,
    *,
    stop: threading.Event | None = None,
    loader: Loader | None = None,
    keep: str = "model",
    fresh: bool = False,
    own_log: bool = False,
) -> Outcome:
    """Run one cell to its end, whatever that is; for a pool, a cluster, or this process.

    Parameters
    ----------
    root : Path
        `SweepFolder.jobs`.
    spec : JobSpec
        Of the cell; stored again where a crash damaged it.
    stop : Event, optional
        Set it to have the cell stop after its epoch, with a checkpoint.
    loader : Loader, optional
        Shared by the cells of one process.
    keep : {"model", "nothing", "all"}
    fresh : bool
        Forget checkpoints and model first.
    own_log : bool
        Send all this process prints to the cell's worker.log; for a process of its own.
    """
    opened = open_cell(root, spec, fresh=fresh)
    if isinstance(opened, Outcome):
        return opened
    folder, lock = opened
    try:
        attempt = CellAttempt(folder, stop or threading.Event(), loader or Loader(), keep)
        with _log(folder) if own_log else nullcontext():
            state = run_job(folder, lock=lock, attempt=attempt)
        return _outcome(state, attempt)
    except (JobError, OSError) as error:
        return unstored(error)
    finally:
        lock.close()


def open_cell(root: Path, spec: JobSpec, *, fresh: bool = False) -> tuple[Path, FileLock] | Outcome:
    """Make the cell's directory where there is none, and take its lock.

    Returns
    -------
    (Path, FileLock) or Outcome
        The directory and its lock, held; or how the cell has ended without an attempt. Parameters
        as in `run_cell`.
    """
    lock = None
    try:
        folder = _open(root, spec)
        lock = take_lock(folder)
        early = Outcome("elsewhere") if lock is None else _early(folder)
        if lock is not None and early is None:
            if fresh:
                forget(folder)
            return folder, lock
    except (JobError, OSError) as error:
        early = unstored(error)
    if lock is not None:
        lock.close()
    return early or Outcome("elsewhere")


def _open(root: Path, spec: JobSpec) -> Path:
    with store_lock(root):
        folder = create_job(root, spec, queue=QUEUE)
        if spec_problem(folder):
            write_json(folder / SPEC, spec_to_json(spec))
        return folder


def _early(folder: Path) -> Outcome | None:
    """Return how the cell has ended before this attempt; only under its lock is that certain."""
    if read_result(folder) is not None:
        return Outcome("done")  # the scheduler settles it
    if (folder / CANCEL).exists():
        return Outcome("cancelled", "", "Cancelled before it began.")
    return None


def unstored(error: JobError | OSError) -> Outcome:
    """Return how an attempt ended whose files could not be written."""
    cause = error.__cause__ if isinstance(error, JobError) else error
    full = isinstance(cause, OSError) and is_disk_full(cause)
    return Outcome("failed", "room" if full else "", " ".join(str(error).split()))


def _outcome(state: State | None, attempt: CellAttempt) -> Outcome:
    if state is None:
        return Outcome("elsewhere")
    error = attempt.error
    if error is None:
        return Outcome("done")
    if state == "cancelled":
        return Outcome("cancelled", "", str(error))
    return Outcome("failed", _kind(error), explain_failure(error, attempt.folder))


def _kind(error: Exception) -> Kind:
    if lacks_room(error):
        return "room"
    if lacks_memory(error):
        return "memory"
    return "checkpoint" if isinstance(error, CheckpointError) else ""


@contextmanager
def _log(folder: Path) -> Iterator[None]:
    """Send both outputs of this process to the cell's log for the block."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    try:
        with suppress(OSError), (folder / LOG).open("ab") as file:  # a full disk: no log
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        for number, copy in enumerate(kept, start=1):
            os.dup2(copy, number)
            os.close(copy)
