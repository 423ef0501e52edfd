"""What tests of the page Train share: runs that are really made, and reading the page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from tests.training.job_tools import spec
from tscviz.training.jobs import JobSpec


def button(app: AppTest, label: str) -> Button:
    """Return the one button with this label."""
    (found,) = [b for b in app.button if b.label == label]
    return found


def labels(app: AppTest) -> list[str]:
    return [b.label for b in app.button]


def tiles(app: AppTest) -> dict[str, str]:
    return {m.label: m.value.replace("\\", "") for m in app.metric}


def short_run(**options) -> JobSpec:
    return spec(options={"epochs": 3, "checkpoint_every": 1, "test_every": 1} | options)
