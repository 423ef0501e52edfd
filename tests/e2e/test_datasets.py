"""The map of cases in a real browser: a click selects a point, a dragged box those inside it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browse import goto, wait_idle
from tests.e2e.server import Server


def middle(point: Locator) -> tuple[float, float]:
    box = point.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_cases_are_selected_by_a_click_and_by_a_box(server: Server, page: Page) -> None:
    goto(page, f"{server.url}/datasets?dataset=GunPoint&view=find")
    page.get_by_role("tab", name="Find a case").click()
    points = page.locator(".scatterlayer .points path:visible")
    expect(points).to_have_count(153)  # 150 cases, two prototypes and the ring
    wait_idle(page)
    page.mouse.click(*middle(points.nth(120)))
    expect(page.get_by_text("1 selected, on all pages", exact=False)).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Use case \d+ on all pages")).click()
    expect(page).to_have_url(re.compile(r"case=[1-9]"))
    page.get_by_test_id("stButtonGroup").get_by_text("dragging a box").click()
    wait_idle(page)
    chart = page.get_by_test_id("stPlotlyChart").first
    expect(chart.locator(".modebar-btn.active[data-val=select]")).to_have_count(1)
    box = chart.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=4)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"1\d\d selected, the first 100 listed"))).to_be_visible()
