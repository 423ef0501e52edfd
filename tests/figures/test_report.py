"""The page of a report: one copy of plotly.js, both looks, every label escaped."""

from __future__ import annotations

import copy
import html
import json
import re
from typing import Any

import numpy as np
import pytest

from tscviz import load_dataset, load_model
from tscviz.explain import ExplainError, explain
from tscviz.explain.case_report import CaseReport, ReportMap, case_report
from tscviz.explain.replay import replay
from tscviz.explain.spec_reading import spec_from_dict
from tscviz.figures.report import _gap, report_html
from tscviz.figures.report_page import differences
from tscviz.figures.text import number
from tscviz.models import Classifier, build_model

NATIVE = {
    "dtp-fcn/GunPoint": ("Class activation map for class 1", ["native", "parts"]),
    "alstm-fcn/GunPoint": ("Attention. Where", ["native"]),
    "convtimenet/GunPoint": ("Occlusion sensitivity for class 1", ["native"]),
    "dsn/GunPoint": ("Receptive-field CAM for class 1", ["native"]),
}


def report_of(name: str, maps: list[str]) -> CaseReport:
    data = load_dataset("GunPoint")
    x, label = data.X_test[4], int(data.y_test[4])
    return case_report(load_model(name), x, maps, title="a case", target=0, label=label)


def stored(page: str, name: str) -> Any:
    found = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("name", NATIVE)
def test_each_kind_of_model_shows_its_own_view(name: str) -> None:
    page = report_html(report_of(name, ["saliency"]))
    words, ids = NATIVE[name]
    assert words in html.unescape(page)
    figures = stored(page, "figures")
    assert [one["id"] for one in figures] == ["series", "prediction", *ids, "map-1"]
    assert page.count("plotly.js v") == 1
    assert list(stored(page, "files")) == [
        f"1-saliency{end}" for end in (".csv", ".json", "-spec.json")
    ]


def test_the_gap_is_told_of_what_the_map_should_sum_to() -> None:
    """The score less the bias, or less the baseline's: not the score itself."""
    asked = ["cam", "integrated_gradients", "kernel_shap"]
    told = report_of("gtp-fcn/GunPoint", asked)
    body = html.unescape(report_html(told))
    for one, less in zip(told.maps, ("bias", "reference_logit", "reference_logit"), strict=True):
        logit, other = one.attribution.details["logit"], one.attribution.details[less]
        assert abs(other) > 0.01 * abs(logit)
        name = "bias" if less == "bias" else "baseline’s"
        said = (
            f"Of {number(logit - other)}, the score {number(logit)} less the {name} "
            f"{number(other)}, the map leaves"
        )
        assert said.replace("-", "−") in body
    assert _gap({"completeness_gap": 0.5, "logit": 3.0, "bias": -1.0}) == (
        "Of 4, the score 3 less the bias −1, the map leaves 0.5 unexplained."
    )
    shares = {"probability": 0.75, "reference_probability": 0.5, "output": "probability"}
    assert _gap(shares | {"completeness_gap": 0.125}) == (
        "Of 0.25, the score 0.75 less the baseline’s 0.5, the map leaves 0.125 unexplained."
    )
    assert _gap({"logit": 3.0}) == ""


def test_a_padded_case_of_several_channels_and_many_classes() -> None:
    module = build_model("gtp-fcn", n_channels=3, n_classes=12, length=60)
    names = tuple(f"<i>{k}</i>" for k in range(12))
    own = Classifier(module, names, {"name": "<b>own</b>", "model": "gtp-fcn"})
    x = np.random.default_rng(0).standard_normal((3, 60)).astype(np.float32)
    mask = np.arange(60) < 44
    filled = np.zeros((3, 60), bool)
    filled[1, 5:8] = True
    told = case_report(
        own, x, ["input_x_gradient"], title="<u>t</u>", mask=mask, interpolated=filled,
        notes=["<s>filled</s>"],
    )  # fmt: skip
    page = report_html(told)
    body = page[page.index("<body>") : page.index('<script type="application/json"')]
    assert not re.search(r"<(i|b>own|u|s)>", body)
    assert "44 time points, 3 channels" in body
    spec = spec_from_dict(json.loads(stored(page, "files")["1-input_x_gradient-spec.json"]))
    assert spec.padding == 16
    rows = stored(page, "files")["1-input_x_gradient.csv"].splitlines()
    assert len(rows) == 45


def test_a_map_may_be_given_as_it_was_made_or_with_its_options() -> None:
    model, x = load_model("dtp-fcn/GunPoint"), load_dataset("GunPoint").X_test[4]
    occlusion = explain(model, x, "occlusion", target=0)
    lime = explain(model, x, "lime", target=0, samples=40, exact="never")
    given = [occlusion, ReportMap(lime, {"samples": 40, "exact": "never"}), "cam"]
    told = case_report(model, x, given, title="a case", target=0)
    assert [type(one) for one in told.maps] == [ReportMap] * 3
    assert told.maps[0].attribution is occlusion
    assert [spec.method for spec in told.specs] == ["occlusion", "lime", "cam"]
    assert told.specs[1].options["samples"] == 40
    assert replay(told.specs[0], model).identical
    assert replay(told.specs[1], model).identical
    figures = stored(report_html(told), "figures")
    assert [one["id"] for one in figures][-3:] == ["map-1", "map-2", "map-3"]


def test_a_report_refuses_what_is_no_map_or_of_another_case() -> None:
    model, x = load_model("dtp-fcn/GunPoint"), load_dataset("GunPoint").X_test[4]
    found = explain(model, x, "cam")
    with pytest.raises(ExplainError, match="maps holds a ndarray; give what"):
        case_report(model, x, [found.values], title="a case")  # type: ignore[list-item]
    with pytest.raises(ExplainError, match=r"x has shape \(1, 140\) and the map \(1, 150\)"):
        case_report(model, x[:, :140], [found], title="a case")


def test_the_light_figure_and_its_differences_give_the_dark_one() -> None:
    told = report_of("dtp-fcn/GunPoint", [])
    from tscviz.figures.report_figures import series_figure

    drawn = series_figure(told)
    light, dark = (json.loads(str(f.to_json())) for f in (drawn.light, drawn.dark))
    assert light != dark
    made = copy.deepcopy(light)
    for path, value in differences(light, dark):
        part = made
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
    assert made == dark


def test_differences_enter_mappings_and_lists_alone() -> None:
    light = {"a": [1, {"b": 2}], "c": [1, 2], "d": "x"}
    dark = {"a": [1, {"b": 3}], "c": [1], "d": "x"}
    assert differences(light, dark) == [(["a", 1, "b"], 3), (["c"], [1])]
