"""Workers of a Ray cluster, each of which takes cell after cell."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from tscviz.atomic import FileLock
from tscviz.training.jobdir import CANCEL, is_alive
from tscviz.training.jobspec import JobError, JobSpec
from tscviz.training.sweep.backends import BackendOptions, Ended
from tscviz.training.sweep.backends.carry import pack, unpack
from tscviz.training.sweep.backends.ray_cluster import Lost, RayCluster
from tscviz.training.sweep.backends.remote import Hello, Order, RemoteWorker, Reply
from tscviz.training.sweep.cell import Kind, Outcome, open_cell, unstored
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.plan import Cell
from tscviz.types import TscvizError

_NEWS_EVERY = 2.0
_IDLE = 10.0
_GONE = 10.0
_LOOK_AGAIN = 0.25
_NONE = Outcome("cancelled")


@dataclass(eq=False)
class _Worker:
    """A worker of the cluster, as the pool sees it."""

    handle: Any
    answer: Any  # reference of the hello or the reply that is awaited
    cell: Cell | None = None
    fresh: bool = False
    hello: Hello | None = None
    order: Order | None = None
    lock: FileLock | None = None  # of a cell that runs where the folder is not seen
    news: Any = None
    since: float = 0.0  # when it was last asked for news, or fell idle
    stopped: bool = False

    @property
    def where(self) -> str:
        return "a node" if self.hello is None else f"{self.hello.host}, process {self.hello.pid}"


class RayPool:
    """At most as many workers as the cluster bears, started when there is something to do.

    Parameters
    ----------
    options : BackendOptions
        `workers` None: as many as the nodes bear at the time.

    Raises
    ------
    SweepError
        Where Ray is not installed, the cluster cannot be reached, or no node can bear a cell.
    """

    def __init__(self, options: BackendOptions) -> None:
        if options.workers is not None and options.workers < 1:
            raise SweepError(f"workers is {options.workers}; it must be at least 1.")
        self.options = options
        self.cluster = RayCluster(options.ray, options.threads, options.archive)
        self.workers: list[_Worker] = []
        self.ended: list[Ended] = []
        self._orders = 0
        self._data: tuple[str | None, Any] = (None, None)
        self._beacon: FileLock | None = None
        if options.workers is None and not self.cluster.capacity():
            reason = self.cluster.too_small()
            self.cluster.close()
            raise SweepError(reason)

    def places(self) -> int:
        """Return how many cells can be started now."""
        return (self.options.workers or self.cluster.capacity()) - len(self._busy())

    def bears(self, cell: Cell) -> bool:  # noqa: ARG002 - the same for all
        """Return True: Ray counts `memory_gib` itself."""
        return True

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self.workers if worker.cell is not None]

    def start(self, cell: Cell, *, fresh: bool = False) -> None:
        """Hand a cell to an idle worker, or ask the cluster for one."""
        worker = next((w for w in self.workers if w.cell is None), None)
        if worker is None:
            handle = self.cluster.worker(RemoteWorker, self.options.keep)
            worker = _Worker(handle, self.cluster.call(handle, "hello", self._light()))
            self.workers.append(worker)
        worker.cell, worker.fresh = cell, fresh
        if worker.hello is not None:
            self._begin(worker, worker.hello, cell)

    def _light(self) -> str:
        """Return a file of the sweep's folder that stays locked as long as this pool is there."""
        if self._beacon is None:
            path = self.options.jobs / f".beacon-{secrets.token_hex(8)}"
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._beacon = FileLock(path)
                self._beacon.acquire()
            except OSError as error:
                raise SweepError(f"{path.parent} cannot be written: {error.strerror}.") from None
        return str(self._beacon.path)

    def _begin(self, worker: _Worker, hello: Hello, cell: Cell) -> None:
        """Send a worker its order; the lock of a cell that runs out of sight is held here."""
        jobs, wanted = self.options.jobs, self.options.ray.shared_folder
        values: dict[str, Any] = {"root": str(jobs), "fresh": worker.fresh}
        if not (hello.shared if wanted is None else wanted):
            opened = open_cell(jobs, cell.job, fresh=worker.fresh)
            if isinstance(opened, Outcome):
                self._end(worker, opened)
                return
            folder, worker.lock = opened
            values = {"parcel": pack(folder)}
        self._orders += 1
        worker.order = Order(self._orders, cell.job, **values)
        worker.stopped, worker.since = False, time.monotonic()
        worker.answer = self.cluster.call(worker.handle, "run", worker.order)

    def wait(self, seconds: float) -> list[Ended]:
        """Return the attempts that have ended, waiting for one at most so long."""
        seconds = 0.0 if self.ended else seconds
        awaited = {w.answer: w for w in self.workers if w.answer is not None}
        awaited |= {w.news: w for w in self.workers if w.news is not None}
        if awaited:
            for ref in self.cluster.ready(list(awaited), seconds):
                self._heard(awaited[ref], ref)
        else:
            time.sleep(seconds)
        self._look_after()
        ended, self.ended = self.ended, []
        return ended

    def _heard(self, worker: _Worker, ref: Any) -> None:
        if worker not in self.workers:  # dismissed in this very round
            return
        try:
            said = self.cluster.get(ref)
        except Lost as lost:
            self._lost(worker, lost)
            return
        if ref == worker.news:
            worker.news = None
            with suppress(OSError, JobError):  # the reply brings all of it once more
                if said is not None and worker.lock is not None:
                    unpack(worker.lock.path.parent, said)
        elif ref == worker.answer:
            worker.answer = None
            if isinstance(said, Hello):
                self._greeted(worker, said)
            else:
                self._replied(worker, said)

    def _greeted(self, worker: _Worker, hello: Hello) -> None:
        worker.hello = hello
        if self.options.code not in (None, hello.code):
            message = (
                f"The worker on {hello.host} has the sources {hello.code} and the sweep was "
                f"started with {self.options.code}. Bring every node to the same version and "
                "start it again."
            )
            self._dismiss(worker, Outcome("failed", "code", message))
        elif worker.cell is not None:
            self._begin(worker, hello, worker.cell)

    def _replied(self, worker: _Worker, reply: Reply) -> None:
        outcome = reply.outcome
        if outcome is None and worker.order is not None:
            data = self._dataset(worker.order.job)
            order = replace(worker.order, final=True)
            worker.answer = self.cluster.call(worker.handle, "run", order, data)
            return
        if reply.parcel is not None and worker.lock is not None:
            try:
                unpack(worker.lock.path.parent, reply.parcel)
            except (OSError, JobError) as error:
                outcome = unstored(error)
        self._end(worker, outcome or Outcome("failed", "", "The worker gave no answer."))

    def _dataset(self, job: JobSpec) -> Any:
        """Return a reference of a cell's data, for workers without them; None where we have none.

        Only the last one is kept: cells come dataset by dataset.
        """
        from tscviz.data import load_dataset

        if self._data[0] != job.dataset_digest:
            self._data = (None, None)  # two at once might not fit
            with suppress(TscvizError):
                dataset = load_dataset(job.dataset, self.options.archive)
                if dataset.digest == job.dataset_digest:
                    self._data = (dataset.digest, self.cluster.put(dataset))
        return self._data[1]

    def _end(self, worker: _Worker, outcome: Outcome) -> None:
        """Set a worker free."""
        cell, worker.cell = worker.cell, None
        worker.order, worker.news, worker.since = None, None, time.monotonic()
        if worker.lock is not None:
            worker.lock.close()
            worker.lock = None
        if cell is not None:
            self.ended.append(Ended(cell, outcome))

    def _dismiss(self, worker: _Worker, outcome: Outcome = _NONE) -> None:
        """End a worker at once, and its cell if it has one."""
        self.cluster.kill(worker.handle)
        self.workers.remove(worker)
        self._end(worker, outcome)

    def _lost(self, worker: _Worker, lost: Lost) -> None:
        kind: Kind = "died" if lost.gone else ""
        message = f"The worker ended without a word ({worker.where}: {lost})."
        if lost.node:
            kind, message = (
                "node",
                f"The worker's machine is gone ({worker.where}: {lost}).",
            )
        elif worker.hello is None:
            kind, message = "start", f"No worker can be started on the cluster ({lost})."
        self._dismiss(worker, Outcome("failed", kind, message))

    def _hand_over(self) -> None:
        """Give cells of workers that are not there yet to idle ones.

        A worker that was asked for may never come: its node is gone, or its place is taken by
        the very worker that idles.
        """
        coming = [w for w in self.workers if w.hello is None and w.cell is not None]
        idle = [w for w in self.workers if w.hello is not None and w.cell is None]
        for late, worker in zip(reversed(coming), idle, strict=False):
            worker.cell, worker.fresh, late.cell = late.cell, late.fresh, None
            self._dismiss(late)
            if worker.hello is not None and worker.cell is not None:
                self._begin(worker, worker.hello, worker.cell)

    def _look_after(self) -> None:
        """Pass on cancels and ask for news where the folder is not seen; let idle workers go."""
        self._hand_over()
        now = time.monotonic()
        for worker in list(self.workers):
            if worker.cell is None and worker.answer is None and now - worker.since > _IDLE:
                self._dismiss(worker)
            elif worker.lock is not None and worker.order is not None:
                if not worker.stopped and (worker.lock.path.parent / CANCEL).exists():
                    self._ask_to_stop(worker, worker.order)
                if worker.news is None and now - worker.since > _NEWS_EVERY:
                    worker.since = now
                    worker.news = self.cluster.call(worker.handle, "news")

    def _ask_to_stop(self, worker: _Worker, order: Order) -> None:
        worker.stopped = True
        self.cluster.call(worker.handle, "stop", order.number)

    def stop(self, grace: Callable[[], float]) -> list[Ended]:
        """Ask, and end at once what has not stopped after `grace()` seconds."""
        for worker in self._busy():
            if worker.order is None:  # not there yet
                self._dismiss(worker, Outcome("cancelled", "", "Stopped before it began."))
            else:
                self._ask_to_stop(worker, worker.order)
        ended = self.wait(0.0)
        began = time.monotonic()
        while self._busy() and (left := began + grace() - time.monotonic()) > 0:
            ended += self.wait(min(left, _LOOK_AGAIN))
        forced = [worker.cell.id for worker in self._busy() if worker.cell is not None]
        for worker in self._busy():
            self._dismiss(worker, Outcome("failed", "died", "Ended by force."))
        deadline = time.monotonic() + _GONE
        while any(map(self._alive, forced)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return ended + self.wait(0.0)

    def _alive(self, cell: str) -> bool:
        return is_alive(self.options.jobs / cell)

    def close(self) -> None:
        """Give back all workers; nothing runs any more."""
        for worker in list(self.workers):
            self._dismiss(worker)
        self.cluster.close()
        if self._beacon is not None:
            with suppress(OSError):
                self._beacon.path.unlink(missing_ok=True)
            self._beacon.close()
            self._beacon = None
