"""The page Attributions: rows, reasons, questions, pins, class means, baselines, texts of links."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.attention_tools import store_network
from tscviz.explain.gradient.integrated_gradients import IntegratedGradientsOptions
from tscviz.explain.perturbation.lime import LimeOptions
from tscviz.types import TscvizError
from tscviz.ui.attributions import cases, data, tables
from tscviz.ui.attributions.texts import OptionText, Pinned, Several, short_name
from tscviz.ui.attributions.words import in_sentence, seconds
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection

OpenApp = Callable[..., AppTest]
DTP, LSTM = "c500000000000000", "c600000000000000"
QUICK = "saliency.input_x_gradient"


def dtp(home: Path, dataset: str = "UnitTest") -> str:
    return store_network(home, DTP, "dtp-fcn", dataset)


def model_of(home: Path, job: str = DTP) -> Any:
    return tscviz.load_model(home / "jobs" / job / "model")


def figure(app: AppTest, i: int = 0) -> dict[str, Any]:
    return json.loads(app.get("plotly_chart")[i].proto.spec)


def strips(app: AppTest, i: int = 0) -> dict[str, Any]:
    """Return the values of each strip by its name."""
    found = [t for t in figure(app, i)["data"] if t["type"] == "heatmap"]
    return {t["name"]: _numbers(t["z"]) for t in found}


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return np.asarray(value)
    flat = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
    return flat.reshape([int(n) for n in value.get("shape", str(len(flat))).split(",")])


def notes(app: AppTest) -> list[str]:
    return [str(a["text"]) for a in figure(app)["layout"]["annotations"]]


def texts(app: AppTest) -> str:
    return "\n".join(part.value for part in [*app.markdown, *app.caption]).replace("\\", "")


def link(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def assert_clean(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


def test_the_first_visit_shows_quick_methods_under_the_native_view(
    open_app: OpenApp, home: Path
) -> None:
    dtp(home)
    app = open_app("attributions", dataset="UnitTest")
    assert_clean(app)
    assert next(iter(strips(app))) == "Class activation map"
    entries = data.known()
    quick = {e.title for e in entries.values() if e.cost == "cheap" and not e.needs}
    assert quick <= set(strips(app))
    assert not {e.title for e in entries.values() if e.cost == "dear"} & set(strips(app))
    assert {"<b>The model&#x27;s own view</b>", "<b>The model's own view</b>"} & set(notes(app))
    assert "Dashed: cuts between the segments of DTP-FCN" in texts(app)


def test_rows_are_what_explain_computes(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    app = open_app(
        "attributions", dataset="UnitTest", model=name, case="3", target="1", against="0",
        baseline="case_mean", methods="integrated_gradients.saliency",
        integrated_gradients_options="steps:7",
    )  # fmt: skip
    assert_clean(app)
    model, x = model_of(home), tscviz.load_dataset("UnitTest").X_test[3]
    asked: dict[str, Any] = {"target": 1, "against": 0}
    wanted = {
        "Class activation map": tscviz.explain(model, x, "cam", **asked),
        "Saliency": tscviz.explain(model, x, "saliency", **asked),
        "Integrated gradients": tscviz.explain(
            model, x, "integrated_gradients", baseline="case_mean", steps=7, **asked
        ),
    }
    found = strips(app)
    assert set(found) == set(wanted)
    assert next(iter(found)) == "Class activation map"
    for title, one in wanted.items():
        np.testing.assert_allclose(found[title], one.values, rtol=1e-3, atol=1e-6)
    assert "rather than" in texts(app)


def test_options_stay_in_the_link_and_defaults_leave_it(open_app: OpenApp, home: Path) -> None:
    app = open_app("attributions", dataset="UnitTest", model=dtp(home), methods=QUICK)
    app.selectbox(key="option_baseline").set_value("noise").run()
    app.segmented_control(key="option_scale").set_value("unit").run()
    app.segmented_control(key="option_draw").set_value("lines").run()
    assert_clean(app)
    assert [link(app, k) for k in ("baseline", "scale", "draw", "methods")] == [
        "noise", "unit", "lines", QUICK,
    ]  # fmt: skip
    assert "Each row is divided by its strongest value" in texts(app)
    app.segmented_control(key="option_scale").set_value("own").run()
    assert "scale" not in app.query_params


def test_options_of_a_method_reach_map_and_link(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    app = open_app("attributions", dataset="UnitTest", model=name, methods="feature_ablation")
    app.number_input(key="attributions_feature_ablation_windows").set_value(3).run()
    assert_clean(app)
    assert link(app, "feature_ablation_options") == "windows:3"
    found = strips(app)["Feature ablation"]
    wanted = tscviz.explain(
        model_of(home), tscviz.load_dataset("UnitTest").X_test[0], "feature_ablation", windows=3
    )
    np.testing.assert_allclose(found, wanted.values, rtol=1e-3, atol=1e-6)
    assert len(np.unique(found)) <= 3
    app.number_input(key="attributions_feature_ablation_windows").set_value(8).run()
    assert "feature_ablation_options" not in app.query_params


def test_a_method_that_does_not_apply_is_greyed_with_its_reason(
    open_app: OpenApp, home: Path
) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="attention.saliency"
    )
    assert_clean(app)
    assert "Attention" not in strips(app)
    assert any("needs an attention over the series" in note for note in notes(app))
    assert "Greyed, because they do not apply here" in texts(app)
    options = app.get("button_group")
    assert any(":gray[~~Attention~~]" in str(group.proto) for group in options)


def test_the_native_view_follows_the_model(open_app: OpenApp, home: Path) -> None:
    name = store_network(home, LSTM, "alstm-fcn", "UnitTest")
    app = open_app("attributions", dataset="UnitTest", model=name, methods="saliency")
    assert_clean(app)
    assert list(strips(app)) == ["Attention", "Saliency"]


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


def test_how_far_a_map_moves_between_baselines(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="saliency",
        view="baselines", moved="deep_lift",
    )  # fmt: skip
    assert_clean(app)
    from tscviz.explain.baselines import BASELINES

    assert list(strips(app, 1)) == [b.title for b in BASELINES.values()]
    assert "rank correlations of its maps run from" in texts(app)


def test_channels_summed_and_each(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="BasicMotions", model=dtp(home, "BasicMotions"),
        methods="input_x_gradient",
    )  # fmt: skip
    assert_clean(app)
    summed = strips(app)["Input x gradient"]
    app.segmented_control(key="option_channels").set_value("each").run()
    each = strips(app)["Input x gradient"]
    assert (summed.shape, each.shape) == ((1, 100), (6, 100))
    np.testing.assert_allclose(each.sum(0, keepdims=True), summed, rtol=1e-3, atol=1e-6)
    assert strips(app)["Class activation map"].shape == (1, 100)


def test_padding_is_hatched_and_left_out(open_app: OpenApp, home: Path) -> None:
    source = tscviz.load_dataset("JapaneseVowels")
    case = int(source.mask_test.sum(1).argmin())
    app = open_app(
        "attributions", dataset="JapaneseVowels", model=dtp(home, "JapaneseVowels"),
        case=str(case), methods=QUICK,
    )  # fmt: skip
    assert_clean(app)
    n = int(source.mask_test[case].sum())
    assert np.isnan(strips(app)["Saliency"][0, n:]).all()
    assert "Hatched: padding." in texts(app)


def test_values_of_a_link_that_do_not_exist_give_way(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="nonsense", pin="test.1",
        models="x", baseline="y", against="9", saliency_options="steps:2",
    )  # fmt: skip
    assert_clean(app)
    for name in ("methods", "pin", "models", "baseline", "against"):
        assert name not in app.query_params


def test_without_a_model_the_page_says_how_to_get_one(open_app: OpenApp) -> None:
    app = open_app("attributions", dataset="UnitTest")
    assert_clean(app)
    assert "No model for UnitTest yet" in texts(app)


def test_class_names_stay_text(open_app: OpenApp, home: Path, hostile_archive: str) -> None:
    app = open_app(
        "attributions", dataset=hostile_archive, model=dtp(home, hostile_archive), of="class",
        methods="saliency", pin=f"test.1.0.job-{DTP}.{hostile_archive}", target="1",
    )  # fmt: skip
    assert_clean(app)
    for part in [*app.markdown, *app.caption]:
        assert "![x](" not in part.value
        assert "<img" not in part.value.replace("\\<", "")
    assert "<img" not in json.dumps(figure(app)["layout"]["annotations"])


def test_cases_by_their_confusion_and_by_what_the_model_sees(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "attributions", dataset="UnitTest", model=dtp(home), methods="saliency", view="cases"
    )
    assert_clean(app)
    kinds = [figure(app, i)["layout"]["meta"]["figure"] for i in range(3)]
    assert kinds == ["comparison", "confusion", "case-map"]
    assert "Nothing selected yet" in texts(app)
    y, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])
    cell = SimpleNamespace(selection=SimpleNamespace(points=[{"x": 1, "y": 0}, {"x": 7, "y": 0}]))
    assert cases.in_cells(cell, y, predicted) == [1]


# ---- texts of links


def test_several_names_as_text() -> None:
    names = Several(["a", "b", "c"])
    assert names.write(["c", "a"]) == "c.a"
    assert names.read("c.a") == ["a", "c"]
    assert names.write([]) == "none"
    assert names.read("none") == []
    assert "none" in names
    for bad in ("a.x", "", "a..b", 3):
        assert bad not in names


def test_a_pin_names_a_case_that_exists() -> None:
    entry = ModelEntry("dsn/Gun.Point", "dsn", "Gun.Point", "", "")
    pins = Pinned([entry], "Gun.Point", {"test": 5, "train": 2}, 2)
    chosen = Selection("Gun.Point", "dsn/Gun.Point", "train", 1, 0)
    text = pins.write(chosen, 1)
    assert text == "train.1.1.dsn.Gun.Point"
    assert pins.read(text) == Selection("Gun.Point", "dsn/Gun.Point", "train", 1, 1)
    for bad in (
        "train.2.1.dsn.Gun.Point", "train.1.2.dsn.Gun.Point", "train.1.1.dtp-fcn.Gun.Point",
        "dev.1.1.dsn.Gun.Point", "train.1.1.dsn.Other", "train.-1.1.dsn.Gun.Point", "x",
    ):  # fmt: skip
        assert bad not in pins
    assert short_name("job/0a") == "job-0a"


def test_options_as_text_are_checked() -> None:
    text = OptionText("lime", LimeOptions)
    changed = text.checked({"windows": 12, "edges": (0, 30, 70)})
    assert text.write(changed) == "windows:12~edges:0,30,70"
    assert text.read("windows:12~edges:0,30,70") == changed
    assert "windows:8" not in text  # the default is no change
    for bad in ("windows:0", "windows", "nonsense:1", "edges:a,b"):
        assert bad not in text
    with pytest.raises(TscvizError, match="steps"):
        OptionText("integrated_gradients", IntegratedGradientsOptions).read("steps:many")


def test_words() -> None:
    assert (seconds(0.0123), seconds(2.34)) == ("12 ms", "2.3 s")
    assert in_sentence("Class activation map") == "class activation map"
    assert in_sentence("LIME") == "LIME"
    assert tables.shown({"what it says": ["a"], "sum": [-0.25], "gap": [None]}) == {
        "sum": ["−0.25"], "gap": ["–"], "what it says": ["a"],
    }  # fmt: skip
    assert tables.shown({"gap": [1e-7]}) == {"gap": ["< 0.001"]}
