"""Every map as a table and as a document."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from tscviz.explain.export import attribution_document, attribution_table
from tscviz.tables import to_csv, to_json
from tscviz.types import Attribution

X = np.arange(8, dtype=np.float32).reshape(2, 4)
MASK = np.array([True, True, True, False])


def a_map(*, per_channel: bool) -> Attribution:
    values = np.array([[1, -2, 3, 0], [10, 20, 30, 0]], np.float32)
    values = values if per_channel else values[:1].repeat(2, 0)
    details = {"per_channel": per_channel, "gap": float("nan"), "starts": np.arange(3)}
    return Attribution(values, "lime", 1, "zero", signed=True, details=details, against=0)


def test_a_table_has_a_row_a_time_point_and_no_padding() -> None:
    table = attribution_table(a_map(per_channel=True), X, MASK, channel_names=["a", "=b"])
    assert list(table) == ["time point", "value a", "lime a", "value =b", "lime =b", "lime sum"]
    np.testing.assert_array_equal(table["lime sum"], [11, 18, 33])
    rows = list(csv.reader(io.StringIO(to_csv(table).decode())))
    assert len(rows) == 4
    assert [float(cell) for cell in rows[2]] == [1, 1, -2, 5, 20, 18]


def test_rows_that_are_the_same_have_no_sum() -> None:
    assert "lime sum" not in attribution_table(a_map(per_channel=False), X)


def test_a_document_is_json_and_names_the_classes() -> None:
    found = attribution_document(a_map(per_channel=True), X, MASK, class_names=["up", "down"])
    again = json.loads(to_json(found))
    assert again == found
    assert (again["target"], again["against"], again["padding"]) == ("down", "up", 1)
    assert again["values"] == [[1, -2, 3], [10, 20, 30]]
    assert again["details"] == {"per_channel": True, "gap": None, "starts": [0, 1, 2]}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_cell_starts_a_formula(start: str) -> None:
    text = to_csv({f"{start}h": [f"{start}c", "a\rb"]}).decode()
    (head,), (cell,), (broken,) = csv.reader(io.StringIO(text))
    assert head[0] == cell[0] == "'"
    assert broken == "a\nb"
