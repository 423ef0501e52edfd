"""Time from opening a page to its heading and its first figure, in a real browser.

    python benchmarks/pages.py [--repeats 5]

First visit: a server that nobody has visited, started for each repeat, at the landing page and at
every link. Switch: a click in the sidebar of one session, all pages visited before. Changed case:
the next case on the page of the segments. Seconds, median (least to greatest).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browse import LINKS, goto, launch, wait_idle
from tests.e2e.server import Server

#: Notes when the first heading and the first figure are there, in milliseconds since navigation.
OBSERVER = """
window.seen = {};
new MutationObserver(() => {
    for (const [what, where] of [["heading", "h1"], ["first figure", ".js-plotly-plot .main-svg"]])
        if (!(what in window.seen) && document.querySelector(where))
            window.seen[what] = performance.now();
}).observe(document, {childList: true, subtree: true});
"""
Times = dict[str, list[float]]


def first_visit(browser: Browser, link: str, times: Times) -> None:
    """Open one page of a fresh server; a page without a figure has a time for its heading only."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        page = browser.new_page()
        page.add_init_script(OBSERVER)
        goto(page, f"{server.url}/{link}")
        for what, milliseconds in page.evaluate("window.seen").items():
            times[f"first visit, /{link}: {what}"].append(milliseconds / 1000)
        page.close()
        server.stop()


def switches(browser: Browser, repeats: int, times: Times) -> None:
    """Go from page to page in one session."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        page = browser.new_page()
        for link in LINKS:
            goto(page, f"{server.url}/{link}")
        for _ in range(repeats):
            for link in LINKS:
                _click(page, server, link)
                times[f"switch to /{link}"].append(_until_idle(page))
        page.close()
        server.stop()


def _click(page: Page, server: Server, link: str) -> None:
    page.locator('[data-testid="stSidebarNav"] a').nth(LINKS.index(link)).click()
    page.wait_for_url(f"{server.url}/{link}**")


def _until_idle(page: Page) -> float:
    started = time.perf_counter()
    wait_idle(page)
    return time.perf_counter() - started - 0.15  # the pause within `wait_idle`


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Times of the pages in a real browser.")
    parser.add_argument("--repeats", type=int, default=5)
    repeats: int = parser.parse_args().repeats
    times: Times = defaultdict(list)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for _ in range(repeats):
            for link in LINKS:
                first_visit(browser, link, times)
        switches(browser, repeats, times)
        browser.close()
    for name, values in times.items():
        print(f"{name:50} {median(values):6.2f} ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
