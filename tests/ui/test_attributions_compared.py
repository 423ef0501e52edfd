"""The page Attributions: models, pins, means, baselines and cases beside each other."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import tscviz
from tests.ui.attention_tools import store_network
from tests.ui.attributions_tools import DTP, LSTM, dtp, figure, model_of, notes, strips
from tests.ui.read_page import OpenApp, assert_clean, link, numbers, texts
from tscviz.explain.averages import average, segment_time
from tscviz.explain.segments_stats import segment_cases
from tscviz.ui.attributions import cases


def test_models_beside_each_other(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    store_network(home, LSTM, "alstm-fcn", "UnitTest")
    app = open_app(
        "attributions", dataset="UnitTest", model=name, methods="saliency", models=f"job-{LSTM}"
    )
    assert_clean(app)
    names = list(strips(app))
    assert [n.partition(" (")[0] for n in names] == [
        "Class activation map", "Attention", "Saliency", "Saliency",
    ]  # fmt: skip
    x = tscviz.load_dataset("UnitTest").X_test[0]
    target = int(model_of(home).predict(x[None])[0])
    wanted = tscviz.explain(model_of(home, LSTM), x, "saliency", target=target)
    np.testing.assert_allclose(strips(app)[names[3]], wanted.values, rtol=1e-3, atol=1e-6)


def test_a_pin_stays_at_the_left_while_the_case_changes(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    app = open_app("attributions", dataset="UnitTest", model=name, methods="saliency", case="2")
    app.button(key="pin").click().run()
    assert_clean(app)
    text = link(app, "pin")
    assert text.startswith("test.2.")
    assert text.endswith(f".job-{DTP}.UnitTest")
    assert "xaxis2" not in figure(app)["layout"]  # the pinned case itself needs no second column
    app.number_input(key="selection_case").set_value(5).run()
    assert_clean(app)
    assert "xaxis2" in figure(app)["layout"]
    assert any("Pinned: test case 2" in note.replace("<br>", " ") for note in notes(app))
    assert any("Test case 5" in note for note in notes(app))
    app.button(key="unpin").click().run()
    assert "xaxis2" not in figure(app)["layout"]
    assert "pin" not in app.query_params


def test_the_caption_tells_whose_cuts_are_drawn(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    store_network(home, LSTM, "stp-fcn", "UnitTest")
    chosen = {"dataset": "UnitTest", "model": name, "methods": "saliency", "draw": "lines"}
    app = open_app("attributions", **chosen, models=f"job-{LSTM}", scale="clipped")
    said = texts(app)
    assert "Dashed: cuts between the segments of DTP-FCN" in said
    assert ", and in another model's own view of that model." in said
    assert "lie within it, and the rest leave the panel." in said
    app = open_app("attributions", **chosen, pin=f"test.2.0.job-{LSTM}.UnitTest")
    assert "Dashed: cuts between the segments of each column's model." in texts(app)


def test_the_mean_of_a_class(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    app = open_app(
        "attributions", dataset="UnitTest", model=name, methods="saliency", target="1",
        of="class", align="time", cases="10",
    )  # fmt: skip
    assert_clean(app)
    source, model = tscviz.load_dataset("UnitTest"), model_of(home)
    mine = np.flatnonzero(source.y_test == 1)
    assert len(mine) == 10
    maps = [tscviz.explain(model, source.X_test[i], "saliency", target=1).values for i in mine]
    np.testing.assert_allclose(strips(app)["Saliency"], np.mean(maps, 0), rtol=1e-3, atol=1e-6)
    assert "mean of 10 of the 10 test cases of class" in texts(app)
    app.segmented_control(key="option_align").set_value("segments").run()
    assert_clean(app)
    assert "stretched until its segments cover the mean segments" in texts(app)
    assert not np.allclose(strips(app)["Saliency"], np.mean(maps, 0), rtol=1e-3)


def test_what_is_of_one_case_says_so_beside_a_mean(open_app: OpenApp, home: Path) -> None:
    asked = {"dataset": "UnitTest", "model": dtp(home), "methods": "saliency", "target": "1"}
    app = open_app("attributions", **asked, of="class", case="3", view="baselines")
    assert_clean(app)
    assert "Of one case, not of the mean. UnitTest, test case 3: " in texts(app)
    app = open_app("attributions", **asked, of="class", view="away")
    assert_clean(app)
    assert "of one case, not of a mean of several" in texts(app)
    app = open_app("attributions", **asked, view="baselines")
    assert "not of the mean" not in texts(app)


def test_a_model_on_another_time_axis_has_no_row_in_a_mean(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    store_network(home, LSTM, "gtp-fcn", "UnitTest")
    card = home / "jobs" / LSTM / "model" / "card.json"
    told = json.loads(card.read_text(encoding="utf-8")) | {"training_preparation": {"length": 12}}
    card.write_text(json.dumps(told), encoding="utf-8")
    app = open_app(
        "attributions", dataset="UnitTest", model=name, methods="saliency", target="1",
        of="class", models=f"job-{LSTM}",
    )  # fmt: skip
    assert_clean(app)
    assert "takes the series at 12 points" in " ".join(notes(app)).replace("<br>", " ")
    assert sum(n.startswith("Saliency") for n in strips(app)) == 1


def test_the_mean_of_selected_cases(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    app = open_app(
        "attributions", dataset="UnitTest", model=name, methods="saliency", target="1",
        of="selected", align="time", among="test.2-5_9_14-16.UnitTest",
    )  # fmt: skip
    assert_clean(app)
    chosen = [2, 3, 4, 5, 9, 14, 15, 16]
    source, model = tscviz.load_dataset("UnitTest"), model_of(home)
    maps = np.stack(
        [tscviz.explain(model, source.X_test[i], "saliency", target=1).values for i in chosen]
    )
    np.testing.assert_allclose(strips(app)["Saliency"], maps.mean(0), rtol=1e-3, atol=1e-6)
    n_first, n_second = np.bincount(source.y_test[chosen])
    told = f"mean of 8 selected test cases ({n_first} of class 1 and {n_second} of class 2), each"
    assert told in texts(app)
    assert "Mean of 8 of 8 selected cases; shaded: 80 % of them. Point is laid on" in texts(app)
    low, high = np.quantile(maps, (0.1, 0.9), axis=0)
    at = int(maps.mean(0).argmax())
    row = app.dataframe[0].value.set_index("method").loc["Saliency"]
    assert row["80 % at the peak"] == f"{low[0, at]:.3g} to {high[0, at]:.3g}".replace("-", "−")
    app.segmented_control(key="option_align").set_value("segments").run()
    assert_clean(app)
    bounds = segment_cases(model, source.X_test[chosen]).boundaries
    wanted = average(list(maps), segment_time(bounds)).mean
    np.testing.assert_allclose(strips(app)["Saliency"], wanted, rtol=1e-3, atol=1e-6)


def test_the_spread_of_a_mean_over_channels(open_app: OpenApp, home: Path) -> None:
    name = dtp(home, "BasicMotions")
    app = open_app(
        "attributions", dataset="BasicMotions", model=name, methods="input_x_gradient", target="2",
        of="selected", align="time", among="test.1_4_11-13.BasicMotions", draw="lines",
    )  # fmt: skip
    assert_clean(app)
    source, model = tscviz.load_dataset("BasicMotions"), model_of(home)
    maps = [
        tscviz.explain(model, source.X_test[i], "input_x_gradient", target=2).values.sum(0)
        for i in (1, 4, 11, 12, 13)
    ]
    low, high = np.quantile(maps, (0.1, 0.9), axis=0)
    bands = [t for t in figure(app)["data"] if t.get("fill") == "toself"]
    found = numbers(bands[-1]["y"])  # the last row's
    np.testing.assert_allclose(found, np.r_[high, low[::-1]], rtol=1e-3, atol=1e-6)


def test_a_mean_waits_for_cases_that_are_selected(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="saliency", of="selected"
    )
    assert_clean(app)
    assert "No case is selected yet" in app.info[0].value
    assert [figure(app, i)["layout"]["meta"]["figure"] for i in range(2)] == [
        "confusion", "case-map",
    ]  # fmt: skip
    app.button(key="offer_Prototypes").click().run()
    assert_clean(app)
    assert "mean of 2 selected test cases" in texts(app)
    assert link(app, "among").startswith("test.")
    app.selectbox(key="option_of").set_value("case").run()
    app.query_params["view"] = "cases"
    app.run()
    app.button(key="mean_of_selected").click().run()
    assert_clean(app)
    assert link(app, "of") == "selected"


def test_how_far_a_map_moves_between_baselines(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="saliency",
        view="baselines", moved="deep_lift",
    )  # fmt: skip
    assert_clean(app)
    from tscviz.explain.baselines import BASELINES

    assert list(strips(app, 1)) == [b.title for b in BASELINES.values()]
    assert "rank correlations of its maps run from" in texts(app)


def test_cases_by_their_confusion_and_by_what_the_model_sees(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="saliency", view="cases"
    )
    assert_clean(app)
    kinds = [figure(app, i)["layout"]["meta"]["figure"] for i in range(3)]
    assert kinds == ["comparison", "confusion", "case-map"]
    matrix = figure(app, 1)
    assert matrix["data"][-1]["marker"]["size"] == 2
    assert matrix["layout"]["hoverdistance"] == -1
    assert "Nothing selected yet" in texts(app)
    y, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])
    cell = SimpleNamespace(selection=SimpleNamespace(points=[{"x": 1, "y": 0}, {"x": 7, "y": 0}]))
    assert cases.in_cells(cell, y, predicted) == [1]
