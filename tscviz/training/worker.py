"""The process behind a job: ``python -m tscviz.training.worker JOB_DIRECTORY``.

`run_job` is the same work for whoever has a process of its own to offer (a pool, a cluster).
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tscviz.atomic import FileLock
from tscviz.training.attempt import Attempt
from tscviz.training.jobdir import LOCK, State, is_alive
from tscviz.training.jobstore import store_lock
from tscviz.training.processes import LOCK_VARIABLE


def run_job(
    folder: Path,
    *,
    lock: FileLock | None = None,
    handle_signals: bool = False,
    attempt: Attempt | None = None,
) -> State | None:
    """Train as the job's specification says, and store how it ended.

    Parameters
    ----------
    folder : Path
        The job directory.
    lock : FileLock, optional
        The job's lock, if the caller holds it already; it is closed at the end in any case.
    handle_signals : bool
        Let SIGTERM end the run gracefully; only in the main thread of a process of its own.
    attempt : Attempt, optional
        At the job in `folder`, by who does more at it than this.

    Returns
    -------
    {"done", "cancelled", "failed"} or None
        None where another worker has the job.
    """
    lock = lock or take_lock(folder)
    if lock is None or not lock.acquire(timeout=5.0):
        return None
    run = attempt or Attempt(folder)
    if handle_signals:
        signal.signal(signal.SIGTERM, run.on_sigterm)
    try:
        with run:
            run.train()
    finally:
        lock.close()
    return run.state


def take_lock(folder: Path) -> FileLock | None:
    """Return the lock of the job in `folder`, held; None where another worker has it."""
    with store_lock(folder.parent):
        lock = FileLock(folder / LOCK)
        return None if is_alive(folder) or not lock.acquire() else lock


def be_modest() -> None:
    """Let the browser's server go first, and let a machine short of memory end us and not it."""
    with suppress(OSError):
        os.nice(5)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def main() -> int:
    """Run the job whose directory is the first argument; return the exit code.

    Returns
    -------
    int
        0 done or cancelled, 1 failed, 3 another worker has the job.
    """
    faulthandler.enable()
    folder = Path(sys.argv[1])
    inherited = os.environ.pop(LOCK_VARIABLE, "")
    lock = FileLock(folder / LOCK, int(inherited)) if inherited.isdecimal() else None
    be_modest()
    state = run_job(folder, lock=lock, handle_signals=True)
    return {None: 3, "failed": 1}.get(state, 0)


if __name__ == "__main__":
    sys.exit(main())
