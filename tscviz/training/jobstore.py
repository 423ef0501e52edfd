"""The folder of all jobs: what is created, queued, listed and forgotten there, under one lock."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tscviz.atomic import locked, write_json
from tscviz.training.jobdir import (
    CHECKPOINT,
    EVENTS,
    LOG,
    MODEL,
    SPEC,
    STATUS,
    write_status,
)
from tscviz.training.jobspec import JOB_ID, JobError, JobSpec, job_id, spec_to_json

LOCAL_QUEUE = "local"


@contextmanager
def store_lock(root: Path) -> Iterator[None]:
    """Hold the lock under which jobs are created, started, resumed and deleted.

    Raises
    ------
    JobError
        If the folder cannot be written, or another process keeps the lock for ten seconds.
    """
    with storing(root):
        root.mkdir(parents=True, exist_ok=True)
        with locked(root / ".lock") as obtained:
            if not obtained:
                raise JobError(
                    f"Another process has kept the lock on {root} for ten seconds. "
                    "Try again; if it stays so, end the tscviz server that hangs."
                )
            yield


@contextmanager
def storing(root: Path) -> Iterator[None]:
    """Turn an `OSError` while writing below `root` into a `JobError` that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise JobError(
            f"Jobs cannot be stored in {root}: {reason}. "
            "Free space there, or set TSCVIZ_HOME to a folder that can be written."
        ) from error


def create_job(root: Path, spec: JobSpec, queue: str = LOCAL_QUEUE) -> Path:
    """Create the job's directory, whole, unless it exists; the caller holds `store_lock`.

    Returns
    -------
    Path
        The directory, with its own state if it was there before.
    """
    folder = root / job_id(spec)
    if folder.is_dir():
        return folder
    draft = root / f".new-{folder.name}"
    shutil.rmtree(draft, ignore_errors=True)  # of a process killed right here
    draft.mkdir()
    try:
        write_json(draft / SPEC, spec_to_json(spec))
        put_in_queue(draft, queue)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def put_in_queue(folder: Path, queue: str = LOCAL_QUEUE) -> None:
    """Mark the job as waiting; the caller holds `store_lock` and no worker lives."""
    write_status(folder, "waiting", queue=queue, queued=time.time())


def forget(folder: Path) -> None:
    """Remove all that a run produced; a status without a state reads as dead until queued."""
    (folder / STATUS).unlink(missing_ok=True)
    for name in (EVENTS, LOG):
        (folder / name).unlink(missing_ok=True)
    for name in (CHECKPOINT, MODEL):
        # Hidden first: half a folder must never pass for a whole one.
        with suppress(FileNotFoundError):
            (folder / name).rename(folder / f".{name}-old")
        shutil.rmtree(folder / f".{name}-old", ignore_errors=True)


def job_folders(root: Path) -> list[Path]:
    """Return the directories of all jobs below `root`, in no order."""
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries if JOB_ID.fullmatch(entry.name)]
    except FileNotFoundError:
        return []
    return [root / name for name in names]
