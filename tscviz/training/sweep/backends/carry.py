"""A job directory as a message, for a worker that does not see the sweep's folder.

The worker runs its cell in a folder of its own and sends what changed there; the scheduler, which
holds the cell's lock for it, writes that into the sweep's folder in the order in which a worker on
the spot would have: the model as a whole, then the result, then the word that the job is done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tscviz.atomic import write_bytes
from tscviz.training.jobdir import CANCEL, CHECKPOINT, EVENTS, LOCK, LOG, MODEL, STATUS
from tscviz.training.jobspec import JobError
from tscviz.training.sweep.store import ATTEMPTS, RESULT

#: Never sent: they belong to one place.
_LOCAL = frozenset({LOCK, CANCEL, ATTEMPTS, "reserve"})
#: Files to which lines are added: only the new ones are sent.
_GROWING = frozenset({EVENTS, LOG})
_LAST = (RESULT, STATUS)


@dataclass(frozen=True)
class Parcel:
    """What changed in a job directory.

    Parameters
    ----------
    files : dict
        Name, with slashes, to the place in the file where the bytes belong, and the bytes; place 0
        stands for the whole file.
    names : frozenset of str
        All files that are there; others are to be removed.
    """

    files: dict[str, tuple[int, bytes]]
    names: frozenset[str]


class Packer:
    """Packs a job directory, each time what is new since the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sent: dict[str, tuple[int, int, int]] = {}  # inode, size, time of change

    def news(self) -> Parcel:
        """Return what changed since the last call, the previous checkpoint left out."""
        files, names = {}, set()
        for name, path in _files(self.folder):
            with suppress(FileNotFoundError):  # replaced or removed in this moment
                part = self._part(name, path)
                names.add(name)
                if part is not None:
                    files[name] = part
        return Parcel(files, frozenset(names))

    def _part(self, name: str, path: Path) -> tuple[int, bytes] | None:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            mark = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            inode, size, _ = before = self._sent.get(name, (0, 0, 0))
            if mark == before:
                return None
            grown = name in _GROWING and inode == stat.st_ino and stat.st_size >= size
            place = size if grown else 0
            file.seek(place)
            content = file.read(stat.st_size - place)
        self._sent[name] = mark
        return place, content


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
        previous = name.startswith(f"{CHECKPOINT}/") and ".previous." in name
        if not hidden and not previous and name not in _LOCAL and path.is_file():
            yield name, path


def pack(folder: Path) -> Parcel:
    """Return all files of a job directory."""
    return Packer(folder).news()


def unpack(folder: Path, parcel: Parcel) -> None:
    """Write a parcel into a job directory; only for the holder of the worker's lock.

    A reader sees every file whole, the model's files together, and no result without the model.

    Raises
    ------
    OSError
        Where it cannot be written.
    JobError
        On a name that leads out of the directory.
    """
    for name in (*parcel.names, *parcel.files):
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts:
            raise JobError(f"A worker sent a file called {name[:60]!r}; it was not written.")
    model = {n: c for n, (_, c) in parcel.files.items() if n.startswith(f"{MODEL}/")}
    if model:
        _write_model(folder, model)
    rest = [name for name in parcel.files if name not in model and name not in _LAST]
    for name in [*sorted(rest), RESULT]:
        _write(folder, name, parcel)
    for name, path in _files(folder):
        if name not in parcel.names:
            path.unlink(missing_ok=True)
    for place in (CHECKPOINT, MODEL):
        if not any(name.startswith(f"{place}/") for name in parcel.names):
            shutil.rmtree(folder / place, ignore_errors=True)
    _write(folder, STATUS, parcel)


def _write(folder: Path, name: str, parcel: Parcel) -> None:
    if name not in parcel.files:
        return
    path, (place, content) = folder / name, parcel.files[name]
    path.parent.mkdir(exist_ok=True)
    if place == 0:
        write_bytes(path, content)
    else:
        with path.open("r+b") as file:
            file.truncate(place)  # an end that was torn here
            file.seek(place)
            file.write(content)


def _write_model(folder: Path, files: dict[str, bytes]) -> None:
    draft = folder / ".model-sent"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        for name, content in files.items():
            write_bytes(draft / PurePosixPath(name).name, content)
        if (folder / MODEL).exists():
            shutil.rmtree(folder / MODEL)
        draft.rename(folder / MODEL)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
