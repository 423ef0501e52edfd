"""The What-if editor in a real browser: drags, keyboard, undo and redo, buttons, table, files."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

import tscviz
from tests.e2e.browse import download, goto, wait_idle
from tests.e2e.editor import WAIT_MS, Editor
from tests.e2e.server import Server
from tscviz.explain.baselines import reference_series
from tscviz.explain.brush import brush_weights

GUN = "what-if?dataset=GunPoint&model=dtp-fcn/GunPoint&case=3"


def open_cell(page: Page, row: int, share: float) -> Locator:
    """Open a cell of the page's table, `share` of its width from the left; return its input."""
    grid = page.get_by_test_id("stDataFrame")
    cell = page.locator("#portal input, #portal textarea").last
    for _ in range(8):  # a grid that is still being drawn, or that moves, takes no keys
        wait_idle(page)
        grid.scroll_into_view_if_needed()
        width = grid.evaluate("grid => grid.getBoundingClientRect().width")
        grid.click(position={"x": width * share, "y": 35 * (row + 1.5)})
        page.keyboard.press("Enter")
        with suppress(PlaywrightError):
            cell.wait_for(timeout=2_000)
            return cell
        page.keyboard.press("Escape")
    raise AssertionError("the table opened no cell")


@pytest.fixture
def editor(page: Page, server: Server) -> Editor:
    """Return the editor of a GunPoint case."""
    goto(page, f"{server.url}/{GUN}")
    return Editor(page)


def test_a_drag_is_previewed_then_answered_and_can_be_undone(page: Page, editor: Editor) -> None:
    line = editor.plot.locator("path.line")
    before = line.get_attribute("d")
    start, end = editor.at(75, 0.5), editor.at(75, 0.2)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    assert line.get_attribute("d") != before  # drawn here, while the button is held ...
    expect(editor.root.locator("button[data-name='undo']")).to_be_disabled()  # ... and not sent
    page.mouse.up()
    editor.answered()
    table = editor.table()
    change = table["edited"] - table["original"]
    assert int(np.abs(change).argmax()) == 75
    np.testing.assert_allclose(
        change, change[75] * brush_weights(np.arange(150) - 75, 15), atol=1e-4
    )
    model = tscviz.load_model("dtp-fcn/GunPoint")
    proba = model.predict_proba(table["edited"].astype(np.float32)[None, None])[0]
    told = json.loads(download(page, "JSON"))
    np.testing.assert_allclose(told["after"]["probabilities"], proba, atol=1e-3)
    expect(editor.root.locator(".extent")).to_contain_text("points changed")

    editor.plot.focus()
    page.keyboard.press("Control+z")
    editor.answered()
    expect(editor.root.locator(".extent")).to_have_text("nothing changed yet")
    assert line.get_attribute("d") == before
    page.keyboard.press("Control+Shift+z")
    editor.answered()
    np.testing.assert_allclose(editor.table()["edited"], table["edited"], atol=1e-6)
    editor.press("reset")
    expect(editor.root.locator(".extent")).to_have_text("nothing changed yet")
    editor.press("undo")  # the reset can be taken back as well
    expect(editor.root.locator(".extent")).to_contain_text("points changed")


def test_a_class_flips_by_hand_and_by_a_counterfactual(page: Page, editor: Editor) -> None:
    for t in (30, 40, 50, 60, 70, 80, 90, 100, 110):
        editor.drag(editor.at(t, 0.6), editor.at(t, 0.95 if t < 90 else 0.2))
    first = editor.root.locator(".chip[data-name='before']").inner_text()
    assert "class 1" in first
    page.get_by_role("button", name="Native guide").click()
    expect(editor.root.locator(".verdict")).to_have_text("the class flips", timeout=WAIT_MS)
    expect(editor.root.locator(".told")).to_contain_text("Nearest training case")
    # two drags one right after the other: neither is lost
    wait_idle(page)
    undo = editor.root.locator("button[data-name='undo']")
    editor.drag(editor.at(20, 0.6), editor.at(20, 0.4), edits=False)
    editor.drag(editor.at(25, 0.6), editor.at(25, 0.4), edits=False)
    editor.answered(2)
    for text in ("drag point 25", "drag point 20", "native guide"):
        expect(undo).to_have_attribute("title", f"Undo: {text} (Ctrl+Z)")
        editor.press("undo")


