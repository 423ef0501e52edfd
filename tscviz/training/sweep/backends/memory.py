"""How many workers this machine bears."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tscviz.training.backends import default_workers

GIB = 1 << 30
#: A worker that has imported torch and trains an archive problem takes a quarter to a half of it.
WORKER_BYTES = GIB
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
