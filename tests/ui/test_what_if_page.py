"""The What-if page: what the editor is told, the map, counterfactuals, channels, padding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean
from tscviz.explain.segmentation import segment
from tscviz.ui.what_if.history import History


def told(app: AppTest) -> dict[str, Any]:
    """Return the data of the editor on the page."""
    (found,) = app.get("bidi_component")
    return json.loads(found.proto.json)


def edits(app: AppTest) -> History:
    """Return the history of the session's latest case."""
    return list(app.session_state["_tscviz_what_if"].values())[-1]


# ---- the page


def test_the_editor_is_told_what_the_model_makes_of_the_edited_case(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="GunPoint", case="3")
    assert_clean(app)
    before = told(app)
    assert before["undo"] is None
    assert before["rows"][0]["original"] == before["rows"][0]["edited"]
    history = edits(app)
    x = history.x.copy()
    x[0, 40:60] += 0.8
    history.push(x, "by hand")
    app.run()
    assert_clean(app)
    data = told(app)
    model = tscviz.load_model("dtp-fcn/GunPoint")
    np.testing.assert_allclose(data["rows"][0]["edited"], x[0], atol=1e-5)
    np.testing.assert_allclose(
        [c["after"] for c in data["classes"]], model.predict_proba(x[None])[0], atol=1e-5
    )
    np.testing.assert_allclose(
        [c["before"] for c in data["classes"]],
        model.predict_proba(history.original[None])[0],
        atol=1e-5,
    )
    assert data["segments"]["after"] == segment(model, x).boundaries.tolist()
    assert data["segments"]["before"] == before["segments"]["before"]
    cam = tscviz.explain(model, x, "cam", target=int(model.predict(history.original[None])[0]))
    np.testing.assert_allclose(data["map"]["after"][0], cam.values[0], atol=1e-4)
    assert data["undo"] == "by hand"
    assert data["extent"].startswith("20 of 150 points changed, by 0.8 on average")


def test_each_case_keeps_its_own_edits(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="GunPoint", case="3")
    edits(app).push(edits(app).x + 1, "all up")
    app.number_input(key="selection_case").set_value(4).run()
    assert_clean(app)
    assert told(app)["undo"] is None
    app.number_input(key="selection_case").set_value(3).run()
    assert told(app)["undo"] == "all up"
    app.selectbox(key="selection_model").set_value("gtp-fcn/GunPoint").run()
    assert_clean(app)
    assert told(app)["undo"] == "all up"  # prepared alike: another model sees the same edit
    assert len(told(app)["segments"]["after"]) == 2


def test_the_map_is_chosen_and_can_be_left_out(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="GunPoint", map="none")
    assert_clean(app)
    assert told(app)["map"] is None
    app.selectbox(key="option_map").set_value("saliency").run()
    assert_clean(app)
    assert told(app)["map"]["title"] == "Saliency for class 1"


def test_a_slow_map_waits_until_it_is_asked_for(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tscviz.ui.what_if.controls.LIVE", 0.0)
    app = open_app("what-if", dataset="GunPoint", map="occlusion")
    assert_clean(app)
    assert told(app)["map"]["after"] is not None
    edits(app).push(edits(app).x * 1.1, "higher")
    app.run()
    assert told(app)["map"]["after"] is None
    app.button(key="what_if_update_map").click().run()
    assert_clean(app)
    assert told(app)["map"]["after"] is not None


def test_a_counterfactual_becomes_the_edited_series(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="GunPoint", case="3")
    app.button(key="what_if_native_guide").click().run()
    assert_clean(app)
    data = told(app)
    assert data["answer"]["flipped"]
    assert data["told"].startswith("Native guide: Changing ")
    assert "Nearest training case" in data["told"]
    model = tscviz.load_model("dtp-fcn/GunPoint")
    x = np.asarray(data["rows"][0]["edited"], np.float32)[None, None]
    assert int(model.predict(x)[0]) == data["answer"]["after_class"] == 1
    assert data["undo"] == "native guide"


def test_channels_have_a_row_each_and_a_shared_map_one_strip(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="BasicMotions")
    assert_clean(app)
    data = told(app)
    assert [row["name"] for row in data["rows"]] == [f"channel {c}" for c in range(1, 7)]
    assert len(data["map"]["before"]) == 1
    app.selectbox(key="option_map").set_value("saliency").run()
    assert len(told(app)["map"]["before"]) == 6
    assert list(app.selectbox(key="option_towards").options)[:1] == ["any other class"]


def test_padding_cannot_be_edited(open_app: OpenApp, home: Path) -> None:
    name = store_network(home, "c600000000000000", "dtp-fcn", "JapaneseVowels")
    data = tscviz.load_dataset("JapaneseVowels")
    case = int(data.mask_test.sum(1).argmin())
    n = int(data.mask_test[case].sum())
    app = open_app("what-if", dataset="JapaneseVowels", model=name, case=str(case))
    assert_clean(app)
    sent = told(app)
    assert (sent["n_points"], sent["length"]) == (n, data.length)
    assert len(sent["rows"]) == 1  # of twelve channels one is chosen
    assert sent["n_channels"] == 12
    assert len(sent["rows"][0]["edited"]) == n
    app.selectbox(key="option_channel").set_value("3").run()
    np.testing.assert_allclose(told(app)["rows"][0]["edited"], data.X_test[case, 2, :n], atol=1e-5)


def test_class_names_stay_text(open_app: OpenApp, home: Path, hostile_archive: str) -> None:
    name = store_network(home, "c600000000000000", "dtp-fcn", hostile_archive)
    app = open_app("what-if", dataset=hostile_archive, model=name)
    assert_clean(app)
    for part in [*app.markdown, *app.caption]:
        assert "![x](" not in part.value
    assert "<img src=x>" in [c["name"] for c in told(app)["classes"]]  # as data, not as markup
    folder = Path(tscviz.__file__ or "").parent / "ui" / "components" / "editor"
    script = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "fetch("):
        assert way not in script


def test_without_a_model_the_page_says_how_to_get_one(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="UnitTest")
    assert_clean(app)
    assert not app.get("bidi_component")
    assert any("No model for UnitTest yet" in part.value for part in app.markdown)
