"""Download a problem through aeon into ``TSCVIZ_HOME/datasets``, whole or not at all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tscviz.data.errors import DataError
from tscviz.data.fetch import UNKNOWN
from tscviz.data.folder import Problem, check_name, find_problem
from tscviz.resources import home_folder

MAX_BYTES = 4_000_000_000
_POLL_SECONDS = 0.2
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is.

    Parameters
    ----------
    name : str
    n_bytes : int
        Bytes on disk so far; the size of the whole is not known beforehand.
    seconds : float
        Since the start.
    """

    name: str
    n_bytes: int
    seconds: float


def downloads_folder() -> Path:
    """Return ``TSCVIZ_HOME/datasets`` (``~/.tscviz/datasets``); it may not exist yet."""
    return home_folder() / "datasets"


def download_problem(
    name: str,
    *,
    on_progress: Callable[[DownloadProgress], None] | None = None,
    command: Sequence[str] | None = None,
) -> Problem:
    """Download one problem; a half-finished download is never left behind.

    Parameters
    ----------
    name : str
    on_progress : callable, optional
        Called in this thread a few times a second; an exception it raises stops the download.
    command : sequence of str, optional
        Program that gets the name and a folder as its last arguments and writes
        ``FOLDER/NAME/NAME_TRAIN.ts`` and its test file. Default: aeon's downloader.

    Raises
    ------
    DataError
        When aeon does not know the name, or there is no network.
    """
    check_name(name)
    if command is None:
        # -P: the folder of fetch.py must not become part of the import path.
        command = [sys.executable, "-P", str(Path(__file__).with_name("fetch.py"))]
    parent = downloads_folder()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(parent)
        work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
    except OSError as error:
        raise DataError(
            f"{name}: nothing can be written to {parent} ({error.strerror}). "
            "Set TSCVIZ_HOME to a folder of yours."
        ) from error
    try:
        _run([*command, name, str(work)], name, work, on_progress)
        return _install(name, work, parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(
    command: Sequence[str],
    name: str,
    work: Path,
    on_progress: Callable[[DownloadProgress], None] | None,
) -> None:
    log = work / "log.txt"
    start = time.monotonic()
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
        )
        try:
            while process.poll() is None:
                n_bytes = _size(work)
                if n_bytes > MAX_BYTES:
                    raise DataError(f"{name}: the download passed {MAX_BYTES:,} bytes; stopped.")
                if on_progress is not None:
                    on_progress(DownloadProgress(name, n_bytes, time.monotonic() - start))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    # The files decide, not the exit code: aeon parses after the transfer and may stumble there.
    if find_problem(work, name) is None:
        raise DataError(_reason(name, process.returncode, log))


def _reason(name: str, code: int, log: Path) -> str:
    if code == UNKNOWN:
        return (
            f"{name!r} is not bundled, in no archive folder, and aeon knows no dataset of "
            "that name to download."
        )
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    detail = " ".join(lines[-1].split())[-300:] if lines else f"exit code {code}"
    inner = re.search(r"<urlopen error (?:\[Errno -?\d+\] )?(.+?)>", detail)
    detail = inner[1] if inner else detail
    return (
        f"{name}: not bundled, in no archive folder, and the download failed: no network, or "
        f"the server did not answer ({detail}). Put its files in the archive folder "
        "(TSCVIZ_ARCHIVE) or connect and try again."
    )


def _install(name: str, work: Path, parent: Path) -> Problem:
    problem = find_problem(work, name)
    if problem is None:
        raise DataError(f"{name}: the downloaded files are gone.")
    ready = work / "ready"
    ready.mkdir()
    for path in (problem.train, problem.test):
        path.replace(ready / path.name)
    # Where somebody else finished first the rename fails and theirs is as good.
    with suppress(OSError):
        ready.replace(parent / name)
    installed = find_problem(parent, name)
    if installed is None:
        raise DataError(f"{name}: {parent / name} is in the way of the download; remove it.")
    return installed


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # a file may go while we look
            total += path.stat().st_size if path.is_file() else 0
    return total


def _remove_stale(parent: Path) -> None:
    """Remove what a killed process left a day ago or earlier."""
    for path in parent.glob(".*-*"):
        if path.is_dir() and time.time() - path.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
