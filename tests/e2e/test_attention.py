"""The page Attention in a real browser: first visit, heads, downloads, the paper's variant."""

from __future__ import annotations

import csv
import io
import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import assert_finished, charts, download, expect_address, goto, wait_idle
from tests.e2e.server import Server
from tests.ui.attention_tools import store_network

SELF, PAPER = "a500000000000000", "a600000000000000"


@pytest.fixture(scope="module")
def two_variants(module_server: Server) -> Server:
    """Return a server with self-attention, and with the paper's attention, on UnitTest."""
    assert module_server.home is not None
    store_network(module_server.home, SELF, "alstm-fcn", "UnitTest", variant="self")
    store_network(module_server.home, PAPER, "alstm-fcn", "UnitTest", variant="paper")
    return module_server


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_the_first_visit_stands_on_the_bundled_model(
    color_scheme: str, page: Page, fresh_server: Server
) -> None:
    goto(page, f"{fresh_server.url}/attention")
    assert_finished(page, color_scheme)
    expect(page.get_by_text("Where in the series does the model look")).to_be_visible()
    assert "model=alstm-fcn" in page.url
    expect(charts(page)).to_have_count(3)
    alt = page.locator("[aria-label^='Attention over 150 time points']")
    expect(alt.first).to_be_attached()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV"))))
    assert len(rows) == 150
    assert abs(sum(float(row["attention"]) for row in rows) - 1) < 1e-4
    told = json.loads(download(page, "JSON", 1))
    shares = told["branches"]
    for parts in zip(*(shares[k] for k in ("lstm", "fcn", "rest", "logit")), strict=True):
        assert abs(sum(parts[:3]) - parts[3]) < 1e-4
    assert "plotly" in download(page, "HTML")


def test_heads_tabs_and_the_link(page: Page, two_variants: Server) -> None:
    goto(page, f"{two_variants.url}/attention?dataset=UnitTest&model=job/{SELF}")
    expect(page.get_by_role("tab", name="Query by query")).to_be_visible()
    page.get_by_role("tab", name="Query by query").click()
    expect_address(page, "view=queries")
    # The label of the option is above its buttons.
    page.get_by_test_id("stButtonGroup").filter(has_text="mean").get_by_text("2").click()
    expect_address(page, "head=2")
    expect(page.get_by_text("Head 2 looks")).to_be_visible()
    page.reload()
    wait_idle(page)
    expect(page.get_by_text("Head 2 looks")).to_be_visible()
    expect(page.get_by_role("tab", name="Query by query")).to_have_attribute(
        "aria-selected", "true"
    )


def test_the_papers_variant_says_why_there_is_no_map(page: Page, two_variants: Server) -> None:
    goto(page, f"{two_variants.url}/attention?dataset=UnitTest&model=job/{PAPER}")
    expect(page.get_by_text("its weight is always 1").first).to_be_visible()
    expect(charts(page)).to_have_count(2)
    page.get_by_role("button", name="variant self").click()
    expect_address(page, SELF)
    expect(charts(page)).to_have_count(3)
