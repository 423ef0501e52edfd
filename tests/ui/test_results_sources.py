"""What the page Results reads: names that look like no value, and when a table is the last word."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.training.sweep.tools import sweep
from tests.ui.read_page import OpenApp, assert_clean, texts
from tests.ui.test_results_page import DATASETS, big_sweep, row, store
from tscviz.atomic import write_json
from tscviz.training.jobspec import JobSpec, job_id
from tscviz.training.sweep import Cell, Plan, SweepFolder
from tscviz.training.sweep.table import store_table
from tscviz.ui.results import sources
from tscviz.ui.results.sources import Source

NAMES = ("NA", "null", "None", "nan", "", "n/a", "CBF")


def read(folder: SweepFolder) -> sources.Results:
    return sources.read(Source("sweep/x", folder.root))


def finished(root: Path, n: int = 20) -> SweepFolder:
    """A sweep whose cells are all done, with its table."""
    folder = big_sweep(root, n)
    last = folder.cells()[-1].id
    (folder.jobs / last).mkdir()
    write_json(folder.jobs / last / "result.json", {"format": 1, "cell": last, "accuracy": 0.25})
    store_table(folder)
    return folder


def fail(folder: SweepFolder, cell: str, state: str = "failed") -> None:
    (folder.jobs / cell).mkdir(exist_ok=True)
    write_json(folder.jobs / cell / "status.json", {"state": state, "message": "out of memory"})


def test_a_dataset_may_be_called_like_no_value(home: Path) -> None:
    names = [name for name in NAMES if name]
    rows = [row("None", name, 0, 0.5, code_version="NA") for name in names]
    folder = store(home, [*rows, row("dsn", "CBF", 1, 0.5) | {"accuracy": None, "preset": None}])
    frame = sources.read(Source("sweep/mine", folder)).frame
    assert frame["dataset"].tolist() == [*names, "CBF"]
    assert frame["model"].tolist() == ["None"] * len(names) + ["dsn"]
    assert frame["code_version"].tolist()[:-1] == ["NA"] * len(names)
    assert frame["accuracy"].tolist()[:-1] == [0.5] * len(names)
    assert frame["accuracy"].isna().tolist()[-1]  # an empty number is none
    assert frame["preset"].tolist()[-1] == ""
    assert frame["versions"].notna().sum() == 0


def test_pandas_reads_such_a_table_as_the_manual_says(home: Path) -> None:
    names = [name for name in NAMES if name]
    folder = store(home, [row("dsn", name, 0, 0.5) for name in names])
    text = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("frame = pandas.read_csv(")]
    code = line.replace("results.csv", str(folder / "results.csv"))
    found: dict[str, pd.DataFrame] = {}
    exec(f"import pandas\n{code}", found)  # noqa: S102 - our own manual
    frame = found["frame"]
    assert frame["dataset"].tolist() == names
    assert frame["accuracy"].tolist() == [0.5] * len(names)
    assert frame["flops"].notna().sum() == 0


def test_the_columns_of_the_projects_table_are_as_the_manual_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    frame = pd.read_csv(sources.list_sources()["project/accuracy"].path, nrows=1)
    missing = set(sources.COLUMNS) - set(frame.columns)
    assert missing == {"cell_seconds", "code_version", "cell", "status", "reason"}
    assert set(frame.columns) - set(sources.COLUMNS) == {"digest"}
    said = " ".join(text.split())
    assert "without `cell_seconds`, `code_version`, `cell`, `status` and `reason`" in said


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_plans_that_grow_are_seen_whatever_the_clock_says(home: Path, seconds: int) -> None:
    folder = finished(home / "sweeps" / "x")
    first = read(folder)
    assert first.states == {"done": 20}
    assert read(folder) is first
    jobs = [JobSpec("m0", "Later", seed=seed, code_version="t") for seed in range(3)]
    folder.save_plan(Plan(sweep(3), tuple(Cell(job_id(job), job) for job in jobs)))
    written = (folder.root / "results.csv").stat().st_mtime_ns
    for path in (folder.root / "plans").glob("*.json"):
        os.utime(path, ns=(0, written + seconds * 10**9))
    found = read(folder)
    assert found.states == {"done": 20, "to come": 3}
    assert found.total == 23


def test_an_old_table_with_plans_of_the_same_cells_is_the_last_word(home: Path) -> None:
    """A start of what is done already writes its plan anew, and changes nothing."""
    folder = finished(home / "sweeps" / "x")
    for path in (folder.root / "plans").glob("*.json"):
        os.utime(path, (2**32, 2**32))
    shutil.rmtree(folder.jobs)  # the table alone was kept
    assert read(folder).states == {"done": 20}


def test_a_cell_that_is_wanted_anew_is_to_come(home: Path) -> None:
    folder = finished(home / "sweeps" / "x")
    assert read(folder).states == {"done": 20}
    shutil.rmtree(folder.jobs / folder.cells()[3].id)
    assert read(folder).states == {"done": 19, "to come": 1}


def test_a_failed_cell_that_is_done_now_counts_as_done(home: Path) -> None:
    folder = big_sweep(home / "sweeps" / "x", 10)
    last = folder.cells()[-1].id
    fail(folder, last)
    store_table(folder)
    assert read(folder).states == {"done": 9, "failed": 1}
    write_json(folder.jobs / last / "result.json", {"format": 1, "cell": last, "accuracy": 1.0})
    assert read(folder).states == {"done": 10}


def test_failed_cells_of_a_sweep_at_work_are_not_to_come(home: Path) -> None:
    folder = big_sweep(home / "sweeps" / "x", 12)
    cells = folder.cells()
    for cell in cells[:3]:
        (folder.jobs / cell.id / "result.json").unlink()
        fail(folder, cell.id)
    first = read(folder)
    assert first.states == {"done": 8, "failed": 3, "to come": 1}
    assert read(folder) is first
    fail(folder, cells[0].id, "waiting")  # taken up again
    found = read(folder)
    assert found.states == {"done": 8, "failed": 2, "to come": 2}
    assert found.version != first.version


def test_a_sweep_without_a_finished_run_says_why(open_app: OpenApp, home: Path) -> None:
    jobs = [JobSpec("dsn", name, code_version="t") for name in DATASETS[:4]]
    cells = [Cell(job_id(job), job, "" if i else "no data") for i, job in enumerate(jobs)]
    folder = SweepFolder(home / "sweeps" / "x")
    folder.save_plan(Plan(sweep(), tuple(cells)))
    for cell in cells[1:3]:
        fail(folder, cell.id)
    app = open_app("results")
    assert_clean(app)
    assert "has no finished run yet: 3 cells failed and 1 cell to come." in texts(app)
    fail(folder, cells[3].id)
    app.run()
    assert "Sweep x has no finished run: 4 cells failed." in texts(app)
    store_table(folder)
    app.run()
    assert_clean(app)
    assert "Sweep x has no finished run: 4 cells failed." in texts(app)


def test_runs_without_a_figure_say_so(open_app: OpenApp, home: Path) -> None:
    store(home, [row("dsn", "CBF", s, 0.0) | {"accuracy": None, "log_loss": None} for s in (0, 1)])
    app = open_app("results")
    assert_clean(app)
    assert "Sweep mine has 2 finished runs, none with a figure to compare: accuracy" in texts(app)


def test_names_of_states_stay_text(open_app: OpenApp, home: Path) -> None:
    rows = [row("dsn", "CBF", 0, 0.5), row("dsn", "CBF", 1, 0.5, status="![x](http://evil/)")]
    store(home, rows)
    app = open_app("results")
    assert_clean(app)
    assert "1 ![x](http:" in texts(app)
    assert not any("![x]" in one.value for one in [*app.caption, *app.markdown])


def test_options_of_another_kind_are_no_table_of_results(home: Path) -> None:
    folder = store(home, [row("dsn", "CBF", 0, 0.5, options=json.dumps({"a": [1, "b", None]}))])
    assert len(sources.read(Source("sweep/mine", folder)).frame) == 1


def test_every_table_of_the_project_is_offered_under_a_name() -> None:
    folder = Path(__file__).parents[2] / "benchmarks" / "results"
    heads = {
        path.stem: path.read_text(encoding="utf-8").split("\n")[0] for path in folder.glob("*.csv")
    }
    tables = {f"project/{name}" for name, head in heads.items() if "seed,preset" in head}
    offered = {name for name in sources.list_sources() if name.startswith("project/")}
    assert offered == tables
    labels = [source.label for source in sources.list_sources().values()]
    assert all(label.startswith(("Benchmark: ", "Sweep ")) for label in labels)
