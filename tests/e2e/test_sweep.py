"""A sweep in a real browser: started, watched while it fills, cancelled, resumed, read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import goto
from tests.e2e.server import Server
from tscviz.training.sweep import SweepFolder

START, SLOW = 60_000, 150_000


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """Return a server with an empty home; stop what it still trains."""
    server = Server(tmp_path / "server").start()
    yield server
    server.stop()
    assert server.home is not None
    SweepFolder(server.home / "sweeps" / "sweep-1").cancel()
    assert "Traceback" not in server.read_log(), server.read_log()


def tile(page: Page, label: str, text: str, timeout: float = START) -> None:
    """Wait until a tile says `text`."""
    found = page.get_by_test_id("stMetric").filter(has_text=re.compile(f"^{label}"))
    expect(found.get_by_test_id("stMetricValue")).to_have_text(re.compile(text), timeout=timeout)


def test_start_watch_cancel_reload_resume(page: Page, fresh_server: Server, tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(
        'preset = "quick"\nseeds = 2\ndatasets = ["UnitTest", "ItalyPowerDemand"]\n'
        'models = ["gtp-fcn"]\noptions = { epochs = 60, test_every = 60 }\n'
    )
    goto(page, f"{fresh_server.url}/sweep")
    page.locator('input[type="file"]').set_input_files(file)
    tile(page, "Cells", "^4$")
    page.get_by_role("button", name="Start sweep").click()
    page.wait_for_url(re.compile("sweep=sweep-1"), timeout=START)
    tile(page, "Running", "^[1-9]")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=START)
    page.reload()
    tile(page, "Done", "^[0-3]$")
    page.get_by_role("button", name="Resume").click()
    tile(page, "Done", "^4$", SLOW)
    expect(page.locator(".stMarkdownBadge").first).to_have_text(re.compile("done"), timeout=START)

    grid = page.locator(".js-plotly-plot .scatterlayer .points path")
    expect(grid).to_have_count(4, timeout=START)
    grid.first.click(force=True)
    page.get_by_role("button", name="Open this model in the app").click()
    expect(page.get_by_role("link", name="Explain its decisions")).to_be_visible(timeout=START)
