"""The tidy table, and the table as papers print it."""

from __future__ import annotations

import io
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss, roc_auc_score

from tests.training.sweep.tools import sweep
from tscviz.atomic import locked
from tscviz.data import load_dataset
from tscviz.data.parquet import parquet_bytes
from tscviz.models import describe_model, load_model
from tscviz.training.metrics import mean_auc
from tscviz.training.recipes import Recipe
from tscviz.training.sweep import SweepError, SweepFolder, open_sweep, plan_sweep, read_table
from tscviz.training.sweep.cell import run_cell
from tscviz.training.sweep.summary import (
    SILENT,
    compare,
    comparison_rows,
    labels,
    latex,
    markdown,
    protocol_options,
)
from tscviz.training.sweep.table import (
    COLUMNS,
    csv_text,
    parquet_table,
    store_table,
)

ASKED = [
    *("model", "options", "dataset", "seed", "preset", "accuracy", "balanced_accuracy"),
    *("macro_f1", "log_loss", "auc", "train_seconds", "predict_seconds", "parameters", "flops"),
    *("epochs", "best_epoch", "stopped_early", "versions", "cell", "status"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """One cell that is done and one that waits."""
    made = SweepFolder(tmp_path_factory.mktemp("sweep"))
    plan_sweep(sweep(3), made)
    assert run_cell(made.jobs, made.cells()[0].job).state == "done"
    store_table(made)
    return made


def test_pandas_reads_it_in_one_line(folder: SweepFolder) -> None:
    csv = pd.read_csv(folder.root / "results.csv")
    parquet = pd.read_parquet(folder.root / "results.parquet")
    for frame in (csv, parquet):
        assert list(frame.columns) == list(COLUMNS)
        assert set(ASKED) <= set(frame.columns)
        assert list(frame["status"]) == ["done", "waiting"]
        assert frame["accuracy"].notna().tolist() == [True, False]
    assert csv["accuracy"][0] == parquet["accuracy"][0]  # in full, not rounded


def test_the_figures_are_those_of_scikit_learn(folder: SweepFolder) -> None:
    row, data = read_table(folder)[0], load_dataset("UnitTest")
    classifier = load_model(folder.folder(row["cell"]) / "model")
    proba = classifier.predict_proba(data.X_test, data.mask_test).astype(float)
    proba /= proba.sum(1, keepdims=True)
    y, predicted = data.y_test, proba.argmax(1)
    assert row["accuracy"] == np.mean(predicted == y)
    assert row["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(y, predicted))
    assert row["macro_f1"] == pytest.approx(f1_score(y, predicted, average="macro"))
    assert row["log_loss"] == pytest.approx(log_loss(y, proba), rel=1e-5)
    assert row["auc"] == pytest.approx(roc_auc_score(y, proba[:, 1]))
    cost = describe_model("gtp-fcn", n_channels=1, n_classes=2, length=24)
    assert (row["parameters"], row["flops"]) == (cost.parameters, cost.flops)
    assert (row["epochs"], row["stopped_early"], row["n_train"]) == (3, False, 20)
    assert row["train_seconds"] > 0
    assert row["predict_seconds"] > 0
    assert row["data_digest"] == data.digest
    assert "torch" in row["versions"]


def test_the_area_under_the_curve_of_several_classes_with_ties() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    proba = rng.integers(1, 4, (60, 3)).astype(float)
    proba /= proba.sum(1, keepdims=True)
    assert mean_auc(y, proba) == pytest.approx(roc_auc_score(y, proba, multi_class="ovr"))
    assert mean_auc(np.zeros(4, int), proba[:4]) is None
    assert mean_auc(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])) == 1.0


def test_filters(folder: SweepFolder) -> None:
    assert len(read_table(folder, models=["gtp-fcn"], datasets=["UnitTest"])) == 2
    assert len(read_table(folder, statuses=["done"])) == 1
    assert read_table(folder, models=["dsn"]) == []
    with pytest.raises(SweepError, match="there is no sweep in"):
        open_sweep(folder.root / "jobs")


def test_a_table_is_not_replaced_by_an_older_reading(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    plan_sweep(sweep(1, seeds=1), folder)
    writer = threading.Thread(target=store_table, args=[folder])
    with locked(folder.root / "results.lock") as obtained:  # another sweep is writing its own
        assert obtained
        writer.start()
        writer.join(0.5)
        assert writer.is_alive()
        assert run_cell(folder.jobs, folder.cells()[0].job).state == "done"
    writer.join(60.0)
    assert pd.read_csv(folder.root / "results.csv")["status"].tolist() == ["done"]


def test_text_that_a_spreadsheet_would_run_is_defused() -> None:
    text = csv_text([{"dataset": "=1+1", "seed": -1, "reason": 'a "b", c'}])
    frame = pd.read_csv(io.StringIO(text))
    assert frame["dataset"][0] == "'=1+1"
    assert frame["seed"][0] == -1
    assert frame["reason"][0] == 'a "b", c'
    assert len(parquet_table([dict.fromkeys(COLUMNS)])) > 0
    assert pd.read_parquet(io.BytesIO(parquet_bytes({"a": [1, None]})))["a"].isna().sum() == 1


def rows(*cells: tuple[Any, ...]) -> list[dict[str, Any]]:
    keys = ("model", "options", "dataset", "seed", "accuracy", "status")
    return [dict(zip(keys, cell, strict=True)) | {"preset": "paper"} for cell in cells]


ROWS = rows(
    ("a", "{}", "X_1", 0, 0.9, "done"),
    ("a", "{}", "X_1", 1, 0.6, "done"),
    ("a", "{}", "X_1", 2, 0.6, "done"),
    ("b", '{"k": 2}', "X_1", 0, 0.7, "done"),
    ("b", '{"k": 4}', "X_1", 0, 0.7, "done"),
    ("a", "{}", "Y", 0, 0.5, "done"),
    ("b", '{"k": 2}', "Y", 0, 0.8, "done"),
    ("b", '{"k": 4}', "Y", 0, 0.2, "done"),
    ("a", "{}", "Z", 0, 1.0, "done"),
    ("b", '{"k": 2}', "Z", 0, None, "failed"),
)


def test_models_are_compared_over_seeds_and_ranked_where_all_have_a_value() -> None:
    found = compare(ROWS)
    assert found.models == ("a", "b k=2", "b k=4")
    assert found.values["X_1", "a"] == pytest.approx(0.7)
    assert found.seeds["X_1", "a"] == 3
    assert found.ranked == 2
    # X_1: 0.7 each, ranks 2 2 2; Y: 2 1 3.
    assert found.ranks == pytest.approx({"a": 2.0, "b k=2": 1.5, "b k=4": 2.5})
    median = compare(ROWS, over_seeds="median")
    assert median.values["X_1", "a"] == 0.6
    assert median.ranks == pytest.approx({"a": 2.5, "b k=2": 1.25, "b k=4": 2.25})
    with pytest.raises(SweepError, match="cannot compare the mean of 'size'"):
        compare(ROWS, "size")
    with pytest.raises(SweepError, match="done with an accuracy; there is nothing to compare"):
        compare(ROWS[-1:])
    with pytest.raises(SweepError, match="done with a log_loss; there is nothing to compare"):
        compare(ROWS[-1:], "log_loss")


def test_markdown_and_latex() -> None:
    found = compare(ROWS)
    assert comparison_rows(found)[3] == ["Z", "100.00", "–", "–"]
    assert markdown(found).splitlines()[2] == "| X\\_1 | 70.00 | 70.00 | 70.00 |"
    lines = latex(found).splitlines()
    assert lines[0] == r"\begin{tabular}{lrrr}"
    assert r"X\_1 & \textbf{70.00} & \textbf{70.00} & \textbf{70.00} \\" in lines
    assert r"Y & 50.00 & \textbf{80.00} & 20.00 \\" in lines
    assert r"Z & \textbf{100.00} & -- & -- \\" in lines
    assert r"mean rank (2) & 2.00 & \textbf{1.50} & 2.50 \\" in lines


def test_an_option_that_changes_no_weight_names_no_model() -> None:
    known = [("a", "{}"), ("b", '{"test_every": 5}'), ("b", '{"k": 2, "test_every": 9}')]
    named = labels([{"model": m, "preset": "paper", "options": o} for m, o in known])
    assert list(named.values()) == ["a", "b", "b k=2"]
    beside = [{"model": m, "preset": p, "options": "{}"} for m, p in (("b", "p"), ("1nn", ""))]
    assert list(labels(beside).values()) == ["b", "1nn"]
    presets = [{"model": "b", "preset": p, "options": "{}"} for p in "pq"]
    assert list(labels([*beside, *presets]).values()) == ["b p", "1nn", "b q"]
    twins = [{"model": "b", "preset": "p", "options": o} for o in ("{}", '{"test_every": 5}')]
    assert list(labels(twins).values()) == ["b", "b test_every=5"]
    assert set(SILENT) <= {field.name for field in fields(Recipe)}


def test_options_that_vary_by_dataset_alone_are_a_protocols() -> None:
    runs = [("a", "p", "X", "{}"), ("a", "p", "Y", '{"k": 2}'), ("a", "q", "X", '{"k": 2}')]
    assert protocol_options(runs) == ["{}", "{}", "{}"]
    assert protocol_options([*runs, ("a", "p", "X", '{"k": 3}')])[:3] == [
        "{}",
        '{"k": 2}',
        "{}",
    ]
