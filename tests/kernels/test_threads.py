"""Threads, forks and numba's settings: the same numbers, and never an aborted process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from tscviz.kernels import (
    _dtw,
    _pool,
    _sparse,
    align,
    segment_max,
    soft_dtw,
    sparse_conv1d,
    threads,
    warm_up,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def two_threads() -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def run_python(code: str, **environment: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("two_threads")
def test_eight_threads_at_once_get_what_one_gets() -> None:
    costs = [np.random.default_rng(i).random((64, 4, 512)).astype(np.float32) for i in range(8)]
    expected = [(*soft_dtw(cost, 1.0), align(cost)) for cost in costs]
    start = threading.Barrier(8)

    def work(i: int) -> None:
        start.wait()
        for _ in range(5):
            leaf = torch.from_numpy(costs[i]).requires_grad_()
            value, alignment = soft_dtw(leaf, 1.0)
            value.sum().backward()
            np.testing.assert_array_equal(value.detach().numpy(), expected[i][0])
            np.testing.assert_array_equal(alignment.numpy(), expected[i][1])
            np.testing.assert_array_equal(np.asarray(leaf.grad), expected[i][1])
            np.testing.assert_array_equal(align(costs[i]), expected[i][2])

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, i) for i in range(8)]:
            done.result()


@pytest.mark.usefixtures("two_threads")
def test_ranges_cover_every_case_once_and_large_work_is_shared() -> None:
    for n_cases, cells, n_ranges in (
        (5, 10, 1),
        (1, 10**6, 1),
        (7, threads.MIN_CELLS, 2),
        (0, 0, 1),
    ):
        ranges: list[tuple[int, int]] = []
        names: set[str] = set()

        def work(start: int, stop: int) -> int:
            ranges.append((start, stop))  # noqa: B023
            names.add(threading.current_thread().name)  # noqa: B023
            return -1

        assert threads.for_each_range(work, n_cases, cells) == -1
        assert len(ranges) == n_ranges
        assert [i for edges in sorted(ranges) for i in range(*edges)] == list(range(n_cases))
        assert any(name.startswith("tscviz-kernels") for name in names) == (n_ranges > 1)


@pytest.mark.usefixtures("two_threads")
def test_the_first_bad_case_is_reported_whichever_range_holds_it() -> None:
    for bad in ({2, 6}, {6}, set()):
        found = threads.for_each_range(
            lambda start, stop: next((i for i in range(start, stop) if i in bad), -1),  # noqa: B023
            8,
            threads.MIN_CELLS,
        )
        assert found == min(bad, default=-1)


def test_a_forked_child_makes_its_own_pool() -> None:
    out = run_python(
        """
import os, warnings
warnings.simplefilter("ignore")
import numpy as np, torch
torch.set_num_threads(2)
from tscviz.kernels import soft_dtw
cost = np.random.default_rng(0).random((64, 4, 512))
expected = soft_dtw(cost, 1.0)[0]
child = os.fork()
if child == 0:
    same = (soft_dtw(cost, 1.0)[0] == expected).all()
    os._exit(0 if same else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    )
    assert out.strip() == "0"


def test_without_jit_the_same_numbers_come_out() -> None:
    code = """
import numpy as np
from tscviz.kernels import _dtw, align, soft_dtw
cost = np.random.default_rng(3).normal(size=(3, 3, 40))
value, alignment = soft_dtw(cost, 0.3, [40, 7, 3])
segments = align(cost, [40, 7, 3])
print(type(_dtw.align_range).__name__)
print(segments.tolist(), [f"{x:.10f}" for x in value])
print([f"{x:.10f}" for x in alignment.ravel()])
"""
    plain = run_python(code, NUMBA_DISABLE_JIT="1").splitlines()
    compiled = run_python(code, NUMBA_DISABLE_JIT="0").splitlines()
    assert plain[0].startswith("function")
    assert compiled[0].startswith("CPUDispatcher")
    assert plain[1:] == compiled[1:]
    assert len(plain) == 3


