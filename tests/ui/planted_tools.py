"""What tests of the page Planted truth share: a small problem that a network really learned."""

from __future__ import annotations

import shutil
from pathlib import Path

from tscviz.data import load_dataset
from tscviz.training.jobs import JobSpec, get_job
from tscviz.training.jobspec import jobs_folder
from tscviz.training.jobstore import create_job, store_lock
from tscviz.training.worker import run_job

TEXT = "n_cases=40,length=40,seed=1"
PROBLEM = f"planted:{TEXT}"
LINK = {"plant": TEXT, "plant_network": "gtp-fcn", "plant_epochs": "6"}


def small_spec(**changes) -> JobSpec:
    """Return the training that the page's form asks for under `LINK`."""
    return JobSpec(
        "gtp-fcn", PROBLEM, preset="quick", options={"epochs": 6, "test_every": 1},
        dataset_digest=load_dataset(PROBLEM).digest, **changes,
    )  # fmt: skip


def learn(home: Path) -> Path:
    """Train in this process; return the folder of the job."""
    with store_lock(jobs_folder(home)):
        folder = create_job(jobs_folder(home), small_spec())
    assert run_job(folder) == "done"
    return folder


def bring(folder: Path, home: Path) -> str:
    """Copy a job into a home; return its model's name in the catalogue."""
    shutil.copytree(folder, home / "jobs" / folder.name)
    assert get_job(folder.name).status().state == "done"
    return f"job/{folder.name}"
