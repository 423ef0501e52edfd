"""Share the cases of a batch among threads.

Numba's own parallel loops are not used: its default threading layer aborts the process when two
threads enter parallel code at once, and Streamlit runs every session in a thread. The kernels
here release the GIL instead and are handed ranges of cases by a pool of plain Python threads,
which any number of callers may use together.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

# About 0.1 ms of work: handing a range to another thread costs a third of that.
MIN_CELLS = 16384

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None
T = TypeVar("T")


def for_each_range(work: Callable[[int, int], int], n_cases: int, cells_per_case: int) -> int:
    """Call ``work(start, stop)`` so that the ranges cover ``0 .. n_cases - 1``.

    Parameters
    ----------
    work : callable
        Releases the GIL, writes to its own cases only, returns the first bad case or -1.
    n_cases : int
    cells_per_case : int
        Work in one case; small batches stay in the calling thread.

    Returns
    -------
    int
        The first bad case of all, or -1. At most ``torch.get_num_threads()`` ranges run at once.
    """
    n_ranges = min(n_cases, torch.get_num_threads(), n_cases * cells_per_case // MIN_CELLS)
    if n_ranges < 2:
        return work(0, n_cases)
    edges = [n_cases * i // n_ranges for i in range(n_ranges + 1)]
    others = [_threads().submit(work, *edges[i : i + 2]) for i in range(1, n_ranges)]
    bad = [work(edges[0], edges[1]), *(other.result() for other in others)]
    return next((case for case in bad if case >= 0), -1)


def in_parts(work: Callable[[int, int], T], n_cases: int, *, multiple: int) -> list[T]:
    """Return what ``work(start, stop)`` gives for parts of a batch, each computed by one thread.

    Every operation of torch within `work` stays in its thread: where layers of torch and kernels
    of this package take turns, torch's own threads would spin in the way of ours after each layer.
    Gradients are off inside.

    Parameters
    ----------
    work : callable
    n_cases : int
    multiple : int
        Parts begin at multiples of this, so none is smaller but the last.

    Returns
    -------
    list
        In the order of the cases; at most ``torch.get_num_threads()`` parts.
    """
    n_blocks = -(-n_cases // multiple)
    n_parts = min(torch.get_num_threads(), n_blocks)
    if n_parts < 2:
        return [work(0, n_cases)]
    edges = [min(n_blocks * i // n_parts * multiple, n_cases) for i in range(n_parts + 1)]
    inference = torch.is_inference_mode_enabled()

    def run(start: int, stop: int) -> T:
        with torch.inference_mode(inference), torch.no_grad():
            return work(start, stop)

    pool = _threads()
    waiting = [pool.submit(run, *edges[i : i + 2]) for i in range(n_parts)]
    return [part.result() for part in waiting]


def _threads() -> ThreadPoolExecutor:
    """Return the pool all callers share; torch's operations use one thread in each of its own."""
    global _pool  # noqa: PLW0603
    with _lock:
        if _pool is None:
            n = os.cpu_count() or 1
            _pool = ThreadPoolExecutor(
                n, thread_name_prefix="tscviz-kernels", initializer=_one_thread
            )
            before = torch.get_num_threads()
            all_here = threading.Barrier(n + 1)
            for _ in range(n):
                _pool.submit(all_here.wait)
            all_here.wait()
            # The number is each thread's own, but a thread yet to come takes the last one set.
            torch.set_num_threads(before)
        return _pool


def _one_thread() -> None:
    torch.get_num_threads()  # the first call in a thread sets it to the process's number
    torch.set_num_threads(1)


def _after_fork() -> None:
    """Forget the pool in a forked child: its threads stayed in the parent."""
    global _lock, _pool  # noqa: PLW0603
    _lock = threading.Lock()
    _pool = None


os.register_at_fork(after_in_child=_after_fork)
