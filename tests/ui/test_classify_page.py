"""The classify page as a visitor meets it: files, pasted text, drawn cases, and broken input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import HOSTILE
from tscviz.data import load_dataset, prepare
from tscviz.models import load_model

OpenApp = Callable[..., AppTest]
SaveJob = Callable[[str, str], str]
MODEL = "dtp-fcn/GunPoint"
JOB = "00112233445566ff"


def gun_csv(
    n: int = 6,
    labels: tuple[str, ...] | None = None,
    *,
    sep: str = ",",
    decimal: str = ".",
    step: int = 1,
) -> list[str]:
    """Return rows of GunPoint's test split in another unit, with a header."""
    data = load_dataset("GunPoint")
    header = sep.join(["class", *(f"t{t}" for t in range(0, 150, step))])
    rows = [header]
    for i in range(n):
        label = labels[i % len(labels)] if labels else data.class_names[data.y_test[i]]
        values = (f"{2.5 * v + 7:.5f}".replace(".", decimal) for v in data.X_test[i, 0, ::step])
        rows.append(sep.join([label, *values]))
    return rows


def motions_csv() -> bytes:
    """Return two BasicMotions cases in long form."""
    data = load_dataset("BasicMotions")
    rows = ["case,label,time," + ",".join(f"ch{c}" for c in range(6))]
    for i in (0, 20):
        label = data.class_names[data.y_test[i]]
        rows += [
            f"m{i},{label},{t}," + ",".join(f"{v:.5g}" for v in data.X_test[i, :, t])
            for t in range(100)
        ]
    return "\n".join(rows).encode()


def upload(app: AppTest, content: bytes | list[str], name: str = "mine.csv") -> AppTest:
    """Drop a file."""
    data = content if isinstance(content, bytes) else "\n".join(content).encode()
    app.file_uploader[0].set_value((name, data, "text/csv")).run()
    assert not app.exception
    return app


def answer(app: AppTest) -> str:
    """Return the main sentence, without the backslashes of Markdown."""
    found = [h.value for h in app.subheader if h.value.startswith("Class ")]
    return re.sub(r"\\(.)", r"\1", found[0]) if found else ""


def plain(texts: Iterable[Any]) -> str:
    """Return the texts of alerts or captions as they are shown."""
    return re.sub(r"\\(.)", r"\1", " ".join(element.value for element in texts))


def result_frame(app: AppTest) -> Any:
    """Return the table of all series."""
    return app.dataframe[-1].value


def expected(n: int) -> tuple[list[str], np.ndarray]:
    """Return classes and probabilities of the first test cases, computed without the page."""
    data, model = load_dataset("GunPoint"), load_model(MODEL)
    X = np.round(2.5 * data.X_test[:n].astype(np.float64) + 7, 5)
    proba = model.predict_proba(prepare(X, None, model.preparation).X)
    return [model.classes[k] for k in proba.argmax(1)], proba.max(1)


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


BROKEN = {
    "text": ("row 5, column 21", "'abc'"),
    "ragged": ("row 6", "100 cells where 151 were expected"),
    "garbage": ("row 1", "not a text file"),
    "empty": ("the file is empty", ""),
    "header": ("a header and no rows", ""),
    "constant": ("constant", "row 2"),
    "infinite": ("infinite", "column 11"),
    "point": ("only one point", ""),
}


def broken(kind: str) -> bytes:
    """Return a file that cannot be used."""
    rows = gun_csv(8)
    if kind == "text":
        cells = rows[4].split(",")
        cells[20] = "abc"
        rows[4] = ",".join(cells)
    elif kind == "ragged":
        rows[5] = ",".join(rows[5].split(",")[:100])
    elif kind == "garbage":
        return np.random.default_rng(0).bytes(4000)
    elif kind == "empty":
        return b" \n"
    elif kind == "header":
        rows = rows[:1]
    elif kind == "constant":
        rows = ["label," + ",".join(f"t{i}" for i in range(9)), "1" + ",3" * 9, "2,1" + ",4" * 8]
    elif kind == "infinite":
        rows[3] = ",".join([*rows[3].split(",")[:10], "inf", *rows[3].split(",")[11:]])
    elif kind == "point":
        rows = ["label,t0", "1,2", "2,3"]
    return "\n".join(rows).encode()


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_one_box_and_the_old_result_is_gone(kind: str, open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(3))
    upload(app, broken(kind), "broken.csv")
    assert len(app.error) == 1
    for part in BROKEN[kind]:
        assert part.lower() in plain(app.error).lower()
    assert "broken.csv cannot be read" in plain(app.error)
    assert answer(app) == ""
    assert not app.metric
    upload(app, gun_csv(3))
    assert not app.error
    assert answer(app).startswith("Class 1")


