"""Every page can be the first that anybody opens, by its link, in light and in dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import LINKS, Watch, goto
from tests.e2e.server import Server


def question_of(page: Page) -> str:
    """Return the page's first line under its title."""
    expect(page.locator("h1")).to_have_count(1)
    lines = page.get_by_test_id("stMain").get_by_test_id("stMarkdown")
    expect(lines.first).to_be_visible()
    return lines.first.inner_text().strip()


def assert_finished(page: Page, color_scheme: str) -> None:
    """Fail on a traceback, an error, nothing but the frame, the wrong look or an overhang."""
    assert question_of(page).endswith("?")
    red, green, blue = _background(page)
    assert (red + green + blue > 384) == (color_scheme == "light")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page.get_by_test_id("stSidebar").get_by_test_id("stSidebarNavLink")).to_have_count(
        len(LINKS)
    )


LOOKS = (("dark", 1440), ("light", 900))


@pytest.mark.parametrize(
    ("link", "color_scheme", "width"),
    [(link, *LOOKS[i % 2]) for i, link in enumerate(LINKS)],
    ids=[link or "landing" for link in LINKS],
)
def test_a_link_opened_first_on_a_fresh_server(
    link: str, color_scheme: str, page: Page, fresh_server: Server
) -> None:
    goto(page, f"{fresh_server.url}/{link}")
    assert_finished(page, color_scheme)


def _background(page: Page) -> tuple[int, int, int]:
    colour = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"
    )
    red, green, blue = (int(part) for part in colour.strip("rgba()").split(",")[:3])
    return red, green, blue


def test_an_unknown_link_says_so(page: Page, server: Server, watch: Watch) -> None:
    watch.allow("requested does not seem to exist")
    goto(page, f"{server.url}/no-such-page")
    expect(page.get_by_text("Page not found")).to_be_visible()
