"""The programs that put the results of sweeps together."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tscviz.training.sweep.results import read_results
from tscviz.training.sweep.table import COLUMNS, csv_text

FOLDER = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def evidence(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("aeon")
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("evidence")


@pytest.fixture
def transfer(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("transfer")


def row(model: str, accuracy: float, **changes: Any) -> dict[str, Any]:
    known = {"options": "{}", "dataset": "X", "seed": 0, "status": "done"}
    return dict.fromkeys(COLUMNS) | known | {"model": model, "accuracy": accuracy} | changes


def test_rows_whose_runs_are_gone_stay_in_the_evidence(evidence: Any, tmp_path: Path) -> None:
    table = tmp_path / "dtp.csv"
    at = {"dataset": "GunPoint"}
    old = [row("gone", 0.5, **at), row("again", 0.1, **at), row("other", 0.2, **at)]
    table.write_text(csv_text(old))
    (tmp_path / "runs" / "again").mkdir(parents=True)
    new = [
        row("again", 0.9, **at),
        row("other", 0.3, data_digest="d", **at),
        row("other", 0.4, preset="paper", **at),
        row("other", 0.6, code_version="c", **at),
        row("other", 0.7, dataset="of another table"),
    ]
    for number, value in enumerate(new):
        evidence.write_json(tmp_path / "runs" / "again" / f"{number}.json", value)
    for _ in range(2):
        evidence.collect("dtp", tmp_path, tmp_path / "sweeps", tmp_path / "runs")
        found = [(r["model"], r["accuracy"]) for r in read_results(table)]
        assert found == [
            ("again", 0.9),
            ("gone", 0.5),
            ("other", 0.2),
            ("other", 0.3),
            ("other", 0.6),
            ("other", 0.4),
        ]


@pytest.mark.parametrize("name", [p.stem for p in (FOLDER / "sweeps").glob("*.toml")])
def test_the_evidence_there_is_stays_as_it_is(evidence: Any, tmp_path: Path, name: str) -> None:
    there, table = FOLDER / "results" / f"{name}.csv", tmp_path / f"{name}.csv"
    if there.is_file():
        table.write_bytes(there.read_bytes())
    (tmp_path / "accuracy.csv").write_bytes((there.parent / "accuracy.csv").read_bytes())
    evidence.collect(name, tmp_path, tmp_path / "sweeps", tmp_path / "runs")
    lines = [p.read_text().splitlines() if p.is_file() else [] for p in (there, table)]
    assert sorted(lines[0]) == sorted(lines[1])


def test_a_familys_table_has_its_runs_of_the_accuracy_table(evidence: Any, tmp_path: Path) -> None:
    known = [
        row("lstm-fcn", 0.9, dataset="Coffee", options='{"cells": 128}', data_digest="d"),
        row("dsn", 0.8, dataset="Coffee"),
        row("lstm-fcn", 0.7, dataset="BasicMotions"),
    ]
    (tmp_path / "accuracy.csv").write_text(csv_text(known))
    evidence.collect("lstm", tmp_path, tmp_path / "sweeps", tmp_path / "runs")
    (found,) = read_results(tmp_path / "lstm.csv")
    assert found == read_results(tmp_path / "accuracy.csv")[0]


def test_a_baseline_that_stands_in_one_table_is_not_run_again_for_another(
    evidence: Any, tmp_path: Path
) -> None:
    at = {"dataset": "GunPoint"}
    there = [row("1nn-dtw", 0.9, **at), *(row("minirocket", 1, seed=s, **at) for s in range(3))]
    (tmp_path / "dsn.csv").write_text(csv_text([*there, row("dsn", 0.8, **at)]))
    (tmp_path / "causes.csv").write_text(csv_text([row("1nn-dtw", 0.1, **at)]))  # of no family
    evidence.run_baselines(tmp_path / "runs", tmp_path, ["GunPoint"])
    assert not (tmp_path / "runs").exists()
    (tmp_path / "runs" / "1nn-dtw").mkdir(parents=True)
    evidence.write_json(tmp_path / "runs" / "1nn-dtw" / "GunPoint-0.json", there[0] | {"auc": 0.5})
    evidence.collect("dtp", tmp_path, tmp_path / "sweeps", tmp_path / "runs")
    assert not (tmp_path / "dtp.csv").exists()  # nothing but baselines
    (tmp_path / "dtp.csv").write_text(csv_text([row("dtp-fcn", 0.7, **at)]))
    evidence.collect("dtp", tmp_path, tmp_path / "sweeps", tmp_path / "runs")
    found = [(r["model"], r["seed"], r["auc"]) for r in read_results(tmp_path / "dtp.csv")]
    more = [("minirocket", s, None) for s in range(3)]
    assert found == [("1nn-dtw", 0, 0.5), ("dtp-fcn", 0, None), *more]


def test_an_epoch_that_never_came_is_not_epoch_zero(transfer: Any) -> None:
    reached = [(5, 10), (15, 20), (None, 30), (25, None), (None, None)]
    pairs = [
        {
            "dataset": "X",
            "labelled": 0.05,
            "seed": seed,
            "accuracy": 0.9,
            "accuracy_scratch": 0.8,
            "epochs_to": trunk,
            "epochs_to_scratch": scratch,
            "train_seconds": 1.0,
            "train_seconds_scratch": 2.0,
        }
        for seed, (trunk, scratch) in enumerate(reached)
    ]
    (means,) = transfer.means_of(pairs)
    assert (means["epochs_to"], means["epochs_to_scratch"]) == (10, 15)
    assert (means["never"], means["never_scratch"]) == (2, 2)
    (none,) = transfer.means_of(pairs[2:])
    assert (none["epochs_to"], none["epochs_to_scratch"]) == ("", "")


def test_a_moved_series_stands_whole_between_its_own_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aeon")
    monkeypatch.syspath_prepend(str(FOLDER))
    moved_in_time = importlib.import_module("shifted").shifted
    X = np.random.default_rng(1).normal(size=(40, 2, 11))
    moved = moved_in_time(X, np.random.default_rng(0))
    assert moved.shape == (40, 2, 16)
    begins = []
    for x, y in zip(X, moved, strict=True):
        (begin,) = [t for t in range(6) if np.array_equal(y[:, t : t + 11], x)]
        assert (y[:, :begin] == x[:, :1]).all()
        assert (y[:, begin + 11 :] == x[:, -1:]).all()
        begins.append(begin)
    assert set(begins) == set(range(6))


def test_pairs_whose_runs_are_gone_stay_in_the_transfer_table(
    transfer: Any, tmp_path: Path
) -> None:
    def pair(*values: Any) -> dict[str, Any]:
        return dict(zip(transfer.FIELDS, values, strict=True))

    old = [pair("A", 0.05, 0, 0.5, 0.25, None, 20, 1.5, 2.0), pair("B", 1.0, 1, 1, 1, 5, 5, 1, 1)]
    lines = [["" if value is None else value for value in row.values()] for row in old]
    transfer.write(tmp_path / "transfer.csv", transfer.FIELDS, lines)
    assert transfer.known_pairs(tmp_path / "none.csv") == []
    assert transfer.known_pairs(tmp_path / "transfer.csv") == old
    new = pair("B", 1.0, 1, 0.75, 1, 5, None, 1, 1)
    assert transfer.merged(old, [new]) == [old[0], new]
