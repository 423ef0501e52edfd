"""Selecting cases and drawing stretches in a real browser: by mouse, by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browse import goto, wait_idle
from tests.e2e.server import Server

HERE = "attributions?dataset=GunPoint&model=dtp-fcn/GunPoint&case=3"


def place(ground: Locator, point: float) -> tuple[float, float]:
    box = ground.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * (point + 0.5) / 150, box["y"] + box["height"] / 2


def dragged(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def test_stretches_are_drawn_by_mouse_and_by_keyboard(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&methods=feature_ablation")
    page.get_by_text("Stretches: eight windows").click()
    root, ground = page.locator(".stretches"), page.locator(".stretches .ground")
    ground.scroll_into_view_if_needed()
    dragged(page, place(ground, 40), place(ground, 69))
    expect(root).to_have_attribute("data-cuts", "40,70")
    expect(page).to_have_url(re.compile("stretches=40_70"))
    dragged(page, place(ground, 69.5), place(ground, 89.5))  # the line between two stretches
    expect(root).to_have_attribute("data-cuts", "40,90")
    page.mouse.dblclick(*place(ground, 39.5))
    expect(root).to_have_attribute("data-cuts", "90")
    plot = root.locator("svg.plot")
    plot.focus()
    for key in ("End", "Shift+ArrowLeft", "Space", "Shift+ArrowLeft", "Space"):
        page.keyboard.press(key)
    expect(root).to_have_attribute("data-cuts", "90,129,140")
    expect(root.locator(".status")).to_contain_text("stretch 3 of 4, points 129–139")
    page.keyboard.press("Delete")
    expect(root).to_have_attribute("data-cuts", "90,140")
    expect(page.get_by_text("Stretches: 3 drawn by hand")).to_be_visible()


def test_a_box_and_the_prototypes_select_cases_on_all_pages(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/{HERE}&methods=saliency&view=cases&layout=umap&pick=box")
    chart = page.get_by_test_id("stPlotlyChart").nth(2)
    expect(chart.get_by_text("UMAP 1, without unit")).to_be_attached()
    expect(chart.locator(".modebar-btn.active[data-val=select]")).to_have_count(1)
    ground = chart.locator(".nsewdrag").first
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    assert box is not None
    right, bottom = box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    dragged(page, (box["x"] + 2, box["y"] + 2), (right, bottom))
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("150 selected cases")).to_be_visible()
    wait_idle(page)
    page.get_by_role("button", name="Prototypes (2)").click()
    expect(sidebar.get_by_text("2 selected cases")).to_be_visible()
    sidebar.get_by_role("button", name="Next").click()
    expect(sidebar.get_by_text(re.compile("[12] of 2 selected cases"))).to_be_visible()
    wait_idle(page)
    page.get_by_role("link", name="What if").click()
    expect(page).to_have_url(re.compile(r"what-if.*among=test\.\d+_\d+\.GunPoint"))
    expect(sidebar.get_by_text(re.compile("[12] of 2 selected cases"))).to_be_visible()
