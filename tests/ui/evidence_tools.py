"""Networks and settings that tests of the page Evidence share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean

DTP = "c500000000000000"
QUICK = "n_random:4~steps:6~n_repeats:2~n_draws:1~n_nearby:2~n_samples:20"
SETTINGS: dict[str, Any] = {
    "n_random": 4, "steps": 6, "n_repeats": 2, "n_draws": 1, "n_nearby": 2, "n_samples": 20,
}  # fmt: skip


def dtp(home: Path, dataset: str = "UnitTest") -> str:
    return store_network(home, DTP, "dtp-fcn", dataset)


def model_of(home: Path) -> Any:
    return tscviz.load_model(home / "jobs" / DTP / "model")


def opened(open_app: OpenApp, home: Path, **params: str) -> AppTest:
    """Return the page about an untrained DTP-FCN, with settings that take little time."""
    known = {"dataset": "UnitTest", "model": dtp(home), "evidence": QUICK}
    app = open_app("evidence", **known | params)
    assert_clean(app)
    return app
