"""Browser tests: one browser, a server of the session or of the test, and a watched page.

A test asks for `server` (shared, for looking), `module_server` (its file's own) or `fresh_server`
(its own, for jobs, files and first visits), and for `page`. Parametrise `color_scheme` and `width`
to see other looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.browse import Watch, launch
from tests.e2e.server import Server

FAILURES = Path(__file__).with_name("failures")
REPORT = pytest.StashKey[pytest.TestReport]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, and give a browser on a busy machine time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(300))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember how the test went, so that `page` knows whether to keep a picture."""
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the one browser of the session."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server that all tests share; leave nothing behind in its home."""
    yield from _served(Server(tmp_path_factory.mktemp("server")))


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server whose home holds what the tests of one file put there."""
    yield from _served(Server(tmp_path_factory.mktemp("module")))


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """Return a server that nobody has visited, with an empty home."""
    yield from _served(Server(tmp_path / "server"))


def _served(server: Server) -> Iterator[Server]:
    server.start()
    yield server
    server.stop()
    log = server.read_log()
    assert "Traceback" not in log, log


@pytest.fixture
def color_scheme() -> str:
    """Return what the visitor's browser prefers; parametrise with "light" and "dark"."""
    return "light"


@pytest.fixture
def width() -> int:
    """Return the width of the window in pixels."""
    return 1440


@pytest.fixture
def context(browser: Browser, color_scheme: str, width: int) -> Iterator[BrowserContext]:
    """Return a visitor: no cookies, no cache, nothing stored."""
    context = browser.new_context(
        color_scheme=color_scheme,  # pyright: ignore[reportArgumentType]
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def watch() -> Watch:
    """Return the list of what went wrong in `page`; `watch.allow(regex)` announces a problem."""
    return Watch()


@pytest.fixture
def page(context: BrowserContext, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return a page whose errors, failed and foreign requests fail the test at its end."""
    page = context.new_page()
    watch.attach(page)
    yield page
    report = request.node.stash.get(REPORT, None)
    problems = watch.unexpected()
    if problems or report is None or report.failed:
        _keep_picture(page, request.node.nodeid)
    page.goto("about:blank")  # a server that is stopped next would leave errors on the page
    assert not problems, "the page had problems:\n" + "\n".join(problems)


def _keep_picture(page: Page, nodeid: str) -> None:
    FAILURES.mkdir(exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", nodeid.rpartition("/")[2])
    page.screenshot(path=FAILURES / f"{name}.png", full_page=True)
    (FAILURES / f"{name}.html").write_text(page.content(), encoding="utf-8")
