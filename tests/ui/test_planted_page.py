"""The page Planted truth: what is planted, the training, the ranking and the maps of a case."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import tscviz
from tests.ui.planted_tools import LINK, PROBLEM, TEXT, bring, learn, small_spec
from tests.ui.read_page import OpenApp, by_kind, numbers, texts
from tests.ui.train_tools import button, labels, tiles
from tscviz.data import planted_problem
from tscviz.explain.baselines import training_series
from tscviz.explain.localisation import localisations
from tscviz.models.registry import model_entry, model_names
from tscviz.resources import resource
from tscviz.training.jobs import list_jobs
from tscviz.training.jobspec import job_id
from tscviz.ui import cache
from tscviz.ui.planted import scores


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small problem's training."""
    return learn(tmp_path_factory.mktemp("learned"))


@pytest.fixture(autouse=True)
def long_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Score everything in one turn: nothing here runs the page again by itself."""
    monkeypatch.setattr(scores, "TURN", 100.0)


def test_the_first_visit_shows_a_problem_that_could_be_trained(open_app: OpenApp) -> None:
    app = open_app("planted")
    assert not app.exception
    assert not app.error
    assert list(by_kind(app)) == ["planted", "planted-record"]
    assert "2 shapes of 12 points, one for each class" in texts(app)
    assert "150 cases to learn from" in texts(app)
    assert not button(app, "Plant and train").disabled
    assert list_jobs() == []
    assert "plant" not in app.query_params


def test_the_form_writes_the_link_and_the_figure_follows(open_app: OpenApp) -> None:
    app = open_app("planted", plant="n_cases=40,length=60,seed=2")
    assert app.number_input(key="planted_length").value == 60
    app.slider(key="planted_noise").set_value(0.7).run()
    app.segmented_control(key="planted_where").set_value("interacting").run()
    assert not app.exception
    link = str(app.query_params["plant"]).strip("[]'")
    assert link == "n_cases=40,length=60,channels=3,where=interacting,noise=0.7,seed=2"
    assert "told by two channels together, by neither alone; noise 0.7" in texts(app)
    assert app.slider(key="planted_channels").min == 2


def test_a_problem_without_room_for_its_motifs_says_so(open_app: OpenApp) -> None:
    app = open_app("planted", plant="length=40,distractors=20,seed=0")
    assert not app.exception
    assert "may not fit" in app.warning[0].value.replace("\\", "")
    assert "Plant and train" not in labels(app)


def test_a_link_that_names_no_problem_shows_the_default(open_app: OpenApp) -> None:
    app = open_app("planted", plant="../../etc/passwd", plant_epochs="99999", plant_network="x")
    assert not app.exception
    assert app.number_input(key="planted_n_cases").value == 150
    assert app.number_input(key="option_plant_epochs").value == 10


def test_a_finished_training_is_ranked_and_its_maps_shown(
    open_app: OpenApp, home: Path, learned: Path
) -> None:
    name = bring(learned, home)
    assert job_id(small_spec()) == learned.name  # the form's specification is that of the job
    app = open_app("planted", **LINK, plant_cases="10")
    assert "Test accuracy" in tiles(app)
    drawn = by_kind(app)
    assert list(drawn) == ["planted", "planted-record", "training", "localisation", "comparison"]
    (table,) = [t.value for t in app.dataframe]
    made, clf = planted_problem(PROBLEM), tscviz.load_model(learned / "model")
    data = made.dataset
    right = np.flatnonzero(clf.predict(data.X_test) == data.y_test)[:10]
    maps = [
        tscviz.explain(clf, data.X_test[i], "saliency", target=int(data.y_test[i])).values
        for i in right
    ]
    assert training_series(clf).X.shape == (40, 1, 40)  # for baselines; made from the name
    wanted = localisations(np.stack(maps), made.truth_test[right])
    row = table[table["method"] == "Saliency"].iloc[0]
    assert row["area under PR curve"] == pytest.approx(wanted.mean("average_precision").mean)
    assert row["pointing game"] == pytest.approx(wanted.mean("pointing").mean)
    assert row["cases"] == len(right)
    assert table["area under PR curve"].is_monotonic_decreasing
    words = [note["text"] for note in drawn["localisation"]["layout"]["annotations"]]
    assert "needs an attention over the series, and this<br>network has none." in words
    best = table.iloc[0]
    area = f"area {best['area under PR curve']:.2f} of 1, where chance is"
    assert f"**{best['method']} finds the cue best: {area}" in texts(app)
    assert f"Means over {len(right)} test cases that the network classifies" in texts(app)
    rows = [t["name"] for t in drawn["comparison"]["data"] if t["type"] == "heatmap"]
    assert len(rows) == len(table)
    assert name in cache.catalogue().models
    assert PROBLEM in cache.catalogue().datasets
    app.selectbox(key="option_plant_case").set_value("7").run()
    assert "Test case 7: the network" in texts(app)


def test_scoring_is_stopped_and_goes_on_where_it_was(
    open_app: OpenApp, home: Path, learned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(learned, home)
    monkeypatch.setattr(scores, "TURN", 0.0)  # one map a turn
    app = open_app("planted", **LINK, plant_cases="10")
    assert "localisation" in by_kind(app)
    assert not app.dataframe  # only once it stands
    button(app, "Stop").click().run()
    assert "maps are left" in texts(app)
    before = app.dataframe[0].value["cases"].sum()
    assert 0 < before < 70
    monkeypatch.setattr(scores, "TURN", 100.0)
    button(app, "Go on").click().run()
    assert "Go on" not in labels(app)
    assert app.dataframe[0].value["cases"].tolist() == [10] * len(app.dataframe[0].value)


def test_a_run_of_before_is_opened_by_a_button(
    open_app: OpenApp, home: Path, learned: Path
) -> None:
    bring(learned, home)
    app = open_app("planted", **LINK | {"plant": "n_cases=40,length=40,seed=2"})
    assert "Plant and train" in labels(app)  # nothing has learned that one
    (earlier,) = [b for b in app.button if b.key == f"planted_run_{learned.name}"]
    assert earlier.label.replace("\\", "").startswith(
        "GTP-FCN: shape, one place, noise 0.3, seed 1"
    )
    earlier.click().run()
    assert "localisation" in by_kind(app)
    assert str(app.query_params["plant"]).strip("[]'") == TEXT


def test_the_model_can_be_chosen_on_other_pages(
    open_app: OpenApp, home: Path, learned: Path
) -> None:
    name = bring(learned, home)
    app = open_app("attributions", dataset=PROBLEM, model=name, case="3")
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.selectbox(key="selection_dataset").value == PROBLEM
    assert f"{PROBLEM}, test case 3" in texts(app)


def test_the_record_of_the_benchmark_follows_the_kind_of_cue(open_app: OpenApp) -> None:
    app = open_app("planted", plant="position=free,where=interacting,channels=3,seed=0")
    fig = by_kind(app)["planted-record"]
    heat, axes = fig["data"][0], fig["layout"]
    names, models = axes["yaxis"]["ticktext"], axes["xaxis"]["ticktext"]
    z = numbers(heat["z"]).reshape(len(names), len(models))
    assert models == [model_entry(name).title for name in model_names()]
    with (resource("benchmarks/results") / "planted_means.csv").open(encoding="utf-8") as file:
        rows = {(r["method"], r["model"]): r for r in csv.DictReader(file)
                if r["setting"] == "interacting-shape-free"}  # fmt: skip
    cell = z[names.index("Occlusion sensitivity"), models.index("DTP-FCN")]
    assert cell == float(rows["occlusion", "dtp-fcn"]["average_precision_time"])
    assert np.isnan(z[names.index("Attention"), models.index("DTP-FCN")])
    assert heat["zmin"] == float(rows["occlusion", "dtp-fcn"]["chance_time"]) == 0.12
    app.segmented_control(key="planted_cue").set_value("amplitude").run()
    assert "planted-record" not in by_kind(app)  # not run on these
