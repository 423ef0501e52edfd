"""The page Occlusion and filters: its figures, options, sentences, and models of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean, figures, kinds, link, numbers, texts
from tscviz.explain.filters import length_ablation
from tscviz.ui import cache

JOB, OTHER = "c500000000000000", "c600000000000000"
VIEWS = {"filters": "filters", "activations": "activations", "lengths": "lengths"}


def small(home: Path, dataset: str = "UnitTest", job_id: str = JOB) -> str:
    """Store a small untrained ConvTimeNet with filters of the lengths 4 and 9."""
    options: dict[str, Any] = {"trunk": "random", "filters": 3, "lengths": (4, 9)}
    return store_network(home, job_id, "convtimenet", dataset, **options)


def curve(app: AppTest) -> dict[str, Any]:
    """Return the line of the score by the window's centre."""
    return next(t for t in figures(app)[0]["data"] if str(t.get("name", "")).startswith("p("))


def buttons(app: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in app.button]


def test_the_page_opens_with_a_convtimenet_its_map_and_its_filters(
    open_app: OpenApp, home: Path
) -> None:
    name = small(home)
    app = open_app("occlusion", dataset="UnitTest")
    assert_clean(app)
    assert link(app, "model") == name
    assert kinds(app) == ["occlusion", "filters"]
    assert "Which parts of the series does the model need?" in texts(app)
    assert "windows change" in texts(app)


def test_the_figure_shows_what_explain_computes(open_app: OpenApp, home: Path) -> None:
    name = small(home)
    app = open_app("occlusion", dataset="UnitTest", model=name, case="3", target="1", fill="zero")
    assert_clean(app)
    data, model = tscviz.load_dataset("UnitTest"), tscviz.load_model(home / "jobs" / JOB / "model")
    found = tscviz.explain(model, data.X_test[3], "occlusion", target=1, fill="zero")
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    np.testing.assert_allclose(numbers(strip["z"]).ravel(), found.values[0], atol=1e-5)
    np.testing.assert_allclose(numbers(curve(app)["x"]), found.details["centres"])
    np.testing.assert_allclose(
        numbers(curve(app)["y"]), found.details["window_probabilities"], atol=1e-5
    )


def test_options_change_the_windows_and_stay_in_the_link(open_app: OpenApp, home: Path) -> None:
    app = open_app("occlusion", dataset="UnitTest", model=small(home), window="20", step="whole")
    assert_clean(app)
    n_points = tscviz.load_dataset("UnitTest").length  # 24
    assert n_points == 24
    np.testing.assert_allclose(numbers(curve(app)["x"]), [2, 7, 12, 17, 21.5])  # cut off
    app.selectbox(key="option_fill").set_value("noise").run()
    assert link(app, "fill") == "noise"
    assert "noise with the mean and deviation" in texts(app)
    app.segmented_control(key="option_output").set_value("logit").run()
    assert_clean(app)
    assert "the score (logit)" in texts(app)
    for key, default in (("window", "10"), ("step", "1"), ("fill", "mean")):
        app.selectbox(key=f"option_{key}").set_value(default).run()
        assert key not in app.query_params
    assert link(app, "output") == "logit"


def test_another_class_changes_figure_sidebar_and_link(open_app: OpenApp, home: Path) -> None:
    app = open_app("occlusion", dataset="UnitTest", model=small(home))
    predicted = app.selectbox(key="occlusion_target").value
    assert predicted is not None
    before = numbers(curve(app)["y"])
    app.selectbox(key="occlusion_target").set_value(1 - predicted).run()
    assert_clean(app)
    assert link(app, "target") == str(1 - predicted)
    assert app.selectbox(key="selection_target").value == 1 - predicted
    np.testing.assert_allclose(numbers(curve(app)["y"]), 1 - before, atol=1e-5)


