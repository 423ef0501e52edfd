"""What sweeps survive: each fault for real, with real processes, files and signals."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.training.sweep.tools import (
    alive,
    assert_whole,
    environment,
    good_problem,
    numbers,
    sweep,
    wait_until,
    worker_pid,
    write_problem,
)
from tscviz.training.sweep import Progress, SweepFolder, plan_sweep, run_sweep, start_sweep

EPOCHS, SEEDS = 16, 4


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The table of a sweep that nothing disturbs."""
    folder = SweepFolder(tmp_path_factory.mktemp("reference"))
    done = run_sweep(sweep(EPOCHS, seeds=SEEDS), folder.root, workers=1)
    assert (done.trained, done.failed, done.stopped) == (SEEDS, {}, "")
    assert_whole(folder)
    again = run_sweep(sweep(EPOCHS, seeds=SEEDS), folder.root, workers=1)
    assert (again.trained, len(again.done)) == (0, SEEDS)  # done cells are never run twice
    return numbers(folder)


def test_a_kill_before_any_change_of_a_file_leaves_no_half_cell(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.sweep.crash_points", str(tmp_path)]
    ended = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=170
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["wrong"] == []
    assert found["points"] >= 25
    assert found["halves"] >= 20


def test_a_killed_worker_costs_one_attempt(tmp_path: Path, reference: list[dict[str, Any]]) -> None:
    folder = SweepFolder(tmp_path)
    killed: list[int] = []

    def kill(_progress: Progress) -> None:
        pid = 0 if killed else worker_pid(folder, 5)
        if pid:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    done = run_sweep(sweep(EPOCHS, seeds=SEEDS), tmp_path, workers=1, on_change=kill)
    assert (done.trained, done.failed) == (SEEDS, {})
    reasons = [reason for cell in folder.cells() for reason in folder.attempts(cell.id)]
    assert len(killed) == len(reasons) == 1
    assert "ended without a word (signal 9)" in reasons[0]
    assert numbers(folder) == reference


APP = """
import sys, time
from tscviz.training.sweep import start_sweep
from tests.training.sweep.tools import sweep
start_sweep(sweep(int(sys.argv[2]), seeds=4), sys.argv[1], workers=1)
print("started", flush=True)
time.sleep(600)
"""


def test_kill_9_of_the_app_and_then_of_the_scheduler(
    tmp_path: Path, reference: list[dict[str, Any]]
) -> None:
    folder = SweepFolder(tmp_path)
    command = [sys.executable, "-c", APP, str(tmp_path), str(EPOCHS)]
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
    worker = wait_until(lambda: worker_pid(folder, 5))
    assert len(folder.schedulers()) == 1  # neither scheduler nor worker noticed
    scheduler = parent_of(worker)
    os.kill(scheduler, signal.SIGKILL)
    wait_until(lambda: not alive(worker))  # at the end of its epoch, with a checkpoint
    assert folder.schedulers() == []
    states = [folder.state(cell).state for cell in folder.cells()]
    assert "waiting" in states
    assert set(states) <= {"waiting", "done"}
    assert len(list(folder.jobs.glob("*/checkpoint/checkpoint.safetensors"))) == 1
    done = run_sweep(sweep(EPOCHS, seeds=SEEDS), tmp_path, workers=1)
    assert done.trained == states.count("waiting")
    assert_whole(folder)
    assert numbers(folder) == reference


def parent_of(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return int(stat.rpartition(")")[2].split()[1])


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
        again = run_sweep(sweep(EPOCHS, seeds=SEEDS), folder.root, workers=1)
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
    again = run_sweep(spec, folder.root, workers=1)
    assert (again.trained, again.failed) == (2, {})
    assert numbers(folder)[2:] == good
    assert_whole(folder)


def test_two_sweeps_on_one_folder_share_the_work(tmp_path: Path) -> None:
    spec, folder = sweep(10, seeds=8), SweepFolder(tmp_path)
    start_sweep(spec, tmp_path, workers=1)  # a scheduler in a process of its own
    ours = run_sweep(spec, tmp_path, workers=1)
    assert (len(ours.done), ours.failed) == (8, {})
    wait_until(lambda: not folder.schedulers())
    assert 1 <= ours.trained <= 8
    assert (tmp_path / "scheduler.log").read_text() == ""
    assert_whole(folder)  # each epoch of each cell is told once: no cell was run twice
    assert [cell for cell in folder.cells() if folder.attempts(cell.id)] == []


def test_five_interruptions_at_random_change_no_number(
    tmp_path: Path, reference: list[dict[str, Any]]
) -> None:
    folder, rng = SweepFolder(tmp_path), random.Random(os.getpid())
    plan = plan_sweep(sweep(EPOCHS, seeds=SEEDS), folder)
    command = [sys.executable, "-m", "tscviz.training.sweep", str(tmp_path), plan.id]
    for _ in range(5):
        scheduler = subprocess.Popen([*command, "--workers", "1"], env=environment())
        worker = wait_until(lambda: worker_pid(folder))
        time.sleep(rng.uniform(0.0, 0.2))
        how = ("scheduler", "worker and scheduler", "SIGTERM")[rng.randrange(3)]
        if how == "worker and scheduler" and alive(worker):
            os.kill(worker, signal.SIGKILL)
        scheduler.send_signal(signal.SIGTERM if how == "SIGTERM" else signal.SIGKILL)
        scheduler.wait()
        wait_until(lambda worker=worker: not alive(worker))
        # A worker that the scheduler started in its last moment may still be at its epoch.
        rows = numbers(folder)
        whole = {row["cell"]: row for row in reference}
        assert all(row == whole[row["cell"]] for row in rows if row["status"] == "done")
        assert {row["status"] for row in rows} <= {"done", "waiting", "running"}
        assert not folder.schedulers()
    ended = subprocess.run(command, env=environment(), check=False)
    assert ended.returncode == 0
    assert_whole(folder)
    assert numbers(folder) == reference