def copy_of_the_kernels(folder: Path) -> Path:
    """Put what the kernels need into `folder`, and take its write permission."""
    package = folder / "tscviz"
    (package / "kernels").mkdir(parents=True)
    for name in (
        "types.py",
        "resources.py",
        *(f"kernels/{p.name}" for p in (ROOT / "tscviz/kernels").glob("*.py")),
    ):
        (package / name).write_bytes((ROOT / "tscviz" / name).read_bytes())
    (package / "__init__.py").touch()
    # A file where the cache folder would be: nothing can be written, not even by root.
    (package / "kernels" / "__pycache__").touch()
    return folder


CODE = """
import numpy as np
from numba.core import config
from tscviz.kernels import align
print(align(np.zeros((1, 2, 4))).tolist(), config.CACHE_DIR)
"""


def test_a_read_only_site_keeps_its_cache_in_the_home_of_tscviz(tmp_path: Path) -> None:
    site = copy_of_the_kernels(tmp_path / "site")
    blocked = tmp_path / "blocked"
    blocked.touch()
    home = tmp_path / "home"
    settings = {"PYTHONPATH": str(site), "HOME": str(blocked), "XDG_CACHE_HOME": str(blocked)}
    out = run_python(CODE, **settings, TSCVIZ_HOME=str(home))
    assert out.strip() == f"[[0, 1, 1, 1]] {home / 'cache' / 'numba'}"
    assert list((home / "cache" / "numba").rglob("*.nbi"))


def test_where_nothing_can_be_written_the_kernels_compile_in_memory(tmp_path: Path) -> None:
    site = copy_of_the_kernels(tmp_path / "site")
    blocked = tmp_path / "blocked"
    blocked.touch()
    settings = {"PYTHONPATH": str(site), "HOME": str(blocked), "XDG_CACHE_HOME": str(blocked)}
    out = run_python(CODE, **settings, TSCVIZ_HOME=str(blocked / "home"))
    assert out.strip() == "[[0, 1, 1, 1]]"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_warm_up_leaves_nothing_to_compile(dtype: torch.dtype) -> None:
    warm_up(dtype)
    sparse = (_sparse.pack_range, _sparse.convolve_range, _sparse.correlate_range)
    kernels = (_dtw.soft_dtw_range, _dtw.align_range, _pool.segment_max_range, *sparse)
    before = [len(getattr(kernel, "signatures", ())) for kernel in kernels]
    cost = torch.rand(3, 2, 9, dtype=dtype, requires_grad=True)
    soft_dtw(cost, 0.5, torch.tensor([9, 4, 2]))[0].sum().backward()
    segment_max(cost, align(cost), 2)
    weight = torch.rand(4, 2, 3, dtype=dtype, requires_grad=True)
    sparse_conv1d(cost, weight, weight > 0.5, (1, 1), use_sparse=True).sum().backward()
    assert [len(getattr(kernel, "signatures", ())) for kernel in kernels] == before


@pytest.mark.parametrize(
    ("given", "wanted"),
    [({}, "10000"), ({"GOMP_SPINCOUNT": "77"}, "77"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "0")],
)
def test_torch_is_told_how_long_its_threads_wait(given: dict[str, str], wanted: str) -> None:
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    inherited = {name: text for name, text in os.environ.items() if name not in names}
    ended = subprocess.run(
        [sys.executable, "-c", "import tscviz, torch"],
        env=inherited | {"OMP_DISPLAY_ENV": "VERBOSE"} | given,
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert f"GOMP_SPINCOUNT = '{wanted}'" in ended.stderr


@pytest.mark.usefixtures("two_threads")
def test_parts_cover_a_batch_in_order_each_with_torch_on_one_thread() -> None:
    def work(start: int, stop: int) -> tuple[int, int, int, bool, bool]:
        modes = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        return start, stop, torch.get_num_threads(), *modes

    with torch.inference_mode():
        assert threads.in_parts(work, 20, multiple=8) == [
            (0, 8, 1, False, True),
            (8, 20, 1, False, True),
        ]
    assert threads.in_parts(work, 16, multiple=8)[1] == (8, 16, 1, False, False)
    assert threads.in_parts(work, 8, multiple=8)[0][:3] == (0, 8, 2)
    assert threads.in_parts(work, 0, multiple=8)[0][:2] == (0, 0)
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_an_error_in_a_part_reaches_the_caller() -> None:
    def work(start: int, stop: int) -> int:
        raise ZeroDivisionError(start)

    with pytest.raises(ZeroDivisionError):
        threads.in_parts(work, 32, multiple=8)
