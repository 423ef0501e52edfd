"""The page Results in a real browser: first visit, tabs, a click on the matrix, downloads."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.browse import goto, wait_idle
from tests.e2e.server import Server


def test_the_diagram_the_pairs_and_the_table(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/results")
    expect(page.get_by_text("has the best mean rank")).to_be_visible()
    expect(page.locator("[aria-label^='Mean ranks over']").first).to_be_attached()
    page.get_by_role("tab", name="Two models").click()
    expect(page).to_have_url(re.compile("show=pairs"))
    wait_idle(page)
    expect(page.locator("[aria-label*=' against ']").first).to_be_attached()
    page.get_by_role("tab", name="Table").click()
    wait_idle(page)
    button = page.get_by_test_id("stDownloadButton").filter(has_text="LaTeX")
    with page.expect_download() as found:
        button.get_by_role("button").click()
    text = Path(found.value.path()).read_text(encoding="utf-8")
    assert text.startswith("\\begin{tabular}{l")
    assert "LSTM-FCN (published)" in text


def test_a_click_on_the_matrix_opens_its_cases(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/results?table=project/accuracy&show=confusion&dataset=GunPoint")
    chart = page.locator("[aria-label*='cases are classified correctly']").first
    drag = chart.locator("xpath=ancestor-or-self::*[@data-testid='stPlotlyChart']")
    area = drag.locator(".nsewdrag").first
    box = area.bounding_box()
    assert box is not None
    # true class 2, predicted 2: the lower right quarter, far from its middle
    area.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.95}, force=True)
    expect(page).to_have_url(re.compile("cell=1-1"), timeout=20_000)
    wait_idle(page)
    link = page.get_by_role("link", name=re.compile("What decided it: case"))
    assert "attributions?dataset=GunPoint" in str(link.get_attribute("href"))
