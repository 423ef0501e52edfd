"""The folder of a sweep: states, results, schedulers, and how cells are handed out."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.training.sweep.tools import assert_whole, numbers, scheduled, sweep, write_problem
from tscviz.atomic import FileLock
from tscviz.training.jobs import get_job
from tscviz.training.jobspec import JobSpec
from tscviz.training.sweep import Cell, SweepError, SweepFolder, plan_sweep
from tscviz.training.sweep.backends import BackendOptions, local, make_backend
from tscviz.training.sweep.backends.local import LocalPool
from tscviz.training.sweep.backends.memory import GIB, bearable_workers, cell_bytes, free_memory
from tscviz.training.sweep.cell import Outcome, run_cell
from tscviz.training.sweep.progress import Progress
from tscviz.training.sweep.scheduler import Scheduler


def test_a_cell_is_a_job_and_its_result_the_last_word(folder: SweepFolder) -> None:
    first, second = folder.cells()
    assert folder.state(first).state == "waiting"
    done, backend = scheduled(folder)
    assert (done.trained, done.waiting, backend.closed) == (2, 0, True)
    assert_whole(folder)
    job = get_job(first.id, home=folder.root)
    assert job.status().state == "done"
    assert job.spec == first.job
    before = (folder.folder(first.id) / "result.json").stat().st_mtime_ns
    assert run_cell(folder.jobs, first.job).state == "done"
    assert (folder.folder(first.id) / "result.json").stat().st_mtime_ns == before
    for text in ("", "{", "[]", '{"format": 1}', json.dumps({"format": 1, "cell": second.id})):
        (folder.folder(first.id) / "result.json").write_text(text)
        assert folder.result(first.id) is None
        assert folder.state(first).state == "waiting"
    rows = numbers(folder)
    again, backend = scheduled(folder)
    assert again.trained == 1  # scored again from its model, not trained again
    assert numbers(folder)[1] == rows[1]
    assert_whole(folder)


def test_a_failure_that_may_pass_is_tried_again_and_the_reason_kept(folder: SweepFolder) -> None:
    died = Outcome("failed", "died", "The worker ended without a word (signal 9).")
    torn = Outcome("failed", "checkpoint", "no checkpoint can be read")
    for cell in folder.cells():
        run_cell(folder.jobs, cell.job, stop=stopped())
    first, second = (cell.id for cell in folder.cells())
    done, backend = scheduled(folder, died, torn)
    assert backend.started == [(first, False), (second, False), (first, False), (second, True)]
    assert (done.trained, done.failed) == (2, {})
    assert folder.attempts(first) == [died.message]
    assert folder.attempts(second) == [torn.message]


def test_a_cell_that_kills_every_worker_fails_and_the_rest_goes_on(folder: SweepFolder) -> None:
    died = Outcome("failed", "died", "The worker ended without a word (signal 9).")
    first, second = folder.cells()
    run_cell(folder.jobs, first.job, stop=stopped())
    done, backend = scheduled(folder, died, Outcome("cancelled"), died, retries=1)
    assert [cell for cell, _ in backend.started] == [first.id, second.id, first.id, second.id]
    assert done.failed == {first.id: f"{died.message} Attempts: 2."}
    assert folder.state(first).state == "failed"
    assert folder.state(second).state == "done"
    again, _ = scheduled(folder)
    assert (again.trained, len(again.done)) == (1, 2)  # a new start tries it again


def test_what_is_done_counts_before_anything_starts(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    plan_sweep(sweep(seeds=3), folder)
    first, second, third = folder.cells()
    run_cell(folder.jobs, third.job)
    told: list[int] = []
    done, backend = scheduled(folder, on_change=lambda seen: told.append(len(seen.done)))
    assert told[:2] == [2, 3]  # after each round, which trains one
    assert backend.started == [(first.id, False), (second.id, False)]
    assert (done.trained, len(done.done)) == (2, 3)


def stopped() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@pytest.mark.parametrize("kind", ["room", "code"])
def test_what_would_meet_every_cell_stops_the_sweep(folder: SweepFolder, kind: Any) -> None:
    done, backend = scheduled(folder, Outcome("failed", kind, "The disk is full."))
    assert (done.stopped, done.waiting, len(backend.started)) == ("The disk is full.", 2, 1)
    assert done.failed == {}


def test_no_worker_can_be_started(folder: SweepFolder) -> None:
    none = Outcome("failed", "start", "No worker can be started (exit code 1: no torch).")
    done, backend = scheduled(folder, *[none] * 9)
    assert done.stopped == none.message
    assert 3 <= len(backend.started) <= 6
    assert done.failed == {}


def test_a_cell_cancelled_alone_stays_so_until_the_next_start(folder: SweepFolder) -> None:
    first, second = folder.cells()
    run_cell(folder.jobs, first.job, stop=stopped())
    assert folder.state(first).state == "waiting"  # stopped with its sweep
    done, _ = scheduled(folder, Outcome("elsewhere"), Outcome("done"))
    assert done.done.keys() == {first.id, second.id}
    (folder.folder(first.id) / "result.json").unlink()
    (folder.folder(first.id) / "cancel").touch()
    assert run_cell(folder.jobs, first.job) == Outcome(
        "cancelled", "", "Cancelled before it began."
    )
    again, _ = scheduled(folder)
    assert first.id in again.done


def test_a_cell_that_somebody_else_is_at_is_waited_for(folder: SweepFolder) -> None:
    first, _ = folder.cells()
    run_cell(folder.jobs, first.job, stop=stopped())
    lock = FileLock(folder.folder(first.id) / "worker.lock")
    assert lock.acquire()
    assert run_cell(folder.jobs, first.job) == Outcome("elsewhere")
    seen: list[int] = []

    def let_go(progress: Progress) -> None:
        seen.append(len(progress.elsewhere))
        if progress.trained == 1:
            lock.close()

    done, _ = scheduled(folder, on_change=let_go)
    assert 1 in seen
    assert done.trained == 2
    assert_whole(folder)


def test_a_folder_without_sweep_and_a_cell_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="holds no sweep; give the folder"):
        SweepFolder(tmp_path).cells()
    with pytest.raises(SweepError, match="is no cell: wanted sixteen"):
        SweepFolder(tmp_path).folder("../../etc")


def test_schedulers_are_known_by_their_locks_and_told_to_stop_by_a_file(
    folder: SweepFolder,
) -> None:
    (folder.root / "schedulers").mkdir()
    (folder.root / "schedulers" / "dead.lock").touch()
    assert folder.schedulers() == []
    with folder.scheduling() as one, folder.scheduling() as two:
        assert len(folder.schedulers()) == 2
        assert folder.cancel() == 2
        assert one.exists()
        assert two.exists()
    assert list((folder.root / "schedulers").iterdir()) == []
    asked: list[int] = []
    done, backend = scheduled(folder, on_change=lambda _: asked.append(folder.cancel()))
    assert done.interrupted
    assert (done.trained, len(backend.started), asked[0]) == (1, 1, 1)


def test_the_bounds_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TSCVIZ_WORKERS", "8")
    assert [bearable_workers(n, free=16 * GIB) for n in (1, 2, 3, 9)] == [8, 4, 2, 1]
    assert [bearable_workers(1, free=n * GIB) for n in (0, 3, 100)] == [1, 3, 8]
    assert free_memory() > 0
    pool = make_backend("local", BackendOptions(tmp_path, workers=3))
    assert isinstance(pool, LocalPool)
    assert pool.places() == 3
    pool.close()
    with pytest.raises(SweepError, match="no backend 'cloud'; there are: local"):
        make_backend("cloud", BackendOptions(tmp_path))
    with pytest.raises(SweepError, match="workers is 0; it must be at least 1"):
        make_backend("local", BackendOptions(tmp_path, workers=0))


def test_a_lost_machine_is_no_fault_of_the_cell(folder: SweepFolder) -> None:
    gone = Outcome("failed", "node", "The worker's machine is gone.")
    done, backend = scheduled(folder, *[gone] * 5, retries=0)
    assert (done.trained, done.failed, len(backend.started)) == (2, {}, 7)


def test_a_cell_waits_for_the_memory_its_problem_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a GiB, 450 kB a time point, three times the text; a starting worker's share is kept."""
    long = ",".join(["0.5"] * 4000)
    write_problem(tmp_path, "Long", f"@classLabel true a b\n@data\n{long}:a\n1,2:b\n")
    write_problem(tmp_path, "Multi", "@classLabel true a b\n@data\n1,2,3:4,5,6:a\n")
    text = {n: (tmp_path / n / f"{n}_TRAIN.ts").stat().st_size for n in ("Long", "Multi")}
    assert cell_bytes("Long", str(tmp_path)) == GIB // 2 + 4000 * 450_000 + 6 * text["Long"]
    assert cell_bytes("Multi", str(tmp_path)) == GIB // 2 + 3 * 450_000 + 6 * text["Multi"]
    assert cell_bytes("Absent", str(tmp_path)) == GIB
    long_cell, small = (Cell(name, JobSpec("dsn", name)) for name in ("Long", "Multi"))
    pool = LocalPool(BackendOptions(tmp_path / "jobs", archive=str(tmp_path)))
    asked = LocalPool(BackendOptions(tmp_path / "jobs", workers=4, archive=str(tmp_path)))
    free = [GIB]
    monkeypatch.setattr(local, "free_memory", lambda: free[0])
    assert pool.bears(long_cell)  # alone it may try
    pool.start(small)
    asked.processes = pool.processes
    assert asked.bears(long_cell)  # four were asked for
    assert not pool.bears(long_cell)
    free[0] = 3 * GIB
    assert pool.bears(long_cell)
    free[0] = cell_bytes("Long", str(tmp_path))  # and the small one has yet to grow
    assert not pool.bears(long_cell)
    pool.stop(lambda: 0.0)
    pool.close()


def test_workers_with_other_sources_are_refused(folder: SweepFolder) -> None:
    pool = LocalPool(BackendOptions(folder.jobs, workers=1, code="1.0+older"))
    done = Scheduler(folder, folder.cells(), pool).run()
    assert "The sources changed while the sweep was running, from 1.0+older to" in done.stopped
    assert (done.waiting, done.trained) == (2, 0)


def test_what_is_kept(tmp_path: Path) -> None:
    kept = {}
    for keep in ("model", "nothing", "all"):
        folder = SweepFolder(tmp_path / keep)
        plan_sweep(sweep(1, seeds=1), folder)
        run_cell(folder.jobs, folder.cells()[0].job, keep=keep)
        names = {path.name for path in folder.folder(folder.cells()[0].id).iterdir()}
        kept[keep] = names & {"model", "checkpoint", "result.json"}
    assert kept == {
        "model": {"model", "result.json"},
        "nothing": {"result.json"},
        "all": {"model", "checkpoint", "result.json"},
    }
