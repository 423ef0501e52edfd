"""The page Receptive fields in a real browser: first visit, slider, downloads, another model."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browse import charts, download, expect_address, goto, wait_idle
from tests.e2e.server import Server
from tests.ui.attention_tools import store_network
from tscviz import load_dataset, train
from tscviz.explain.receptive_fields import masked_layers, size_counts
from tscviz.models import load_model, load_record
from tscviz.models.sparse_record import MaskHistory, read_masks

JOB, DENSE = "d500000000000000", "d700000000000000"
HERE = f"receptive-fields?dataset=UnitTest&model=job/{JOB}"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small DSN whose mask has moved."""
    folder = tmp_path_factory.mktemp("dsn")
    options: dict[str, Any] = {"channels": 12, "kernel": 9, "layers": 3, "sparsity": 0.5}
    options |= {"epochs": 12, "update_every": 2}
    train(load_dataset("UnitTest"), "dsn", preset="quick", out=folder, **options)
    return folder / "model"


@pytest.fixture
def history(trained: Path) -> MaskHistory:
    """Return how its mask moved."""
    module: Any = load_model(trained).module
    return read_masks(load_record(trained), module)


@pytest.fixture(scope="module")
def sparse(trained: Path, module_server: Server) -> Server:
    """Return a server in which that model was trained, and one without sparse layers."""
    assert module_server.home is not None
    shutil.copytree(trained, module_server.home / "jobs" / JOB / "model")
    store_network(module_server.home, DENSE, "dtp-fcn", "UnitTest")
    return module_server


def table(page: Page, nth: int) -> list[dict[str, str]]:
    """Press a CSV button and return the rows."""
    return list(csv.DictReader(io.StringIO(download(page, "CSV", nth))))


def test_the_first_visit_stands_on_the_pretrained_model(page: Page, server: Server) -> None:
    goto(page, f"{server.url}/receptive-fields")
    assert "model=dsn%2FGunPoint" in page.url or "model=dsn/GunPoint" in page.url
    expect(page.get_by_text(re.compile(r"^A kernel sees 1 to \d+ points, "))).to_be_visible()
    expect(charts(page)).to_have_count(2)
    rows = table(page, 0)
    own = [row for row in rows if row["network"] == "DSN (trained)"]
    layers = masked_layers(load_model("dsn/GunPoint"))
    expected = np.concatenate([size_counts(layer).ravel() for layer in layers])
    assert [int(row["kernels"]) for row in own] == expected.tolist()
    other = {row["network"] for row in rows} - {"DSN (trained)"}
    assert other == {"S = 80%, no groups (trained)"}
    page.get_by_role("tab", name="The mask in training").click()
    wait_idle(page)
    expect(page.get_by_role("slider", name="Mask after epoch")).to_be_visible()
    expect(charts(page)).to_have_count(3)


def test_the_slider_moves_through_training(
    page: Page, sparse: Server, history: MaskHistory
) -> None:
    goto(page, f"{sparse.url}/{HERE}&view=training")
    slider = page.get_by_role("slider", name="Mask after epoch")
    first, second = (f"after epoch {e}." for e in history.epochs[1:3])
    caption = page.get_by_text(re.compile(r"^From the mask after epoch"))
    expect(caption).to_contain_text(first)
    slider.focus()
    slider.press("ArrowRight")
    expect(caption).to_contain_text(second)
    expect_address(page, f"epoch={history.epochs[2]}")
    moves = table(page, 2)
    assert [int(row["epoch"]) for row in moves[::9]] == history.update_epochs.tolist()
    counted = [[int(row[key]) for key in ("pruned", "grown", "returned")] for row in moves]
    assert counted == history.counts.reshape(-1, 3).tolist()


def test_options_stay_in_the_link(page: Page, sparse: Server) -> None:
    goto(page, f"{sparse.url}/{HERE}")
    layers = page.get_by_test_id("stMain").get_by_test_id("stButtonGroup").first
    layers.get_by_text("2", exact=True).click()
    page.get_by_role("tab", name="All layers together").click()  # at once: the address is older
    expect_address(page, "layer=2")
    expect_address(page, "view=stack")
    wait_idle(page)
    assert "layer=2" in page.url
    goto(page, page.url)
    expect(page.get_by_role("tab", name="All layers together")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(page.get_by_text("The network has 27,648 paths")).to_be_visible()  # 12 * 48 * 48


def test_a_model_without_sparse_layers_offers_one_that_has(page: Page, sparse: Server) -> None:
    goto(page, f"{sparse.url}/receptive-fields?dataset=UnitTest&model=job/{DENSE}")
    expect(page.get_by_text("has no sparse layers")).to_be_visible()
    expect(charts(page)).to_have_count(0)
    page.get_by_role("button", name="Show DSN").click()
    wait_idle(page)
    expect(charts(page)).to_have_count(2)
