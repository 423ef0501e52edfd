"""What sweeps survive: each fault for real, with real processes, files and signals."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.training.sweep.tools import (
    alive,
    assert_a_second_stop_ends_a_deaf_worker,
    assert_whole,
    environment,
    good_problem,
    numbers,
    parent_of,
    scheduled,
    sweep,
    wait_until,
    worker_pid,
    write_problem,
)
from tscviz.training.jobdir import is_alive, read_status
from tscviz.training.sweep import Progress, SweepFolder, plan_sweep, run_sweep, start_sweep
from tscviz.training.sweep.backends import BackendOptions
from tscviz.training.sweep.backends.local import LocalPool

EPOCHS, SEEDS = 16, 6
RANDOM = random.Random()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """A sweep that nothing disturbs, run in this process."""
    folder = SweepFolder(tmp_path_factory.mktemp("reference"))
    plan_sweep(sweep(EPOCHS, seeds=SEEDS), folder)
    done, _ = scheduled(folder)
    assert (done.trained, done.failed, done.stopped) == (SEEDS, {}, "")
    assert_whole(folder)
    return folder


@pytest.fixture
def reference(undisturbed: SweepFolder) -> list[dict[str, Any]]:
    """Its table."""
    return numbers(undisturbed)


def test_done_cells_are_never_run_twice_and_a_thread_leaves_signals_alone(
    undisturbed: SweepFolder,
) -> None:
    found: list[Progress] = []
    spec, root = sweep(EPOCHS, seeds=SEEDS), undisturbed.root
    before = numbers(undisturbed)
    thread = threading.Thread(target=lambda: found.append(run_sweep(spec, root, workers=1)))
    thread.start()
    thread.join()
    assert (found[0].trained, len(found[0].done)) == (0, SEEDS)
    assert numbers(undisturbed) == before


def test_a_kill_before_any_change_of_a_file_leaves_no_half_cell(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.sweep.crash_points", str(tmp_path)]
    ended = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=170
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["wrong"] == []
    assert found["points"] >= 22
    assert found["halves"] >= 18


APP = """
import sys, time
from tscviz.training.sweep import start_sweep
from tests.training.sweep.tools import sweep
start_sweep(sweep(int(sys.argv[2]), seeds=int(sys.argv[3])), sys.argv[1], workers=1)
print("started", flush=True)
time.sleep(600)
"""


def kill_the_app_that_starts_a_sweep(folder: SweepFolder) -> None:
    """Start the sweep from an app and kill -9 that; neither scheduler nor worker notices."""
    command = [sys.executable, "-c", APP, str(folder.root), str(EPOCHS), str(SEEDS)]
    app = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment(), start_new_session=True
    )
    try:
        assert app.stdout is not None
        assert app.stdout.readline() == b"started\n"
        wait_until(folder.schedulers)
    finally:
        os.killpg(app.pid, signal.SIGKILL)
        app.communicate()
    wait_until(lambda: worker_pid(folder))
    assert len(folder.schedulers()) == 1


def kill_a_worker(folder: SweepFolder) -> None:
    """Kill -9 a worker; the scheduler notes why and starts another one."""
    worker = wait_until(lambda: worker_pid(folder, 5))
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: worker_pid(folder) not in (0, worker))
    (reason,) = [reason for cell in folder.cells() for reason in folder.attempts(cell.id)]
    assert "ended without a word (signal 9)" in reason


def interrupt(folder: SweepFolder, how: str) -> None:
    """End scheduler and worker in one of three ways at a random moment of a cell."""
    worker = wait_until(lambda: worker_pid(folder))
    scheduler = parent_of(worker)
    time.sleep(RANDOM.uniform(0.0, 0.1))
    if how == "worker and scheduler" and alive(worker):
        os.kill(worker, signal.SIGKILL)
    os.kill(scheduler, signal.SIGTERM if how == "SIGTERM" else signal.SIGKILL)
    wait_until(lambda: not alive(scheduler))
    wait_until(lambda: not alive(worker))  # at the end of its epoch, with a checkpoint
    wait_until(lambda: not folder.schedulers())


def test_five_interruptions_at_random_and_a_killed_app_change_no_number(
    tmp_path: Path, reference: list[dict[str, Any]]
) -> None:
    """Kill -9 of the app, a worker, the scheduler, both, and SIGTERM, in a random order."""
    folder = SweepFolder(tmp_path)
    kill_the_app_that_starts_a_sweep(folder)
    kill_a_worker(folder)
    ways = ["scheduler", "worker and scheduler", "SIGTERM"]
    ways += [RANDOM.choice(ways)]
    RANDOM.shuffle(ways)
    (plan,) = folder.plans()
    command = [sys.executable, "-m", "tscviz.training.sweep", str(tmp_path), plan, "--workers", "1"]
    whole = {row["cell"]: row for row in reference}
    interrupt(folder, ways.pop())
    while True:
        rows = numbers(folder)
        assert all(row == whole[row["cell"]] for row in rows if row["status"] == "done")
        # A worker that the scheduler started in its last moment may still be at its epoch.
        assert {row["status"] for row in rows} <= {"done", "waiting", "running"}
        for path in folder.jobs.glob("*/status.json"):  # the worker outlived its scheduler
            if read_status(path.parent).state == "cancelled":
                assert (path.parent / "checkpoint" / "checkpoint.safetensors").exists()
        if not ways:
            break
        with subprocess.Popen(command, env=environment()):
            interrupt(folder, ways.pop())
    left = [row for row in numbers(folder) if row["status"] != "done"]
    assert left
    wait_until(lambda: not any(is_alive(folder.folder(cell.id)) for cell in folder.cells()))
    done, _ = scheduled(folder)
    assert (done.trained, done.failed) == (len(left), {})
    assert_whole(folder)
    assert numbers(folder) == reference


@contextmanager
def small_disk(place: Path, kib: int) -> Iterator[Any]:
    """A disk of so little room; yields what makes it larger.

    A tmpfs for who may mount one; else a limit on the size of a file, which ends writing in the
    same way (EFBIG for ENOSPC).
    """
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode == 0:
        grow = ["mount", "-o", "remount,size=64m", str(place)]
        try:
            yield lambda: subprocess.run(grow, check=True)
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600 * 1024, before[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_stops_the_sweep_and_space_lets_it_go_on(
    tmp_path: Path, reference: list[dict[str, Any]]
) -> None:
    with small_disk(tmp_path / "disk", kib=8_500) as grow:
        folder = SweepFolder(tmp_path / "disk" / "sweep")
        done = run_sweep(sweep(EPOCHS, seeds=SEEDS), folder.root, workers=1)
        assert "disk is full" in done.stopped
        assert (done.failed, done.interrupted) == ({}, False)
        finished = [cell for cell in folder.cells() if folder.result(cell.id)]
        assert done.trained == len(done.done) == len(finished) < SEEDS
        grow()
        again, _ = scheduled(folder)
        assert again.trained == SEEDS - len(finished)
        assert_whole(folder)
        assert numbers(folder) == reference


SITE = """
import time
_now = [4e9]
def _back():
    _now[0] -= 1000.0
    return _now[0]
