"""The Python package given the wrong thing: an error of ours that says what belongs there."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

import tscviz
from tscviz.data import dataset_from_arrays
from tscviz.explain.evidence import judge
from tscviz.models.classifier import Classifier
from tscviz.types import Dataset, TscvizError


@pytest.fixture(scope="module")
def model() -> Classifier:
    return tscviz.load_model("dtp-fcn/GunPoint")


@pytest.fixture(scope="module")
def data() -> Dataset:
    return tscviz.load_dataset("GunPoint")


@pytest.mark.parametrize("call", [tscviz.explain, tscviz.segment])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("dtp-fcn/GunPoint", r"a str stands where .* give what tscviz.load_model\(NAME\) returns"),
        (SimpleNamespace(classifier_=None), "give its attribute classifier_"),
    ],
)
def test_what_is_no_network(
    call: Callable[..., Any], given: Any, words: str, data: Dataset
) -> None:
    more = ("cam",) if call is tscviz.explain else ()
    with pytest.raises(TscvizError, match=words):
        call(given, data.X_test[0], *more)


@pytest.mark.parametrize("wrong", ["1", "Gun", 1.5, 1.0])
def test_a_class_is_a_number_never_a_text_that_looks_like_one(
    wrong: Any, model: Classifier, data: Dataset
) -> None:
    x = data.X_test[0]
    with pytest.raises(TscvizError, match=r"target is .*counted from 0"):
        tscviz.explain(model, x, "cam", target=wrong)
    with pytest.raises(TscvizError, match=r"against is .*counted from 0"):
        tscviz.explain(model, x, "cam", target=0, against=wrong)
    assert tscviz.explain(model, x, "cam", target=cast("int", np.int64(1))).target == 1


def test_unknown_names_come_with_the_nearest_one(model: Classifier, data: Dataset) -> None:
    for call in (tscviz.explain, judge):
        with pytest.raises(TscvizError, match=r"there is no method 'grad-cam'.*mean 'grad_cam'"):
            call(model, data.X_test[0], "grad-cam")
    with pytest.raises(TscvizError, match=r"no option 'sample'.* Did you mean 'samples'"):
        tscviz.explain(model, data.X_test[0], "lime", sample=100)


def test_what_is_no_dataset(data: Dataset) -> None:
    pair: Any = (data.X_train, data.y_train)
    with pytest.raises(TscvizError, match="a tuple stands where a dataset belongs"):
        tscviz.train(pair, "dtp-fcn", preset="quick")


def test_a_table_has_a_case_per_row(data: Dataset) -> None:
    frames = [pd.DataFrame(X[:, 0]) for X in (data.X_train, data.X_test)]
    same = dataset_from_arrays("Mine", frames[0], data.y_train, frames[1], data.y_test)
    np.testing.assert_array_equal(same.X_train, data.X_train)
