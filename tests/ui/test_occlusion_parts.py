"""What the page Occlusion and filters says, and the tables beside its figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.figures.conftest import make_occlusion
from tscviz.explain.filters import LengthAblation
from tscviz.types import Attribution
from tscviz.ui import cache
from tscviz.ui.components.waiting import _left
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.library import ModelEntry
from tscviz.ui.occlusion import controls, tables, words
from tscviz.ui.occlusion.data import Ablation, Settings, filling


def one_case(proba: list[float], target: int = 0) -> InsideCase:
    x = np.zeros((1, 20), np.float32)
    case = cache.Case(x != 0, x, np.ones(20, bool), 0, np.asarray(proba, np.float32))
    entry = ModelEntry("convtimenet/X", "convtimenet", "X", "", "")
    return InsideCase(entry, case, target, ("Gun", "2"))


def changed(found: Attribution, **details: Any) -> Attribution:
    found.details.update(details)  # type: ignore[attr-defined]
    return found


def test_the_answer_names_the_window_its_price_and_what_changes() -> None:
    assert words.answer(one_case([0.8, 0.2]), make_occlusion()) == (
        "**Hiding points 10–14 costs Gun most: the probability falls from 80.0 % to 25.0 %.** "
        "1 of 4 windows changes the predicted class. The class gains most without points 0–4: "
        "90.0 %."
    )
    logits = words.answer(one_case([0.8, 0.2], 1), make_occlusion(output="logit", target=1))
    assert "costs class 2 most: the score (logit) falls from +2 to 0.**" in logits


def test_the_answer_says_so_where_nothing_matters() -> None:
    flat = np.array([0.8, 0.799, 0.8, 0.8])
    same = np.zeros(4, int)
    calm = changed(make_occlusion(), window_probabilities=flat, window_classes=same)
    assert words.answer(one_case([0.8, 0.2]), calm) == (
        "**No stretch of 5 points is missed.** Hiding points 5–9 costs Gun most, and the "
        "probability only goes from 80.0 % to 79.9 %. None of 4 windows changes the predicted "
        "class."
    )
    better = changed(calm, window_probabilities=np.array([0.8, 0.9, 0.8, 0.8]))
    assert "Nothing that is hidden lowers the probability of Gun" in words.answer(
        one_case([0.8, 0.2]), better
    )


@pytest.mark.parametrize(
    ("n_points", "windows"), [(24, ["2", "10", "15", "20", "30", "50"]), (5, ["10", "30"])]
)
def test_windows_of_the_same_size_are_offered_once(n_points: int, windows: list[str]) -> None:
    def size(share: str) -> int:
        return max(1, round(int(share) / 100 * n_points))

    assert list(controls.distinct(controls.WINDOWS, size, "10")) == windows


def test_the_caption_tells_window_step_and_fill() -> None:
    one, found = one_case([0.8, 0.2]), make_occlusion()
    said = words.colour(one, Settings(15, 4, "linear", "probability", False), found)
    assert "A window of 15 points moves by 4 points at a time and holds a straight line" in said
    assert "shaded: where it costs most" in said
    assert "point by point" in words.colour(one, Settings(15, 1, "mean", "logit", False), found)
    better = changed(found, window_probabilities=np.array([0.8, 0.9, 0.8, 0.8]))
    said = words.colour(one, Settings(15, 4, "mean", "probability", False), better)
    assert "shaded" not in said


def ablation(without: list[list[float]]) -> Ablation:
    """Return an ablation of two lengths; logits of class 0 for the case, and over two cases."""
    whole = np.array([[2.0, 0.0], [0.0, 1.0]], np.float32)
    changed_logits = np.array([[[v, 0.0] for v in row] for row in without], np.float32)
    split = LengthAblation((4, 9), "all", whole, changed_logits)
    case = LengthAblation((4, 9), "all", whole[:1], changed_logits[:, :1])
    return Ablation(case, split, np.array([0, 1]), 2)


def test_the_lengths_in_words_and_as_a_table() -> None:
    found = ablation([[1.5, 0.0], [-1.0, 0.0]])
    one = one_case([0.8, 0.2])
    said = words.lengths(one, found)
    assert (
        "the filters of length 9 speak most for Gun:** without them its score changes by −3" in said
    )
    assert "length 9 is missed most: the accuracy goes from 100.0 % to 0.0 %" in said
    table = tables.length_table(one, found)
    assert list(table["without length"]) == [4, 9]
    np.testing.assert_allclose(table["change of the score of Gun"], [-0.5, -3])
    np.testing.assert_allclose(table["accuracy without"], [0.5, 0.0])
    unmoved = words.lengths(one, ablation([[2.5, -1.0], [3.0, -1.0]]))
    assert "does not fall here" in unmoved
    assert "costs no accuracy (100.0 %)" in unmoved


def test_the_windows_as_a_table() -> None:
    one, found = one_case([0.8, 0.2]), make_occlusion()
    table = tables.window_table(one, found)
    assert list(table["first point"]) == [0, 5, 10, 15]
    assert list(table["last point"]) == [4, 9, 14, 19]
    assert list(table["predicted class"]) == ["Gun", "Gun", "2", "Gun"]
    assert "channel" not in table
    each = tables.window_table(one, make_occlusion((2, 20), per_channel=True))
    assert list(each["channel"]) == [1] * 4 + [2] * 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "about 1 s left"), (3.4, "about 3 s left"), (150, "about 2 min left")],
)
def test_the_time_left_is_rough(seconds: float, text: str) -> None:
    assert _left(seconds) == text


def test_the_costliest_window_may_end_where_the_case_ends() -> None:
    """Of a case that is shorter than the longest: what lies behind it is padding."""
    x = np.arange(20, dtype=np.float32)[None]
    one = one_case([0.9, 0.1])
    one = replace(one, case=replace(one.case, x=x, mask=np.arange(20) < 12))
    told = {
        "starts": np.array([0, 8]),
        "stops": np.array([4, 12]),
        "window_probabilities": np.array([0.8, 0.1]),
        "fill": "zero",
        "output": "probability",
    }
    filled = filling(one, changed(make_occlusion(), **told))
    np.testing.assert_array_equal(filled[0, 7:12], [7, 0, 0, 0, 0])
    assert np.isnan(np.delete(filled, np.arange(7, 12), axis=1)).all()
