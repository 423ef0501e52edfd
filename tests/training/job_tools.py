"""What the tests of training jobs share: a small real problem and ways to wait for it."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from tscviz.training.jobs import Job, JobSpec, JobStatus
from tscviz.training.jobspec import jobs_folder
from tscviz.training.jobstore import create_job, store_lock

EPOCHS = 60


def spec(**changes: Any) -> JobSpec:
    """A run of some seconds on 24 bundled series, with a checkpoint every third epoch."""
    options = {"epochs": EPOCHS, "checkpoint_every": 3, "test_every": 30}
    options |= changes.pop("options", {})
    dataset = changes.pop("dataset", "UnitTest")
    return JobSpec("dtp-fcn", dataset, preset="quick", options=options, **changes)


def create(home: Path, **changes: Any) -> Job:
    """A job that no backend starts by itself."""
    root = jobs_folder(home)
    with store_lock(root):
        return Job(create_job(root, spec(**changes), queue=""))


def wait_for_epoch(job: Job, epoch: int, seconds: float = 90.0) -> JobStatus:
    """Wait until the running job has finished `epoch`."""
    deadline = time.monotonic() + seconds
    while (status := job.status()).epoch < epoch or status.pid is None:
        assert not status.finished, (status, job.log())
        assert time.monotonic() < deadline, (status, job.log())
        time.sleep(0.01)
    return status


def wait_for_state(job: Job, state: str, seconds: float = 90.0) -> JobStatus:
    """Wait until the job is in `state`."""
    deadline = time.monotonic() + seconds
    while (status := job.status()).state != state:
        assert time.monotonic() < deadline, (status, job.log())
        time.sleep(0.01)
    return status


def weights(folder: Path) -> str:
    """sha256 of the weights of the model in `folder`."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def assert_whole(job: Job, reference: str) -> None:
    """The job ended as if nothing had happened: same weights, each epoch told once, no litter."""
    assert job.status().state == "done"
    assert weights(job.model_dir) == reference
    assert [event["epoch"] for event in job.events()] == list(range(1, EPOCHS + 1))
    names = {path.name for path in job.folder.iterdir()}
    assert names == {
        *("spec.json", "status.json", "events.jsonl", "worker.lock", "worker.log"),
        *("checkpoint", "model"),
    }
