"""Options as NumPy hands them out: the run is the one that Python's own numbers give."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from tscviz.data import make_bumps
from tscviz.estimators import DTPClassifier
from tscviz.options import make_options, option
from tscviz.training import get_recipe, train
from tscviz.training.recipes import Recipe
from tscviz.training.run import run_identity
from tscviz.types import TscvizError


@dataclass(frozen=True)
class Some:
    count: int = option(1, "A count.")
    weight: float = option(1.0, "A weight.")
    yes: bool = option(False, "A switch.")
    lengths: tuple[int, ...] = option((4,), "Lengths.")


@pytest.mark.parametrize(
    ("numpys", "pythons"),
    [
        ({"count": np.int64(3)}, {"count": 3}),
        ({"count": np.float32(3)}, {"count": 3.0}),
        ({"weight": np.float32(1)}, {"weight": 1.0}),
        ({"weight": np.float64(0.1)}, {"weight": 0.1}),
        ({"yes": np.bool_(True)}, {"yes": True}),
        ({"lengths": np.int64(8)}, {"lengths": 8}),
        ({"lengths": (np.int64(8), np.int32(16))}, {"lengths": (8, 16)}),
    ],
)
def test_equal_values_make_equal_options_and_one_identity(
    numpys: dict[str, Any], pythons: dict[str, Any]
) -> None:
    assert make_options(Some, numpys, of="a test") == make_options(Some, pythons, of="a test")
    data, recipe = make_bumps(8, 12), get_recipe("dtp-fcn", "quick")
    same = run_identity(data, "dtp-fcn", numpys, recipe, 0)
    assert same == run_identity(data, "dtp-fcn", pythons, recipe, 0)


def test_the_identity_of_a_run_stays_what_it_was() -> None:
    data: Any = SimpleNamespace(digest="of the data")
    network = {"lengths": (4, 8), "filters": 3}
    found = run_identity(data, "convtimenet", network, Recipe(), 5)
    assert found == "ceeac52ca01b9e8a7178d21187a97514109a68c1b189da6cedccafc7595aa9dc"


@pytest.mark.parametrize("wrong", [np.float32(3.5), np.bool_(True), np.float64(np.nan)])
def test_what_is_no_whole_number_is_refused(wrong: Any) -> None:
    with pytest.raises(TscvizError, match="option 'count' of a test"):
        make_options(Some, {"count": wrong}, of="a test")


def test_train_and_a_grid_take_them() -> None:
    bumps = make_bumps(24, 20, seed=1)
    options: dict[str, Any] = {"preset": "quick", "epochs": 1}
    found = train(bumps, "dtp-fcn", segments=np.int64(3), gamma=np.float32(1), **options)
    wanted = train(bumps, "dtp-fcn", segments=3, gamma=1.0, **options)
    assert found.digest == wanted.digest
    grid = {"segments": np.arange(2, 4), "gamma": np.array([0.5], np.float32)}
    search = GridSearchCV(DTPClassifier(random_state=0, **options), grid, cv=2)
    assert search.fit(bumps.X_train, bumps.y_train).best_params_["segments"] in (2, 3)
