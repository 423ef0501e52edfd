"""What tests of the page Attributions share: a network that is stored, and the figure read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.attention_tools import store_network
from tests.ui.read_page import numbers

DTP, LSTM = "c500000000000000", "c600000000000000"


def dtp(home: Path, dataset: str = "UnitTest") -> str:
    return store_network(home, DTP, "dtp-fcn", dataset)


def model_of(home: Path, job: str = DTP) -> Any:
    return tscviz.load_model(home / "jobs" / job / "model")


def figure(app: AppTest, i: int = 0) -> dict[str, Any]:
    return json.loads(app.get("plotly_chart")[i].proto.spec)


def strips(app: AppTest, i: int = 0) -> dict[str, Any]:
    """Return the values of each strip by its name."""
    found = [t for t in figure(app, i)["data"] if t["type"] == "heatmap"]
    return {t["name"]: numbers(t["z"]) for t in found}


def notes(app: AppTest) -> list[str]:
    return [str(a["text"]) for a in figure(app)["layout"]["annotations"]]
