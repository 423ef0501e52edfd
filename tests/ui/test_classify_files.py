"""The page Classify with files that are broken, ambiguous or of another shape."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.ui.classify_tools import (
    JOB,
    MODEL,
    SaveJob,
    answer,
    expected,
    gun_csv,
    motions_csv,
    plain,
    result_frame,
    upload,
)
from tests.ui.read_page import OpenApp

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


def test_what_was_left_out_of_a_file_is_said_in_the_open(open_app: OpenApp) -> None:
    rows = gun_csv(4)
    aged = [f"age,{rows[0]}", *(f"{30 + i % 2},{row}" for i, row in enumerate(rows[1:]))]
    app = upload(open_app("classify"), aged)
    assert "('age') holds no points, as its name tells, and is left out." in plain(app.info)
    assert not any(one.value.startswith("- ") for one in app.info)  # one note is no list
