"""The page Attributions: texts of links, and words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import tscviz
from tscviz.explain.averages import average, segment_time
from tscviz.explain.gradient.integrated_gradients import IntegratedGradientsOptions
from tscviz.explain.perturbation.lime import LimeOptions
from tscviz.figures import ComparisonColumn
from tscviz.types import Attribution, TscvizError
from tscviz.ui.attributions import data, means, tables
from tscviz.ui.attributions.captions import outshines
from tscviz.ui.attributions.compared import Side
from tscviz.ui.attributions.data import Answer, Wanted
from tscviz.ui.attributions.means import CasesMean
from tscviz.ui.attributions.texts import OptionText, Pinned, Several, short_name
from tscviz.ui.attributions.words import answer, in_sentence, seconds
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection


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


def test_a_row_is_outshone_by_a_point_ten_times_above_the_rest() -> None:
    values = np.ones((1, 100), np.float32)
    for peak, wanted in ((9.0, False), (11.0, True)):
        values[0, 99] = -peak
        assert outshines(Attribution(values.copy(), "cam", 0, "none", True, {}), False) is wanted


def test_words() -> None:
    assert (seconds(0.0123), seconds(2.34)) == ("12 ms", "2.3 s")
    assert in_sentence("Class activation map") == "class activation map"
    assert in_sentence("LIME") == "LIME"
    assert tables.shown({"what it says": ["a"], "sum": [-0.25], "gap": [None]}) == {
        "sum": ["−0.25"], "gap": ["–"], "what it says": ["a"],
    }  # fmt: skip
    assert tables.shown({"gap": [1e-7]}) == {"gap": ["< 0.001"]}


def answer_of(method: str, **options: Any) -> Answer:
    model, x = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[0]
    chosen = Selection("GunPoint", "dtp-fcn/GunPoint", "test", 0, 0)
    found = tscviz.explain(model, x, method, target=0, **options)
    return Answer(Wanted(chosen, method), found)


@pytest.mark.parametrize(
    ("method", "options", "less", "by_point"),
    [
        ("shapley_sampling", {}, "reference_logit", False),
        ("kernel_shap", {}, "reference_logit", False),
        ("kernel_shap", {"spread": "share"}, "reference_logit", True),
        ("integrated_gradients", {}, "reference_logit", True),
        ("cam", {}, "bias", True),
    ],
)
def test_the_sum_in_the_table_and_the_gap_make_the_score(
    method: str, options: dict[str, Any], less: str, by_point: bool
) -> None:
    one = answer_of(method, **options)
    assert one.attribution is not None
    details = one.attribution.details
    assert data.adds_up(details) is by_point
    total, gap = tables._total(one), tables._gap(one)
    assert total is not None
    assert gap is not None
    assert total + gap == pytest.approx(details["logit"] - details[less], abs=1e-4)


def test_what_need_not_sum_to_the_score_has_no_sum() -> None:
    assert tables._total(answer_of("feature_ablation")) is None
    assert tables._gap(answer_of("feature_ablation")) is None


@pytest.mark.parametrize(("spread", "ends"), [("value", (3.0, 3.0)), ("share", (2.2, 3.8))])
def test_stretching_time_keeps_a_features_value_and_the_sum_of_shares(
    spread: str, ends: tuple[float, float]
) -> None:
    """Cases of 4 and 8 points, 3 at each, on a common axis of 6: shares become 2 and 4."""
    time = segment_time(np.array([[0, 4], [0, 8]]))
    told = {"completeness_gap": 0.0, "spread": spread, "per_channel": True}
    maps = [
        Attribution(np.full((1, n), 3.0, np.float32), "kernel_shap", 0, "zero", True, told)
        for n in (4, 8)
    ]
    series = average([one.values for one in maps], time)
    mean = means._mean_map(maps, CasesMean((), 2, (2,), series, time, np.zeros(6, bool)))
    assert mean.details["keeps_sums"] is (spread == "share")
    np.testing.assert_allclose(mean.values, 3.0)
    for end, value in zip(("low", "high"), ends, strict=True):
        np.testing.assert_allclose(mean.details[end], value)


def test_one_map_that_is_not_flat_is_not_called_one_of_one() -> None:
    peaked, flat = answer_of("cam"), answer_of("cam")
    assert peaked.attribution is not None
    values = np.zeros((1, 150), np.float32)
    flat = replace(flat, attribution=replace(peaked.attribution, values=values))
    values = np.eye(1, 150, 60, dtype=np.float32)
    peaked = replace(peaked, attribution=replace(peaked.attribution, values=values))

    def said(*answers: Answer) -> str:
        counted = np.ones(150, bool)
        column = ComparisonColumn(np.zeros((1, 150)), [])
        side = Side(answers[0].wanted.selection, column.x, counted, list(answers), None, column)
        return answer([side])

    assert said(peaked, flat) == "**The only map that is not flat is strongest at point 60.**"
    assert said(peaked, peaked, flat) == "**2 of 2 maps are strongest at point 60.**"
