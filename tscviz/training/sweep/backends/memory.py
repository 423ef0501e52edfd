"""How many workers this machine bears, and what a cell takes.

Measured as the peak of a worker that trains a paper's preset on one thread: 450 to 510 MiB at
length 150, and at length 2844 (Rock) 990 for DTP on FCN, 1450 for ConvTimeNet, 1660 for DTP on a
residual network. What grows is a batch's activations, with the length; hence the estimate

    half a GiB + 450 kB a time point of the longest series + 3 times the text of the dataset
"""

from __future__ import annotations

import os
import re
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
_CGROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return the bytes that can still be taken: of the machine, or of our control group if less."""
    return min(_machine(), _group())


def _machine() -> int:
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    # macOS tells the whole only.
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _group() -> int:
    try:
        most = (_CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
        return max(0, int(most) - used) if most.isdecimal() else 1 << 62
    except (OSError, ValueError):
        return 1 << 62


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
