"""The segments page: its figures, options, sentences, for every pooling and kind of dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.ui.read_page import OpenApp, assert_clean, figures, kinds, link, texts
from tscviz.data import load_dataset
from tscviz.models import Classifier, build_model, save_model
from tscviz.types import Segmentation
from tscviz.ui.library import ModelEntry
from tscviz.ui.segments import cases, data, tables, words
from tscviz.ui.selection import Selection

VIEWS = ("cases", "alignment", "prototypes", "lengths")


@pytest.fixture
def job(home: Path) -> Callable[[str, str], str]:
    """Return a function that stores an untrained network as if the app had trained it."""

    def save(model: str, dataset: str) -> str:
        source = load_dataset(dataset)
        torch.manual_seed(0)
        module = build_model(model, n_channels=source.n_channels, n_classes=source.n_classes)
        card = {
            "name": f"{model}/{dataset}",
            "model": model,
            "options": {},
            "n_channels": source.n_channels,
            "n_classes": source.n_classes,
            "classes": list(source.class_names),
            "dataset": {"name": dataset, "digest": source.digest},
            "preparation": {},
        }
        identity = f"{sum(map(ord, model + dataset)):016x}"
        classifier = Classifier(module, source.class_names, card)
        save_model(classifier, home / "jobs" / identity / "model")
        return f"job/{identity}"

    return save


def headings(figure: dict[str, Any]) -> list[str]:
    return [note["text"] for note in figure["layout"]["annotations"]]


def test_the_page_opens_with_the_case_its_segments_and_all_cases(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    app = open_app("segments", dataset="UnitTest", model=job("dtp-fcn", "UnitTest"))
    assert_clean(app)
    assert kinds(app) == ["cam", "contributions", "cam-heatmap"]
    # three cuts between four segments, across one panel
    cuts = [s for s in figures(app)[0]["layout"]["shapes"] if s["type"] == "line"]
    assert len(cuts) == 3
    assert "more than any other" in texts(app) or "No segment speaks" in texts(app)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("model", "dataset"),
    [
        ("dtp-fcn", "UnitTest"),
        ("stp-fcn", "UnitTest"),
        ("gtp-fcn", "UnitTest"),
        ("dtp-fcn", "BasicMotions"),
        ("dtp-fcn", "JapaneseVowels"),
    ],
)
def test_every_view_is_drawn(
    view: str, model: str, dataset: str, open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    app = open_app("segments", dataset=dataset, model=job(model, dataset), view=view)
    assert_clean(app)
    assert kinds(app)[:2] == ["cam", "contributions"]
    wanted = {
        "cases": ["cam-heatmap"],
        "alignment": ["alignment"] * (model == "dtp-fcn"),
        "prototypes": {
            "dtp-fcn": ["segment-shapes", "prototypes", "prototype-similarity"],
            "stp-fcn": ["segment-shapes"],
            "gtp-fcn": [],
        }[model],
        "lengths": ["segment-lengths"] * (model != "gtp-fcn"),
    }[view]
    assert kinds(app)[2:] == wanted


def test_gtp_and_stp_say_why_there_is_no_alignment(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    reasons = {"gtp-fcn": "whole series as one", "stp-fcn": "cuts at fixed times"}
    names = {model: job(model, "UnitTest") for model in reasons}
    for model, reason in reasons.items():
        app = open_app("segments", model=names[model], view="alignment")
        assert_clean(app)
        assert reason in app.info[0].value


def test_the_sister_model_stands_under_the_selected_one(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    dtp, gtp = job("dtp-fcn", "UnitTest"), job("gtp-fcn", "UnitTest")
    app = open_app("segments", dataset="UnitTest", model=dtp)
    assert [h for h in headings(figures(app)[0]) if "-FCN" in h] == [
        h for h in headings(figures(app)[0]) if "DTP-FCN:" in h or "GTP-FCN:" in h
    ]
    assert "No GTP" not in texts(app)
    assert app.selectbox(key="option_beside").value == gtp
    app.selectbox(key="option_beside").set_value("none").run()
    assert_clean(app)
    assert not any("GTP-FCN" in h for h in headings(figures(app)[0]))
    assert link(app, "beside") == "none"


def test_a_missing_sister_is_announced_with_the_way_to_get_it(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    app = open_app("segments", dataset="JapaneseVowels", model=job("dtp-fcn", "JapaneseVowels"))
    assert_clean(app)
    assert "No GTP-FCN model of JapaneseVowels yet" in texts(app)
    assert "quick preset" in texts(app)
    assert "Train GTP-FCN" in [p.proto.label.replace("\\", "") for p in app.get("page_link")]


def test_another_class_changes_map_sidebar_and_link(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    app = open_app("segments", dataset="UnitTest", model=job("dtp-fcn", "UnitTest"))
    before = figures(app)[0]["data"]
    predicted = app.selectbox(key="segments_target").value
    assert predicted is not None
    other = 1 - predicted
    app.selectbox(key="segments_target").set_value(other).run()
    assert_clean(app)
    assert link(app, "target") == str(other)
    assert app.selectbox(key="selection_target").value == other
    assert figures(app)[0]["data"] != before
    app.selectbox(key="segments_target").set_value(predicted).run()
    assert "target" not in app.query_params


def test_the_map_can_be_exact_and_from_0_to_1(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    model = job("dtp-fcn", "UnitTest")
    app = open_app("segments", dataset="UnitTest", model=model, map="seen", scale="unit")
    assert_clean(app)
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    assert (strip["zmin"], strip["zmax"]) == (0.0, 1.0)
    assert app.segmented_control(key="option_map").value == "seen"
    app.segmented_control(key="option_map").set_value("middle").run()
    assert "map" not in app.query_params
    app.segmented_control(key="option_scale").set_value("score").run()
    assert "scale" not in app.query_params
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    assert strip["zmin"] == -strip["zmax"]


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    ("draw", "kind", "of"),
    [
        ("heatmap", "cam-heatmap", "1"),
        ("overlay", "class-cams", "all"),
        ("lanes", "segmented-cases", "1"),
    ],
)
def test_all_cases_of_a_class(
    draw: str,
    kind: str,
    of: str,
    split: str,
    open_app: OpenApp,
    job: Callable[[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cases, "MAX_CLASSES", 1)
    model = job("dtp-fcn", "UnitTest")
    job("gtp-fcn", "UnitTest")
    app = open_app(
        "segments", dataset="UnitTest", model=model, split=split, draw=draw, of=of, sort="cost"
    )
    assert_clean(app)
    assert kinds(app)[2] == kind
    assert app.selectbox(key="option_of").value == of
    alt = figures(app)[2]["layout"]["meta"]["alt"]
    n = int((load_dataset("UnitTest").split(split)[1] == (1 if of == "1" else 0)).sum())
    assert str(min(n, 12) if draw == "lanes" else n) in alt
    assert ("The first 1 of 2 classes are drawn." in texts(app)) == (of == "all")


def test_one_segment_cannot_be_sorted_by_where_the_second_begins(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    """GTP's one segment ends with the case, and cases of JapaneseVowels end at many points."""
    model = job("gtp-fcn", "JapaneseVowels")
    app = open_app("segments", dataset="JapaneseVowels", model=model, view="cases")
    assert_clean(app)
    box = app.selectbox(key="option_sort")
    assert (box.value, box.options) == ("probability", ["probability, surest first", "case number"])
    assert kinds(app)[2] == "cam-heatmap"
    app = open_app("segments", dataset="JapaneseVowels", model=model, view="cases", sort="boundary")
    assert_clean(app)
    assert "sort" not in app.query_params


