"""The page Attributions: rows, reasons, questions, options, channels, padding, hostile names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import tscviz
from tests.ui.attention_tools import store_network
from tests.ui.attributions_tools import DTP, LSTM, dtp, figure, model_of, notes, strips
from tests.ui.read_page import OpenApp, assert_clean, link, texts
from tscviz.ui.attributions import data

QUICK = "saliency.input_x_gradient"


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
