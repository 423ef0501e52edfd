"""The page Sweep: its form and file, a sweep that is watched, stopped and resumed, its cells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.training.sweep.tools import (
    good_problem,
    scheduled,
    sweep,
    wait_until,
    write_problem,
)
from tests.ui.read_page import assert_clean, link, texts
from tests.ui.train_tools import button, labels, tiles
from tscviz.figures import alt_text
from tscviz.figures.sweep_grid import MOST_SQUARES, Square, plot_sweep_grid
from tscviz.training.jobs import get_job
from tscviz.training.jobspec import JobSpec, job_id
from tscviz.training.sweep import Cell, Plan, SweepError, SweepFolder, plan_sweep, read_sweep
from tscviz.training.sweep.start import Start, read_start, save_start
from tscviz.ui import components
from tscviz.ui.sweep import folders, form, grid, reading, toml, watch
from tscviz.ui.sweep.remaining import remaining

OpenApp = Callable[..., AppTest]


@pytest.fixture
def half(home: Path) -> SweepFolder:
    """A sweep of two seeds on two problems: two done, one failed, one waiting."""
    folder = SweepFolder(home / "sweeps" / "half")
    plan_sweep(sweep(1, datasets=["UnitTest", "ItalyPowerDemand"]), folder)
    cells = folder.cells()
    scheduled(folder, cells=cells[:2])
    job = folder.folder(cells[2].id)
    job.mkdir()
    status = {"state": "failed", "message": "No [room](http://evil/) left."}
    (job / "status.json").write_text(json.dumps(status), encoding="utf-8")
    return folder


# ---- the form


def test_the_form_says_how_much_it_is_before_it_starts(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def start_sweep(*_: Any, workers: int | None) -> None:
        asked.append(workers)
        raise SweepError("Not in this test.")

    monkeypatch.setattr(form, "start_sweep", start_sweep)
    app = open_app("sweep", dataset="UnitTest")
    assert not app.exception
    assert tiles(app)["Cells"] == "3"
    app.multiselect(key="sweep_models").set_value(["dtp-fcn", "gtp-fcn"])
    app.multiselect(key="sweep_datasets").set_value(["UnitTest", "ItalyPowerDemand"])
    app.number_input(key="sweep_seeds").set_value(4).run()
    assert not app.exception
    assert not app.error
    assert (tiles(app)["Cells"], tiles(app)["Models"], tiles(app)["Datasets"]) == ("16", "2", "2")
    assert re.fullmatch(r"\d+ (s|min|h).*", tiles(app)["On one core"])
    button(app, "Start sweep").click().run()
    assert asked == [None]  # as many as memory bears for the cells that come
    app.number_input(key="sweep_workers").set_value(8).run()
    two_rounds = tiles(app)["8 at a time"]
    app.number_input(key="sweep_workers").set_value(15)
    button(app, "Start sweep").click().run()
    assert tiles(app)["15 at a time"] == two_rounds  # the sixteenth waits for one of the others
    assert asked == [None, 15]
    app.multiselect(key="sweep_models").set_value([]).run()
    assert "at least one" in app.error[0].value
    assert "Start sweep" not in labels(app)


@pytest.mark.parametrize("name", ["../../etc", "a/b", "new", "", "half", ".hidden", "a" * 61])
def test_a_name_is_checked_before_it_meets_a_path(name: str, half: SweepFolder) -> None:
    with pytest.raises(SweepError, match=r"cannot be the name|There is a sweep"):
        folders.check_name(name)
    assert folders.names() == ("half",)


def test_start_watch_cancel_and_resume(open_app: OpenApp, home: Path) -> None:
    app = open_app("sweep", dataset="UnitTest")
    app.multiselect(key="sweep_models").set_value(["gtp-fcn"])
    app.number_input(key="sweep_seeds").set_value(2)
    app.number_input(key="sweep_workers").set_value(1).run()
    app.number_input(key="sweep_gtp-fcn_quick_epochs").set_value(4000)
    app.text_input(key="sweep_name").set_value("../x").run()
    button(app, "Start sweep").click().run()
    assert "cannot be the name" in app.error[0].value
    assert not (home / "sweeps").exists()
    app.text_input(key="sweep_name").set_value("mine").run()
    button(app, "Start sweep").click().run()
    assert not app.exception
    folder = SweepFolder(home / "sweeps" / "mine")
    try:
        assert app.query_params["sweep"] == "mine"
        assert len(folder.schedulers()) == 1
        assert [cell.job.options["epochs"] for cell in folder.cells()] == [4000, 4000]
        wait_until(lambda: reading.snapshot(folder).counts["running"])
        button(app.run(), "Cancel").click().run()
        wait_until(lambda: not folder.schedulers())
        app.run()
        assert "Resume" in labels(app)
        assert tiles(app)["Waiting"] == "2"
        (plan,) = folder.plans()
        assert read_start(folder.root, plan) == Start("local", 1)
        button(app, "Resume").click().run()
        assert len(folder.schedulers()) == 1
        assert read_start(folder.root, plan) == Start("local", 1)
    finally:
        folder.cancel()
        wait_until(lambda: not folder.schedulers())


def test_resume_starts_the_newest_plan_with_cells_left_as_it_was_started(home: Path) -> None:
    folder = SweepFolder(home / "sweeps" / "old")
    old = sweep(1, code_version="one")
    plan_sweep(old, folder)  # no cell of it counts any more
    newer = plan_sweep(sweep(100_000, seeds=1, code_version="two"), folder)
    done = plan_sweep(sweep(1, code_version="two"), folder)
    scheduled(folder, cells=done.cells)
    save_start(folder.root, newer.id, Start("local", 3))
    (folder.root / "starts" / f"{done.id}.json").write_text('{"workers": "x", "backend": 3}')
    assert read_start(folder.root, done.id) == Start()
    seen = reading.snapshot(folder)
    assert [len(plan.cells) for plan in seen.plans] == [2, 1, 2]
    assert len(seen.cells) == 3
    try:
        watch.resume(folder, seen)
        assert len(folder.schedulers()) == 1
        assert list(folder.plans())[-1] == newer.id  # stored anew, so the newest
        assert read_start(folder.root, newer.id) == Start("local", 3)
    finally:
        folder.cancel()
        wait_until(lambda: not folder.schedulers())


# ---- the file


def test_the_file_says_what_the_form_said(tmp_path: Path) -> None:
    spec = sweep(
        3,
        models=["dsn", {"model": "dtp-fcn", "options": {"kernels": [9, 5, 3], "lr": 1e-4}}],
        seeds=[2, 5],
    )
    path = tmp_path / "sweep.toml"
    path.write_text(toml.toml_text(spec), encoding="utf-8")
    assert read_sweep(path) == spec
    assert toml.read_upload(path.read_bytes(), ["UnitTest"], None) == spec
    assert toml.count_cells(spec, ["UnitTest"]) == 4


SIX = '["dsn", "gtp-fcn", "stp-fcn", "dtp-fcn", "lstm-fcn", "convtimenet"]'
_316 = ", ".join(map(str, range(1, 317)))
GRID = f'[[models]]\nmodel = "dsn"\ngrid = {{ epochs = [{_316}], batch_size = [{_316}] }}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('models = ["dsn"]\ndatasets = ["../etc"]', "no dataset '../etc' here"),
        ('models = ["dsn"]\ndatasets = "all"\nseeds = 999999999999', "at most 100,000 cells"),
        ('models = ["dsn"]\ndatasets = ["UnitTest"]\nseeds = 90000', "a count from 1 to 10,000"),
        (f'models = {SIX}\ndatasets = "all"\nseeds = 9000', "108,000 cells"),
        (f'models = ["dsn"]\ndatasets = "all"\nseeds = {"9" * 4000}', "far too many cells"),
        (f'seeds = 10000\ndatasets = "all"\n{GRID}', "1,997,120,000 cells"),
        (f'datasets = "all"\n{GRID}seeds = [{"1, " * 10_000}]', "1,997,120,000 cells"),
        (f'datasets = ["UnitTest"]\n{GRID}[[models]]\nmodel = "dsn"\nseeds = 150', "100,006 cells"),
        ('models = ["dsn"', "is not TOML"),
        ("\x00", "is not TOML"),
        ('models = ["dsn"]\n[[models]]\nmodel = "dsn"', "The file gives its models twice"),
    ],
)
def test_a_file_that_asks_for_what_is_not_here_is_refused(text: str, words: str) -> None:
    with pytest.raises(SweepError, match=words):
        toml.read_upload(text.encode(), ["UnitTest", "GunPoint"], None)


def test_a_file_cannot_name_another_folder() -> None:
    text = b'archive = "/etc"\nmodels = ["dsn"]\ndatasets = "all"'
    assert toml.read_upload(text, ["UnitTest"], None).archive is None
    assert toml.read_upload(text, ["UnitTest"], "/data").archive == "/data"


# ---- a sweep


def test_the_page_tells_totals_and_why_cells_failed(open_app: OpenApp, half: SweepFolder) -> None:
    app = open_app("sweep", sweep="half")
    assert not app.exception
    shown = tiles(app)
    assert (shown["Cells"], shown["Done"], shown["Failed"]) == ("4", "2", "1")
    assert "Resume" in labels(app)
    assert list(app.dataframe[0].value["Dataset"]) == ["ItalyPowerDemand"]
    failed = half.cells()[2]
    app.query_params["cell"] = failed.id
    app.run()
    assert "](" not in re.sub(r"\\.", "", app.error[0].value)
    assert "left" in app.error[0].value


def test_a_click_on_the_square_of_several_seeds_opens_the_one_that_failed(
    open_app: OpenApp, half: SweepFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = half.cells()[2:]
    half.folder(first.id).rename(half.folder(second.id))
    points: list[dict[str, int]] = []
    draw = components.figure

    def figure(*args: Any, **options: Any) -> SimpleNamespace:
        draw(*args, **options)
        return SimpleNamespace(selection=SimpleNamespace(points=list(points)))

    monkeypatch.setattr(components, "figure", figure)
    monkeypatch.setattr(grid, "MOST_SQUARES", 2)
    app = open_app("sweep", sweep="half")
    assert "mean over the done ones of 2 seeds" in " ".join(
        caption.value for caption in app.caption
    )
    points.append({"point_index": 1})
    app.run()
    assert link(app, "cell") == second.id
    assert "left" in app.error[0].value
    app.selectbox(key="sweep_detail_seed").set_value(0).run()
    assert link(app, "cell") == first.id  # the click of before is not taken again
    assert not app.exception


@pytest.mark.parametrize("asked", ["../../etc", "nothing", "![x](http://evil/)"])
def test_a_sweep_that_is_not_there_is_named_and_the_form_shown(
    asked: str, open_app: OpenApp
) -> None:
    app = open_app("sweep", sweep=asked)
    assert not app.exception
    assert "no such sweep" in app.warning[0].value
    assert "Start sweep" in labels(app)


def test_a_cell_opens_in_the_rest_of_the_app(open_app: OpenApp, half: SweepFolder) -> None:
    cell = half.cells()[0]
    app = open_app("sweep", sweep="half", cell=cell.id)
    result = half.result(cell.id)
    assert result is not None
    assert tiles(app)["Accuracy"] == f"{100 * result['accuracy']:.1f} %"
    button(app, "Open this model in the app").click().run()
    assert not app.exception
    job = get_job(cell.id)
    assert (job.status().state, job.spec) == ("done", cell.job)
    assert "Open this model in the app" not in labels(app)
    app = open_app("train", job=cell.id)
    assert not app.exception
    assert "Test accuracy" in tiles(app)


def test_without_its_data_a_cell_says_how_the_app_gets_them(
    open_app: OpenApp, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "![x](my archive)"
    write_problem(archive, "Mine", good_problem("Mine"))
    folder = SweepFolder(home / "sweeps" / "away")
    plan_sweep(sweep(1, seeds=1, datasets=["Mine"], archive=str(archive)), folder)
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(archive))
    scheduled(folder)
    monkeypatch.delenv("TSCVIZ_ARCHIVE")
    for page, more in (("sweep", {"cell": folder.cells()[0].id}), ("results", {})):
        app = open_app(page, sweep="away", table="sweep/away", show="confusion", **more)
        assert_clean(app)
        assert f"at hand here; start the app with TSCVIZ_ARCHIVE='{archive}' to" in texts(app)
        assert "Open this model in the app" not in labels(app)
        assert not any("![x]" in one.value for one in [*app.caption, *app.markdown])
    plan_sweep(sweep(1, seeds=1), folder)
    scheduled(folder, cells=tuple(c for c in folder.cells() if c.job.dataset == "UnitTest"))
    app = open_app("results", table="sweep/away", show="confusion")
    assert_clean(app)
    assert f"Not at hand here: Mine; start the app with TSCVIZ_ARCHIVE='{archive}'" in texts(app)
    assert "UnitTest" in [box.value for box in app.selectbox if box.label == "Dataset"]


def test_what_is_left_is_reckoned_from_what_is_done(half: SweepFolder) -> None:
    seen = reading.snapshot(half)
    assert seen.counts == {"done": 2, "running": 0, "waiting": 1, "failed": 1, "cancelled": 0}
    spent = [s.result["cell_seconds"] for s in seen.states.values() if s.result]
    assert remaining(seen) == pytest.approx(sum(spent) / 2)


def test_ten_thousand_cells_are_read_and_the_done_ones_once(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    models = [{"model": "gtp-fcn", "options": {"epochs": n}} for n in range(1, 1001)]
    plan_sweep(sweep(1, models=models, seeds=10), folder)
    cells = folder.cells()
    assert len(cells) == 10_000
    for cell in cells[:2000]:
        job = folder.folder(cell.id)
        job.mkdir()
        result = {"format": 1, "cell": cell.id, "accuracy": 0.5, "epochs": 3}
        (job / "result.json").write_text(json.dumps(result), encoding="utf-8")
    seen = reading.snapshot(folder)
    assert (seen.counts["done"], seen.counts["waiting"]) == (2000, 8000)
    assert reading.snapshot(folder).counts == seen.counts


# ---- the grid


def test_the_grid_has_a_point_for_each_square_and_a_mark_for_each_state() -> None:
    states = [(1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0), (1, 0, 0, 1, 1)]
    squares = [
        Square("<b>m</b>", f"d{i}", counts, 0.25 if counts[0] else None, 0.5)
        for i, counts in enumerate(states)
    ]
    fig = plot_sweep_grid(squares)
    traces: Any = fig.data
    accuracy, numbers, tint, points = traces
    assert numbers.text.tolist() == ["25", "25"]
    assert accuracy.z.tolist()[0][0] == 0.25
    assert tint.z.tolist()[0][1] == pytest.approx(0.54)
    assert list(points.marker.symbol) == ["square", "circle", "circle-open", "x", "x"]
    assert points.customdata[4][2] == "1 done, 1 failed, 1 cancelled, accuracy 25.0%"
    assert points.customdata[1][2] == "running, 50% of the epochs"
    assert "<b>" not in points.customdata[0][0]
    assert "2 done, 1 running, 1 waiting, 2 failed, 1 cancelled" in alt_text(fig)
    assert MOST_SQUARES < 10_000
    assert points.x.tolist() == [0, 1, 2, 3, pytest.approx(4.3)]  # beside the number, not on it
    layout: Any = fig.layout
    assert layout.hoverdistance == -1


def test_ten_models_on_the_archive_with_twelve_seeds_are_one_numbered_grid(
    open_app: OpenApp, home: Path
) -> None:
    """10,200 cells: a square for the seeds of a model on a dataset, with its mean."""
    folder = SweepFolder(home / "sweeps" / "large")
    jobs = [JobSpec(f"model-{m}", f"Set{d:02d}", seed=s, code_version="t")
            for d in range(85) for s in range(12) for m in range(10)]  # fmt: skip
    cells = tuple(Cell(job_id(job), job) for job in jobs)
    folder.save_plan(Plan(sweep(), cells))
    for i, cell in enumerate(cells[:120]):
        (folder.jobs / cell.id).mkdir()
        result = {"format": 1, "cell": cell.id, "accuracy": 0.8 + 0.1 * (i % 2), "cell_seconds": 1}
        (folder.jobs / cell.id / "result.json").write_text(json.dumps(result), encoding="utf-8")
    app = open_app("sweep", sweep="large")
    assert not app.exception
    assert (tiles(app)["Cells"], tiles(app)["Done"], tiles(app)["Waiting"]) == (
        "10,200", "120", "10,080",
    )  # fmt: skip
    (chart,) = app.get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    assert len(spec["data"][-1]["customdata"]) == 850
    assert spec["data"][1]["mode"] == "text"
    assert (spec["layout"]["xaxis"]["title"]["text"], spec["layout"]["yaxis"]["title"]["text"]) == (
        "model", "dataset",
    )  # fmt: skip
    captions = " ".join(caption.value for caption in app.caption)
    assert "mean over the done ones of 12 seeds" in captions
    assert "number is the accuracy" in captions
