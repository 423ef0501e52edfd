"""Jobs whose files are damaged, foreign, locked or not to be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.training.job_tools import create
from tscviz.atomic import (
    FileLock,
    is_locked,
    read_object,
    write_bytes,
    write_json,
)
from tscviz.training.backends import LocalBackend
from tscviz.training.jobdir import read_status, write_status
from tscviz.training.jobs import JobError, list_jobs
from tscviz.training.jobstore import store_lock
from tscviz.training.processes import _signal_worker, process_identity
from tscviz.training.worker import run_job


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\0" * 64, b"{", b"[]", b'"running"', b"\xff\xfe", b"[" * 100_000, b"null"),
        *(b'{"state": "sleeping"}', b'{"state": ["done"]}', b'{"epoch": -1, "pid": "x"}'),
    ],
)
def test_a_damaged_status_reads_as_dead_and_can_be_resumed(tmp_path: Path, content: bytes) -> None:
    job = create(tmp_path)
    (job.folder / "status.json").write_bytes(content)
    status = job.status()
    assert status.state == "dead"
    assert "status.json is missing or damaged; Resume" in status.message
    assert (status.epoch, status.pid, status.started) == (0, None, None)
    with store_lock(job.folder.parent):
        LocalBackend.requeue(job.folder)
    assert read_status(job.folder).state == "waiting"
    (job.folder / "status.json").unlink()
    assert job.status().state == "dead"


@pytest.mark.parametrize("values", [{"epoch": "x"}, {"epochs": 1e400}, {"started": "now"}])
def test_values_of_other_types_are_left_out(tmp_path: Path, values: dict[str, Any]) -> None:
    job = create(tmp_path)
    (job.folder / "status.json").write_text(json.dumps({"state": "done", "metrics": 3} | values))
    status = job.status()
    assert (status.state, status.epoch, status.epochs) == ("done", 0, 0)
    assert status.started is None
    assert status.metrics == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "missing or damaged"),
        ('{"model": "dtp-fcn"}', "no 'dataset'"),
        ('{"model": "dtp-fcn", "dataset": "UnitTest", "sed": 1}', "unknown 'sed'"),
        ('{"model": "dtp-fcn", "dataset": "UnitTest", "seed": "1"}', "wanted an integer"),
        ('{"model": "dtp-fcn", "dataset": "GunPoint"}', "was changed after submission"),
    ],
)
def test_a_damaged_specification_fails_and_can_only_be_deleted(
    tmp_path: Path, content: str, words: str
) -> None:
    job = create(tmp_path)
    (job.folder / "spec.json").write_text(content)
    write_status(job.folder, "running")
    status = job.status()
    assert status.state == "failed"
    assert words in status.message
    assert "submit it again" in status.message
    with pytest.raises(JobError, match=words):
        job.resume()
    assert [found.id for found in list_jobs(tmp_path)] == [job.id]
    job.delete()
    assert list_jobs(tmp_path) == []
    with pytest.raises(JobError, match="does not exist any more"):
        job.resume()


def test_a_damaged_specification_does_not_stop_the_queue(tmp_path: Path) -> None:
    job = create(tmp_path)
    (job.folder / "spec.json").write_text("{")
    write_status(job.folder, "waiting", queue="local")
    assert LocalBackend(tmp_path).start_waiting() == 0
    assert read_object(job.folder / "status.json", 10_000)["state"] == "failed"  # type: ignore[index]


def test_a_failed_write_keeps_the_old_content_and_no_litter(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "b").mkdir(parents=True)
    write_json(folder / "a.json", {"old": 1})
    with pytest.raises(OSError, match="directory"):
        write_bytes(folder / "b", b"new")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(folder / "a.json", {"new": float("inf")})
    assert read_object(folder / "a.json") == {"old": 1}
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "b"]


def test_a_lock_is_exclusive_among_threads_and_dies_with_its_process(tmp_path: Path) -> None:
    path, inside, most = tmp_path / "lock", [], []

    def enter() -> None:
        lock = FileLock(path)
        assert lock.acquire(timeout=30)
        inside.append(1)
        most.append(len(inside))
        is_locked(path)
        inside.pop()
        lock.close()

    threads = [threading.Thread(target=enter) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 16
    program = (
        "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, 2); print(); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-uc", program, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    assert is_locked(path)
    assert not FileLock(path).acquire(timeout=0.05)
    holder.kill()
    holder.stdout.read()
    assert not is_locked(path)  # nobody has waited for the child: it is still a zombie
    holder.wait()
    holder.stdout.close()


def test_a_stranger_with_the_stored_number_is_not_signalled(tmp_path: Path) -> None:
    job = create(tmp_path)
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    identity = process_identity(stranger.pid)
    assert identity is not None
    lock = FileLock(job.folder / "worker.lock")
    assert lock.acquire()
    for change in ({"start": "before"}, {"host": "elsewhere"}, {"pid": 1}, {"pid": os.getpid()}):
        write_status(job.folder, "running", **identity | change)
        assert not _signal_worker(job.folder, 9)  # type: ignore[arg-type]
    assert stranger.poll() is None
    write_status(job.folder, "running", **identity)
    assert _signal_worker(job.folder, 9)  # type: ignore[arg-type]
    assert stranger.wait(10) == -9
    lock.close()
    assert not _signal_worker(job.folder, 9)  # type: ignore[arg-type]


def test_a_dead_worker_that_was_to_stop_is_cancelled(tmp_path: Path) -> None:
    job = create(tmp_path)
    write_status(job.folder, "running")
    assert job.status().state == "dead"
    (job.folder / "cancel").touch()
    assert job.status().state == "cancelled"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"options": {"epoch": 3}}, "no option 'epoch'"),
        ({"options": {"segments": 10_000}}, "segments"),
        ({"dataset_digest": "0" * 64}, "does not hold the data any more"),
        ({"dataset": "Broken", "archive": "ARCHIVE"}, "Broken_TRAIN.ts"),
    ],
)
def test_what_the_user_can_mend_fails_in_one_line(
    tmp_path: Path, changes: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Broken").mkdir()
    for part in ("TRAIN", "TEST"):
        (tmp_path / "Broken" / f"Broken_{part}.ts").write_text(
            "@classLabel true a b\n@data\n1,x:a\n"
        )
    if "archive" in changes:
        changes = changes | {"archive": str(tmp_path)}
    job = create(tmp_path, **changes)
    assert run_job(job.folder) == "failed"
    status = job.status()
    assert words in status.message
    assert "\n" not in status.message
    assert "Traceback" in capsys.readouterr().err
    assert not job.model_dir.exists()
    assert not (job.folder / "reserve").exists()
