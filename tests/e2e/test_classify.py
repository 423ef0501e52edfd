"""The classify page in a real browser: files are dropped, results read, tables downloaded."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import IDLE_MS, goto, wait_idle
from tests.e2e.server import Server
from tests.ui.classify_tools import motions_csv, rows_of
from tests.ui.conftest import HOSTILE
from tscviz.data import load_dataset, prepare
from tscviz.models import load_model

ANSWER = re.compile(r"^Class .+ %\.")


def drop(page: Page, name: str, content: list[str] | bytes) -> None:
    """Give the page a file and wait for what it makes of it."""
    data = content if isinstance(content, bytes) else "\n".join(content).encode()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    expect(page.get_by_test_id("stFileUploader").get_by_text(name)).to_be_visible()
    # Said only while there is no file of one's own: its run has begun once this is gone.
    expect(page.get_by_text("Until you drop a file")).to_have_count(0, timeout=IDLE_MS)
    wait_idle(page)


def answer(page: Page) -> str:
    """Return the main sentence."""
    return page.get_by_role("heading", name=ANSWER).inner_text()


def no_answer(page: Page) -> None:
    """Fail where a result is shown."""
    expect(page.get_by_role("heading", name=ANSWER)).to_have_count(0)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def downloaded(page: Page, label: str, *, last: bool = True) -> bytes:
    """Press a download button and return the file."""
    wait_idle(page)  # a page that is drawn anew may swap the button under the mouse
    button = page.get_by_test_id("stDownloadButton").filter(has_text=label).get_by_role("button")
    with page.expect_download(timeout=60_000) as found:
        (button.last if last else button.first).click()
    return Path(found.value.path()).read_bytes()


def expected(name: str, n: int) -> tuple[list[str], np.ndarray]:
    """Return classes and probabilities of `rows_of`, computed without the page."""
    data, model = load_dataset(name), load_model(f"dtp-fcn/{name}")
    X = np.round(2.5 * data.X_test[:n].astype(np.float64) + 7, 5)
    proba = model.predict_proba(prepare(X, None, model.preparation).X)
    return [model.classes[k] for k in proba.argmax(1)], proba.max(1)


def test_a_file_gives_class_probability_and_stretch_and_the_map_can_be_taken_away(
    page: Page, server: Server
) -> None:
    goto(page, f"{server.url}/classify")
    drop(page, "gun.csv", rows_of("GunPoint", 8))
    classes, proba = expected("GunPoint", 8)
    assert answer(page).startswith(f"Class {classes[0]}, > 99.9 %. Points ")
    assert answer(page).endswith("speak most for it.")
    expect(page.get_by_text("8 series of 150 points, 1 channel. Labels: 1")).to_be_visible()
    expect(page.get_by_text("set to mean 0 and standard deviation 1")).to_be_visible()
    table = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert [row["class"] for row in table] == classes
    np.testing.assert_allclose([float(row["probability"]) for row in table], proba, atol=2e-4)
    assert {row["agrees"] for row in table} == {"yes"}
    points = list(csv.DictReader(io.StringIO(downloaded(page, "CSV", last=False).decode())))
    assert [row["time point"] for row in points] == [str(t) for t in range(150)]
    assert {row["segment"] for row in points} == {"1", "2", "3", "4"}
    assert max(float(row["CAM"]) for row in points) > 0
    assert downloaded(page, "PNG").startswith(b"\x89PNG")
    assert downloaded(page, "SVG").startswith(b"<svg")
    assert b"<!doctype html>" in downloaded(page, "HTML")


def test_semicolons_and_decimal_commas(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/classify?dataset=ItalyPowerDemand&model=dtp-fcn/ItalyPowerDemand")
    drop(page, "italy.csv", rows_of("ItalyPowerDemand", 5, sep=";", decimal=","))
    classes, _ = expected("ItalyPowerDemand", 5)
    assert answer(page).startswith(f"Class {classes[0]}, ")
    expect(page.get_by_text("Text with semicolon between cells, decimal comma")).to_be_visible()
    table = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert [row["class"] for row in table] == classes


def broken(kind: str) -> list[str] | bytes:
    """Return a file that cannot be used."""
    rows = rows_of("GunPoint", 6)
    if kind == "text":
        rows[3] = ",".join([*rows[3].split(",")[:20], "abc", *rows[3].split(",")[21:]])
    elif kind == "ragged":
        rows[5] = ",".join(rows[5].split(",")[:100])
    elif kind == "garbage":
        return np.random.default_rng(0).bytes(4000)
    return rows


def test_each_broken_file_is_one_clear_box(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/classify")
    for kind, sentence in (
        ("text", "broken.csv cannot be read. Row 4, column 21: found 'abc'"),
        ("ragged", "broken.csv cannot be read. Row 6: the row has 100 cells where 151"),
        ("garbage", "broken.csv cannot be read. Row 1: found"),
    ):
        drop(page, "broken.csv", broken(kind))
        box = page.get_by_test_id("stAlert")
        expect(box).to_have_count(1)
        assert sentence in box.inner_text()
        no_answer(page)
        page.get_by_test_id("stFileUploader").get_by_role(
            "button", name="Remove broken.csv"
        ).click()
        expect(page.get_by_text("Until you drop a file")).to_be_visible(timeout=IDLE_MS)
        wait_idle(page)
        assert answer(page).startswith("Class 1, ")


def test_several_channels(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/classify")
    drop(page, "motions.csv", motions_csv())
    box = page.get_by_test_id("stAlert")
    assert "The series have 6 channels; DTP-FCN on GunPoint takes 1." in box.inner_text()
    no_answer(page)
    page.get_by_role("button", name="on BasicMotions").first.click()
    wait_idle(page)
    assert re.match(r"Class (Standing|Running|Walking|Badminton), [>\d. ]+%\. ", answer(page))
    table = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert [row["name"] for row in table] == ["m0", "m20"]
    data, model = load_dataset("BasicMotions"), load_model("dtp-fcn/BasicMotions")
    wanted = model.predict_proba(data.X_test[[0, 20]])
    for name, column in zip(model.classes, wanted.T, strict=True):
        found = [float(row[f"probability of {name}"]) for row in table]
        np.testing.assert_allclose(found, column, atol=1e-3)


def test_hostile_labels_stay_text_on_the_page_and_in_the_download(
    page: Page, server: Server
) -> None:
    goto(page, f"{server.url}/classify")
    drop(page, "![x](y).csv", rows_of("GunPoint", 4, labels=HOSTILE))
    assert answer(page).startswith("Class ")
    main = page.get_by_test_id("stMain")
    expect(main.locator("img[src*=evil], img[src='x'], a[href*=javascript]")).to_have_count(0)
    expect(main.get_by_text("none of the model's classes").first).to_be_visible()
    table = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert [row["label"] for row in table] == [*HOSTILE[:3], "'=cmd()"]


def test_a_guess_is_overridden_in_the_form(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/classify")
    drop(page, "gun.csv", rows_of("GunPoint", 3))
    page.get_by_text("Change how the file is read").click()
    wait_idle(page)
    expect(page.get_by_text("Why it was read this way")).to_be_visible()
    box, none = page.get_by_role("combobox", name="Class label"), page.get_by_role("option")
    none = none.filter(has_text=re.compile("^none$"))
    for _ in range(3):  # a key that comes before the list has its data opens nothing
        box.press("ArrowDown")
        page.wait_for_timeout(1500)
        if none.count():
            break
    none.click()
    page.get_by_role("button", name="Read again with these settings").click()
    expect(page.get_by_text("3 series of 151 points, 1 channel.")).to_be_visible(timeout=IDLE_MS)
    wait_idle(page)
    assert answer(page).startswith("Class ")


def test_pasted_text(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/classify?way=paste")
    text = "\n".join(row.replace(",", "\t") for row in rows_of("GunPoint", 2))
    page.get_by_role("textbox", name="Rows of numbers").fill(text)
    page.get_by_role("button", name="Classify", exact=True).click()
    expect(page.get_by_text("Text with tab between cells")).to_be_visible()
    wait_idle(page)
    classes, _ = expected("GunPoint", 2)
    assert answer(page).startswith(f"Class {classes[0]}, ")


@pytest.mark.parametrize("width", [900])
@pytest.mark.parametrize("color_scheme", ["dark"])
def test_nothing_hangs_over_a_narrow_window(
    color_scheme: str, width: int, page: Page, server: Server
) -> None:
    goto(page, f"{server.url}/classify")
    drop(page, "gun.csv", rows_of("GunPoint", 3))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
