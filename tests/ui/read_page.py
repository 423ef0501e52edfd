"""Reading a page that an `AppTest` has drawn: its figures, words and address."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

#: The fixture `open_app`.
OpenApp = Callable[..., AppTest]


def figures(app: AppTest) -> list[dict[str, Any]]:
    """Return every figure as the browser gets it."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def by_kind(app: AppTest) -> dict[str, dict[str, Any]]:
    """Return the figures by the kind each says it is."""
    return {figure["layout"]["meta"]["figure"]: figure for figure in figures(app)}


def kinds(app: AppTest) -> list[str]:
    """Return the kinds of the figures, in the order of the page."""
    return [figure["layout"]["meta"]["figure"] for figure in figures(app)]


def numbers(values: Any) -> np.ndarray:
    """Return an array of a figure, which plotly may have packed."""
    if not isinstance(values, dict):
        return np.array(values, float)
    flat = np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))
    return flat.reshape([int(n) for n in str(values.get("shape", len(flat))).split(",")])


def texts(app: AppTest) -> str:
    """Return paragraphs, captions, warnings and hints, without Markdown's escapes."""
    parts = [*app.markdown, *app.caption, *app.warning, *app.info]
    return "\n".join(part.value for part in parts).replace("\\", "")


def link(app: AppTest, name: str) -> str:
    """Return one parameter of the address."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def assert_clean(app: AppTest) -> None:
    """Fail where the page shows an exception or an error."""
    assert not app.exception
    assert not app.error
