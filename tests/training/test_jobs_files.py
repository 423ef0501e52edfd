"""Job directories: identity, damaged files, untrusted ids, locks, and failures in plain words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.training.job_tools import spec
from tscviz.atomic import (
    FileLock,
    append_json_line,
    is_locked,
    read_json_lines,
    read_object,
    write_bytes,
    write_json,
)
from tscviz.data import load_dataset
from tscviz.training.attempt import explain_failure
from tscviz.training.backends import LocalBackend
from tscviz.training.jobdir import read_status, write_status
from tscviz.training.jobs import Job, JobError, JobSpec, get_job, job_id, list_jobs
from tscviz.training.jobspec import jobs_folder, spec_from_json, spec_to_json
from tscviz.training.jobstore import create_job, store_lock
from tscviz.training.processes import _signal_worker, process_identity
from tscviz.training.worker import run_job


def create(home: Path, **changes: Any) -> Job:
    """A job that no backend starts by itself."""
    root = jobs_folder(home)
    with store_lock(root):
        return Job(create_job(root, spec(**changes), queue=""))


def test_the_id_is_that_of_the_canonical_specification(tmp_path: Path) -> None:
    first = JobSpec("dtp-fcn", "UnitTest", options={"a": (1, 2), "b": 0.5}, code_version="1")
    second = JobSpec("dtp-fcn", "UnitTest", options={"b": 0.5, "a": [1, 2]}, code_version="1")
    assert job_id(first) == job_id(second) == "fd00ecb5d98333e5"
    assert spec_from_json(json.loads(json.dumps(spec_to_json(first)))) == second
    others = [spec(seed=1), spec(threads=2), spec(dataset_digest="x"), spec(code_version="0")]
    assert len({job_id(other) for other in [spec(), *others]}) == 5
    assert spec(archive="some/where").archive == str(Path.cwd() / "some/where")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": "1"}, "wanted an integer"),
        ({"seed": True}, "wanted an integer"),
        ({"threads": 0}, "at least 1"),
        ({"options": {"lr": float("nan")}}, "cannot be written as JSON"),
        ({"options": {"lr": object()}}, "cannot be written as JSON"),
        ({"options": {"out": "/etc"}}, "'out' is not an option"),
        ({"dataset_digest": 3}, "wanted text or nothing"),
    ],
)
def test_a_bad_specification_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(JobError, match=words):
        spec(**changes)


@pytest.mark.parametrize(
    "bad",
    [
        *("", "..", "../jobs", "0" * 15, "0" * 17, "A" * 16, "/etc/passwd", "٠" * 16),
        *("0123456789abcde\n", "0123456789abcdef\n", None, 7),
    ],
)
def test_ids_from_outside_are_checked(bad: Any, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="sixteen hexadecimal digits"):
        get_job(bad, tmp_path)
    with pytest.raises(JobError, match="There is no job"):
        get_job("0" * 16, tmp_path)


def test_nothing_is_listed_and_nothing_created_where_there_is_no_home(tmp_path: Path) -> None:
    assert list_jobs(tmp_path / "none") == []
    assert LocalBackend(tmp_path / "none").start_waiting() == 0
    assert not (tmp_path / "none").exists()
    with pytest.raises(JobError, match="at least 1"):
        LocalBackend(tmp_path, max_workers=0)


def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("a file")
    with pytest.raises(JobError, match=r"Jobs cannot be stored in .*TSCVIZ_HOME"):
        LocalBackend(tmp_path).submit(spec())


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


def test_torn_and_foreign_event_lines_are_left_out(tmp_path: Path) -> None:
    job = create(tmp_path)
    path = job.folder / "events.jsonl"
    for epoch in (1, 2):
        append_json_line(path, {"epoch": epoch, "epochs": 9, "epoch_seconds": 0.5})
    with path.open("ab") as file:
        file.write(b'\0\0\0\n[1]\n{"epoch": "3"}\n{"epoch": 3, "epo')
    assert [event["epoch"] for event in job.events()] == [1, 2]
    lock = FileLock(job.folder / "worker.lock")
    assert lock.acquire()
    assert job.status().state == "running"
    lock.close()
    path.write_bytes(b'{"epoch": 3')
    assert job.events() == []
    path.unlink()
    assert job.events() == []


def test_the_remaining_time_is_the_median_times_the_epochs_left(tmp_path: Path) -> None:
    job = create(tmp_path)
    for epoch, seconds in enumerate([90.0, 1.0, 1.0, 3.0, None, 2.0, 2.0], start=1):
        event = {"epoch": epoch, "epochs": 10, "epoch_seconds": seconds}
        append_json_line(job.folder / "events.jsonl", event)
    lock = FileLock(job.folder / "worker.lock")
    assert lock.acquire()
    assert job.status().eta_seconds == 3 * 2.0
    lock.close()
    assert job.status().eta_seconds is None


def test_the_tail_of_a_long_file_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for epoch in range(1, 1001):
        append_json_line(path, {"epoch": epoch, "filler": "x" * 50})
    tail = read_json_lines(path, 2000)
    assert [event["epoch"] for event in tail] == list(range(1001 - len(tail), 1001))
    assert 20 < len(tail) < 30


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


def test_the_digest_of_the_data_is_accepted_when_it_is_right(tmp_path: Path) -> None:
    digest = load_dataset("UnitTest").digest
    job = create(tmp_path, dataset_digest=digest, options={"epochs": 1})
    assert run_job(job.folder) == "done"
    assert run_job(job.folder) == "done"  # again: the model is there, nothing is trained
    assert [event["epoch"] for event in job.events()] == [1]


def test_a_checkpoint_that_cannot_be_read_fails_and_a_fresh_start_helps(tmp_path: Path) -> None:
    job = create(tmp_path, options={"epochs": 1})
    (job.folder / "checkpoint").mkdir()
    (job.folder / "checkpoint" / "checkpoint.safetensors").write_bytes(b"\0" * 100)
    assert run_job(job.folder) == "failed"
    assert "checkpoint" in job.status().message
    job.resume(fresh=True)
    assert job.wait(90).state == "done"


def test_a_job_that_somebody_runs_is_left_alone(tmp_path: Path) -> None:
    job = create(tmp_path)
    lock = FileLock(job.folder / "worker.lock")
    assert lock.acquire()
    assert run_job(job.folder) is None
    lock.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "disk is full"),
        (OSError(27, "File too large"), "disk is full"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "not enough memory"),
        (MemoryError(), "not enough memory"),
        (JobError("plain\nwords"), "plain words"),
        (KeyError("x"), "unexpected error: KeyError: 'x'; see worker.log"),
    ],
)
def test_failures_are_told_in_plain_words(tmp_path: Path, error: Exception, words: str) -> None:
    assert words in explain_failure(error, tmp_path)
