"""Pictures of every page, light and dark, wide and narrow: `make shots`.

Usage: python -m tests.e2e.shots FOLDER [LINK ...]     (a link may carry a query: segments?case=3)
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browse import LINKS, Watch, goto, launch
from tests.e2e.server import Server

WIDTHS = (1440, 900)
SCHEMES = ("light", "dark")
MAX_HEIGHT = 6000


def take(browser: Browser, url: str, path: Path, scheme: str, width: int) -> list[str]:
    """Save one picture of the whole page and return what went wrong on it."""
    context = browser.new_context(
        color_scheme=scheme,  # pyright: ignore[reportArgumentType]
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    page = context.new_page()
    watch = Watch()
    watch.attach(page)
    goto(page, url)
    # Streamlit scrolls an inner pane: make the window as high as its content.
    height = page.evaluate(
        "Math.max(...['stMain', 'stSidebarContent'].map(id => "
        'document.querySelector(`[data-testid="${id}"]`)?.scrollHeight ?? 0))'
    )
    page.set_viewport_size({"width": width, "height": min(max(900, height), MAX_HEIGHT)})
    page.wait_for_timeout(700)
    page.screenshot(path=path)
    context.close()
    return watch.unexpected()


def main(folder: Path, links: tuple[str, ...]) -> int:
    """Take all pictures; return 1 if a page had problems."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        server = Server(Path(temporary)).start()
        browser = launch(playwright)
        try:
            for link in links:
                name = re.sub(r"\W+", "-", link) or "overview"
                for scheme in SCHEMES:
                    for width in WIDTHS:
                        path = folder / f"{name}-{scheme}-{width}.png"
                        problems = take(browser, f"{server.url}/{link}", path, scheme, width)
                        print(path, *problems, sep="\n  ")
                        failed |= bool(problems)
        finally:
            browser.close()
            server.stop()
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), tuple(sys.argv[2:]) or LINKS))