def test_removing_the_file_brings_the_example_back(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(3))
    app.file_uploader[0].clear().run()
    assert len(result_frame(app)) == 12


def test_a_guess_can_be_overridden_and_taken_back(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(4))
    toggle = next(t for t in app.toggle if t.label == "Change how the file is read")
    toggle.set_value(True).run()
    box = next(s for s in app.selectbox if s.label == "Class label")
    assert "class" in box.options
    box.set_value("\0nothing")
    next(b for b in app.button if b.label == "Read again with these settings").click().run()
    assert "no labels" in app.expander[0].label
    assert "151 points" in plain(app.markdown)
    assert "label" not in result_frame(app).columns
    next(b for b in app.button if b.label == "Back to what was found").click().run()
    assert "labels in column" in app.expander[0].label
    assert list(result_frame(app)["class"]) == expected(4)[0]


def test_a_wrong_guess_that_breaks_the_file_can_be_mended(open_app: OpenApp) -> None:
    rows = gun_csv(4)
    cells = rows[2].split(",")
    cells[7] = "-999;"
    rows[2] = ",".join(cells)
    app = upload(open_app("classify"), rows)
    assert "-999;" in plain(app.error)
    next(t for t in app.toggle if t.label == "Change how the file is read").set_value(True).run()
    next(t for t in app.text_input if "missing" in t.label).set_value("-999;")
    next(b for b in app.button if b.label == "Read again with these settings").click().run()
    assert not app.error
    assert "1 missing value in 1 case filled" in app.expander[1].label


def test_advice_names_the_control_that_follows_it(open_app: OpenApp) -> None:
    rows = gun_csv(4)
    rows[2] = rows[2].rsplit(",", 3)[0]
    app = upload(open_app("classify"), rows)
    said = plain(app.error)
    assert "choose “Shorter rows are shorter series: yes”" in said
    assert "ragged" not in said
    next(t for t in app.toggle if t.label == "Change how the file is read").set_value(True).run()
    field = next(s for s in app.selectbox if s.label == "Shorter rows are shorter series")
    field.set_value(True)
    next(b for b in app.button if b.label == "Read again with these settings").click().run()
    assert not app.error
    assert "147" in plain(app.markdown)


def test_gaps_are_filled_in_the_open(open_app: OpenApp) -> None:
    rows = gun_csv(3)
    cells = rows[1].split(",")
    rows[1] = ",".join([*cells[:30], "", "", "", *cells[33:]])
    app = upload(open_app("classify"), rows)
    assert "3 missing values in 1 case filled by linear interpolation" in app.expander[1].label
    assert "Open circles: 3 missing values filled in" in plain(app.caption)


def test_the_switch_for_normalising_warns_when_turned_off(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(3))
    assert not app.warning
    next(t for t in app.toggle if t.label == "z-normalise every series").set_value(False).run()
    text = plain(app.warning)
    assert "far from the training data" in text
    assert "Mean 7, standard deviation 2.4" in text
    assert "Switch z-normalising on again" in text


def test_other_lengths_are_said_and_resampled_only_on_request(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), gun_csv(3, step=3))
    assert "have 50 points, the training series 150" in plain(app.warning)
    assert "resampled" not in app.expander[1].label
    next(g for g in app.segmented_control if g.label == "Length").set_value("resample").run()
    assert "3 cases resampled from 50 to 150 points" in app.expander[1].label
    assert not app.warning
    assert list(result_frame(app)["class"]) == expected(3)[0]


def test_series_shorter_than_the_segments_stop_with_a_reason(open_app: OpenApp) -> None:
    app = upload(open_app("classify"), b"1.0,2.0,1.5\n0.5,2.5,1.0\n")
    assert "has 3 points; the model needs at least 4" in plain(app.error)
    assert answer(app) == ""


def test_a_wrong_number_of_channels_offers_models_that_fit(
    open_app: OpenApp, save_job: SaveJob
) -> None:
    save_job("BasicMotions", JOB)
    app = upload(open_app("classify", dataset="GunPoint", model=MODEL), motions_csv())
    assert "The series have 6 channels; DTP-FCN on GunPoint takes 1." in plain(app.error)
    assert answer(app) == ""
    button = next(b for b in app.button if b.label.startswith("Use "))
    assert "BasicMotions" in re.sub(r"\\(.)", r"\1", button.label)
    button.click().run()
    assert not app.exception
    assert not app.error
    assert answer(app).startswith("Class ")
    assert app.query_params["dataset"] == "BasicMotions"
    assert list(result_frame(app)["name"]) == ["m0", "m20"]


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
