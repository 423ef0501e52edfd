"""Hands out the cells of a sweep, takes up what fails for a passing reason, and ends when asked."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from tscviz.training.jobdir import CANCEL, is_alive, write_status
from tscviz.training.sweep.backends import Backend, Ended
from tscviz.training.sweep.cell import Outcome, settle
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.keeper import TableKeeper
from tscviz.training.sweep.plan import Cell
from tscviz.training.sweep.progress import Progress
from tscviz.training.sweep.retries import GENERAL, PASSING, Retries
from tscviz.training.sweep.store import RESULT, SweepFolder
from tscviz.training.worker import take_lock

_TICK = 0.25
_LOOK_ELSEWHERE = 0.5

How = Literal["done", "failed", "cancelled"]


class Scheduler:
    """One run over the cells of a sweep.

    Parameters
    ----------
    folder : SweepFolder
    cells : iterable of Cell
    backend : Backend
        Closed at the end of `run`.
    retries : int
        How often a cell is started again after a failure of a passing kind.
    keep : {"model", "nothing", "all"}
        See `SweepSpec.keep`.
    on_change : callable, optional
        Called with the `Progress` after each round, a few times a second.
    grace : float
        Seconds a running cell gets to reach the end of its epoch when the sweep is stopped.
    """

    def __init__(
        self,
        folder: SweepFolder,
        cells: Iterable[Cell],
        backend: Backend,
        *,
        retries: int = 2,
        keep: str = "model",
        on_change: Callable[[Progress], None] | None = None,
        grace: float = 10.0,
    ) -> None:
        self.folder, self.backend, self.retries = folder, backend, Retries(retries)
        self.keep, self.on_change, self.grace = keep, on_change, grace
        self.stop_asked = False
        cells = tuple(cells)
        self.waiting: deque[tuple[Cell, bool]] = deque((cell, False) for cell in cells)
        self.progress = Progress(len(cells))
        self._looked = time.monotonic()
        self._keep_table = TableKeeper(folder)

    def stop(self, *, at_once: bool = False) -> None:
        """Ask the run to end, or to wait no longer for its cells; safe in a signal handler."""
        self.stop_asked = True
        if at_once:
            self.grace = 0.0

    def run(self) -> Progress:
        """Run until every cell is done, failed or cancelled, or somebody asks to stop.

        Returns
        -------
        Progress

        Raises
        ------
        SweepError
            Where the folder cannot be written. A backend that cannot go on ends the run as a full
            disk does: `Progress.stopped` says why.
        """
        with self.folder.scheduling() as cancel:
            self.folder.forget_cancels()
            self._done_first()
            try:
                self._rounds(cancel)
            except SweepError as error:
                self._give_up(str(error))
            finally:
                self.backend.close()
        self._tell()
        return self.progress

    def _rounds(self, cancel: Path) -> None:
        while self._open():
            if self.stop_asked or cancel.exists():
                self.progress.interrupted = True
                self._stop("Stopped; start it again to go on.")
                return
            self._round()
            self._tell()

    def _done_first(self) -> None:
        """Put cells with a result before the others: they count from the start."""
        known = [(self.folder.folder(each[0].id) / RESULT).is_file() for each in self.waiting]
        order = sorted(zip(known, self.waiting, strict=True), key=lambda pair: not pair[0])
        self.waiting = deque(each for _, each in order)

    def _open(self) -> bool:
        if self.progress.stopped:
            return False
        return bool(self.waiting or self.progress.running or self.progress.elsewhere)

    def _round(self) -> None:
        self._hand_out()
        if not self._open():
            return
        for ended in self.backend.wait(_TICK):
            self._take(ended)
        if time.monotonic() - self._looked > _LOOK_ELSEWHERE:
            self._looked = time.monotonic()
            self._look_elsewhere()

    def _hand_out(self) -> None:
        """Start cells while there is a place; what is done already needs none."""
        places = self.backend.places()
        while self.waiting and not self.progress.stopped:
            cell, fresh = self.waiting[0]
            if cell.problem:
                self._close(cell, "failed", cell.problem)
            elif self.folder.folder(cell.id).is_file():
                where = self.folder.folder(cell.id)
                self._close(cell, "failed", f"{where} is a file, not the cell's folder; remove it")
            elif self.folder.result(cell.id) is not None:
                settle(self.folder.folder(cell.id), self.keep)
                self._close(cell, "done")
            elif is_alive(self.folder.folder(cell.id)):
                self.progress.elsewhere[cell.id] = cell
            elif places > 0 and self.backend.bears(cell):
                places -= 1
                self.progress.running[cell.id] = cell
                self.backend.start(cell, fresh=fresh)
            else:
                return
            self.waiting.popleft()

    def _take(self, ended: Ended) -> None:
        """Decide what becomes of a cell whose attempt has ended."""
        cell, outcome = ended.cell, ended.outcome
        self.progress.running.pop(cell.id, None)
        if outcome.state == "done":
            self.progress.trained += 1
            self._close(cell, "done")
        elif outcome.state == "elsewhere":
            self.progress.elsewhere[cell.id] = cell
        elif outcome.state == "cancelled":
            self._cancelled(cell, outcome)
        elif outcome.kind in GENERAL:
            self._stop(outcome.message)
        elif outcome.kind in PASSING:
            self._try_again(cell, outcome)
        else:
            self._close(cell, "failed", outcome.message)

    def _cancelled(self, cell: Cell, outcome: Outcome) -> None:
        if (self.folder.folder(cell.id) / CANCEL).exists():
            self._close(cell, "cancelled", outcome.message)
        elif not self.stop_asked:  # SIGTERM from outside: the place was wanted, not the cell
            self.waiting.append((cell, False))

    def _try_again(self, cell: Cell, outcome: Outcome) -> None:
        if self.stop_asked:
            return
        if self.retries.allow(cell.id, outcome.kind):
            self.folder.note_attempt(cell.id, outcome.message)
            self.waiting.append((cell, PASSING[outcome.kind]))
        elif outcome.kind == "start":  # no fault of the cell
            self._stop(outcome.message)
        else:
            message = f"{outcome.message} Attempts: {self.retries.failures(cell.id)}."
            self._store_failure(cell, message)
            self._close(cell, "failed", message)

    def _store_failure(self, cell: Cell, message: str) -> None:
        """Write down for the worker that could not; who asks the folder later is told the same."""
        folder = self.folder.folder(cell.id)
        with suppress(OSError, ValueError):
            lock = take_lock(folder) if folder.is_dir() else None
            if lock is not None:
                try:
                    write_status(folder, "failed", message=message)
                finally:
                    lock.close()

    def _look_elsewhere(self) -> None:
        """Take note of what other schedulers' workers have made of their cells."""
        for cell in list(self.progress.elsewhere.values()):
            if is_alive(self.folder.folder(cell.id)):
                continue
            state = self.folder.state(cell)
            del self.progress.elsewhere[cell.id]
            if state.state in ("done", "failed", "cancelled"):
                self._close(cell, state.state, state.message)
            else:
                self.waiting.append((cell, False))

    def _stop(self, reason: str) -> None:
        """End the run: nothing new is started, what runs keeps its checkpoint."""
        if self.progress.stopped:
            return
        self.progress.stopped = reason
        self.stop_asked = True
        for ended in self.backend.stop(lambda: self.grace):
            self._take(ended)

    def _give_up(self, reason: str) -> None:
        """End the run where the backend cannot go on; what it can no longer stop it has lost."""
        with suppress(SweepError):
            self._stop(reason)
        self.progress.running.clear()  # they wait for the next start

    def _close(self, cell: Cell, how: How, reason: str = "") -> None:
        getattr(self.progress, how)[cell.id] = reason

    def _tell(self) -> None:
        self._keep_table(self.progress)
        if self.on_change is not None:
            self.on_change(self.progress)