time.time = _back
"""


def test_a_bad_dataset_a_corrupt_checkpoint_and_a_clock_that_runs_backwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three faults at once: the rest goes on, and what is mended is taken up."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    start = time.time()
    clock = iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: start - next(clock))
    archive = tmp_path / "archive"
    write_problem(archive, "Good", good_problem("Good"))
    write_problem(archive, "Bad", "@classLabel true a b\n@data\n1,x:a\n")
    spec = sweep(3, datasets=["Bad", "Good"], archive=str(archive))
    folder = SweepFolder(tmp_path / "sweep")
    bad, corrupt = plan_sweep(spec, folder).cells[0], folder.cells()[2]
    checkpoint = folder.folder(corrupt.id) / "checkpoint"
    from tscviz.training.jobstore import create_job, store_lock

    with store_lock(folder.jobs):
        create_job(folder.jobs, corrupt.job, queue="sweep")
    checkpoint.mkdir()
    (checkpoint / "checkpoint.safetensors").write_bytes(b"\0" * 100)
    done = run_sweep(spec, folder.root, workers=1)
    assert done.trained == 2
    assert len(done.failed) == 2
    assert "Bad_TRAIN.ts" in done.failed[bad.id]
    assert "no checkpoint in" in folder.attempts(corrupt.id)[0]
    assert [row["status"] for row in numbers(folder)] == ["failed", "failed", "done", "done"]
    stamp = json.loads((folder.folder(corrupt.id) / "status.json").read_text())["updated"]
    assert 3e9 < stamp < 4e9  # the worker's clock did run backwards
    good = numbers(folder)[2:]
    write_problem(archive, "Bad", good_problem("Bad", 5))
    plan_sweep(spec, folder)
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(archive))
    again, _ = scheduled(folder)
    assert (again.trained, again.failed) == (2, {})
    assert numbers(folder)[2:] == good
    assert_whole(folder)


def test_a_file_in_place_of_a_cells_folder_fails_that_cell_alone(tmp_path: Path) -> None:
    spec, folder = sweep(1, seeds=2), SweepFolder(tmp_path)
    cell = plan_sweep(spec, folder).cells[0]
    folder.jobs.mkdir(exist_ok=True)
    folder.folder(cell.id).write_text("in the way")
    done = run_sweep(spec, folder.root, workers=1)
    assert "is a file, not the cell's folder" in done.failed[cell.id]
    assert (done.trained, len(done.failed)) == (len(folder.cells()) - 1, 1)


def test_two_sweeps_on_one_folder_share_the_work(tmp_path: Path) -> None:
    spec, folder = sweep(10, seeds=8), SweepFolder(tmp_path)
    start_sweep(spec, tmp_path, workers=1)  # a scheduler in a process of its own
    wait_until(lambda: worker_pid(folder))
    ours, _ = scheduled(folder)
    assert (len(ours.done), ours.failed) == (8, {})
    wait_until(lambda: not folder.schedulers())
    assert 1 <= ours.trained <= 7
    assert (tmp_path / "scheduler.log").read_text() == ""
    assert_whole(folder)  # each epoch of each cell is told once: no cell was run twice
    assert [cell for cell in folder.cells() if folder.attempts(cell.id)] == []


def test_a_second_wish_to_stop_ends_a_worker_that_does_not_hear_the_first(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    assert_a_second_stop_ends_a_deaf_worker(
        folder, LocalPool(BackendOptions(folder.jobs, workers=1))
    )
