"""Labels such as "none" and "NA" beside other words, and what is said of words left out."""

from __future__ import annotations

import numpy as np
import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import read_series, sniff

WALKS = np.random.default_rng(0).normal(size=(6, 12)).cumsum(1)


def table(cells: list[str], name: str | None = None, at: int = 0) -> bytes:
    """Return a table with a column of words, first or last, below a header or none."""
    rows = [[f"{v:.4f}" for v in x] for x in WALKS]
    rows = [[*row, cell] if at else [cell, *row] for row, cell in zip(rows, cells, strict=True)]
    if name is not None:
        points = [f"t{i}" for i in range(WALKS.shape[1])]
        rows.insert(0, [*points, name] if at else [name, *points])
    return "\n".join(map(",".join, rows)).encode()


@pytest.mark.parametrize("at", [0, -1])
@pytest.mark.parametrize("name", ["diagnosis", None])
@pytest.mark.parametrize("mark", ["none", "None", "null", "NA", "-", "n/a"])
@pytest.mark.parametrize("n", [3, 5])
def test_a_mark_of_missing_values_beside_words_is_a_label(
    at: int, name: str | None, mark: str, n: int
) -> None:
    labels = [*[mark] * n, *["flu"] * (6 - n)]
    series = read_series(table(labels, name, at))
    assert series.labels == tuple(labels)
    assert series.X.shape == (6, 1, 12)
    assert not np.isnan(series.X).any()


@pytest.mark.parametrize("name", ["diagnosis", None])
@pytest.mark.parametrize("mark", ["nan", "?"])
def test_a_label_that_is_nan_is_refused_as_one(name: str | None, mark: str) -> None:
    data = table([mark, "x"] * 3, name)
    with pytest.raises(DataError, match="the label is empty; fill it in, or choose") as caught:
        read_series(data)
    assert caught.value.row == (1 if name is None else 2)
    series = read_series(data, label_column=None)
    assert (series.labels, series.X.shape) == (None, (6, 1, 12))
    assert "Column 1" in series.layout["reasons"][-1]
    assert series.layout["reasons"][-1].endswith("holds text in 3 of 6 rows and is left out.")


def test_marks_without_a_word_are_missing_values() -> None:
    series = read_series(table(["NA"] * 6, "t_first"))
    assert series.labels is None
    assert np.isnan(series.X[:, 0, 0]).all()


@pytest.mark.parametrize(
    "cells", [["", "", "", "", "loud", "none"], ["NA"] * 4 + ["2024-01-02"] * 2]
)
def test_words_in_few_rows_and_dates_are_left_out_with_a_reason(cells: list[str]) -> None:
    layout = sniff(table(cells, "note"))
    assert layout.label_column is None
    assert layout.drop_columns == ("note",)
    assert "Column 1 ('note') holds text in " in layout.reasons[-1]
    assert layout.reasons[-1].endswith(" of 6 rows and is left out.")


def test_lines_above_the_table_are_said_to_be_left_out() -> None:
    reasons = sniff(b"# one\n# two\n" + table(["a", "b"] * 3, "kind")).reasons
    assert "The first 2 lines are comments or notes and left out." in reasons