def test_values_of_a_link_that_do_not_exist_give_way(open_app: OpenApp, home: Path) -> None:
    app = open_app("occlusion", dataset="UnitTest", model=small(home), window="11", view="x")
    assert_clean(app)
    assert app.selectbox(key="option_window").value == "10"
    assert "window" not in app.query_params
    assert kinds(app) == ["occlusion", "filters"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn(view: str, open_app: OpenApp, home: Path) -> None:
    app = open_app("occlusion", dataset="UnitTest", model=small(home), view=view)
    assert_clean(app)
    assert kinds(app) == ["occlusion", VIEWS[view]]


def test_filters_of_a_length_strongest_first(open_app: OpenApp, home: Path) -> None:
    app = open_app("occlusion", dataset="UnitTest", model=small(home), length="4")
    assert_clean(app)
    drawn = figures(app)[1]["data"]
    taps = [t for t in drawn if t.get("name") == "weight"]
    assert [numbers(t["x"]).tolist() for t in taps] == [[-1, 0, 1, 2]] * 3
    means = [numbers(t["y"]).mean() for t in drawn if str(t.get("name")).startswith("filter ")]
    assert means == sorted(means, reverse=True)
    app.segmented_control(key="option_length").set_value("9").run()
    assert "length" not in app.query_params  # the longest is the default


def test_lengths_taken_out_of_every_or_the_first_layer(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "occlusion",
        dataset="UnitTest",
        model=small(home),
        view="lengths",
        scope="first",
        target="0",
    )
    assert_clean(app)
    data, model = tscviz.load_dataset("UnitTest"), tscviz.load_model(home / "jobs" / JOB / "model")
    found = length_ablation(model, data.X_test, scope="first")
    upper, lower = (t for t in figures(app)[1]["data"] if t["type"] == "bar")
    np.testing.assert_allclose(
        numbers(upper["y"]), found.logit_change(0)[:, 0], rtol=1e-3, atol=1e-5
    )
    np.testing.assert_allclose(numbers(lower["y"]), found.accuracy(data.y_test)[1], rtol=1e-6)
    assert "fall silent in the first layer" in texts(app)
    app.segmented_control(key="option_scope").set_value("all").run()
    assert "fall silent in every layer" in texts(app)


def test_a_model_without_lengths_shows_the_map_and_says_why(open_app: OpenApp, home: Path) -> None:
    dtp = store_network(home, OTHER, "dtp-fcn", "UnitTest")
    app = open_app("occlusion", dataset="UnitTest", model=dtp)
    assert_clean(app)
    assert kinds(app) == ["occlusion"]
    assert "has no filters of several lengths" in texts(app)
    assert not any(label.startswith("Show ") for label in buttons(app))
    small(home)
    cache.refresh()
    app.run()
    (show,) = [b for b in app.button if b.label.startswith("Show ConvTimeNet")]
    show.click().run()
    assert_clean(app)
    assert kinds(app) == ["occlusion", "filters"]


def test_without_a_model_the_page_says_how_to_get_one(open_app: OpenApp) -> None:
    app = open_app("occlusion", dataset="UnitTest")
    assert_clean(app)
    assert kinds(app) == []
    assert "No model for UnitTest yet" in texts(app)


def test_channels_are_hidden_together_or_one_by_one(open_app: OpenApp, home: Path) -> None:
    name = store_network(home, OTHER, "dtp-fcn", "BasicMotions")
    app = open_app("occlusion", dataset="BasicMotions", model=name, step="whole")
    assert_clean(app)
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    assert len(numbers(strip["z"])) == 1
    app.segmented_control(key="option_hide").set_value("each").run()
    assert_clean(app)
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    assert len(numbers(strip["z"])) == 6
    assert "of channel" in texts(app)
    assert link(app, "hide") == "each"


def test_padding_of_a_short_case_is_never_hidden(open_app: OpenApp, home: Path) -> None:
    name = store_network(home, OTHER, "dtp-fcn", "JapaneseVowels")
    data = tscviz.load_dataset("JapaneseVowels")
    case = int(data.mask_test.sum(1).argmin())
    n_points = int(data.mask_test[case].sum())
    app = open_app("occlusion", dataset="JapaneseVowels", model=name, case=str(case))
    assert_clean(app)
    centres = numbers(curve(app)["x"])
    assert len(centres) == n_points  # windows of one point
    assert centres.max() == n_points - 1


def test_class_names_stay_text(open_app: OpenApp, home: Path, hostile_archive: str) -> None:
    app = open_app("occlusion", dataset=hostile_archive, model=small(home, hostile_archive))
    assert_clean(app)
    for part in [*app.markdown, *app.caption]:
        assert "![x](" not in part.value
        assert "<img" not in part.value
    for figure in figures(app):
        assert "<img" not in json.dumps(figure["layout"]["annotations"])
