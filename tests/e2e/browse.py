"""Driving the browser: start it, open a page, wait until the app is idle, watch for trouble."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    expect,
)
from playwright.sync_api import Error as PlaywrightError

#: URL paths of the pages that every browser test of links opens; "" is the landing page.
LINKS = (
    "",
    "classify",
    "datasets",
    "segments",
    "receptive-fields",
    "attention",
    "occlusion",
    "attributions",
    "evidence",
    "what-if",
    "train",
    "sweep",
    "results",
    "planted",
)
#: What a page may say while its server is gone.
LOST = r"WebSocket|Failed to fetch|_stcore|net::ERR|Client Error|[Cc]onnect|still running"
IDLE_MS = 60_000
CHROMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")

# Streamlit's page does not know where its server's root is: opened at /train it first asks there.
_PROBE = re.compile(r"^http://[^/]+/[\w-]+/_stcore/(health|host-config)$")

# Idle: connected, the script has ended, nothing on the page is a placeholder or out of date.
_IDLE = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app !== null
        && app.dataset.testConnectionState === 'CONNECTED'
        && app.dataset.testScriptState === 'notRunning'
        && document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]')
        && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
        && !document.querySelector('[data-stale="true"], [data-testid="stSpinner"]');
}"""


def find_chromium() -> str:
    """Return the path of the system's browser."""
    for name in CHROMES:
        if path := shutil.which(name):
            return path
    raise RuntimeError(
        "no chromium was found; Debian's package chromium-headless-shell will do (.ci/run gets it)"
    )


def launch(playwright: Playwright) -> Browser:
    """Start the system's chromium, for which no machine but this one exists."""
    return playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        ],
    )


def wait_idle(page: Page, timeout_ms: float = IDLE_MS) -> None:
    """Wait until the app has drawn the page and runs no script any more."""
    page.wait_for_function(_IDLE, timeout=timeout_ms)
    # A widget that has just appeared may start another run; idle twice in a row is idle.
    page.wait_for_timeout(150)
    page.wait_for_function(_IDLE, timeout=timeout_ms)


def goto(page: Page, url: str, timeout_ms: float = IDLE_MS) -> None:
    """Open `url` and wait until the app is idle."""
    page.goto(url, wait_until="domcontentloaded")
    wait_idle(page, timeout_ms)


def _question_of(page: Page) -> str:
    """Return the page's first line under its title."""
    expect(page.locator("h1")).to_have_count(1)
    lines = page.get_by_test_id("stMain").get_by_test_id("stMarkdown")
    expect(lines.first).to_be_visible()
    return lines.first.inner_text().strip()


def assert_finished(page: Page, color_scheme: str) -> None:
    """Fail on a traceback, an error, nothing but the frame, the wrong look or an overhang."""
    assert _question_of(page).endswith("?")
    red, green, blue = _background(page)
    assert (red + green + blue > 384) == (color_scheme == "light")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page.get_by_test_id("stSidebar").get_by_test_id("stSidebarNavLink")).to_have_count(
        len(LINKS)
    )


def _background(page: Page) -> tuple[int, int, int]:
    colour = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"
    )
    red, green, blue = (int(part) for part in colour.strip("rgba()").split(",")[:3])
    return red, green, blue


def charts(page: Page) -> Locator:
    """Return the figures of the page."""
    return page.get_by_test_id("stPlotlyChart")


def download(page: Page, kind: str, nth: int = 0) -> str:
    """Press the `nth` download button of a kind and return the text of the file."""
    wait_idle(page)  # a page that is drawn anew may swap the button under the mouse
    button = page.get_by_test_id("stDownloadButton").filter(has_text=kind).nth(nth)
    with page.expect_download() as found:
        button.get_by_role("button").click()
    return Path(found.value.path()).read_text(encoding="utf-8")


def expect_address(page: Page, part: str) -> None:
    """Wait until a click has reached the address and the page."""
    expect(page).to_have_url(re.compile(re.escape(part)), timeout=20_000)
    wait_idle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a select box of the page."""
    box = page.get_by_test_id("stMain").get_by_role("combobox", name=label)
    found = page.get_by_role("option", name=option, exact=True)
    for _ in range(4):  # a page that scrolls or is drawn anew closes the list
        wait_idle(page)
        box.scroll_into_view_if_needed()
        box.fill(option)
        with suppress(PlaywrightError):
            found.click(timeout=5_000)
            return
        page.keyboard.press("Escape")
    raise AssertionError(f"{option!r} could not be chosen from {label!r}")


@dataclass
class Watch:
    """Collects what a page must not do: errors, failed requests, requests to other machines."""

    problems: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to `page` from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def allow(self, pattern: str) -> None:
        """Accept problems that match `pattern`: the test provokes them."""
        self.allowed.append(pattern)

    def unexpected(self) -> list[str]:
        """Return the problems that the test did not announce."""
        return [p for p in self.problems if not any(re.search(a, p) for a in self.allowed)]

    def _on_console(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not _PROBE.match(place):
            self.problems.append(f"console: {message.text} ({place})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob", "about"):
            return
        if parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            self.problems.append(f"request to another machine: {request.url}")

    def _on_failure(self, request: Request) -> None:
        # Leaving a page aborts what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"request failed: {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and not _PROBE.match(response.url):
            self.problems.append(f"status {response.status}: {response.url}")
