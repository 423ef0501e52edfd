"""What the page Results says: no more than the tests found, and no pair of one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ui.read_page import OpenApp, assert_clean, kinds, texts
from tests.ui.test_results_page import row, store
from tscviz.figures.results_stats import Scores, critical_difference
from tscviz.ui.results import words

TEN = tuple(f"set{i}" for i in range(10))


def beyond_a_difference() -> Scores:
    """a beats b everywhere; c is worse than both on eight datasets and far better on two."""
    i = np.arange(10)
    c = np.where(i < 8, 0.7 - 0.01 * i, 0.99 - 0.001 * i)
    return Scores(("a", "b", "c"), TEN, np.column_stack([np.full(10, 0.8), 0.79 - 0.002 * i, c]))


def test_the_best_model_beats_no_model_whose_own_test_finds_nothing() -> None:
    found = critical_difference(beyond_a_difference())
    assert found.models == ("a", "b", "c")
    assert not any(first == 0 for first, _ in found.cliques)  # the bar ends before b
    assert found.p_values[0, 1] < 0.025 < found.p_values[0, 2]
    said = words.answer(found)
    assert said.endswith("over 10 datasets; it does not differ significantly from c.")
    assert "every other model" not in said
    assert "c beyond it does not differ significantly from the best" in words.caveat(found)


def test_what_is_said_is_what_every_test_found() -> None:
    values = beyond_a_difference().values.copy()
    values[8:, 2] = 0.5
    found = critical_difference(Scores(("a", "b", "c"), TEN, values))
    assert (found.p_values[0, 1:] < 0.025).all()
    assert words.answer(found).endswith("and is significantly better than every other model.")
    assert "beyond it" not in words.caveat(found)


@pytest.mark.parametrize("test", ["wilcoxon", "nemenyi"])
def test_those_under_the_bar_are_named_once(test: str) -> None:
    same = Scores(("a", "b", "c"), TEN, np.full((10, 3), 0.5))
    found = critical_difference(same, test)
    assert words.answer(found).endswith("it does not differ significantly from b and c.")
    assert "beyond it" not in words.caveat(found)


def test_nemenyi_says_what_its_bars_say() -> None:
    found = critical_difference(beyond_a_difference(), "nemenyi")
    last = max((last for first, last in found.cliques if first == 0), default=0)
    assert ("from" in words.answer(found)) == (last > 0)
    assert "beyond it" not in words.caveat(found)


def test_one_model_makes_no_pair(open_app: OpenApp, home: Path) -> None:
    store(home, [row("mine", f"Own{i}", 0, 0.5 + 0.01 * i) for i in range(4)])
    app = open_app("results", show="pairs")
    assert_clean(app)
    assert "A pair needs two models; choose another one above, or a published figure." in texts(app)
    assert "There is 1 model with 4 datasets in common" in texts(app)
    assert kinds(app) == []
    for slug in ("matrix", "cost", "option", "curves", "confusion", "table"):
        app.query_params["show"] = slug
        app.run()
        assert_clean(app)


def test_a_model_without_the_measure_has_no_curves(open_app: OpenApp, home: Path) -> None:
    rows = [row("a", "X", 0, 0.5, auc=0.5), row("b", "X", 0, 0.5), row("b", "Y", 0, 0.5)]
    store(home, rows)
    app = open_app("results", measure="auc")
    picker = app.multiselect(key="option_models")
    picker.set_value([picker.value[1]]).run()
    for slug in ("curves", "pairs", "cost", "confusion", "table"):
        app.query_params["show"] = slug
        app.run()
        assert_clean(app)


def cost_runs(datasets: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    return [row(m, d, 0, 0.5, **more) for m, d in zip(("a", "b"), datasets, strict=True)]


def test_costs_without_a_dataset_in_common_say_so(open_app: OpenApp, home: Path) -> None:
    store(home, cost_runs(("X", "Y"), flops=1e6))
    app = open_app("results", show="cost")
    assert_clean(app)
    assert "The 2 chosen models with FLOPs of one case share no dataset." in texts(app)
    assert "No chosen model has" not in texts(app)


def test_the_side_of_the_diagonal_is_told_for_losses(open_app: OpenApp, home: Path) -> None:
    store(home, [row(m, d, 0, v) for d in "XYZ" for m, v in (("a", 0.5), ("b", 0.6))])
    app = open_app("results", show="pairs", measure="log_loss")
    assert_clean(app)
    assert "has more, which is worse." in texts(app)
