"""Time from opening a page to its heading and its first figure, in a real browser.

    python benchmarks/pages.py [--repeats 5]
    python benchmarks/pages.py --cells 10200

First visit: a server that nobody has visited, started for each repeat, at the landing page and at
every link. Switch: a click in the sidebar of one session, all pages visited before. Changed case:
the next case on the page of the segments. Seconds, median (least to greatest).

With `--cells` instead: a finished sweep of so many cells (ten models, 85 datasets, any scores),
a server that has its modules loaded, a click from the landing page to Results, the first one and
later ones: until the diagram of all cells stands, and until the page is at rest.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browse import LINKS, goto, launch, wait_idle
from tests.e2e.server import Server
from tscviz.models.registry import model_names
from tscviz.training.jobspec import JobSpec, job_id
from tscviz.training.sweep import Cell, Plan, SweepFolder, sweep_from_mapping
from tscviz.training.sweep.store import RESULT
from tscviz.training.sweep.table import store_table

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


def store_cells(home: Path, n: int) -> None:
    """Write a finished sweep with `n` made-up cells: plan, results and table."""
    rng = np.random.default_rng(0)
    kinds = [(m, f"Problem{i}") for m in model_names() for i in range(85)]
    jobs = [
        JobSpec(m, d, seed=i // len(kinds), code_version="made up")
        for i, (m, d) in zip(range(n), cycle(kinds), strict=False)
    ]
    cells = tuple(Cell(job_id(job), job) for job in jobs)
    asked = {"models": list(model_names()), "datasets": sorted({d for _, d in kinds})}
    folder = SweepFolder(home / "sweeps" / "large")
    folder.save_plan(Plan(sweep_from_mapping(asked), cells))
    for cell in cells:
        accuracy = round(float(rng.uniform(0.6, 1)), 4)
        figures = {"format": 1, "cell": cell.id, "accuracy": accuracy}
        figures |= {"flops": 1e6, "parameters": 1e5}
        folder.folder(cell.id).mkdir()
        (folder.folder(cell.id) / RESULT).write_text(json.dumps(figures), encoding="utf-8")
    store_table(folder)


def results(browser: Browser, n: int, repeats: int, times: Times) -> None:
    """Go from the landing page to Results, where a sweep of `n` cells lies."""
    with tempfile.TemporaryDirectory() as folder:
        store_cells(Path(folder) / "home", n)
        server = Server(Path(folder)).start()
        page = browser.new_page()
        goto(page, f"{server.url}/segments")  # by then all modules are loaded
        for repeat in range(repeats + 1):
            _click(page, server, LINKS[0])
            wait_idle(page)
            which = "first" if repeat == 0 else "later"
            page.locator('[data-testid="stSidebarNav"] a').nth(LINKS.index("results")).click()
            started = time.perf_counter()
            page.locator("[class*='results-critical-difference'] .main-svg").first.wait_for()
            times[f"{n} cells, {which} look: diagram"].append(time.perf_counter() - started)
            page.get_by_text(f"{n:,} finished runs").first.wait_for()
            wait_idle(page)
            times[f"{n} cells, {which} look: at rest"].append(time.perf_counter() - started - 0.15)
        page.close()
        server.stop()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Times of the pages in a real browser.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cells", type=int, help="of a sweep on the page Results, alone")
    options = parser.parse_args()
    repeats: int = options.repeats
    times: Times = defaultdict(list)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if options.cells:
            results(browser, options.cells, repeats, times)
        else:
            for _ in range(repeats):
                for link in LINKS:
                    first_visit(browser, link, times)
            switches(browser, repeats, times)
        browser.close()
    for name, values in times.items():
        print(f"{name:50} {median(values):6.2f} ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
