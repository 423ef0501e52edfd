"""Every page can be the first that anybody opens, by its link, in light and in dark.

A page whose own tests open it first on a fresh server says `assert_finished` there.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import LINKS, Watch, assert_finished, goto
from tests.e2e.server import Server

LOOKS = (("dark", 1440), ("light", 900))
ELSEWHERE = {"attention", "occlusion", "planted", "sweep", "train"}
HERE = [link for link in LINKS if link not in ELSEWHERE]


@pytest.mark.parametrize(
    ("link", "color_scheme", "width"),
    [(link, *LOOKS[i % 2]) for i, link in enumerate(HERE)],
    ids=[link or "landing" for link in HERE],
)
def test_a_link_opened_first_on_a_fresh_server(
    link: str, color_scheme: str, page: Page, fresh_server: Server
) -> None:
    goto(page, f"{fresh_server.url}/{link}")
    assert_finished(page, color_scheme)


def test_an_unknown_link_says_so(page: Page, server: Server, watch: Watch) -> None:
    watch.allow("requested does not seem to exist")
    goto(page, f"{server.url}/no-such-page")
    expect(page.get_by_text("Page not found")).to_be_visible()
