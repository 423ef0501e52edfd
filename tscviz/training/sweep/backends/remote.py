"""A worker on another machine: runs cells where it is and answers with what became of them.

It knows nothing of the cluster's software. Where it sees the sweep's folder it works there like
any other; else it works in a folder of its own and sends the files (`carry`).
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tscviz.atomic import FileLock, is_locked, locked
from tscviz.training.jobspec import JobError, JobSpec, job_id
from tscviz.training.sweep.backends.carry import Packer, Parcel, pack, unpack
from tscviz.training.sweep.cell import Loader, Outcome, run_cell
from tscviz.training.sweep.identity import code_version
from tscviz.training.worker import be_modest
from tscviz.types import Dataset, TscvizError


@dataclass(frozen=True)
class Hello:
    """What a worker says of itself.

    Parameters
    ----------
    code : str
        `code_version` of its sources.
    host : str
    pid : int
    shared : bool
        It sees the sweep's folder, and the locks in it.
    """

    code: str
    host: str
    pid: int
    shared: bool


@dataclass(frozen=True)
class Order:
    """One cell to run.

    Parameters
    ----------
    number : int
        Of the attempt, to stop this one and no other.
    job : JobSpec
    root : str or None
        `SweepFolder.jobs`, for a worker that sees it.
    fresh : bool
        See `run_cell`.
    parcel : Parcel or None
        What there is of the cell, for a worker that does not see the folder.
    final : bool
        Do not ask for the data: who sends this has none either.
    """

    number: int
    job: JobSpec
    root: str | None = None
    fresh: bool = False
    parcel: Parcel | None = None
    final: bool = False


@dataclass(frozen=True)
class Reply:
    """How an order ended; `outcome` is None where the worker lacks the data."""

    outcome: Outcome | None
    parcel: Parcel | None = None


class RemoteWorker:
    """Serves one order at a time; `stop` and `news` are called while it does."""

    def __init__(self, keep: str) -> None:
        be_modest()
        self.keep = keep
        self.loader = Loader()
        self.stops: defaultdict[int, threading.Event] = defaultdict(threading.Event)
        self.packer: Packer | None = None
        self.packing = threading.Lock()
        self.scratch, self._mine = _scratch()

    def hello(self, beacon: str) -> Hello:
        """Say who this is; `beacon` is a file of the sweep's folder that the scheduler has locked.

        To see a file is not enough: a folder whose locks end at the machine's border would let two
        workers have one cell.
        """
        try:
            shared = is_locked(Path(beacon))
        except OSError:
            shared = False
        return Hello(code_version(), socket.gethostname(), os.getpid(), shared)

    def stop(self, number: int) -> None:
        """Have that attempt stop after its epoch, with a checkpoint; also before it began."""
        self.stops[number].set()

    def news(self) -> Parcel | None:
        """Return what changed in the folder of the cell that runs here; None without one."""
        with self.packing:
            return None if self.packer is None else self.packer.news()

    def run(self, order: Order, dataset: Dataset | None = None) -> Reply:
        """Run one cell to its end, whatever that is.

        Parameters
        ----------
        order : Order
        dataset : Dataset, optional
            Of the cell, for a worker that said it lacks it.
        """
        spec = order.job
        if dataset is not None:
            self.loader.last = _own(dataset)
        elif not order.final and not self._has(spec):
            return Reply(None)
        try:
            return self._run(order, spec)
        finally:
            self.stops.pop(order.number, None)

    def _run(self, order: Order, spec: JobSpec) -> Reply:
        def run(root: Path) -> Outcome:
            stop, fresh = self.stops[order.number], order.fresh
            return run_cell(
                root, spec, stop=stop, loader=self.loader, keep=self.keep, fresh=fresh, own_log=True
            )

        return Reply(run(Path(order.root))) if order.root else self._carried(order, spec, run)

    def _carried(self, order: Order, spec: JobSpec, run: Callable[[Path], Outcome]) -> Reply:
        """Run the cell in a folder of this worker, beginning with what is known of it."""
        jobs = self.scratch / "jobs"
        folder = jobs / job_id(spec)
        try:
            folder.mkdir(parents=True)
            if order.parcel is not None:
                unpack(folder, order.parcel)
            with self.packing:
                self.packer = Packer(folder)
            outcome = run(jobs)
            with self.packing:
                self.packer = None
            return Reply(outcome, pack(folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _has(self, spec: JobSpec) -> bool:
        """Return whether the data are on this machine; nothing is downloaded."""
        from tscviz.data import load_dataset
        from tscviz.data.archive import dataset_files
        from tscviz.data.planted_names import is_planted

        def load(_: JobSpec) -> Dataset:
            dataset = load_dataset(spec.dataset, spec.archive)
            if spec.dataset_digest not in (None, dataset.digest):
                raise JobError(f"{spec.dataset} holds other data on this machine.")
            return dataset

        try:
            known = self.loader.last
            if known and (known.name, known.digest) == (spec.dataset, spec.dataset_digest):
                return True
            if not is_planted(spec.dataset) and dataset_files(spec.dataset, spec.archive) is None:
                return False
            self.loader(spec, load)
        except TscvizError:
            return False
        return True


def _own(dataset: Dataset) -> Dataset:
    """Copy the arrays: those of a message cannot be written to, which torch warns of."""
    names = ("X_train", "y_train", "X_test", "y_test", "mask_train", "mask_test")
    return replace(dataset, **{name: getattr(dataset, name).copy() for name in names})


def _scratch() -> tuple[Path, FileLock]:
    """Return a new folder with its lock, and remove those of workers that were killed."""
    place, prefix = Path(tempfile.gettempdir()), f"tscviz-cells-{os.getuid()}-"
    with locked(place / f"{prefix[:-1]}.lock"):  # no folder is seen between birth and lock
        for old in place.glob(f"{prefix}*"):
            if not is_locked(old / "lock"):
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        lock = FileLock(folder / "lock")
        lock.acquire()
    return folder, lock
