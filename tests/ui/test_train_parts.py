"""What the page Train reads, counts and hands out."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.attention_tools import store_network
from tscviz.data import load_dataset, prepare
from tscviz.models import load_model
from tscviz.training.jobs import Job, JobSpec
from tscviz.ui.train import reading, words
from tscviz.ui.train.result import model_zip, pairs

OpenApp = Callable[..., AppTest]


def test_events_are_read_as_they_grow(done: Job) -> None:
    assert reading.events_of(done) == done.events()
    with (done.folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"epoch": 4, "losses": {"class": 0.5}}\n{"epoch": 5')
    assert [event["epoch"] for event in reading.events_of(done)] == [1, 2, 3, 4]
    with (done.folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write("}\nnot JSON\n")
    assert [event["epoch"] for event in reading.events_of(done)] == [1, 2, 3, 4, 5]


def test_events_are_read_anew_when_the_file_was_replaced(done: Job) -> None:
    path = done.folder / "events.jsonl"
    assert len(reading.events_of(done)) == 3
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    other.replace(path)
    assert [event["epoch"] for event in reading.events_of(done)] == [1]
    path.unlink()
    assert reading.events_of(done) == []


def test_the_best_epoch_is_the_one_training_keeps(done: Job) -> None:
    assert reading.best_epoch(done.events(), "train_loss") == done.status().metrics["best_epoch"]
    losses = [0.5, 0.2, 0.2, 0.4]
    events = [{"epoch": i + 1, "losses": {"class": v}} for i, v in enumerate(losses)]
    assert reading.best_epoch(events, "train_loss") == 2
    assert reading.best_epoch(events, "last") == 4
    assert reading.best_epoch([], "train_loss") is None


@pytest.mark.parametrize(
    ("model", "preset", "options", "select"),
    [
        ("dtp-fcn", "quick", {}, "train_loss"),
        ("lstm-fcn", "report", {"epochs": 2, "cells": 4}, "val_loss"),
        ("dtp-fcn", "quick", {"select": "val_loss", "validation": 0.2}, "val_loss"),
        ("alstm-fcn", "report", {"select": "last"}, "last"),
    ],
)
def test_what_is_kept_is_by_the_recipe_of_the_run(model, preset, options, select) -> None:
    spec = JobSpec(model, "UnitTest", preset=preset, options=options)
    assert reading.selection_of(spec) == select


@pytest.mark.parametrize("name", ["UnitTest", "JapaneseVowels", "planted:n_cases=9,seed=3"])
def test_the_snippet_classifies_the_test_cases(name: str, home: Path) -> None:
    store_network(home, "it's mine", "lstm-fcn", name)
    folder = str(home / "jobs" / "it's mine" / "model")
    classifier, data = load_model(folder), load_dataset(name)
    code = words.snippet(JobSpec("lstm-fcn", name), folder)
    head, _, last = code.strip().rpartition("\n")
    known: dict[str, Any] = {}
    exec(f"{head}\nfound = {last}", known)  # noqa: S102 - what the page shows
    ready = prepare(data.X_test, data.mask_test, classifier.preparation_for(data.digest))
    np.testing.assert_array_equal(known["found"], classifier.predict_proba(ready.X, ready.mask))


def test_the_download_is_a_model_that_loads(done: Job, tmp_path: Path) -> None:
    import tscviz

    with zipfile.ZipFile(io.BytesIO(model_zip(done.model_dir, "dtp-fcn-UnitTest"))) as archive:
        assert sorted(archive.namelist()) == [
            "dtp-fcn-UnitTest/card.json",
            "dtp-fcn-UnitTest/model.safetensors",
        ]
        archive.extractall(tmp_path)
    loaded = tscviz.load_model(tmp_path / "dtp-fcn-UnitTest")
    assert loaded.digest == tscviz.load_model(done.model_dir).digest


def test_pairs_count_back_to_the_confusion_matrix() -> None:
    confusion = [[3, 0, 1], [0, 0, 2], [1, 4, 5]]
    true, predicted = pairs(confusion)
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (true, predicted), 1)
    assert counts.tolist() == confusion


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (75, "1 min 15 s"), (3599.7, "1 h"),
        (3700, "1 h 2 min"), (219_000, "2 d 13 h"), (172_700, "2 d"),
        (37_000, "10 h"), (170_000, "47 h"), (None, "–"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3, "under 10 s"), (47.3, "about 45 s"), (59, "about 1 min"), (200, "about 3 min 30 s"),
     (7000, "about 1 h 55 min")],
)  # fmt: skip
def test_estimates(seconds: float, text: str) -> None:
    assert words.roughly(seconds) == text


def test_the_command_quotes_what_a_shell_would_read() -> None:
    job = JobSpec("dtp-fcn", "a; rm b", preset="quick", options={"kernels": [9, 5, 3]})
    assert words.command(job).endswith("--seed 0 --threads 1 --set kernels=9,5,3")
    assert "'a; rm b'" in words.command(job)


def test_times_are_told_in_the_visitors_zone() -> None:
    assert words.local_time(0, "Asia/Tokyo") == datetime(1970, 1, 1, 9)
    assert words.local_time(0, "no/such-zone") == datetime.fromtimestamp(0)


def test_what_was_read_of_a_run_is_not_read_again(done: Job) -> None:
    first = reading.events_of(done)
    assert reading.events_of(done) is first
    path = done.folder / "events.jsonl"
    head = path.read_bytes()
    # Neither a second look nor a new line reads the old ones: here they are no JSON any more.
    with path.open("r+b") as file:
        file.write(b"?" * (len(head) - 1))
        file.seek(0, io.SEEK_END)
        file.write(b'{"epoch": 4, "losses": {"class": 0.5}}\n')
    assert reading.events_of(done) == [*first, {"epoch": 4, "losses": {"class": 0.5}}]


def test_runs_are_listed_and_shown_without_torch() -> None:
    code = (
        "import sys; import tscviz.ui.train.table, tscviz.ui.train.run, tscviz.ui.train.opened; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
