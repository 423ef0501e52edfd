"""What tests of the page Attributions share: a network that is stored, and the figure read back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.attention_tools import store_network

OpenApp = Callable[..., AppTest]
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


def numbers(value: Any) -> Any:
    """Return an array as it stands in a figure's JSON."""
    if isinstance(value, list):
        return np.asarray(value)
    flat = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
    return flat.reshape([int(n) for n in value.get("shape", str(len(flat))).split(",")])


def notes(app: AppTest) -> list[str]:
    return [str(a["text"]) for a in figure(app)["layout"]["annotations"]]


def texts(app: AppTest) -> str:
    return "\n".join(part.value for part in [*app.markdown, *app.caption]).replace("\\", "")


def link(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def assert_clean(app: AppTest) -> None:
    assert not app.exception
    assert not app.error
