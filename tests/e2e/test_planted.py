"""The page Planted truth in a real browser: plant, watch, cancel, leave, resume, rank, look."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import assert_finished, goto, wait_idle
from tests.e2e.server import Server
from tscviz.training.jobs import list_jobs

SLOW = 120_000
PROBLEM = "plant=n_cases%3D40%2Clength%3D40%2Cseed%3D1&plant_network=gtp-fcn&plant_cases=10"


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """Return a server with an empty home; stop what still trains."""
    server = Server(tmp_path / "server").start()
    yield server
    server.stop()
    for job in list_jobs(server.home):
        job.cancel(grace=2, wait=True)
    assert "Traceback" not in server.read_log(), server.read_log()


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def state(page: Page, word: str) -> None:
    """Wait until the run on the page is in a state."""
    expect(page.locator(".stMarkdownBadge").first).to_have_text(re.compile(word), timeout=SLOW)


def download_scores(page: Page, kind: str) -> str:
    button = page.locator(f"[class*='planted-scores_{kind}']")
    with page.expect_download() as found:
        button.get_by_role("button").click()
    return Path(found.value.path()).read_text(encoding="utf-8")


def test_from_a_cue_to_the_maps_that_find_it(page: Page, fresh_server: Server) -> None:
    goto(page, f"{fresh_server.url}/planted?{PROBLEM}&plant_epochs=500")
    assert_finished(page, "light")
    press(page, "Plant and train")
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 500, .* left")).first).to_be_visible(
        timeout=SLOW
    )
    press(page, "Cancel")
    state(page, "cancelled")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Datasets").click()
    expect(page.get_by_role("heading", name="Datasets")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Planted truth").click()
    state(page, "cancelled")
    press(page, "Resume")
    state(page, "running")
    page.reload()
    state(page, "running")
    press(page, "Cancel")
    state(page, "cancelled")
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("6")
    epochs.press("Enter")
    press(page, "Plant and train")
    expect(page.get_by_text("finds the cue best").first).to_be_visible(timeout=SLOW)
    wait_idle(page)
    rows = list(csv.DictReader(io.StringIO(download_scores(page, "CSV"))))
    told = json.loads(download_scores(page, "JSON"))
    assert told["problem"] == "planted:n_cases=40,length=40,seed=1"
    assert [row["method"] for row in rows if row["rank"]] == [s["title"] for s in told["scores"]]
    assert len(told["cases"]) == 10
    assert {row["method"] for row in rows if not row["rank"]} == {
        "Attention",
        "Receptive-field CAM",
    }
    expect(page.locator("[aria-label*='Planted: points']")).to_be_attached()
    page.get_by_role("link", name="Open in Attributions").click()
    expect(page.get_by_role("heading", name="Attributions")).to_be_visible()
    case = told["cases"][0]
    expect(
        page.get_by_text(f"planted:n_cases=40,length=40,seed=1, test case {case}")
    ).to_be_visible(timeout=SLOW)
    wait_idle(page)
