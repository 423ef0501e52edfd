"""The page Occlusion and filters in a real browser: first visit, options, tabs, downloads."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import tscviz
from tests.e2e.browse import (
    assert_finished,
    charts,
    choose,
    download,
    expect_address,
    goto,
    wait_idle,
)
from tests.e2e.server import Server
from tests.ui.attention_tools import store_network

JOB, DTP = "c500000000000000", "c600000000000000"
#: CSV buttons on the page: of the map, of the folded table of windows, of the filters.
WINDOWS, FILTERS = 1, 2
HERE = f"occlusion?dataset=UnitTest&model=job/{JOB}"


@pytest.fixture(scope="module")
def two_models(module_server: Server) -> Server:
    """Return a server with a small ConvTimeNet and a DTP-FCN on UnitTest."""
    assert module_server.home is not None
    options: dict[str, Any] = {"trunk": "random", "filters": 3, "lengths": (4, 9)}
    store_network(module_server.home, JOB, "convtimenet", "UnitTest", **options)
    store_network(module_server.home, DTP, "dtp-fcn", "UnitTest")
    return module_server


@pytest.mark.parametrize("width", [900])
def test_the_first_visit_answers_with_a_map(
    color_scheme: str, width: int, page: Page, fresh_server: Server
) -> None:
    goto(page, f"{fresh_server.url}/occlusion")
    assert_finished(page, color_scheme)
    expect(page.get_by_text("Which parts of the series does the model need?")).to_be_visible()
    alt = page.locator("[aria-label^='Occlusion with windows of 15 points']")
    expect(alt.first).to_be_attached()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    told = json.loads(download(page, "JSON"))
    assert len(rows) == 150
    found = told["occlusion"]
    np.testing.assert_allclose(
        [float(row["occlusion"]) for row in rows], found["values"][0], rtol=1e-4, atol=1e-6
    )
    assert found["details"]["window"] == 15
    assert "plotly" in download(page, "HTML")


def test_options_reach_figure_and_link(page: Page, two_models: Server) -> None:
    goto(page, f"{two_models.url}/{HERE}")
    choose(page, "Window", "5 points (20 %)")
    expect_address(page, "window=20")
    choose(page, "Moved by", "side by side")
    expect_address(page, "step=whole")
    choose(page, "Hidden behind", "a straight line")
    expect_address(page, "fill=linear")
    page.get_by_test_id("stButtonGroup").get_by_text("score (logit)").click()
    expect_address(page, "output=logit")
    page.reload()
    wait_idle(page)
    details = json.loads(download(page, "JSON"))["occlusion"]["details"]
    assert (details["window"], details["stride"], details["fill"]) == (5, 5, "linear")
    model = tscviz.load_model(Path(str(two_models.home)) / "jobs" / JOB / "model")
    wanted = tscviz.explain(
        model, tscviz.load_dataset("UnitTest").X_test[0], "occlusion",
        window=5, stride=5, fill="linear", output="logit",
    )  # fmt: skip
    np.testing.assert_allclose(
        details["window_logits"], wanted.details["window_logits"], rtol=1e-4, atol=1e-5
    )
    assert details["starts"] == [0, 5, 10, 15, 20]


def test_tabs_of_the_filters(page: Page, two_models: Server) -> None:
    goto(page, f"{two_models.url}/{HERE}")
    expect(charts(page)).to_have_count(2)
    page.get_by_test_id("stButtonGroup").get_by_text("4", exact=True).first.click()
    expect_address(page, "length=4")
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV", FILTERS))))
    assert [row["tap"] for row in rows] == ["-1", "0", "1", "2"]
    page.get_by_role("tab", name="All filters at once").click()
    expect_address(page, "view=activations")
    alt = page.locator("[aria-label^='Activations of 6 first-layer filters']")
    expect(alt.first).to_be_attached()
    page.get_by_role("tab", name="Which lengths matter").click()
    expect_address(page, "view=lengths")
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV", FILTERS))))
    assert [row["without length"] for row in rows] == ["4", "9"]


def test_a_model_without_lengths_offers_one_that_has_them(page: Page, two_models: Server) -> None:
    goto(page, f"{two_models.url}/occlusion?dataset=UnitTest&model=job/{DTP}")
    expect(page.get_by_text("has no filters of several lengths")).to_be_visible()
    expect(charts(page)).to_have_count(1)
    page.get_by_role("button", name="Show ConvTimeNet").click()
    expect_address(page, JOB)
    expect(charts(page)).to_have_count(2)


def test_the_folded_table_holds_every_window(page: Page, two_models: Server) -> None:
    goto(page, f"{two_models.url}/{HERE}&window=20&step=whole")
    page.get_by_text("The windows as a table").click()
    wait_idle(page)
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV", WINDOWS))))
    assert [row["first point"] for row in rows] == ["0", "5", "10", "15", "20"]
    assert [row["last point"] for row in rows] == ["4", "9", "14", "19", "23"]
    page.get_by_text("How the map is made").click()
    expect(page.get_by_text("captum.attr.Occlusion")).to_be_visible()