def test_a_stretch_is_selected_and_worked_on(page: Page, editor: Editor) -> None:
    page.keyboard.down("Shift")
    editor.drag(editor.at(60, 0.5), editor.at(89, 0.5), edits=False)
    page.keyboard.up("Shift")
    first = editor.root.get_by_label("First point of the stretch")
    expect(first).to_have_value("60")
    expect(editor.root.get_by_label("Last point of the stretch")).to_have_value("89")
    editor.drag(editor.at(70, 0.5), editor.at(70, 0.7))  # down
    table = editor.table()
    change = table["edited"] - table["original"]
    np.testing.assert_allclose(change[64:86], change[75], atol=1e-4)
    assert change[75] < 0
    np.testing.assert_array_equal(change[:60], 0)
    handle = editor.plot.locator(".handle.scale circle").bounding_box()
    assert handle is not None
    middle = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    editor.drag(middle, (middle[0], middle[1] - 40))
    undo = editor.root.locator("button[data-name='undo']")
    expect(undo).to_have_attribute("title", "Undo: scale points 60–89 (Ctrl+Z)")
    editor.drag(editor.at(70, 0.5), editor.at(80, 0.5))  # sideways
    expect(undo).to_have_attribute("title", "Undo: shift points 60–89 (Ctrl+Z)")
    expect(first).to_have_value("70")
    first.fill("40")
    first.press("Enter")
    for name, text in (("Smooth as wide as the brush", "smooth"), ("Scale up", "scale")):
        editor.press(name)
        expect(undo).to_have_attribute("title", f"Undo: {text} points 40–99 (Ctrl+Z)")
    editor.root.get_by_label("What the stretch is replaced by").select_option("mean of class 2")
    editor.press("Replace the stretch")
    model = tscviz.load_model("dtp-fcn/GunPoint")
    x = table["original"].astype(np.float32)[None]
    mean = reference_series("class_mean", model, x, 1)[0]
    np.testing.assert_allclose(editor.table()["edited"][44:96], mean[44:96], atol=1e-4)


def test_the_keyboard_edits_selects_and_undoes(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/what-if?dataset=BasicMotions&model=dtp-fcn/BasicMotions")
    editor = Editor(page, 100)
    editor.plot.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    status = editor.root.locator(".status")
    expect(status).to_contain_text("point 11 · channel 2")
    for _ in range(3):  # a held key: three steps, one edit
        page.keyboard.down("ArrowUp")
    page.keyboard.up("ArrowUp")
    editor.answered()
    table = editor.table()
    change = table["edited, channel 2"] - table["original, channel 2"]
    assert int(change.argmax()) == 11
    assert change[11] > 0
    np.testing.assert_array_equal(table["edited, channel 1"], table["original, channel 1"])
    editor.plot.focus()
    page.keyboard.press("[")
    expect(editor.root.locator("output")).to_have_text("9 points")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    expect(editor.root.get_by_label("First point of the stretch")).to_have_value("11")
    expect(editor.root.get_by_label("Last point of the stretch")).to_have_value("21")
    page.keyboard.press("Shift+ArrowDown")
    editor.answered()
    undo = editor.root.locator("button[data-name='undo']")
    expect(undo).to_have_attribute("title", "Undo: move points 11–21 (Ctrl+Z)")
    page.keyboard.press("Control+z")
    editor.answered()
    expect(undo).to_have_attribute("title", "Undo: drag point 11 (Ctrl+Z)")
    page.keyboard.press("Escape")
    expect(editor.root.get_by_label("First point of the stretch")).to_have_value("")
    expect(editor.plot).to_have_attribute("aria-label", "Editor of BasicMotions, test case 0: "
                                          "100 points of 6 channels")  # fmt: skip


def test_drawing_and_the_table_are_one_series(page: Page, editor: Editor) -> None:
    editor.root.get_by_role("button", name="Draw").click()
    slider = editor.root.get_by_label("Width of the brush in points")
    slider.fill("1")
    editor.drag(editor.at(100, 0.3), editor.at(120, 0.3))
    table = editor.table()
    np.testing.assert_allclose(table["edited"][100:121], table["edited"][110], atol=1e-4)
    page.get_by_text("Values as a table").click()
    wait_idle(page)
    cell = open_cell(page, row=2, share=5 / 6)  # of column "edited"
    cell.fill("2.5")
    cell.press("Enter")
    undo = editor.root.locator("button[data-name='undo']")
    expect(undo).to_have_attribute("title", "Undo: type point 2 (Ctrl+Z)", timeout=WAIT_MS)
    again = editor.table()
    assert again["edited"][2] == pytest.approx(2.5)
    np.testing.assert_allclose(again["edited"][3:], table["edited"][3:], atol=1e-6)
