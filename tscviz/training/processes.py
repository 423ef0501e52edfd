"""Start a worker that outlives us, and stop it without ever hitting a stranger."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tscviz
from tscviz.atomic import FileLock, read_object
from tscviz.training.jobdir import LOG, STATUS, is_alive

LOCK_VARIABLE = "TSCVIZ_WORKER_LOCK"
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def process_identity(pid: int) -> dict[str, Any] | None:
    """Return what tells this process from every other that had or will have its number.

    Returns
    -------
    mapping or None
        Host, number and start time; None where there is no such process. A zombie is none.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        fields = stat.rpartition(")")[2].split()  # the name may hold blanks and parentheses
        started = None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"
    except FileNotFoundError:
        started = None if Path("/proc/self/stat").exists() else _started_by_ps(pid)
    except ProcessLookupError:
        started = None
    return None if not started else {"host": socket.gethostname(), "pid": pid, "start": started}


def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _started_by_ps(pid: int) -> str | None:
    """Start time where there is no /proc (macOS)."""
    ask = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    return None if not answer or answer.startswith("Z") else answer.partition(" ")[2].strip()


def worker_environment(threads: int) -> dict[str, str]:
    """Return our environment with the thread counts of the job and this package importable."""
    root = str(Path(tscviz.__path__[0]).resolve().parent)
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    counts = dict.fromkeys(_THREAD_VARIABLES, str(threads))
    extra = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", "MPLBACKEND": "Agg"}
    return {**os.environ, **counts, **extra}


def start_worker(
    folder: Path, lock: FileLock, threads: int, on_exit: Callable[[], Any] | None = None
) -> int:
    """Start the worker of the job in `folder` and hand it the lock that we hold.

    The worker has its own session: neither Ctrl-C nor the end of this process reaches it.
    Because it inherits the lock there is no moment at which the job looks abandoned.

    Parameters
    ----------
    folder : Path
        The job directory.
    lock : FileLock
        Acquired; closed here afterwards.
    threads : int
    on_exit : callable, optional
        Called in a background thread once the worker has ended and left no zombie.

    Returns
    -------
    int
        The process number.
    """
    environment = worker_environment(threads) | {LOCK_VARIABLE: str(lock.fileno())}
    # -P: a file called json.py in the folder we were started from must not be imported.
    command = [sys.executable, "-P", "-m", "tscviz.training.worker", str(folder)]
    try:
        with (folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=(lock.fileno(),),
                start_new_session=True,
            )
    finally:
        lock.close()
    reaper = threading.Thread(target=_reap, args=(process, on_exit), daemon=True)
    reaper.name = f"reaper-{folder.name}"
    reaper.start()
    return process.pid


def _reap(process: subprocess.Popen[bytes], on_exit: Callable[[], Any] | None) -> None:
    process.wait()
    if on_exit is not None:
        on_exit()


def stop_worker(folder: Path, grace: float, *, asked: bool = True) -> bool:
    """Wait for the worker to stop; after `grace` seconds SIGTERM, after as many again SIGKILL.

    Parameters
    ----------
    folder : Path
        The job directory.
    grace : float
        Seconds.
    asked : bool
        False where the cancel file could not be written: SIGTERM then comes at once.

    Returns
    -------
    bool
        True where no worker is left. False where it runs on another machine or cannot be told
        from a stranger for certain: then only the cancel file can reach it.
    """
    if asked and _wait_until_dead(folder, grace):
        return True
    _signal_worker(folder, signal.SIGTERM)
    if _wait_until_dead(folder, grace):
        return True
    _signal_worker(folder, signal.SIGKILL)
    return _wait_until_dead(folder, 5.0)


def _wait_until_dead(folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(folder):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def _signal_worker(folder: Path, number: signal.Signals) -> bool:
    """Signal the process group of the worker if it is provably ours; say whether it was."""
    stored: Mapping[str, Any] = read_object(folder / STATUS) or {}
    pid = stored.get("pid")
    if not isinstance(pid, int) or pid <= 1 or not is_alive(folder):
        return False
    identity = process_identity(pid)
    if identity is None or identity != {key: stored.get(key) for key in identity}:
        return False
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid != os.getpgid(0):
            os.killpg(pid, number)
            return True
    return False
