"""Where workers run. All that is known of the queue lies in the job directories.

Any number of server processes may hold a `LocalBackend` on the same folder: whoever asks next
starts the next waiting job, under one lock, so that the bound on workers holds for all together.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from tscviz.atomic import FileLock, locked, read_object
from tscviz.training.jobdir import (
    CANCEL,
    LOCK,
    STATUS,
    is_alive,
    read_spec,
    spec_problem,
    write_status,
)
from tscviz.training.jobspec import JobError, JobSpec, jobs_folder
from tscviz.training.jobstore import (
    LOCAL_QUEUE,
    create_job,
    forget,
    job_folders,
    put_in_queue,
    store_lock,
    storing,
)
from tscviz.training.processes import start_worker

_ACTIVE = ("waiting", "running")


class Backend(Protocol):
    """What runs jobs: here the processes of this machine, elsewhere a cluster."""

    def submit(self, spec: JobSpec) -> Path:
        """Make sure that the job exists and will run; return its directory."""
        ...

    def start_waiting(self) -> int:
        """Start what can be started now; return how many workers that were."""
        ...


def default_workers() -> int:
    """Return how many workers run at once: TSCVIZ_WORKERS, else the cores we may use."""
    given = os.environ.get("TSCVIZ_WORKERS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalBackend:
    """Jobs as processes of this machine, at most `max_workers` at a time.

    Parameters
    ----------
    home : path, optional
        Default: TSCVIZ_HOME, else ~/.tscviz.
    max_workers : int, optional
        Default: TSCVIZ_WORKERS, else one for each core.
    """

    def __init__(
        self, home: str | os.PathLike[str] | None = None, max_workers: int | None = None
    ) -> None:
        self.root = jobs_folder(home)
        self.max_workers = default_workers() if max_workers is None else max_workers
        if self.max_workers < 1:
            raise JobError(f"max_workers is {self.max_workers}; it must be at least 1.")

    def submit(self, spec: JobSpec) -> Path:
        """Create the job if it is new, take it up again if it stopped, and start what can start.

        Submitting a job that waits, runs or is done changes nothing: equal jobs are one job.

        Raises
        ------
        JobError
            If the folder cannot be written.
        """
        with store_lock(self.root):
            folder = create_job(self.root, spec)
            self.requeue(folder)
            self._start_waiting()
        return folder

    def resume(self, folder: Path, *, fresh: bool = False) -> None:
        """Take up a job that was cancelled, failed or died, from its last checkpoint.

        Parameters
        ----------
        folder : Path
            The job directory.
        fresh : bool
            Forget checkpoints, curves and model, and start over; also what is done.

        Raises
        ------
        JobError
            If its specification is damaged, or the job is gone.
        """
        with store_lock(self.root):
            if not folder.is_dir():
                raise JobError(f"Job {folder.name} does not exist any more.")
            read_spec(folder)
            if fresh and not is_alive(folder):
                forget(folder)
            self.requeue(folder)
            self._start_waiting()

    @staticmethod
    def requeue(folder: Path) -> None:
        """Put a stopped job back into the queue; the caller holds `store_lock`."""
        stored = read_object(folder / STATUS) or {}
        cancelled = (folder / CANCEL).exists()
        if is_alive(folder) or stored.get("state") == "done" or spec_problem(folder):
            return
        if stored.get("state") == "waiting" and not cancelled:
            return
        (folder / CANCEL).unlink(missing_ok=True)
        put_in_queue(folder)

    def start_waiting(self) -> int:
        """Start waiting jobs, oldest first, while there is a free place.

        Safe to call at any time from any process; does nothing while another one is at it.

        Returns
        -------
        int
            Number of workers started.
        """
        if not self.root.is_dir():
            return 0
        with storing(self.root), locked(self.root / ".lock", timeout=0.05) as obtained:
            return self._start_waiting() if obtained else 0

    def _start_waiting(self) -> int:
        waiting, alive = self._scan()
        started = 0
        for folder in waiting[: max(0, self.max_workers - alive)]:
            started += self._start(folder)
        return started

    def _scan(self) -> tuple[list[Path], int]:
        """Return the jobs to start, oldest first, and how many workers live."""
        waiting: list[tuple[float, str, Path]] = []
        alive = 0
        for folder in job_folders(self.root):
            stored: dict[str, Any] = read_object(folder / STATUS) or {"state": "running"}
            if stored.get("state") not in _ACTIVE:
                continue
            if is_alive(folder):
                alive += 1
            elif stored["state"] == "waiting" and stored.get("queue") == LOCAL_QUEUE:
                queued = stored.get("queued")
                order = float(queued) if isinstance(queued, int | float) else 0.0
                waiting.append((order, folder.name, folder))
        return [folder for _, _, folder in sorted(waiting)], alive

    def _start(self, folder: Path) -> int:
        """Start one worker; a job that cannot start says so in its state."""
        if (folder / CANCEL).exists():
            write_status(folder, "cancelled", message="Cancelled before it began.")
            return 0
        try:
            threads = read_spec(folder).threads
        except JobError as error:
            write_status(folder, "failed", message=str(error))
            return 0
        lock = FileLock(folder / LOCK)
        if not lock.acquire():
            return 0
        # Stored before the worker can store anything: should it die while Python starts,
        # the job is dead and not started again and again.
        write_status(folder, "running", started=time.time(), message="Starting.")
        try:
            start_worker(folder, lock, threads, on_exit=self._after_exit)
        except OSError as error:
            reason = error.strerror or str(error)
            write_status(folder, "failed", message=f"The worker cannot be started: {reason}.")
            return 0
        return 1

    def _after_exit(self) -> None:
        # A folder that cannot be written now is reported to the next user who asks.
        with suppress(JobError):
            self.start_waiting()
