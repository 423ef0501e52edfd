"""A cell that runs where the sweep's folder is not seen, and what comes back of it. No cluster."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.training.sweep.tools import (
    assert_whole,
    good_problem,
    numbers,
    scheduled,
    sweep,
    write_problem,
)
from tscviz.data import load_dataset
from tscviz.training.jobspec import JobError
from tscviz.training.sweep import SweepFolder, plan_sweep
from tscviz.training.sweep.backends import remote
from tscviz.training.sweep.backends.carry import Packer, Parcel, pack, unpack
from tscviz.training.sweep.backends.remote import Order, RemoteWorker
from tscviz.training.sweep.cell import open_cell


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemoteWorker:
    """A worker in this process, with a place of its own for its cells."""
    (tmp_path / "node").mkdir()
    monkeypatch.setattr(remote, "be_modest", lambda: None)  # would last for all tests to come
    monkeypatch.setattr(remote.tempfile, "gettempdir", lambda: str(tmp_path / "node"))
    monkeypatch.setattr(remote.tempfile, "tempdir", str(tmp_path / "node"))
    return RemoteWorker("model")


class Soon(threading.Event):
    """Set when it has been asked so many times: after some epochs."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def carry(folder: SweepFolder, worker: RemoteWorker, stop: threading.Event | None = None) -> str:
    """Run the first cell on the worker and write down what it sends; return how it ended."""
    cell = folder.cells()[0]
    opened = open_cell(folder.jobs, cell.job)
    assert isinstance(opened, tuple)
    job, lock = opened
    worker.stops[1] = stop or threading.Event()
    reply = worker.run(Order(1, cell.job, parcel=pack(job)))
    assert reply.outcome is not None
    assert reply.parcel is not None
    assert not [path for path in worker.scratch.glob("jobs/*") if path.is_dir()]
    unpack(job, reply.parcel)
    lock.close()
    return reply.outcome.state


def test_a_carried_cell_is_the_cell_that_was_run_on_the_spot(
    tmp_path: Path, worker: RemoteWorker
) -> None:
    """Also one that was stopped, brought its checkpoint, and went on with it."""
    folders = [SweepFolder(tmp_path / name) for name in ("here", "there", "stopped")]
    here, there, stopped = folders
    for folder in folders:
        plan_sweep(sweep(9, seeds=1), folder)
    (cell,) = here.cells()
    scheduled(here)
    assert carry(there, worker) == "done"
    assert carry(stopped, worker, Soon(6)) == "cancelled"
    state = stopped.state(cell)
    assert state.state == "waiting"  # nobody wanted this cell itself to end
    assert 1 <= state.epoch < 9
    assert (stopped.folder(cell.id) / "checkpoint" / "checkpoint.safetensors").is_file()
    assert carry(stopped, worker) == "done"
    log = (stopped.folder(cell.id) / "events.jsonl").read_text(encoding="utf-8")
    assert len(log.splitlines()) == 9
    for folder in folders:
        assert_whole(folder)
        assert numbers(folder) == numbers(here)


def test_a_worker_clears_away_what_a_killed_one_left(worker: RemoteWorker) -> None:
    left = worker.scratch.with_name(worker.scratch.name + "-killed")
    (left / "jobs").mkdir(parents=True)
    (left / "lock").touch()
    again = RemoteWorker("model")
    assert not left.exists()
    assert worker.scratch.is_dir()
    assert again.scratch.is_dir()


def test_a_worker_without_the_data_asks_for_them(
    tmp_path: Path, worker: RemoteWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, folder = tmp_path / "archive", SweepFolder(tmp_path / "sweep")
    write_problem(archive, "Ours", good_problem("Ours"))
    (cell,) = plan_sweep(sweep(2, seeds=1, datasets=["Ours"], archive=str(archive)), folder).cells
    order = Order(1, cell.job, root=str(folder.jobs))
    assert worker.run(order).outcome is None
    assert not folder.folder(cell.id).exists()  # a cell that was not begun leaves no trace
    other = tmp_path / "other"
    write_problem(other, "Ours", good_problem("Ours", 3))  # of that name, and not those data
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(other))
    assert worker.run(order).outcome is None
    data = load_dataset("Ours", archive)
    for array in (data.X_train, data.X_test):
        array.flags.writeable = False  # as Ray hands them out
    reply = worker.run(order, data)
    assert reply.outcome is not None
    assert (reply.outcome.state, reply.parcel) == ("done", None)
    assert_whole(folder)


def test_news_are_what_is_new(tmp_path: Path) -> None:
    job, copy = tmp_path / "job", tmp_path / "copy"
    (job / "checkpoint").mkdir(parents=True)
    copy.mkdir()
    events, packer = job / "events.jsonl", Packer(job)
    events.write_bytes(b"1\n")
    (job / "checkpoint" / "checkpoint.safetensors").write_bytes(b"one")
    for name in ("worker.lock", ".draft", "reserve", "cancel"):
        (job / name).write_bytes(b"local")
    first = packer.news()
    assert first.files == {
        "checkpoint/checkpoint.safetensors": (0, b"one"),
        "events.jsonl": (0, b"1\n"),
    }
    unpack(copy, first)
    with events.open("ab") as file:
        file.write(b"2\n")
    second = packer.news()
    assert second.files == {"events.jsonl": (2, b"2\n")}
    unpack(copy, second)
    assert (copy / "events.jsonl").read_bytes() == b"1\n2\n"
    assert packer.news().files == {}
    (job / "draft").write_bytes(b"3\n4\n5\n")
    (job / "draft").replace(events)  # rewritten: all of it is new
    (job / "checkpoint" / "checkpoint.safetensors").unlink()
    unpack(copy, packer.news())
    assert (copy / "events.jsonl").read_bytes() == b"3\n4\n5\n"
    assert not (copy / "checkpoint").exists()


@pytest.mark.parametrize("name", ["../result.json", "/tmp/result.json", "model/../../x", ""])
def test_a_parcel_stays_in_its_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(JobError, match="it was not written"):
        unpack(tmp_path / "job", Parcel({name: (0, b"x")}, frozenset()))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
