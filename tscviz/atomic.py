"""Small files that are whole or absent, lines that are appended, and locks that die with a process.

A folder of ours may be read and written by several processes at once, any of which may be killed
at any instruction. Everything here keeps one promise: a reader sees the old content or the new, and
a lock is free the moment its holder is gone, zombie or not.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_disk_full(error: OSError) -> bool:
    """Return whether there is no room: disk, quota or file size limit."""
    return error.errno in _NO_SPACE


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step: temporary file, fsync, rename.

    Raises
    ------
    OSError
        The old content is then still there and the temporary file is gone.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as one JSON document with `write_bytes`; NaN and infinities are refused."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, indent=1)
    write_bytes(path, text.encode() + b"\n")


def read_object(path: Path, max_bytes: int = 1 << 20) -> dict[str, Any] | None:
    """Return the JSON object in `path`, or None where there is no readable one."""
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(max_bytes))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def append_json_line(path: Path, value: Any) -> None:
    """Append `value` as one line in a single write, so that a reader sees all of it or a torn end.

    Raises
    ------
    OSError
        Also where only a part of the line found room.
    """
    line = json.dumps(value, allow_nan=False).encode() + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def _objects(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        with suppress(ValueError, RecursionError):
            value = json.loads(line)
            if isinstance(value, dict):
                yield value


def read_json_lines(path: Path, tail_bytes: int | None = None) -> list[dict[str, Any]]:
    """Return the objects in `path`, one per line; torn and foreign lines are left out.

    Parameters
    ----------
    path : Path
        A missing file holds no lines.
    tail_bytes : int, optional
        Read only so many bytes from the end.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = 0 if tail_bytes is None else max(0, size - tail_bytes)
            file.seek(start)
            lines = file.read(size - start).split(b"\n")
    except OSError:
        return []
    # What follows the last newline is not finished; what begins a tail may have lost its head.
    return list(_objects(lines[1 if start else 0 : -1]))


def is_locked(path: Path) -> bool:
    """Return whether a living process holds the `FileLock` on `path`.

    The question is asked with a shared lock, so that several askers do not see each other.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class FileLock:
    """An exclusive lock of the operating system on a file, held until closed or until death.

    The lock belongs to the open file: a child process that inherits the descriptor keeps it.

    Parameters
    ----------
    path : Path
        Created where missing; its content is not used.
    descriptor : int, optional
        An inherited descriptor of `path`, already locked by the process that passed it on.
    """

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self.path = path
        self.descriptor = descriptor
        if descriptor is not None:
            os.set_inheritable(descriptor, False)

    def acquire(self, timeout: float = 0.25) -> bool:
        """Try for `timeout` seconds; return whether the lock is ours.

        Even an immediate try takes some patience: `is_locked` may be asking just now.
        """
        if self.descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self.descriptor = os.open(self.path, flags, 0o666)
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self.close()
                    return False
                time.sleep(0.005)
            else:
                return True

    def fileno(self) -> int:
        """Return the open descriptor, for a child process to inherit."""
        if self.descriptor is None:
            raise ValueError(f"the lock on {self.path} is not held.")
        return self.descriptor

    def close(self) -> None:
        """Close our descriptor; the lock is free unless a child process inherited it."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


@contextmanager
def locked(path: Path, timeout: float = 10.0) -> Iterator[bool]:
    """Hold the lock on `path` for the block; the value says whether it was obtained in time."""
    lock = FileLock(path)
    obtained = lock.acquire(timeout)
    try:
        yield obtained
    finally:
        lock.close()
