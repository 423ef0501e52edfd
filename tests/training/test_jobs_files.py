"""Job directories: identity, damaged files, untrusted ids, locks, and failures in plain words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.job_tools import create, spec
from tscviz.atomic import (
    FileLock,
    append_json_line,
    read_json_lines,
)
from tscviz.data import load_dataset
from tscviz.training.attempt import explain_failure
from tscviz.training.backends import LocalBackend
from tscviz.training.jobs import JobError, JobSpec, get_job, job_id, list_jobs
from tscviz.training.jobspec import spec_from_json, spec_to_json
from tscviz.training.worker import run_job


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
        ({"threads": 0}, "1 to 1024"),
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
