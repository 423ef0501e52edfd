# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""Agreement of maps: rank correlation, overlap of the top, unsigned maps, the native view."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from tests.explain.evidence.tools import a_map
from tests.explain.occlusion_tools import untrained
from tscviz.explain import ExplainError, evidence
from tscviz.explain.evidence.likeness import rank_correlation, ranks, top_overlap
from tscviz.models import load_model

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("levels", [3, 1000])
def test_ranks_are_scipys_also_with_ties(levels) -> None:
    a, b = RNG.integers(0, levels, (2, 80)).astype(float)
    np.testing.assert_allclose(ranks(a), rankdata(a))
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_a_flat_map_has_no_rank_correlation() -> None:
    assert np.isnan(rank_correlation(np.ones(5), np.arange(5.0)))


def test_the_overlap_of_the_top() -> None:
    a = np.array([9.0, 8, 7, 1, 2, 3])
    assert top_overlap(a, a, 3) == 1
    assert top_overlap(a, -a, 3) == 0
    assert top_overlap(a, np.array([9.0, 0, 8, 7, 0, 0]), 3) == pytest.approx(2 / 3)
    # of a flat map each point is in the top by chance
    wide = np.arange(60.0)
    assert top_overlap(wide, np.zeros(60), 20) == pytest.approx(1 / 3, abs=0.06)
    # and a map is always wholly in its own
    assert top_overlap(np.zeros(6), np.zeros(6), 3) == 1
    stretch = np.repeat([0.0, 2, 1], 4)
    assert top_overlap(stretch, stretch, 6) == 1
    assert top_overlap(stretch, -stretch, 4) == 0


def test_the_matrix_by_hand() -> None:
    one, two = RNG.standard_normal((2, 2, 40))
    shown = np.abs(RNG.standard_normal((1, 40))).repeat(2, 0)
    maps = {"one": a_map(one), "two": a_map(two), "shown": a_map(shown, signed=False)}
    found = evidence.agreement(maps, native="shown", share=0.2)
    a, b, c = one.sum(0), two.sum(0), shown.sum(0)
    assert found.correlation[0, 1] == pytest.approx(spearmanr(a, b).statistic, abs=1e-6)
    assert found.correlation[2, 0] == pytest.approx(spearmanr(abs(a), c).statistic, abs=1e-6)
    np.testing.assert_allclose(found.correlation, found.correlation.T)
    np.testing.assert_allclose(np.diag(found.overlap), 1)
    top = [set(np.argsort(-v)[:8]) for v in (a, b, abs(a), c)]
    assert found.overlap[0, 1] == pytest.approx(len(top[0] & top[1]) / 8)
    assert found.overlap[0, 2] == pytest.approx(len(top[2] & top[3]) / 8)
    np.testing.assert_array_equal(found.by_magnitude[2], True)
    assert not found.by_magnitude[:2, :2].any()
    assert (found.n_top, found.chance) == (8, 0.2)
    assert found.with_native("two") == (found.correlation[1, 2], found.overlap[1, 2])
    channels = evidence.agreement({"one": maps["one"], "two": maps["two"]}, per="point")
    expected = spearmanr(one.ravel(), two.ravel()).statistic
    assert channels.correlation[0, 1] == pytest.approx(expected, abs=1e-6)


def test_padding_and_interpolated_points_do_not_count() -> None:
    one, two = RNG.standard_normal((2, 1, 30))
    mask, usable = np.arange(30) < 25, np.arange(30) % 7 != 0
    found = evidence.agreement({"a": a_map(one), "b": a_map(two)}, mask=mask, usable=usable)
    kept = mask & usable
    expected = spearmanr(one[0, kept], two[0, kept]).statistic
    assert found.correlation[0, 1] == pytest.approx(expected, abs=1e-6)
    assert found.n_top == 2
    moved = two.copy()
    moved[:, ~kept] = 1e6
    again = evidence.agreement({"a": a_map(one), "b": a_map(moved)}, mask=mask, usable=usable)
    np.testing.assert_array_equal(found.correlation, again.correlation)


def test_each_model_has_a_view_of_its_own() -> None:
    assert evidence.native_method(load_model("dtp-fcn/GunPoint")) == "cam"
    assert evidence.native_method(load_model("alstm-fcn/GunPoint")) == "attention"
    assert evidence.native_method(untrained("convtimenet")) == "occlusion"


def test_maps_that_cannot_be_compared() -> None:
    one = a_map(np.ones((1, 9)))
    with pytest.raises(ExplainError, match="at least two"):
        evidence.agreement({"one": one})
    with pytest.raises(ExplainError, match="of the same class"):
        evidence.agreement({"one": one, "two": a_map(np.ones((1, 9)), target=0)})
    with pytest.raises(ExplainError, match="of the same case"):
        evidence.agreement({"one": one, "two": a_map(np.ones((1, 8)))})
    with pytest.raises(ExplainError, match="native view 'cam' is not among"):
        evidence.agreement({"one": one, "two": one}, native="cam")
