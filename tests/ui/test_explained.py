"""The stored example is what the bundled model says today."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tests.ui.read_page import OpenApp, assert_clean, texts
from tscviz.ui import cache, explained
from tscviz.ui.explained import DEFAULT, Explained, compute, store
from tscviz.ui.selection import Selection


def assert_same(one: Explained, other: Explained) -> None:
    """Compare two cases field by field, numbers to six digits."""
    assert (one.label, one.target, one.predicted) == (other.label, other.target, other.predicted)
    np.testing.assert_array_equal(one.mask, other.mask)
    for name in ("x", "proba"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-5)
    np.testing.assert_allclose(one.attribution.values, other.attribution.values, atol=1e-4)
    assert one.segmentation is not None
    assert other.segmentation is not None
    for field in fields(one.segmentation):
        np.testing.assert_allclose(
            getattr(one.segmentation, field.name),
            getattr(other.segmentation, field.name),
            atol=1e-4,
        )


def test_the_stored_example_fits_the_bundled_model() -> None:
    stored = explained.explained(DEFAULT)
    assert json.loads(explained.STORED.read_text())["sha256"] == (
        cache.models()[str(DEFAULT.model)].sha256
    ), "run python -m tscviz.ui.explained"
    assert_same(stored, compute(DEFAULT))


def test_storing_and_reading_keeps_the_case(tmp_path: Path) -> None:
    store(tmp_path / "example.json")
    value = json.loads((tmp_path / "example.json").read_text())
    assert_same(explained.from_plain(value["explained"]), compute(DEFAULT))


def test_the_landing_page_needs_no_torch() -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest; import tscviz.ui;"
        "app = AppTest.from_file(tscviz.ui.__path__[0] + '/main.py', default_timeout=60).run();"
        "assert not app.exception; assert len(app.metric) == 4;"
        "print([m for m in ('torch', 'aeon', 'captum', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_target_and_case_reach_the_map(save_job: Callable[[str, str], str]) -> None:
    model = save_job("UnitTest", "00112233445566ff")
    first = explained.explained(Selection("UnitTest", model, "test", 1, 0))
    second = explained.explained(Selection("UnitTest", model, "test", 1, 1))
    assert (first.target, second.target) == (0, 1)
    assert not np.allclose(first.attribution.values, second.attribution.values)
    np.testing.assert_array_equal(first.x, second.x)


@pytest.mark.parametrize(("model", "cut"), [("dtp-fcn", True), ("gtp-fcn", False), ("dsn", False)])
def test_the_landing_page_speaks_of_segments_where_there_are_some(
    model: str, cut: bool, open_app: OpenApp
) -> None:
    app = open_app("overview", dataset="GunPoint", model=f"{model}/GunPoint")
    assert_clean(app)
    assert ("Vertical lines divide the segments" in texts(app)) is cut
    assert "grey ones do not matter." in texts(app)
