"""The page Results: sources, choices, what stands beside, and ten thousand runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.training.sweep.tools import scheduled, sweep
from tests.ui.read_page import OpenApp, assert_clean, by_kind, kinds, numbers, texts
from tscviz import describe_model
from tscviz.training.jobspec import JobSpec, job_id
from tscviz.training.sweep import Cell, Plan, SweepFolder, plan_sweep
from tscviz.training.sweep.table import COLUMNS, csv_text, store_table
from tscviz.ui.results import confusion, sources, table, tables
from tscviz.ui.results.controls import identity
from tscviz.ui.results.sources import Results, Source

DATASETS = ("GunPoint", "Earthquakes", "CBF", "Coffee", "Trace", "Plane")


def row(model: str, dataset: str, seed: int, accuracy: float, **more: Any) -> dict[str, Any]:
    base = {"model": model, "dataset": dataset, "seed": seed, "accuracy": accuracy,
            "options": "{}", "preset": "paper", "status": "done", "log_loss": 1 - accuracy,
            "cell": f"{seed:016x}"}  # fmt: skip
    return dict.fromkeys(COLUMNS) | base | more


def store(home: Path, rows: list[dict[str, Any]], name: str = "mine") -> Path:
    """Write a finished sweep's table."""
    folder = home / "sweeps" / name
    (folder / "plans").mkdir(parents=True)
    (folder / "results.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


def some_rows() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    return [
        row("dsn", dataset, seed, round(0.8 + 0.02 * level + rng.uniform(0, 0.1), 4),
            options=json.dumps({"sparsity": s}), flops=1e6 * (1 - s), parameters=1e3)
        for dataset in DATASETS for level, s in enumerate((0.0, 0.5, 0.8)) for seed in range(2)
    ]  # fmt: skip


def test_the_first_visit_shows_the_project_beside_the_papers(open_app: OpenApp, home: Path) -> None:
    app = open_app("results")
    assert_clean(app)
    assert kinds(app) == ["critical-difference", "multi-comparison"]
    assert "has the best mean rank" in texts(app)
    assert "(published)" in texts(app)


def test_the_projects_own_table_has_what_tscviz_results_has(home: Path) -> None:
    """What a first visit shows is tidy and full: every figure of every run."""
    source = sources.list_sources()["project/accuracy"]
    frame = pd.read_csv(source.path)
    wanted = {"model", "options", "dataset", "seed", "preset", "accuracy", "balanced_accuracy",
              "macro_f1", "log_loss", "auc", "train_seconds", "predict_seconds", "parameters",
              "flops", "epochs", "best_epoch", "stopped_early", "n_train", "n_test",
              "versions"}  # fmt: skip
    assert wanted <= set(frame.columns) & set(COLUMNS)
    assert not frame[sorted(wanted)].isna().to_numpy().any()
    assert frame.duplicated(["model", "options", "dataset", "seed"]).sum() == 0
    own = frame[(frame["model"] == "dsn") & (frame["dataset"] == "GunPoint")]
    cost = describe_model("dsn", n_channels=1, n_classes=2, length=150)
    assert set(own["parameters"]) == {cost.parameters}
    np.testing.assert_allclose(list(own["flops"]), cost.flops, rtol=1e-3)


VIEWS = {"matrix": "multi-comparison", "pairs": "pairwise", "cost": "cost", "option": "option",
         "confusion": None, "curves": None, "table": None}  # fmt: skip


def test_a_seed_that_was_run_by_two_versions_of_the_code_is_offered_once(
    open_app: OpenApp, home: Path
) -> None:
    cells = [(seed, version) for seed in range(2) for version in range(2)]
    store(home, [row("dsn", d, s, 0.9, cell=f"{s}{v:015x}", code_version=f"v{v}")
                 for d in ("GunPoint", "CBF") for s, v in cells])  # fmt: skip
    app = open_app("results", show="confusion", problem="GunPoint")
    assert_clean(app)
    assert app.selectbox(key="option_seed").options == ["0", "1"]
    assert "4 runs repeat a model, dataset and seed with other code" in texts(app)


def test_every_tab_of_a_sweep_draws(open_app: OpenApp, home: Path) -> None:
    store(home, some_rows())
    app = open_app("results")
    for slug, figure in VIEWS.items():
        app.query_params["show"] = slug
        app.run()
        assert_clean(app)
        if figure:
            assert figure in kinds(app), slug
    assert "another split" in texts(app)  # Earthquakes was redrawn after 2015
    (wide, tidy) = [frame.value for frame in app.dataframe]
    assert wide.loc[wide["dataset"] == "Earthquakes", "DSN (published)"].item() == "81.06 †"
    assert len(tidy) == 36
    app.multiselect(key="results_datasets").set_value(["CBF"]).run()
    assert_clean(app)
    assert len(app.dataframe[1].value) == 6


def test_curves_and_mistakes_of_a_sweeps_own_runs(open_app: OpenApp, home: Path) -> None:
    folder = SweepFolder(home / "sweeps" / "mine")
    planted = "planted:n_cases=20,length=40,seed=3"  # at hand although no model of it is
    plan_sweep(sweep(3, datasets=[planted]), folder)
    scheduled(folder)
    app = open_app("results", table="sweep/mine", show="curves")
    assert_clean(app)
    told = by_kind(app)["learning-curves"]["layout"]["meta"]["alt"]
    assert "up to 3 epochs" in told
    assert "(2 seeds)" in told
    app.query_params["show"] = "confusion"
    app.run()
    assert_clean(app)
    assert app.selectbox(key="option_seed").options == ["0", "1"]
    result = folder.result(folder.cells()[0].id)
    assert result is not None
    recalls = numbers(by_kind(app)["confusion"]["data"][0]["z"]).diagonal()
    assert np.nan_to_num(recalls).mean() == pytest.approx(result["balanced_accuracy"])


def test_the_matrix_of_a_catalogue_model_takes_clicks(open_app: OpenApp, home: Path) -> None:
    app = open_app("results", table="project/accuracy", show="confusion", dataset="GunPoint")
    assert_clean(app)
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    (matrix,) = [s for s in specs if s["layout"]["meta"]["figure"] == "confusion"]
    assert matrix["data"][-1]["marker"]["size"] == 2
    assert len(matrix["data"][-1]["customdata"]) == 4
    assert matrix["layout"]["hoverdistance"] == -1


def test_choices_stay_in_the_link_and_change_the_numbers(open_app: OpenApp, home: Path) -> None:
    store(home, some_rows())
    app = open_app("results")
    app.segmented_control(key="option_over").set_value("median").run()
    app.segmented_control(key="option_test").set_value("nemenyi").run()
    app.selectbox(key="option_measure").set_value("log_loss").run()
    assert_clean(app)
    found = {k: v if isinstance(v, str) else v[0] for k, v in app.query_params.items()}
    assert (found["over"], found["test"], found["measure"]) == ("median", "nemenyi", "log_loss")
    assert not [m for m in app.multiselect if m.key == "option_beside"]  # papers print accuracies
    app.multiselect(key="option_models").set_value([identity("dsn sparsity=0.8")]).run()
    assert "needs two of each" in texts(app)


def test_hostile_names_stay_text(open_app: OpenApp, home: Path) -> None:
    bad = "![x](http://evil/)<img src=x>"
    store(home, [row(m, d, 0, v) for d in ("a", "b", bad) for m, v in ((bad, 0.5), ("dsn", 0.6))])
    app = open_app("results")
    assert_clean(app)
    for element in [*app.markdown, *app.caption]:
        assert "![x]" not in element.value
        assert "<img" not in element.value.replace("\\<", "")


def test_a_damaged_table_says_so(open_app: OpenApp, home: Path) -> None:
    (store(home, []) / "results.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    app = open_app("results")
    assert not app.exception
    assert "has no column model" in app.error[0].value.replace("\\", "")


def test_scores_are_means_or_medians_over_seeds() -> None:
    values = {0: 0.5, 1: 0.6, 2: 0.9}
    frame = table.labelled(pd.DataFrame([row("m", "x", s, v) for s, v in values.items()]))
    mean, seeds = table.scores_of(frame, "accuracy", "mean", ["m"])
    median, _ = table.scores_of(frame, "accuracy", "median", ["m"])
    assert mean.values[0, 0] == pytest.approx(2 / 3)
    assert (median.values[0, 0], seeds.at["x", "m"]) == (0.6, 3)


def test_published_columns_keep_to_the_split() -> None:
    rows = [row("dsn", name, 0, 0.9) for name in DATASETS]
    rows += [row("dsn", "ECG200", 0, 0.9, n_train=100, n_test=999)]
    frame = table.labelled(pd.DataFrame(rows).astype({"n_train": float, "n_test": float}))
    scores, _ = table.scores_of(frame, "accuracy", "mean", ["DSN"])
    beside = table.with_published(scores, ["dsn"], frame)
    column = dict(zip(scores.datasets, beside.scores.column("DSN (published)"), strict=True))
    assert column["GunPoint"] == 0.9893
    assert np.isnan(column["Earthquakes"])
    assert np.isnan(column["ECG200"])
    assert {dataset for dataset, _ in beside.other_split} == {"Earthquakes", "ECG200"}


def test_models_shown_at_first_share_datasets() -> None:
    rows = [row("a", d, 0, 0.5) for d in "uvwx"] + [row("b", d, 0, 0.5) for d in "uvw"]
    frame = table.labelled(pd.DataFrame([*rows, row("c", "z", 0, 0.5)]))
    assert table.default_models(frame) == ["a", "b"]
    assert table.default_models(frame.loc[frame["dataset"] == "u"]) == ["a", "b"]


def test_cells_of_the_matrix_list_mistakes_first() -> None:
    cells = confusion._cells(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 0, 0]))
    assert cells == {"1-0": 2, "0-1": 1, "0-0": 2}


