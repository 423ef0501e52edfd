"""The app as a test drives it: its script, and models and datasets of the test's own."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
import torch
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.training.job_tools import spec, wait_for_epoch
from tests.ui.train_tools import short_run
from tscviz.data import load_dataset
from tscviz.models import Classifier, build_model, save_model
from tscviz.training.jobs import Job, get_job, submit
from tscviz.ui.navigation import page_path

MAIN = Path(__file__).parents[2] / "tscviz" / "ui" / "main.py"
HOSTILE = ("![x](http://evil/)", "<img src=x>", "[a](javascript:y)", "=cmd()")


@pytest.fixture(scope="session", autouse=True)
def scanned_once() -> Iterator[None]:
    """Search the installed packages for components once, not at every `AppTest`."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """Forget what another test's folders held."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def save_job(home: Path) -> Callable[[str, str], str]:
    """Return a function that stores an untrained DTP-FCN as if the app had trained it."""

    def save(dataset: str, job_id: str) -> str:
        data = load_dataset(dataset)
        torch.manual_seed(0)
        module = build_model("dtp-fcn", n_channels=data.n_channels, n_classes=data.n_classes)
        card = {
            "name": f"dtp-fcn/{dataset}",
            "model": "dtp-fcn",
            "options": {},
            "n_channels": data.n_channels,
            "n_classes": data.n_classes,
            "classes": list(data.class_names),
            "dataset": {"name": dataset, "digest": data.digest},
            "preparation": {},
            "metrics": {"test_accuracy": 0.5},
        }
        save_model(Classifier(module, data.class_names, card), home / "jobs" / job_id / "model")
        return f"job/{job_id}"

    return save


@pytest.fixture
def hostile_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a dataset whose class names try to be links, images and formulas."""
    folder = tmp_path / "archive" / "Hostile"
    folder.mkdir(parents=True)
    lines = [
        "\t".join([label, *(str((i * 7 + t * (k + 1)) % 11) for t in range(24))])
        for i in range(3)
        for k, label in enumerate(HOSTILE)
    ]
    for split in ("TRAIN", "TEST"):
        (folder / f"Hostile_{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(folder.parent))
    return "Hostile"


@pytest.fixture
def open_app() -> Callable[..., AppTest]:
    """Return a function that opens the app at a page with query parameters."""

    def start(page: str = "overview", **params: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        for key, value in params.items():
            app.query_params[key] = value
        if page != "overview":
            app.run()
            app.query_params.clear()  # as the browser does on a page switch
            app.switch_page(str(page_path(page)))
            for key, value in params.items():
                app.query_params[key] = value
        return app.run()

    return start


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run of three epochs on UnitTest."""
    job = submit(short_run(), tmp_path_factory.mktemp("trained"))
    assert job.wait(150).state == "done", job.log()
    return job.folder


@pytest.fixture
def done(trained: Path, home: Path) -> Job:
    """Return that run in the home of this test."""
    shutil.copytree(trained, home / "jobs" / trained.name)
    return get_job(trained.name)


@pytest.fixture
def running(home: Path) -> Iterator[Job]:
    """Return a run that would take minutes; stopped at the end."""
    job = submit(spec(options={"epochs": 5000}))
    wait_for_epoch(job, 1)
    yield job
    job.cancel(grace=2, wait=True)


# ---- the form
