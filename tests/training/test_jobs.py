"""Training jobs as real processes: run, cancel, kill, resume, queue."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.training.job_tools import (
    EPOCHS,
    assert_whole,
    spec,
    wait_for_epoch,
    wait_for_state,
    weights,
)
from tscviz.models.store import load_model
from tscviz.training.backends import LocalBackend
from tscviz.training.jobs import Job, JobError, get_job, list_jobs, submit
from tscviz.training.jobstore import create_job, store_lock
from tscviz.training.processes import process_identity, worker_environment


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for job in list_jobs(tmp_path):
        job.cancel(grace=0.0, wait=True)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A run that nothing disturbs, submitted by eight threads at once."""
    folder = tmp_path_factory.mktemp("reference")
    found: list[Job] = []
    threads = [
        threading.Thread(target=lambda: found.append(submit(spec(), folder))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({job.id for job in found}) == 1
    found[0].wait(90)
    return found[0]


def test_a_run_ends_with_a_model_and_one_event_an_epoch(reference: Job) -> None:
    status = reference.status()
    assert_whole(reference, weights(reference.model_dir))
    assert (status.epoch, status.epochs, status.pid, status.eta_seconds) == (
        EPOCHS,
        EPOCHS,
        None,
        None,
    )
    classifier = load_model(reference.model_dir)
    assert status.metrics == classifier.card["metrics"]
    assert status.metrics["train_accuracy"] == 1.0
    event = reference.events()[-1]
    assert event["losses"].keys() == {"class", "prototype"}
    assert event["train_accuracy"] == 1.0
    assert event["test_accuracy"] == status.metrics["test_accuracy"]
    assert sum(e["epoch_seconds"] or 0 for e in reference.events()) < 60


def test_submitting_what_is_done_starts_nothing(reference: Job) -> None:
    home = reference.folder.parents[1]
    before = (reference.folder / "status.json").stat().st_mtime_ns
    assert submit(spec(), home).status().state == "done"
    reference.resume()
    reference.cancel(wait=True)
    assert reference.status().state == "done"
    assert (reference.folder / "status.json").stat().st_mtime_ns == before


def test_cancel_keeps_a_checkpoint_and_resume_ends_bit_identically(
    reference: Job, home: Path
) -> None:
    job = submit(spec(), home)
    status = wait_for_epoch(job, 5)
    assert status.eta_seconds is not None
    assert 0 < status.eta_seconds < 300
    with pytest.raises(JobError, match="is running; cancel it"):
        job.delete()
    job.cancel(wait=True)
    status = job.status()
    assert status.state == "cancelled"
    assert "Resume" in status.message
    assert 5 <= status.epoch < EPOCHS
    assert not job.model_dir.exists()
    job.resume()
    job.wait(90)
    assert_whole(job, weights(reference.model_dir))


def test_a_killed_worker_is_dead_even_as_a_zombie_and_resumes_bit_identically(
    reference: Job, home: Path
) -> None:
    backend = LocalBackend(home, max_workers=1)
    job = Job(_created_only(backend))
    command = [sys.executable, "-m", "tscviz.training.worker", str(job.folder)]
    # Nobody reaps this child of ours while it is looked at.
    worker = subprocess.Popen(command, env=worker_environment(1), start_new_session=True)
    try:
        wait_for_epoch(job, 7)
        os.kill(worker.pid, signal.SIGKILL)
        status = wait_for_state(job, "dead", 10)
        assert Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        os.kill(worker.pid, 0)
        assert process_identity(worker.pid) is None
        assert status.pid is None
        assert "Resume" in status.message
    finally:
        worker.kill()
        worker.wait()
    with (job.folder / "events.jsonl").open("ab") as file:
        file.write(b'{"epoch": 8, "loss')
    (job.folder / ".model-half").mkdir()
    (job.folder / "checkpoint" / ".checkpoint.safetensors.1").write_bytes(b"half")
    job.resume()
    job.wait(90)
    assert_whole(job, weights(reference.model_dir))


def _created_only(backend: LocalBackend) -> Path:
    with store_lock(backend.root):
        return create_job(backend.root, spec(), queue="")


def test_a_worker_that_hangs_is_killed_after_the_grace(home: Path) -> None:
    job = submit(spec(), home)
    pid = wait_for_epoch(job, 4).pid
    assert pid is not None
    assert os.getsid(pid) == pid
    os.kill(pid, signal.SIGSTOP)
    job.cancel(grace=0.2)
    assert job.status().cancelling
    assert wait_for_state(job, "cancelled", 20).epoch >= 4
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():  # reaped: not even a zombie is left
        assert time.monotonic() < deadline
        time.sleep(0.02)
    job.delete()
    assert list_jobs(home) == []
    assert not any(path.name.startswith(".trash") for path in (home / "jobs").iterdir())


SERVER = """
import sys, time
from tscviz.training.jobs import submit, JobSpec
job = submit(JobSpec(**eval(sys.argv[2])), sys.argv[1])
print(job.id, flush=True)
time.sleep(600)
"""


def test_the_worker_survives_kill_9_of_the_server(reference: Job, home: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(home), repr(asdict(spec()))]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=worker_environment(1), start_new_session=True
    )
    try:
        assert server.stdout is not None
        job = get_job(server.stdout.readline().decode().strip(), home)
        assert submit(spec(), home).id == job.id  # a second server asks for the same
        pid = wait_for_epoch(job, 1).pid
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()
    assert job.status().state == "running"
    assert job.status().pid == pid
    assert job.wait(90).state == "done"
    assert_whole(job, weights(reference.model_dir))


def test_jobs_beyond_the_bound_wait_and_start_when_sigterm_frees_the_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TSCVIZ_WORKERS", "1")
    epochs = (EPOCHS, 2, 2)
    jobs = [submit(spec(seed=n, options={"epochs": epochs[n]}), home) for n in range(3)]
    assert [job.status().state for job in jobs] == ["running", "waiting", "waiting"]
    jobs[1].cancel(wait=True)
    assert jobs[1].status().message == "Cancelled before the first epoch ended."
    pid = wait_for_epoch(jobs[0], 4).pid
    assert pid is not None
    assert jobs[2].status().state == "waiting"
    os.kill(pid, signal.SIGTERM)
    most = 0
    while not all(job.status().finished for job in jobs):
        most = max(most, sum(job.status().state == "running" for job in jobs))
        time.sleep(0.02)
    assert most == 1
    assert [job.status().state for job in jobs] == ["cancelled", "cancelled", "done"]
    assert jobs[0].status().epoch >= 4
    assert (jobs[0].folder / "checkpoint" / "checkpoint.safetensors").exists()
    assert {job.id for job in list_jobs(home)} == {job.id for job in jobs}


def test_no_room_for_the_checkpoint_fails_clearly_and_leaves_nothing_half(home: Path) -> None:
    job = Job(_created_only(LocalBackend(home)))
    shell = 'ulimit -f 200; exec "$0" -m tscviz.training.worker "$1"'
    command = ["sh", "-c", shell, sys.executable, str(job.folder)]
    ended = subprocess.run(
        command, env=worker_environment(1), check=False, capture_output=True, timeout=90
    )
    status = job.status()
    assert ended.returncode == 1
    assert status.state == "failed"
    assert "space and resume" in status.message
    assert not job.model_dir.exists()
    assert list((job.folder / "checkpoint").iterdir()) == []
    job.resume()
    assert wait_for_epoch(job, 3).state == "running"
