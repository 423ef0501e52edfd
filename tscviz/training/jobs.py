"""Training jobs: each its own process with its own directory, findable by everybody at any time.

>>> job = submit(JobSpec("dtp-fcn", "GunPoint", preset="quick"))  # doctest: +SKIP
>>> job.status().state  # doctest: +SKIP
'running'
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tscviz.training.backends import LocalBackend
from tscviz.training.jobdir import (
    CANCEL,
    LOG,
    MODEL,
    SPEC,
    JobStatus,
    is_alive,
    read_events,
    read_spec,
    read_status,
    write_status,
)
from tscviz.training.jobspec import JOB_ID, JobError, JobSpec, job_id, jobs_folder
from tscviz.training.jobstore import job_folders, store_lock, storing
from tscviz.training.processes import stop_worker

__all__ = [
    "Job",
    "JobError",
    "JobSpec",
    "JobStatus",
    "get_job",
    "job_id",
    "list_jobs",
    "submit",
]

_GRACE = 10.0
_TRASH = ".trash-"
_look_again: dict[Path, float] = {}


class Job:
    """One training job. It holds nothing but the place of its directory.

    Parameters
    ----------
    folder : Path
        The job directory; use `submit`, `get_job` or `list_jobs` to get one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits."""
        return self.folder.name

    @property
    def spec(self) -> JobSpec:
        """The specification.

        Raises
        ------
        JobError
            If it is damaged; `status` then says so without raising.
        """
        return read_spec(self.folder)

    @property
    def model_dir(self) -> Path:
        """Folder of the finished model; exists once the job is done, and whole."""
        return self.folder / MODEL

    def status(self) -> JobStatus:
        """Return what the job is doing; never raises because of damaged files.

        Asking for a waiting job also starts it if there is a free place: thus the queue moves
        on even if the server that filled it is gone.
        """
        status = read_status(self.folder)
        if status.state == "waiting" and _look_at_queue(self.folder.parent):
            status = read_status(self.folder)
        return status

    def events(self) -> list[dict[str, Any]]:
        """Return one mapping per finished epoch, oldest first, each epoch once.

        Keys: epoch, epochs, losses, train_accuracy, test_accuracy, seconds, lr (as in
        `EpochEvent`; None for a number that is not finite), epoch_seconds (duration of this epoch
        with its evaluation), time (Unix time).
        """
        return read_events(self.folder)

    def log(self, max_chars: int = 4000) -> str:
        """Return the end of what the worker printed."""
        try:
            content = (self.folder / LOG).read_bytes()
        except OSError:
            return ""
        return content.decode(errors="replace")[-max_chars:]

    def cancel(self, *, grace: float = _GRACE, wait: bool = False) -> None:
        """Ask the job to stop; it keeps its last checkpoint and can be resumed.

        The worker looks for the request after each epoch. After `grace` seconds it gets SIGTERM,
        after as many again SIGKILL.

        Parameters
        ----------
        grace : float
            Seconds.
        wait : bool
            Return when the job has stopped; by default a background thread sees to it.

        Raises
        ------
        JobError
            If the job does not exist any more.
        """
        if read_status(self.folder).finished:
            return
        asked = True
        try:
            (self.folder / CANCEL).touch()
        except FileNotFoundError:
            raise JobError(f"Job {self.id} does not exist any more.") from None
        except OSError:
            asked = False  # no room for the request: ask by signal
        if wait:
            self._stop(grace, asked)
        else:
            threading.Thread(target=self._stop, args=(grace, asked), daemon=True).start()

    def _stop(self, grace: float, asked: bool) -> None:
        stop_worker(self.folder, grace, asked=asked)
        # Without this the state would still be derived correctly, from lock and cancel file.
        with suppress(JobError), store_lock(self.folder.parent):
            status = read_status(self.folder)
            if status.state == "cancelled" and not is_alive(self.folder):
                message = "Cancelled; Resume goes on from the last checkpoint."
                write_status(
                    self.folder,
                    "cancelled",
                    started=status.started,
                    epoch=status.epoch,
                    epochs=status.epochs,
                    message=message if status.epoch else "Cancelled before the first epoch ended.",
                )

    def resume(self, *, fresh: bool = False) -> None:
        """Go on from the last checkpoint; nothing happens to a job that waits, runs or is done.

        Parameters
        ----------
        fresh : bool
            Start over instead, forgetting checkpoints, curves and model (for a checkpoint that
            cannot be read, or to train a finished model again).

        Raises
        ------
        JobError
            If the specification is damaged, or the folder cannot be written.
        """
        LocalBackend(self.folder.parents[1]).resume(self.folder, fresh=fresh)

    def delete(self) -> None:
        """Remove the job with its model and checkpoints.

        Raises
        ------
        JobError
            If it is running.
        """
        root = self.folder.parent
        with store_lock(root):
            if is_alive(self.folder):
                raise JobError(f"Job {self.id} is running; cancel it before deleting it.")
            with suppress(FileNotFoundError):
                self.folder.rename(root / f"{_TRASH}{self.id}-{secrets.token_hex(4)}")
        # Also what a process killed here before us left behind.
        for trash in root.glob(f"{_TRASH}*"):
            shutil.rmtree(trash, ignore_errors=True)

    def wait(self, timeout: float | None = None, interval: float = 0.1) -> JobStatus:
        """Wait until the job has finished in one way or another, and return its state.

        Raises
        ------
        JobError
            After `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (status := self.status()).finished:
            if deadline is not None and time.monotonic() >= deadline:
                raise JobError(f"Job {self.id} is still {status.state} after {timeout} seconds.")
            time.sleep(interval)
        return status


def _look_at_queue(root: Path) -> bool:
    """Start what can start; not again before a while that grows with the length of the queue."""
    now = time.monotonic()
    if now < _look_again.get(root, 0.0):
        return False
    with suppress(JobError):
        LocalBackend(root.parent).start_waiting()
    _look_again[root] = time.monotonic() + max(0.5, 20 * (time.monotonic() - now))
    return True


def submit(spec: JobSpec, home: str | os.PathLike[str] | None = None) -> Job:
    """Run a job here, or wait for a free place; equal specifications give the same job.

    A job that was cancelled, failed or died goes on from its last checkpoint; one that waits,
    runs or is done is returned as it is.

    Parameters
    ----------
    spec : JobSpec
    home : path, optional
        Its folder ``jobs`` holds the jobs; ``TSCVIZ_HOME`` by default.

    Raises
    ------
    JobError
        If the folder of the jobs cannot be written.
    """
    return Job(LocalBackend(home).submit(spec))


def list_jobs(home: str | os.PathLike[str] | None = None) -> list[Job]:
    """Return all jobs, the newest first."""
    folders = job_folders(jobs_folder(home))
    return [Job(folder) for folder in sorted(folders, key=_created, reverse=True)]


def _created(folder: Path) -> float:
    for path in (folder / SPEC, folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def get_job(id: str, home: str | os.PathLike[str] | None = None) -> Job:  # noqa: A002
    """Return the job with this id.

    Parameters
    ----------
    id : str
        Sixteen hexadecimal digits, as `Job.id`.
    home : path, optional
        As in `submit`.

    Raises
    ------
    JobError
        If `id` is not sixteen hexadecimal digits, or there is no such job.
    """
    if not isinstance(id, str) or not JOB_ID.fullmatch(id):
        raise JobError("A job id is sixteen hexadecimal digits; take one from the list of jobs.")
    folder = jobs_folder(home) / id
    with storing(folder.parent):
        if not folder.is_dir():
            raise JobError(f"There is no job {id}; it may have been deleted.")
    return Job(folder)