def big_sweep(root: Path, n: int) -> SweepFolder:
    """Write a plan of cells and the results of all but the last."""
    jobs = [JobSpec(f"m{i % 10}", f"Set{i // 50:03d}", seed=i // 10 % 5, options={"a": i % 10},
                    code_version="t") for i in range(n)]  # fmt: skip
    cells = [Cell(job_id(job), job) for job in jobs]
    folder = SweepFolder(root)
    folder.save_plan(Plan(sweep(), tuple(cells)))
    for i, cell in enumerate(cells[:-1]):
        (folder.jobs / cell.id).mkdir()
        result = {"format": 1, "cell": cell.id, "accuracy": (i * 7919 % 1000) / 1000}
        (folder.jobs / cell.id / "result.json").write_text(json.dumps(result), encoding="utf-8")
    return folder


def test_a_sweep_at_work_is_read_as_it_grows(home: Path) -> None:
    folder = big_sweep(home / "sweeps" / "live", 100)
    source = Source("sweep/live", folder.root)
    first = sources.read(source)
    assert (len(first.frame), first.total) == (99, 100)
    assert sources.read(source) is first
    store_table(folder)  # one cell is still to come, so the table is not the last word
    last = folder.cells()[-1]
    (folder.jobs / last.id).mkdir()
    result = {"format": 1, "cell": last.id, "accuracy": 1.0}
    (folder.jobs / last.id / "result.json").write_text(json.dumps(result), encoding="utf-8")
    assert sources.read(source).states == {"done": 100}
    store_table(folder)
    found: Results = sources.read(source)
    assert found.version != first.version
    np.testing.assert_allclose(
        sorted(found.frame["accuracy"]), sorted([*first.frame["accuracy"], 1.0])
    )


