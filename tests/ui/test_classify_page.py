"""The classify page as a visitor meets it: files, pasted text, drawn cases, and broken input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from tests.ui.classify_tools import (
    JOB,
    SaveJob,
    answer,
    expected,
    gun_csv,
    plain,
    result_frame,
    upload,
)
from tests.ui.conftest import HOSTILE
from tests.ui.read_page import OpenApp


def test_the_first_visit_shows_an_example_already_classified(open_app: OpenApp) -> None:
    app = open_app("classify")
    assert re.fullmatch(r"Class 1, > 99.9 %\. Points \d+ to \d+ speak most for it\.", answer(app))
    assert len(result_frame(app)) == 12
    assert not app.error
    assert not app.warning


def test_a_file_is_classified_as_the_model_does_it_elsewhere(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(6))
    classes, proba = expected(6)
    frame = result_frame(app)
    assert list(frame["class"]) == classes
    shown = np.asarray(frame["probability"])
    wanted = np.minimum(100 * proba, 99.9)  # no model is quite sure, even where float32 says 1
    np.testing.assert_allclose(shown, wanted, atol=0.06)
    tiles = {metric.label: metric.value for metric in app.metric}
    assert tiles["Series"] == "6"
    assert tiles["Agree with label"].startswith("100")


def test_semicolons_and_decimal_commas_are_read_alike(open_app: OpenApp) -> None:
    one = upload(open_app("classify"), gun_csv(4))
    other = upload(open_app("classify"), gun_csv(4, sep=";", decimal=","), "excel.txt")
    assert answer(one) == answer(other)
    assert list(result_frame(one)["probability"]) == list(result_frame(other)["probability"])
    assert "semicolon between cells" in other.expander[0].label


def test_another_series_is_chosen_and_its_label_held_against(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(3, labels=("1",)))
    app.selectbox(key="classify_case").set_value(1).run()
    assert answer(app).startswith("Class 2, ")
    assert "model and label disagree" in plain(app.markdown)
    assert list(result_frame(app)["agrees"])[:2] == ["yes", "no"]


def test_pasted_text_is_classified(open_app: OpenApp) -> None:
    app = open_app("classify", way="paste")
    assert answer(app).startswith("Class 1")
    app.text_area[0].set_value("\n".join(row.replace(",", "\t") for row in gun_csv(3)))
    app.button[0].click().run()
    assert not app.exception
    assert list(result_frame(app)["class"]) == expected(3)[0]
    assert "tab between cells" in app.expander[0].label


def test_a_drawn_case_is_the_shared_selection(open_app: OpenApp) -> None:
    app = open_app("classify", way="draw", dataset="GunPoint", case="1")
    assert answer(app).startswith("Class 2")
    assert len(result_frame(app)) == 150
    next(b for b in app.button if b.label == "Draw a case").click().run()
    assert app.selectbox(key="classify_case").value == int(app.query_params["case"])


def test_every_model_is_offered_with_its_facts(open_app: OpenApp, save_job: SaveJob) -> None:
    name = save_job("BasicMotions", JOB)
    app = open_app("classify")
    options = app.selectbox(key="classify_model").options
    assert any("DTP-FCN on GunPoint · 2 classes · 1 channel · 99.3 % right" in o for o in options)
    assert any("on BasicMotions · 4 classes · 6 channels · 50.0 % right" in o for o in options)
    app.selectbox(key="classify_model").set_value(name).run()
    assert not app.exception
    assert app.query_params["model"] == name
    assert len(result_frame(app)) == 12


def test_hostile_labels_and_names_stay_text(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(4, labels=HOSTILE), "![x](http:evil)<b>.csv")
    kinds = ("markdown", "caption", "subheader", "warning", "error", "info", "button", "expander")
    for kind in kinds:
        for element in app.get(kind):
            value = getattr(element, "value", None)
            text = value if isinstance(value, str) else str(getattr(element, "label", ""))
            bare = re.sub(r"\\.", "", text)
            assert not any(part in bare for part in ("](", "<img", "<b>", "http:", "javascript:"))
    assert "none of the model's classes" in plain(app.caption)
    assert list(result_frame(app)["label"])[3] == "'=cmd()"


def test_a_hostile_model_is_usable(
    open_app: OpenApp, save_job: SaveJob, hostile_archive: str
) -> None:
    name = save_job(hostile_archive, JOB)
    app = open_app("classify", dataset=hostile_archive, model=name)
    assert not app.exception
    assert answer(app).startswith("Class ")


def test_a_file_stays_open_after_a_look_at_another_page(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(3))
    app.switch_page("../../pages/overview.py").run()
    app.switch_page("../../pages/classify.py").run()
    assert len(result_frame(app)) == 3
    assert "mine.csv is still open" in plain(app.markdown)
    next(b for b in app.button if b.label == "Close the file").click().run()
    assert len(result_frame(app)) == 12


def test_a_model_without_its_dataset_still_classifies(
    open_app: OpenApp, save_job: SaveJob, home: Path
) -> None:
    save_job("UnitTest", JOB)
    card = home / "jobs" / JOB / "model" / "card.json"
    text = json.loads(card.read_text(encoding="utf-8"))
    text["dataset"]["name"] = "Elsewhere"
    card.write_text(json.dumps(text), encoding="utf-8")
    app = open_app("classify")
    app.selectbox(key="classify_model").set_value(f"job/{JOB}").run()
    assert not app.exception
    upload(app, gun_csv(2))
    assert answer(app).startswith("Class ")
