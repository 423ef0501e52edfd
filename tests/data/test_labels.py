"""Which class a label of a file names."""

from __future__ import annotations

import pytest

from tscviz.data import read_series
from tscviz.data.dataset import dataset_from_arrays
from tscviz.data.labels import match_labels


def test_labels_match_classes_exactly_or_but_for_case() -> None:
    assert match_labels(["Gun", "gun", "x"], ("Point", "Gun")) == (1, 1, None)
    assert match_labels(["a", "A"], ("A", "a")) == (1, 0)
    assert match_labels([], ("A", "a")) == ()


@pytest.mark.parametrize(
    ("labels", "classes", "found"),
    [
        (["01", "+2", "1e0", "2.50"], ("1", "2", "2.5"), (0, 1, 0, 2)),
        (["-01", "0.0", "x", "3"], ("-1", "0"), (0, 1, None, None)),
        (["1", "01"], ("01", "1"), (1, 0)),  # two ways of writing one number are two classes
        (["+1"], ("01", "1"), (None,)),
        (["01"], ("1", "walk"), (None,)),  # the classes are words
    ],
)
def test_numbers_match_however_they_are_written(
    labels: list[str], classes: tuple[str, ...], found: tuple[int | None, ...]
) -> None:
    assert match_labels(labels, classes) == found


def test_labels_of_a_file_match_the_classes_of_the_dataset_made_from_it() -> None:
    lines = ["@problemName toy", "@timeStamps false", "@univariate true", "@classLabel true 01 +2"]
    lines += ["@data", "1,2,3.5:01", "3,2,1.5:+2", "1,3,2.5:01"]
    series = read_series("\n".join(lines).encode(), filename="toy.ts")
    assert series.labels is not None
    assert series.labels == ("01", "+2", "01")
    data = dataset_from_arrays("toy", series.X, series.labels, series.X, series.labels)
    assert data.class_names == ("1", "2")
    assert match_labels(series.labels, data.class_names) == tuple(data.y_train)
