"""How many workers this machine bears, and what a cell takes.

Measured as the peak of a worker that trains a paper's preset on one thread: 450 to 510 MiB at
length 150, and at length 2844 (Rock) 990 for DTP on FCN, 1450 for ConvTimeNet, 1660 for DTP on a
residual network. What grows is a batch's activations, with the length; hence the estimate

    half a GiB + 450 kB a time point of the longest series + 3 times the text of the dataset
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from tscviz.training.backends import default_workers
from tscviz.types import TscvizError

GIB = 1 << 30
#: Of a cell of which nothing is known.
WORKER_BYTES = GIB
_BASE = GIB // 2
_A_POINT = 450_000
_A_TEXT_BYTE = 3
_HEAD = 1 << 20
#: With less than this no further cell is started beside one that runs.
LOW_BYTES = GIB // 2
_CGROUP, _GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_UNLIMITED = 1 << 62
#: Files with the limit of a group and what it has in use, and how its idle page cache is called.
_VERSION_2 = ("memory.max", "memory.current", "inactive_file")
_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def free_memory() -> int:
    """Return the bytes that can still be taken: of the machine, or of our control group if less."""
    return min(_machine(), group_memory())


def _machine() -> int:
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    # macOS tells the whole only.
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def group_memory(told: Path = _GROUPS, root: Path = _CGROUP) -> int:
    """Return what our control group and those around it leave, in bytes; 2^62 without a limit.

    A limit may stand at any group above ours: a job of Slurm has it, and the step within has none.
    The page cache counts as used and is given back when memory is wanted, so what of it lies idle
    is taken off.

    Parameters
    ----------
    told : Path
        The file in which the kernel names our groups, of version 2 (``0::/path``) and of version 1
        (``4:memory:/path``).
    root : Path
        Where the groups are folders.
    """
    left = [_UNLIMITED]
    with suppress(OSError, ValueError):
        for line in told.read_text(encoding="utf-8").splitlines():
            number, controllers, path = line.split(":", 2)
            if number == "0" and not controllers:
                left += [_left(folder, _VERSION_2) for folder in _upwards(root, path)]
            elif "memory" in controllers.split(","):
                left += [_left(folder, _VERSION_1) for folder in _upwards(root / "memory", path)]
    return min(left)


def _upwards(root: Path, path: str) -> Iterator[Path]:
    """Yield a group's folder and those above it; in a container some are not there."""
    parts = [part for part in path.split("/") if part]
    for n in range(0 if ".." in parts else len(parts), -1, -1):  # "..": outside of what we see
        yield root.joinpath(*parts[:n])


def _left(folder: Path, names: tuple[str, str, str]) -> int:
    most, used, idle = names
    try:
        limit = (folder / most).read_text(encoding="ascii").strip()
        if not limit.isdecimal():  # "max"
            return _UNLIMITED
        taken = int((folder / used).read_text(encoding="ascii")) - _idle(folder, idle)
        return max(0, int(limit) - max(0, taken))
    except (OSError, ValueError):
        return _UNLIMITED


def _idle(folder: Path, name: str) -> int:
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
    return 0


def bearable_workers(threads: int, free: int | None = None) -> int:
    """Return how many workers of so many threads cores and memory allow, at least one.

    Parameters
    ----------
    threads : int
        Of one worker.
    free : int, optional
        Bytes; default: what is free now.
    """
    by_memory = (free_memory() if free is None else free) // WORKER_BYTES
    return max(1, min(default_workers() // threads, by_memory))


@lru_cache(maxsize=1024)
def cell_bytes(dataset: str, archive: str | None = None) -> int:
    """Return an estimate of what a worker takes that trains on a dataset; nothing is parsed.

    Parameters
    ----------
    dataset : str
    archive : str, optional
        As in `tscviz.load_dataset`.

    Returns
    -------
    int
        Bytes; `WORKER_BYTES` for a dataset without files here.
    """
    from tscviz.data.archive import dataset_files

    try:
        files = dataset_files(dataset, archive)
        if files is None:
            return WORKER_BYTES
        text = sum(path.stat().st_size for path in files)
        return _BASE + _A_POINT * max(map(_length, files)) + _A_TEXT_BYTE * text
    except (TscvizError, OSError):
        return WORKER_BYTES


def _length(path: Path) -> int:
    """Return the longest series among the first of a file, in time points."""
    with path.open("rb") as file:
        lines = file.read(_HEAD).splitlines()
    # Channels stand apart by colons in .ts files; elsewhere a line is a case.
    series = (part for line in lines if not line.startswith(b"@") for part in line.split(b":"))
    return max((len(re.findall(rb"[^,\s]+", part)) for part in series), default=0)


def resident_bytes(pid: int) -> int:
    """Return the memory a process has in use; 0 where that is not told."""
    with suppress(OSError, ValueError, IndexError):
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return 0
