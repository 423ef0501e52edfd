"""Wilcoxon's signed rank test against scipy's: exact, with ties, with zeros, and normal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wilcoxon

from tscviz.figures.results_signed_rank import signed_rank
from tscviz.figures.results_stats import Scores, critical_difference, multi_comparison


@pytest.mark.parametrize("one_sided", [True, False])
@pytest.mark.parametrize("pratt", [True, False])
@pytest.mark.parametrize(
    ("n", "levels"),
    [(5, 0), (13, 0), (50, 0), (51, 0), (6, 4), (7, 2), (14, 4), (40, 3), (85, 9)],
)
def test_it_is_scipys(n: int, levels: int, pratt: bool, one_sided: bool) -> None:
    """Levels: how many values a difference can have to either side of zero; 0: any."""
    rng = np.random.default_rng(n + levels)
    for shift in (-0.5, 0.0, 0.4):
        gap = rng.normal(shift, 1, n)
        gap = np.clip(np.round(gap * levels / 2), -levels, levels) if levels else gap
        wanted = wilcoxon(
            gap,
            zero_method="pratt" if pratt else "wilcox",
            alternative="greater" if one_sided else "two-sided",
        ).pvalue  # pyright: ignore[reportAttributeAccessIssue]
        assert signed_rank(gap, one_sided=one_sided, pratt=pratt) == pytest.approx(wanted, rel=1e-9)


def test_no_difference_at_all() -> None:
    for one_sided in (True, False):
        assert signed_rank(np.zeros(4), one_sided=one_sided, pratt=True) == 1.0
        assert signed_rank(np.zeros(4), one_sided=one_sided, pratt=False) == 1.0


def test_ties_as_printed_are_ties_in_the_test() -> None:
    """0.9 - 0.8, 0.8 - 0.7 and 0.3 - 0.4 differ in the last bit; the signs are 2 against 1."""
    values = np.array([[0.9, 0.8], [0.8, 0.7], [0.3, 0.4]])
    two = Scores(("a", "b"), ("x", "y", "z"), values)
    assert critical_difference(two).p_values[0, 1] == pytest.approx(4 / 8)
    assert multi_comparison(two).p_values[0, 1] == 1.0


def test_thirteen_datasets_with_ties_evaluate_nothing_thousands_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """scipy enumerates 2**13 signs a pair there; ten models would take minutes."""
    monkeypatch.setattr("scipy.stats.permutation_test", None)
    monkeypatch.setattr("scipy.stats.wilcoxon", None)
    rng = np.random.default_rng(0)
    models = tuple("abcdefghij")
    values = np.round(rng.uniform(0.7, 1, (13, 1)) + rng.normal(0, 0.02, (13, 10)), 2)
    scores = Scores(models, tuple(map(str, range(13))), values)
    assert critical_difference(scores).p_values.shape == (10, 10)
    assert 0 < multi_comparison(scores).p_values.min() < 1
