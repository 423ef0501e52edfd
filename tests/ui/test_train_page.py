"""The page Train: its form, the settings it refuses, open runs, and the table of all runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.training.job_tools import wait_for_epoch
from tests.ui.train_tools import button, labels, short_run, tiles
from tscviz.training.jobs import Job, list_jobs, submit

OpenApp = Callable[..., AppTest]


def test_the_first_visit_shows_a_form_that_could_start(open_app: OpenApp) -> None:
    app = open_app("train", dataset="GunPoint")
    assert not app.exception
    assert tiles(app) == {
        "Train cases": "50",
        "Test cases": "150",
        "Classes": "2",
        "Length": "150",
        "Parameters": "266 k",
        "MACs a case": "39.6 M",
    }
    assert app.number_input(key="train_dtp-fcn_quick_epochs").value == 60
    assert not button(app, "Start training").disabled
    assert not app.dataframe
    assert list_jobs() == []


def test_the_preset_brings_its_own_values(open_app: OpenApp) -> None:
    app = open_app("train", preset="paper")
    assert app.number_input(key="train_dtp-fcn_paper_epochs").value == 500
    assert app.number_input(key="train_dtp-fcn_paper_lr").value == pytest.approx(1e-4)
    assert app.number_input(key="train_dtp-fcn_paper_test_every").value == 10


def test_a_network_shows_its_own_options(open_app: OpenApp) -> None:
    app = open_app("train", architecture="gtp-fcn")
    assert app.selectbox(key="train_gtp-fcn_pooling").value == "max"
    assert "train_gtp-fcn_segments" not in [field.key for field in app.number_input]
    app.selectbox(key="option_architecture").set_value("stp-fcn").run()
    assert app.number_input(key="train_stp-fcn_segments").value == 4


def test_more_segments_than_points_are_refused_before_anything_starts(open_app: OpenApp) -> None:
    app = open_app("train", dataset="ItalyPowerDemand")
    app.number_input(key="train_dtp-fcn_segments").set_value(25).run()
    (error,) = app.error
    assert "25" in error.value
    assert "24" in error.value
    assert "Start training" not in labels(app)
    app.number_input(key="train_dtp-fcn_segments").set_value(24).run()
    assert not app.error
    assert "Start training" in labels(app)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("train_dtp-fcn_kernels", "8, x, 3", "kernels"),
        ("train_dtp-fcn_kernels", "8, 5, 0", "at least 1"),
    ],
)
def test_kernel_lengths_that_are_none_are_refused(
    field: str, value: str, words: str, open_app: OpenApp
) -> None:
    app = open_app("train")
    app.text_input(key=field).set_value(value).run()
    assert not app.exception
    (error,) = app.error
    assert words in error.value.replace("\\", "")


def test_a_learning_rate_of_zero_is_refused(open_app: OpenApp) -> None:
    app = open_app("train")
    app.number_input(key="train_dtp-fcn_quick_lr").set_value(0.0).run()
    assert "greater than 0" in app.error[0].value


def test_kernel_lengths_change_the_parameters(open_app: OpenApp) -> None:
    app = open_app("train")
    before = tiles(app)["Parameters"]
    app.text_input(key="train_dtp-fcn_kernels").set_value("9,5,3").run()
    assert not app.error
    assert tiles(app)["Parameters"] == before  # 128 more of 266 k
    app.text_input(key="train_dtp-fcn_kernels").set_value("9,9,3").run()
    assert tiles(app)["Parameters"] == "397 k"


def test_doubtful_data_are_named_before_the_start(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "archive" / "Tiny"
    folder.mkdir(parents=True)
    lines = [
        f"{label}\t" + "\t".join(str((label + t) % 5) for t in range(20)) for label in (0, 0, 1)
    ]
    for split in ("TRAIN", "TEST"):
        (folder / f"Tiny_{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(folder.parent))
    app = open_app("train", dataset="Tiny")
    said = " ".join(warning.value for warning in app.warning)
    assert "only 3 training cases" in said
    assert "ne training case only in class 1" in said
    assert not button(app, "Start training").disabled


def test_start_makes_one_job_with_only_what_was_changed(open_app: OpenApp) -> None:
    app = open_app("train", dataset="UnitTest")
    app.number_input(key="train_dtp-fcn_quick_epochs").set_value(2)
    app.number_input(key="train_dtp-fcn_segments").set_value(3)
    app.number_input(key="train_seed").set_value(7).run()
    button(app, "Start training").click().run()
    assert not app.exception
    (job,) = list_jobs()
    try:
        assert dict(job.spec.options) == {"epochs": 2, "segments": 3}
        assert (job.spec.model, job.spec.preset, job.spec.seed) == ("dtp-fcn", "quick", 7)
        assert job.spec.dataset_digest is not None
        assert job.spec.archive is None
        assert app.query_params["job"] == job.id
        assert "Cancel" in labels(app)
    finally:
        assert job.wait(150).state == "done"


def test_the_same_settings_open_the_run_there_is(open_app: OpenApp) -> None:
    app = open_app("train", dataset="UnitTest")
    app.number_input(key="train_dtp-fcn_quick_epochs").set_value(2).run()
    button(app, "Start training").click().run()
    (job,) = list_jobs()
    assert job.wait(150).state == "done"
    app.run()
    button(app, "New training").click().run()
    assert app.number_input(key="train_dtp-fcn_quick_epochs").value == 2
    assert "Start training" not in labels(app)
    button(app, "Open this training").click().run()
    assert app.query_params["job"] == job.id
    assert len(list_jobs()) == 1


# ---- one run


def test_a_finished_run_shows_what_its_card_says(open_app: OpenApp, done: Job) -> None:
    app = open_app("train", job=done.id)
    assert not app.exception
    metrics = done.status().metrics
    shown = tiles(app)
    assert shown["Test accuracy"] == f"{100 * metrics['test_accuracy']:.1f} %"
    assert shown["Epoch kept"] == f"{metrics['best_epoch']} of 3"
    assert app.sidebar.selectbox(key="selection_dataset").value == "UnitTest"
    assert f"job/{done.id}" in app.sidebar.selectbox(key="selection_model").proto.options or any(
        done.id[:6] in option for option in app.sidebar.selectbox(key="selection_model").options
    )
    assert "Resume" not in labels(app)
    assert "least class loss on the training set" in " ".join(c.value for c in app.caption)
    ways = [link.proto.label for link in app.get("page_link") if "See its" in link.proto.label]
    assert ways == ["See its segments"]
    code = "\n".join(block.value for block in app.code)
    assert "--model dtp-fcn --dataset UnitTest --preset quick --seed 0" in code
    assert "--set epochs=3" in code


def test_a_run_that_has_just_ended_has_its_model_at_once(
    open_app: OpenApp, trained: Path, home: Path
) -> None:
    app = open_app("train", dataset="UnitTest")  # the catalogue is now kept for some seconds
    shutil.copytree(trained, home / "jobs" / trained.name)
    app.query_params["job"] = trained.name
    app.run()
    assert "Which classes it mistakes" in [heading.value for heading in app.subheader]


def test_a_running_run_can_be_cancelled_and_resumed(open_app: OpenApp, running: Job) -> None:
    app = open_app("train", job=running.id)
    assert "Delete" not in labels(app)
    assert "Train accuracy so far" in tiles(app)
    button(app, "Cancel").click().run()
    assert running.wait(90).state == "cancelled"
    app.run()
    assert "Cancel" not in labels(app)
    epoch = running.status().epoch
    button(app, "Resume").click().run()
    wait_for_epoch(running, epoch + 1)
    assert [event["epoch"] for event in running.events()][: epoch + 1] == list(range(1, epoch + 2))


def test_a_failed_run_says_why(open_app: OpenApp) -> None:
    job = submit(short_run(segments=512))
    assert job.wait(150).state == "failed"
    app = open_app("train", job=job.id)
    assert not app.exception
    assert "use fewer segments" in app.error[0].value
    assert "Try again" in labels(app)
    assert "512" in "\n".join(block.value for block in app.code)


def test_delete_asks_first_and_ends_at_the_form(open_app: OpenApp, done: Job) -> None:
    app = open_app("train", job=done.id)
    button(app, "Yes, delete").click().run()
    assert not app.exception
    assert list_jobs() == []
    assert app.query_params["job"] == "new"
    assert "Start training" in labels(app)


def test_start_over_forgets_the_curves(open_app: OpenApp, done: Job) -> None:
    began = done.status().started
    app = open_app("train", job=done.id)
    button(app, "Yes, start over").click().run()
    assert not app.exception
    status = done.wait(150)
    assert status.state == "done"
    assert status.started is not None
    assert began is not None
    assert status.started > began


@pytest.mark.parametrize("asked", ["../../etc", "0123456789abcdef", "![x](http://evil/)", "NEW"])
def test_a_job_that_is_not_there_is_named_and_the_form_shown(asked: str, open_app: OpenApp) -> None:
    app = open_app("train", job=asked)
    assert not app.exception
    assert len(app.warning) == 1
    assert "](" not in re.sub(r"\\.", "", app.warning[0].value)
    assert "Start training" in labels(app)


def test_a_damaged_job_is_shown_and_can_be_deleted(open_app: OpenApp, done: Job) -> None:
    (done.folder / "spec.json").write_text("{", encoding="utf-8")
    (done.folder / "status.json").unlink()
    app = open_app("train", job=done.id)
    assert not app.exception
    assert "spec.json" in app.error[0].value.replace("\\", "")
    button(app, "Yes, delete").click().run()
    assert list_jobs() == []


def test_another_dataset_closes_the_run(open_app: OpenApp, done: Job) -> None:
    app = open_app("train", job=done.id)
    app.sidebar.selectbox(key="selection_dataset").set_value("GunPoint").run()
    assert app.query_params["job"] == "new"
    assert "Start training" in labels(app)
    assert app.sidebar.selectbox(key="selection_dataset").value == "GunPoint"


def test_the_open_run_survives_a_page_switch(open_app: OpenApp, done: Job) -> None:
    app = open_app("train", job=done.id)
    for page in ("datasets", "train"):
        app.query_params.clear()  # as the browser does on a page switch
        app.switch_page(f"../../pages/{page}.py").run()
    assert app.query_params["job"] == done.id
    assert "Epoch kept" in tiles(app)


# ---- all runs


def test_the_table_lists_every_run(open_app: OpenApp, done: Job) -> None:
    failed = submit(short_run(segments=512))
    assert failed.wait(150).state == "failed"
    app = open_app("train")
    (table,) = app.dataframe
    rows = table.value.to_dict("records")
    assert [list(row["State"]) for row in rows] == [["failed"], ["done"]]
    assert rows[1]["Epochs"] == "3 of 3"
    assert rows[1]["Changed"] == "checkpoint_every=1, epochs=3, test_every=1"
    assert rows[1]["Test accuracy"] == pytest.approx(100 * done.status().metrics["test_accuracy"])
    assert np.isnan(rows[0]["Test accuracy"])


def test_a_row_read_once_is_read_again_when_its_state_is_rewritten(
    open_app: OpenApp, done: Job
) -> None:
    app = open_app("train")
    assert list(app.dataframe[0].value["State"][0]) == ["done"]
    done.resume(fresh=True)
    app.run()
    assert list(app.dataframe[0].value["State"][0]) != []
    assert done.wait(150).state == "done"
    app.run()
    assert app.dataframe[0].value["Epochs"][0] == "3 of 3"


# ---- the parts