def test_gamma_changes_the_soft_alignment_and_nothing_else(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    model = job("dtp-fcn", "UnitTest")
    app = open_app("segments", dataset="UnitTest", model=model, view="alignment", gamma="0")
    assert_clean(app)
    assert "γ = 0 every point belongs wholly" in texts(app)
    cost, soft = [t["z"] for t in figures(app)[2]["data"] if t["type"] == "heatmap"]
    app.select_slider(key="option_gamma").set_value("10").run()
    assert_clean(app)
    same, softer = [t["z"] for t in figures(app)[2]["data"] if t["type"] == "heatmap"]
    assert same == cost
    assert softer != soft
    assert link(app, "gamma") == "10"


def test_a_nearest_case_is_one_click_away(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    model = job("dtp-fcn", "UnitTest")
    app = open_app("segments", dataset="UnitTest", model=model, view="prototypes", case="0")
    button = next(b for b in app.main.button if not b.label.startswith("case 0 "))
    button.click().run()
    assert_clean(app)
    assert link(app, "case") == button.label.split()[1]
    assert kinds(app)[2] == "segment-shapes"  # the tab stays open


def test_a_bad_option_in_a_link_gives_way_to_the_default(
    open_app: OpenApp, job: Callable[[str, str], str]
) -> None:
    model = job("dtp-fcn", "UnitTest")
    app = open_app(
        "segments", dataset="UnitTest", model=model, view="<b>", gamma="x", of="99", beside="../x"
    )
    assert_clean(app)
    assert kinds(app) == ["cam", "contributions", "cam-heatmap"]
    assert not {"view", "of", "beside"} & set(app.query_params)


def test_a_dataset_without_a_model_leads_to_training(open_app: OpenApp) -> None:
    app = open_app("segments", dataset="ACSF1")
    assert_clean(app)
    assert "No model for ACSF1 yet" in texts(app)
    assert not app.get("plotly_chart")


def test_hostile_class_names_stay_text(
    open_app: OpenApp, job: Callable[[str, str], str], hostile_archive: str
) -> None:
    model = job("dtp-fcn", hostile_archive)
    for view in VIEWS:
        app = open_app("segments", dataset=hostile_archive, model=model, view=view)
        assert_clean(app)
        for part in (*app.markdown, *app.caption):
            assert "![" not in part.value.replace("\\!", "").replace("\\[", "")
            assert "<img" not in part.value


# ---- sentences and tables, by hand


def one_case(contributions: list[list[float]], bias: list[float], **entry: str) -> data.OneCase:
    parts = np.array(contributions, np.float32)
    segmentation = Segmentation(
        segments=np.repeat(np.arange(len(parts)), 10),
        boundaries=np.arange(len(parts) + 1) * 10,
        contributions=parts,
        bias=np.array(bias, np.float32),
        logits=parts.sum(0) + np.array(bias, np.float32),
    )
    weights = np.exp(segmentation.logits)
    result = data.Explained(
        x=np.zeros((1, 10 * len(parts)), np.float32),
        mask=np.ones(10 * len(parts), bool),
        label=0,
        proba=(weights / weights.sum()).astype(np.float32),
        target=0,
        segmentation=segmentation,
        attribution=data.Attribution(
            np.eye(1, 10 * len(parts), 7, np.float32), "cam", 0, "none", signed=True
        ),
    )
    model = ModelEntry("dtp-fcn/X", entry.get("kind", "dtp-fcn"), "X", "", "")
    return data.OneCase(model, result, segmentation, ("Gun", "Point"))


def test_the_answer_names_the_segment_and_the_lead() -> None:
    one = one_case([[0.5, 0.25], [3.25, -1.0]], [0.0, 0.5])
    assert words.answer(one) == (
        "**Segment 2 (points 10–19) adds +3.25 to class Gun, more than any other.** "
        "Class Gun leads class Point by 4: segment 2 brings +4.25, the other +0.25, the bias −0.5."
    )


def test_the_answer_when_no_segment_speaks_for_the_class() -> None:
    one = one_case([[-0.5, 1.0], [-2.0, 1.0]], [0.0, 0.0])
    assert words.answer(one) == (
        "**No segment speaks for class Gun.** Segment 1 (points 0–9) speaks least against it "
        "(−0.5). Class Gun trails class Point by 4.5: segment 2 brings −3, the other −1.5, the "
        "bias 0."
    )
    three = one_case([[1.0, 0.0], [2.0, 0.0], [4.0, 0.0]], [0.0, 0.0])
    assert "Class Gun leads class Point by 7: segment 3 brings +4, the others +3," in (
        words.answer(three)
    )


def test_the_answer_of_global_pooling_points_at_the_map() -> None:
    one = one_case([[2.0, 1.0]], [0.0, 0.0], kind="gtp-fcn")
    assert "It adds +2 to class Gun, most of it near point 7" in words.answer(one)


def test_the_sum_is_written_out() -> None:
    one = one_case([[0.5, 0.25], [3.25, -1.0]], [0.125, 0.5])
    assert words.add_up(one) == (
        "The bars of a class add up to its score (logit). For class Gun: +0.5, +3.25 make +3.75; "
        "with the bias, +0.125, that is the score of **+3.88**. The map above has the same sum, "
        "+3.75."
    )


def test_a_wrong_answer_is_called_wrong() -> None:
    one = one_case([[0.0, 2.0]], [0.0, 0.0])
    said = words.whose(one, Selection("X", "dtp-fcn/X", "test", 3))
    assert (
        said.replace("\\", "") == "X, test case 3: DTP-FCN wrongly says Point (88.1 %); it is Gun."
    )
    right = replace(one, result=replace(one.result, label=1))
    assert "rightly says Point" in words.whose(right, Selection("X", "dtp-fcn/X"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.3, "+3.3"), (-0.25, "−0.25"), (0.0004, "0"), (1234.5, "+1234"), (-12.3456, "−12.3")],
)
def test_numbers_carry_their_sign(value: float, text: str) -> None:
    assert words.signed(value) == text


def test_the_table_of_segments() -> None:
    table = tables.segment_table(one_case([[0.5, 0.25], [3.25, -1.0]], [0.0, 0.0]))
    assert {key: list(column) for key, column in table.items()} == {
        "segment": [1, 2],
        "first point": [0, 10],
        "last point": [9, 19],
        "length": [10, 10],
        "adds to Gun": [0.5, 3.25],
        "adds to Point": [0.25, -1.0],
    }
