"""The page Occlusion and filters: its figures, options, sentences, and models of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.figures.conftest import make_occlusion
from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean, figures, kinds, link, numbers, texts
from tscviz.explain.filters import LengthAblation, length_ablation
from tscviz.types import Attribution
from tscviz.ui import cache
from tscviz.ui.components.waiting import _left
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.library import ModelEntry
from tscviz.ui.occlusion import controls, tables, words
from tscviz.ui.occlusion.data import Ablation, Settings

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


# ---- sentences and tables


def one_case(proba: list[float], target: int = 0) -> InsideCase:
    x = np.zeros((1, 20), np.float32)
    case = cache.Case(x != 0, x, np.ones(20, bool), 0, np.asarray(proba, np.float32))
    entry = ModelEntry("convtimenet/X", "convtimenet", "X", "", "")
    return InsideCase(entry, case, target, ("Gun", "2"))


def changed(found: Attribution, **details: Any) -> Attribution:
    found.details.update(details)  # type: ignore[attr-defined]
    return found


def test_the_answer_names_the_window_its_price_and_what_changes() -> None:
    assert words.answer(one_case([0.8, 0.2]), make_occlusion()) == (
        "**Hiding points 10–14 costs Gun most: the probability falls from 80.0 % to 25.0 %.** "
        "1 of 4 windows changes the predicted class. The class gains most without points 0–4: "
        "90.0 %."
    )
    logits = words.answer(one_case([0.8, 0.2], 1), make_occlusion(output="logit", target=1))
    assert "costs class 2 most: the score (logit) falls from +2 to 0.**" in logits


def test_the_answer_says_so_where_nothing_matters() -> None:
    flat = np.array([0.8, 0.799, 0.8, 0.8])
    same = np.zeros(4, int)
    calm = changed(make_occlusion(), window_probabilities=flat, window_classes=same)
    assert words.answer(one_case([0.8, 0.2]), calm) == (
        "**No stretch of 5 points is missed.** Hiding points 5–9 costs Gun most, and the "
        "probability only goes from 80.0 % to 79.9 %. None of 4 windows changes the predicted "
        "class."
    )
    better = changed(calm, window_probabilities=np.array([0.8, 0.9, 0.8, 0.8]))
    assert "Nothing that is hidden lowers the probability of Gun" in words.answer(
        one_case([0.8, 0.2]), better
    )


@pytest.mark.parametrize(
    ("n_points", "windows"), [(24, ["2", "10", "15", "20", "30", "50"]), (5, ["10", "30"])]
)
def test_windows_of_the_same_size_are_offered_once(n_points: int, windows: list[str]) -> None:
    def size(share: str) -> int:
        return max(1, round(int(share) / 100 * n_points))

    assert list(controls.distinct(controls.WINDOWS, size, "10")) == windows


def test_the_caption_tells_window_step_and_fill() -> None:
    said = words.colour(one_case([0.8, 0.2]), Settings(15, 4, "linear", "probability", False))
    assert "A window of 15 points moves by 4 points at a time and holds a straight line" in said
    assert "point by point" in words.colour(
        one_case([0.8, 0.2]), Settings(15, 1, "mean", "logit", False)
    )


def ablation(without: list[list[float]]) -> Ablation:
    """Return an ablation of two lengths; logits of class 0 for the case, and over two cases."""
    whole = np.array([[2.0, 0.0], [0.0, 1.0]], np.float32)
    changed_logits = np.array([[[v, 0.0] for v in row] for row in without], np.float32)
    split = LengthAblation((4, 9), "all", whole, changed_logits)
    case = LengthAblation((4, 9), "all", whole[:1], changed_logits[:, :1])
    return Ablation(case, split, np.array([0, 1]), 2)


def test_the_lengths_in_words_and_as_a_table() -> None:
    found = ablation([[1.5, 0.0], [-1.0, 0.0]])
    one = one_case([0.8, 0.2])
    said = words.lengths(one, found)
    assert (
        "the filters of length 9 speak most for Gun:** without them its score changes by −3" in said
    )
    assert "length 9 is missed most: the accuracy goes from 100.0 % to 0.0 %" in said
    table = tables.length_table(one, found)
    assert list(table["without length"]) == [4, 9]
    np.testing.assert_allclose(table["change of the score of Gun"], [-0.5, -3])
    np.testing.assert_allclose(table["accuracy without"], [0.5, 0.0])
    unmoved = words.lengths(one, ablation([[2.5, -1.0], [3.0, -1.0]]))
    assert "does not fall here" in unmoved
    assert "costs no accuracy (100.0 %)" in unmoved


def test_the_windows_as_a_table() -> None:
    one, found = one_case([0.8, 0.2]), make_occlusion()
    table = tables.window_table(one, found)
    assert list(table["first point"]) == [0, 5, 10, 15]
    assert list(table["last point"]) == [4, 9, 14, 19]
    assert list(table["predicted class"]) == ["Gun", "Gun", "2", "Gun"]
    assert "channel" not in table
    each = tables.window_table(one, make_occlusion((2, 20), per_channel=True))
    assert list(each["channel"]) == [1] * 4 + [2] * 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "about 1 s left"), (3.4, "about 3 s left"), (150, "about 2 min left")],
)
def test_the_time_left_is_rough(seconds: float, text: str) -> None:
    assert _left(seconds) == text
