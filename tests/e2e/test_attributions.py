"""The page Attributions in a real browser: first visit, methods, pin, baselines, downloads."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import tscviz
from tests.e2e.browse import choose, download, expect_address, goto, wait_idle
from tests.e2e.server import Server
from tscviz.explain.averages import average, segment_time
from tscviz.explain.replay import replay
from tscviz.explain.segments_stats import segment_cases
from tscviz.explain.spec_reading import parse_spec

HERE = "attributions?dataset=GunPoint&model=dtp-fcn/GunPoint"


def figure(page: Page) -> Locator:
    return page.get_by_test_id("stPlotlyChart").first


def here(page: Page) -> dict[str, str]:
    """Return what the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def open_chooser(page: Page) -> None:
    page.get_by_text("Methods and models:").click()
    expect(page.get_by_text("The quick ones")).to_be_visible()


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_a_first_visit_shows_maps_that_can_be_taken_away(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/attributions?dataset=GunPoint&methods=saliency.input_x_gradient")
    expect(page.get_by_text("What do the methods say about this case")).to_be_visible()
    expect(page.locator("[aria-label*='3 maps for']").first).to_be_attached()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    told: dict[str, Any] = json.loads(download(page, "JSON"))
    assert len(rows) == 150
    maps = told["sides"][0]["maps"]
    assert next(m["method"] for m in maps) == "cam"
    x = tscviz.load_dataset("GunPoint").X_test[0]
    wanted = tscviz.explain(tscviz.load_model("dtp-fcn/GunPoint"), x, "saliency").values[0]
    column = [float(row["saliency (dtp-fcn/GunPoint)"]) for row in rows]
    np.testing.assert_allclose(column, wanted, rtol=1e-3, atol=1e-5)
    (saliency,) = [m for m in maps if m["method"] == "saliency"]
    np.testing.assert_allclose(saliency["attribution"]["values"][0], wanted, rtol=1e-3, atol=1e-5)


def test_rows_speak_under_the_pointer_and_methods_are_chosen_and_greyed_with_their_reason(
    page: Page, server: Server
) -> None:
    goto(page, f"{server.url}/{HERE}&methods=saliency")
    box = figure(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    labels = figure(page).locator(".hoverlayer .hovertext")
    expect(labels.filter(has_text="Saliency")).to_be_visible()
    expect(labels.filter(has_text="Class activation map")).to_be_visible()
    figure(page).locator(".annotation-text-g").get_by_text("Saliency", exact=True).hover()
    expect(labels.filter(has_text="Without sign: how much")).to_be_visible()
    open_chooser(page)
    expect(page.get_by_text("Greyed, because they do not apply here")).to_be_visible()
    pills = page.get_by_test_id("stButtonGroup").filter(has_text="Saliency")
    pills.get_by_text("Input x gradient").click()
    expect_address(page, "input_x_gradient")
    expect(page.locator("[aria-label*='3 maps for']").first).to_be_attached()
    pills.get_by_text("Attention").click()
    expect_address(page, "attention")
    expect(figure(page).get_by_text("needs an attention over the series")).to_be_attached()
    page.get_by_role("button", name="None").click()
    expect_address(page, "methods=none")
    expect(page.locator("[aria-label*='1 map for']").first).to_be_attached()


@pytest.mark.parametrize("width", [900])
def test_a_pinned_case_stands_beside_the_next_and_in_the_link(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&methods=saliency&case=3")
    page.get_by_role("button", name="Pin", exact=False).first.click()
    expect_address(page, "pin=test.3.")
    page.get_by_test_id("stSidebar").get_by_test_id("stNumberInputStepUp").click()
    expect_address(page, "case=4")
    page.reload()
    wait_idle(page)
    expect(page.locator("[aria-label*='Pinned: test case 3']").first).to_be_attached()
    expect(page.locator("[aria-label*='Test case 4']").first).to_be_attached()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    assert [row["case"] for row in rows] == ["3"] * 150 + ["4"] * 150
    page.get_by_role("combobox", name="Maps of").scroll_into_view_if_needed()
    choose(page, "Maps of", "class mean")  # a list closes when the page scrolls
    expect_address(page, "of=class")
    expect(page.locator("[aria-label*='mean of 20 test cases']").first).to_be_attached()


def test_the_map_under_every_baseline(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&methods=saliency&moved=deep_lift")
    page.get_by_role("tab", name="Baselines").click()
    expect_address(page, "view=baselines")
    expect(page.get_by_text("rank correlations of its maps run from")).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)


def test_a_cell_of_the_confusion_matrix_lists_its_cases(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&methods=saliency&view=cases&cases=10")
    expect(page.get_by_text("Nothing selected yet")).to_be_visible()
    matrix = page.get_by_test_id("stPlotlyChart").nth(1)
    matrix.scroll_into_view_if_needed()
    box = matrix.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 20, box["y"] + box["height"] / 20)  # its corner
    y = tscviz.load_dataset("GunPoint").y_test
    proba = tscviz.load_model("dtp-fcn/GunPoint").predict_proba(
        tscviz.load_dataset("GunPoint").X_test
    )
    n = int(((y == 0) & (proba.argmax(1) == 0)).sum())
    expect(page.get_by_text(f"{n} selected, on all pages")).to_be_visible()
    page.get_by_role("button", name="Mean of their maps").click()
    expect_address(page, "of=selected")
    expect(page.get_by_text(f"mean of 10 of the {n} selected test cases")).to_be_visible()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    told = json.loads(download(page, "JSON"))["sides"][0]["cases"]
    clf, X = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[told]
    maps = [tscviz.explain(clf, x, "saliency", target=0).values[0] for x in X]
    wanted = average(
        [one[None] for one in maps], segment_time(segment_cases(clf, X).boundaries)
    )  # fmt: skip
    for end, values in (("", wanted.mean), (" 10 %", wanted.low), (" 90 %", wanted.high)):
        column = [float(row[f"saliency (dtp-fcn/GunPoint){end}"]) for row in rows]
        np.testing.assert_allclose(column, values[0], rtol=1e-3, atol=1e-5)


def test_a_map_leads_to_its_evidence_and_back(page: Page, server: Server) -> None:
    asked = {
        "dataset": "GunPoint", "model": "dtp-fcn/GunPoint", "case": "7", "target": "0",
        "against": "1", "baseline": "class_mean",
    }  # fmt: skip
    own = {"feature_ablation_options": "windows:5"}
    there = urlencode({**asked, **own, "methods": "feature_ablation"})
    goto(page, f"{server.url}/attributions?{there}")
    main = page.get_by_test_id("stMain")
    main.get_by_role("link", name="Feature ablation").click()
    expect_address(page, "/evidence?")
    expect(main.get_by_text("Deleting the top 10 % of points")).to_be_visible()
    assert here(page).items() >= {**asked, **own, "method": "feature_ablation"}.items()
    told = json.loads(download(page, "JSON"))
    main.get_by_role("link", name="This map on one time axis").click()
    expect_address(page, "/attributions?")
    assert here(page).items() >= {**asked, **own, "methods": "feature_ablation"}.items()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    x = tscviz.load_dataset("GunPoint").X_test[7]
    wanted = tscviz.explain(
        tscviz.load_model("dtp-fcn/GunPoint"), x, "feature_ablation", target=0, against=1,
        baseline="class_mean", windows=5,
    )  # fmt: skip
    column = [float(row["feature_ablation (dtp-fcn/GunPoint)"]) for row in rows]
    for values in (told["attribution"]["values"][0], column):
        np.testing.assert_allclose(values, wanted.values[0], rtol=1e-3, atol=1e-4)


def test_the_case_is_taken_away_as_a_report_and_a_specification(server: Server, page: Page) -> None:
    goto(page, f"{server.url}/attributions?dataset=GunPoint&model=dtp-fcn/GunPoint&case=3")
    page.get_by_role("tab", name="Take it away").click()
    wait_idle(page)
    report = download(page, "Report of this case")
    assert report.startswith("<!doctype html>")
    assert "GunPoint, test case 3" in report
    assert "Guided backprop" in report
    again = replay(parse_spec(download(page, "spec.json")))
    assert again.identical, again.notes
    assert again.attribution.method == "cam"
