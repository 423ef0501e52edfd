"""What is taken away holds the numbers, works offline and starts nothing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tscviz.types import ModelCost
from tscviz.ui.downloads import to_csv, to_json


def test_csv_keeps_numbers_and_quotes_formulas() -> None:
    table = {
        "time": np.arange(2),
        "=value": np.array([-1.5, np.nan]),
        "label": ["=cmd()", 'a,"b"'],
    }
    assert to_csv(table).decode() == ('time,\'=value,label\n0,-1.5,\'=cmd()\n1,,"a,""b"""\n')


def test_csv_refuses_columns_of_different_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        to_csv({"a": [1, 2], "b": [1]})


def test_json_takes_dataclasses_arrays_and_non_finite_numbers() -> None:
    document = {
        "cost": ModelCost(3, 4.0, 5.0),
        "values": np.array([[1.0, np.nan], [np.inf, 2.0]], np.float32),
        "idx": np.int64(7),
        "names": ("a", "b"),
    }
    assert json.loads(to_json(document)) == {
        "cost": {"parameters": 3, "flops": 4.0, "macs": 5.0},
        "values": [[1.0, None], [None, 2.0]],
        "idx": 7,
        "names": ["a", "b"],
    }


def _page_with_a_figure() -> None:
    import numpy as np

    from tscviz.figures import plot_series
    from tscviz.ui import components

    fig = plot_series(np.arange(4, dtype=np.float32)[None])
    components.figure(fig, name="../a figure", document={"case": 1})


def test_every_figure_has_its_files_and_its_words() -> None:
    app = AppTest.from_function(_page_with_a_figure).run()
    assert not app.exception
    buttons: list[Any] = list(app.get("download_button"))
    labels = [button.label for button in buttons]
    assert [label for label in labels if label not in ("SVG", "PNG")] == ["HTML", "CSV", "JSON"]
    assert ("SVG" in labels) == ("PNG" in labels)
    charts: list[Any] = list(app.get("plotly_chart"))
    assert charts[0].proto.alt.startswith("Series of 4 points")
