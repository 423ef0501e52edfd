"""The report of a case in a real browser without a network: nothing asked for, nothing wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.browse import Watch
from tscviz import load_dataset, load_model
from tscviz.explain import explain
from tscviz.explain.case_report import ReportMap, case_report
from tscviz.explain.replay import replay
from tscviz.explain.spec import DatasetCase
from tscviz.explain.spec_reading import parse_spec
from tscviz.figures.report import report_html
from tscviz.models import Classifier

EVIL = '</script><img src="http://evil.example/x" onerror="window.pwned=1"> $x$ %{y} "a\'b"'
OPTIONS: dict[str, Any] = {"window": 20, "stride": 5}


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bundled = load_model("dtp-fcn/GunPoint")
    evil = Classifier(bundled.module, (EVIL, "2"), {**bundled.card, "name": EVIL})
    x = load_dataset("GunPoint").X_test[3]
    maps = [
        ReportMap(explain(evil, x, "occlusion", target=0, **OPTIONS), OPTIONS, f"Drops {EVIL}."),
        ReportMap(explain(evil, x, "saliency", target=0, against=1)),
    ]
    place = DatasetCase("GunPoint", "test", 3)
    told = case_report(evil, x, maps, title=f"Case of {EVIL}", target=0, label=0, case=place)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html(told), encoding="utf-8")
    return path


@pytest.fixture
def opened(page: Page, context: BrowserContext, watch: Watch, written: Path) -> Page:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    context.set_offline(True)
    watch.allow(re.escape(f"request to another machine: {written.as_uri()}"))
    page.goto(written.as_uri())
    page.wait_for_selector("body[data-drawn]")
    assert requests == [written.as_uri()]
    return page


@pytest.fixture
def asked(page: Page) -> Callable[[], list[str]]:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    return lambda: [url for url in urls if not url.startswith(("blob:", "data:"))]


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds; the page's policy forbids `wait_for_function` its eval."""
    for _ in range(400):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not become so within twenty seconds")


def colours(page: Page) -> tuple[str, str, str]:
    """Return the colours of the page, of a figure's axis titles and of its line."""
    found = page.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor,
                  document.getElementById('series').layout.font.color,
                  document.getElementById('series').data[0].line.color]"""
    )
    return found[0], found[1], found[2]


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_every_figure_is_drawn_in_the_readers_look(opened: Page, color_scheme: str) -> None:
    names = opened.evaluate("[...document.querySelectorAll('.chart')].map(c => c.id)")
    assert names == ["series", "prediction", "native", "parts", "map-1", "map-2"]
    for name in names:
        assert opened.locator(f"#{name} svg.main-svg").first.is_visible()
        assert len(opened.locator(f"#{name}").get_attribute("aria-label") or "") > 20
    dark = color_scheme == "dark"
    assert colours(opened)[:2] == (
        ("rgb(14, 17, 23)", "#e8ebf0") if dark else ("rgb(255, 255, 255)", "#1f2430")
    )
    before = colours(opened)[1]
    opened.emulate_media(color_scheme="light" if dark else "dark")
    eventually(opened, lambda: colours(opened)[1] != before)
    assert (colours(opened)[0] == "rgb(255, 255, 255)") == dark
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_labels_stay_text(
    opened: Page, asked: Callable[[], list[str]], watch: Watch
) -> None:
    watch.allow("Content Security Policy")  # provoked at the end
    assert opened.evaluate("window.pwned") is None
    assert opened.locator("img").count() == 0
    assert opened.locator("h1").inner_text().startswith("Case of </script><img src=")
    assert "Drops </script><img" in opened.locator(".evidence").inner_text()
    # the page forbids itself requests, even those its own script would make
    blocked = opened.evaluate(
        "fetch('http://127.0.0.1:9/').then(() => 'asked', error => error.name)"
    )
    assert blocked == "TypeError"
    assert asked() == []


def test_map_and_specification_are_saved_and_replay(opened: Page, tmp_path: Path) -> None:
    saved = {}
    for label in ("CSV", "JSON", "spec.json"):
        with opened.expect_download() as caught:
            opened.get_by_role("button", name=label, exact=True).first.click()
        file = tmp_path / caught.value.suggested_filename
        caught.value.save_as(file)
        saved[label] = file
    assert [file.name for file in saved.values()] == [
        "1-occlusion.csv",
        "1-occlusion.json",
        "1-occlusion-spec.json",
    ]
    spec = parse_spec(saved["spec.json"].read_text(encoding="utf-8"))
    bundled = load_model("dtp-fcn/GunPoint")
    evil = Classifier(bundled.module, (EVIL, "2"), {**bundled.card, "name": EVIL})
    again = replay(spec, evil)
    assert again.identical
    document = json.loads(saved["JSON"].read_text(encoding="utf-8"))
    np.testing.assert_array_equal(np.float32(document["values"]), again.attribution.values)
    assert document["target"] == EVIL
    assert saved["CSV"].read_text(encoding="utf-8").splitlines()[0] == "time point,value,occlusion"


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_paper_gets_the_light_look(opened: Page) -> None:
    state = """[document.getElementById('series').layout.font.color,
                document.getElementById('series')._fullLayout.width,
                document.querySelectorAll('details[open]').length]"""
    before = opened.evaluate(state)
    assert before[0] == "#e8ebf0"
    opened.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {state} }})")
    assert opened.pdf().startswith(b"%PDF")
    assert opened.evaluate("window.printed") == ["#1f2430", 670, 2]
    eventually(opened, lambda: opened.evaluate(state) == before)
