"""A sweep in a real browser: started, watched by two, cancelled, resumed, its server killed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browse import LOST, Watch, assert_finished, goto, wait_idle
from tests.e2e.server import Server
from tests.training.sweep.tools import CODE, assert_whole
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
    # The first: while the page is drawn anew, the tiles of before stand under it.
    found = page.get_by_test_id("stMetric").filter(has_text=re.compile(f"^{label}")).first
    expect(found.get_by_test_id("stMetricValue")).to_have_text(re.compile(text), timeout=timeout)


def start(page: Page, server: Server, file: Path, epochs: int) -> SweepFolder:
    """Start a sweep of four cells from an uploaded file; return once one is at work."""
    file.write_text(
        'preset = "quick"\nseeds = 2\ndatasets = ["UnitTest", "ItalyPowerDemand"]\n'
        f'models = ["gtp-fcn"]\noptions = {{ epochs = {epochs}, test_every = 60 }}\n'
        f'code_version = "{CODE}"\n'
    )
    goto(page, f"{server.url}/sweep")
    assert_finished(page, "light")
    page.locator('input[type="file"]').set_input_files(file)
    tile(page, "Cells", "^4$")
    wait_idle(page)  # while the form is drawn anew there are two buttons
    page.get_by_role("button", name="Start sweep").click()
    page.wait_for_url(re.compile("sweep=sweep-1"), timeout=START)
    tile(page, "Running", "^[1-9]")
    assert server.home is not None
    return SweepFolder(server.home / "sweeps" / "sweep-1")


def test_start_watch_cancel_in_another_browser_reload_resume(
    page: Page, context: BrowserContext, watch: Watch, fresh_server: Server, tmp_path: Path
) -> None:
    folder = start(page, fresh_server, tmp_path / "sweep.toml", 60)
    second = context.new_page()
    watch.attach(second)
    goto(second, f"{fresh_server.url}/sweep?sweep=sweep-1")
    tile(second, "Running", "^[1-9]")
    second.get_by_role("button", name="Cancel").click()
    for visitor in (second, page):  # nobody reloads
        expect(visitor.get_by_role("button", name="Resume")).to_be_visible(timeout=START)
        expect(visitor.get_by_text("Nothing runs.")).to_be_visible()
        tile(visitor, "Running", "^0$")
    assert not folder.schedulers()
    second.close()
    page.reload()
    tile(page, "Done", "^[0-3]$")
    page.get_by_role("button", name="Resume").click()
    tile(page, "Done", "^4$", SLOW)
    expect(page.locator(".stMarkdownBadge").first).to_have_text(re.compile("done"), timeout=START)

    grid = page.locator(".js-plotly-plot .scatterlayer .points path")
    expect(grid).to_have_count(4, timeout=START)
    opens = page.get_by_role("button", name="Open this model in the app")
    for _ in range(4):  # a grid that is drawn anew takes no click
        wait_idle(page)
        grid.first.click(force=True)
        with suppress(AssertionError):
            expect(opens).to_be_visible(timeout=5_000)
            break
    opens.click()
    expect(page.get_by_role("link", name="Explain its decisions")).to_be_visible(timeout=START)


def test_a_sweep_goes_on_when_the_server_is_killed_and_is_found_again(
    page: Page, watch: Watch, fresh_server: Server, tmp_path: Path
) -> None:
    watch.allow(LOST)
    folder = start(page, fresh_server, tmp_path / "sweep.toml", 40)
    fresh_server.kill()
    states = [folder.state(cell).state for cell in folder.cells()]
    assert states.count("done") < 4
    assert folder.schedulers()
    fresh_server.start()  # at the same address; the page that was open finds it again
    tile(page, "Done", "^4$", SLOW)
    page.reload()
    tile(page, "Done", "^4$")
    assert_whole(folder)
