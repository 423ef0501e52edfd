"""The page Evidence in a real browser: first visit, parts on demand, a run that is stopped."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import tscviz
from tests.e2e.browse import choose, download, expect_address, goto, wait_idle
from tests.e2e.server import Server
from tscviz.explain.evidence import judge, judge_cases

HERE = "evidence?dataset=GunPoint&model=dtp-fcn/GunPoint"
QUICK = "evidence=n_random:19~steps:4~n_draws:1"


def figure(page: Page, words: str) -> Locator:
    """Return a figure by the start of its text alternative."""
    return page.locator(f"[aria-label^='{words}']").first


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_a_first_visit_shows_curves_that_can_be_taken_away(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/evidence?dataset=GunPoint")
    expect(page.get_by_text("How far can this map be trusted?")).to_be_visible()
    expect(page.get_by_text("Deleting the top 10 % of points")).to_be_visible()
    told = json.loads(download(page, "JSON"))
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    x = tscviz.load_dataset("GunPoint").X_test[0]
    wanted = judge(tscviz.load_model("dtp-fcn/GunPoint"), x, "cam", parts=["curves"]).curves
    assert wanted is not None
    assert told["method"] == "cam"
    np.testing.assert_allclose(
        told["curves"]["deletion"]["score"], wanted.deletion.score, rtol=1e-3, atol=1e-5
    )
    assert len(rows) == 6 * len(wanted.deletion.share)  # three lines in two panels


@pytest.mark.parametrize("width", [900])
def test_parts_are_gathered_when_their_tab_is_opened(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&{QUICK}")
    page.get_by_role("tab", name="Random weights").click()
    expect_address(page, "view=weights")
    expect(figure(page, "Class activation map with")).to_be_attached(timeout=60_000)
    page.get_by_role("tab", name="Agreement").click()
    expect_address(page, "view=agreement")
    expect(figure(page, "Agreement of")).to_be_attached(timeout=60_000)
    choose(page, "Deleted points become", "Straight line")
    expect_address(page, "replaced=linear")
    goto(page, f"{server.url}/{HERE}&method=attention")
    expect(page.get_by_text("No map to judge")).to_be_visible()


def test_a_run_over_cases_can_be_stopped_and_goes_on(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&{QUICK}&view=cases")
    page.get_by_role("button", name="Judge 25 cases").click()
    expect(page.get_by_text(re.compile(r"[1-9]\d* of 25 cases"))).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("of 25 cases are in these figures")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Over 25 cases deleting")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    wait_idle(page)
    told = json.loads(download(page, "JSON", 1))
    source = tscviz.load_dataset("GunPoint")
    wanted = judge_cases(
        tscviz.load_model("dtp-fcn/GunPoint"), source.X_test, "cam", n_cases=25,
        settings={"n_random": 19, "steps": 4, "n_draws": 1},
    )  # fmt: skip
    assert told["cases"]["cases"] == wanted.cases.tolist()
    gain = wanted.estimates["deletion_gain"]
    assert told["cases"]["estimates"]["deletion_gain"]["mean"] == pytest.approx(gain.mean, abs=1e-4)