def test_the_table_of_an_earlier_end_spares_reading_cells_again(home: Path) -> None:
    """A sweep of thousands of cells that goes on after a stop is one file and a few."""
    folder = big_sweep(home / "sweeps" / "live", 60)
    cells = folder.cells()
    wanted = sources.read(Source("sweep/live", folder.root)).frame
    store_table(folder)
    table = folder.root / "results.csv"
    for cell in cells[:40]:
        (folder.jobs / cell.id / "result.json").unlink()
    shutil.rmtree(folder.jobs / cells[40].id)  # somebody wants this one anew
    found = sources._Reader(folder.root).read()
    assert found.states == {"done": 58, "to come": 2}
    pd.testing.assert_frame_equal(
        found.frame[["cell", "accuracy", "model", "seed"]],
        wanted.drop(index=40).reset_index(drop=True)[["cell", "accuracy", "model", "seed"]],
    )
    table.write_text("a,b\n1,2\n", encoding="utf-8")  # damaged: what the cells say is what counts
    # forty folders hold neither a job nor a result: `SweepFolder.state` says failed
    states = sources._Reader(folder.root).read().states
    assert states == {"done": 18, "failed": 40, "to come": 2}


def test_repeated_texts_go_to_the_browser_once(home: Path) -> None:
    versions = "torch 2.13, numpy 2.3"
    rows = [row("dsn", d, s, 0.5, versions=versions) for d in DATASETS for s in range(5)]
    frame = table.labelled(pd.DataFrame(rows))
    shown = tables.shown_runs(frame)
    assert shown["versions"].cat.categories.tolist() == [versions]
    assert shown["dataset"].tolist() == frame["dataset"].tolist()
    assert "flops" not in shown  # nothing stands there


def test_ten_thousand_rows_open(open_app: OpenApp, home: Path) -> None:
    open_app("results")  # imports are no matter of the table
    rows = [row(f"m{i % 10}", f"Set{i // 50:03d}", i // 10 % 5, (i * 7919 % 1000) / 1000)
            for i in range(10_000)]  # fmt: skip
    store(home, rows, "big")
    app = open_app("results", table="project/accuracy")
    app.selectbox(key="option_table").set_value("sweep/big").run()
    assert_clean(app)
    assert "10,000 finished runs" in texts(app)
