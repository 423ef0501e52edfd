"""Sentences and tables of the page Attention, by hand."""

from __future__ import annotations

import csv
import io

import numpy as np

from tscviz.explain.attention import AttentionMaps
from tscviz.explain.branches import BranchShares
from tscviz.types import Array
from tscviz.ui import cache
from tscviz.ui.attention import tables, words
from tscviz.ui.attention.data import Attended
from tscviz.ui.downloads import to_csv
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.words import first_classes
from tscviz.ui.library import ModelEntry

# ---- sentences and tables, by hand


def one_case(weights: Array | None, parts: Array, kind: str = "time") -> Attended:
    """Return a case of 4 points whose model says class 0."""
    case = cache.Case(
        np.zeros((1, 4), bool),
        np.arange(4, dtype=np.float32)[None],
        np.ones(4, bool),
        0,
        np.array([0.75, 0.25], np.float32),
    )
    entry = ModelEntry("alstm-fcn/X", "alstm-fcn", "X", "", "")
    maps = None if weights is None else AttentionMaps(weights[None], np.array([4]), "time")
    lstm, fcn, rest = parts
    shares = BranchShares(lstm, fcn, rest, parts.sum(0), np.arange(2), additive=True)
    return Attended(
        InsideCase(entry, case, 0, ("Gun", "Point")), kind, "additive", maps, None, shares
    )


PARTS = np.array([[0.5, 0.25], [3.0, -1.0], [0.125, 0.25]], np.float32)


def test_the_answer_names_the_stretch_and_the_branches() -> None:
    one = one_case(np.array([[0.1, 0.4, 0.4, 0.1]], np.float32), PARTS)
    assert words.answer(one, None) == (
        "**The attention looks most at points 1–2: 80.0 % of its weight on 50.0 % of the series.** "
        "Relative entropy 0.861 (1: everywhere alike). Gun leads Point by 4.12: the LSTM branch "
        "brings +0.25, the FCN branch +4, the bias −0.125."
    )


def test_the_answer_calls_even_weights_alike() -> None:
    one = one_case(np.array([[0.2501, 0.2499, 0.25, 0.25]], np.float32), PARTS)
    said = words.answer(one, None)
    assert said.startswith("**The attention looks at all points almost alike:** relative entropy")
    assert "> 0.9999, and no point gets more than 1 times" in said


def test_the_sum_is_written_out() -> None:
    one = one_case(None, PARTS, kind="none")
    assert words.add_up(one) == (
        "For Gun: LSTM branch +0.5, FCN branch +3, the bias +0.125 make the score (logit) of "
        "**+3.62**. Only differences between classes change the probability."
    )


def test_entropy_is_in_nats_and_relative() -> None:
    weights = np.array([[1.0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]], np.float32)
    table = tables.entropy_table(one_case(weights, PARTS))
    assert list(table["head"]) == ["mean", "1", "2"]
    assert np.allclose(table["entropy (nats)"][1:], [0, np.log(4)])
    assert np.allclose(table["relative entropy"][1:], [0, 1])
    assert np.allclose(table["as many points"][1:], [1, 4])
    assert np.allclose(table["times the even share"][1:], [4, 1])


def test_weights_can_be_taken_away() -> None:
    one = one_case(np.array([[0.1, 0.4, 0.4, 0.1]], np.float32), PARTS)
    rows = list(csv.DictReader(io.StringIO(to_csv(tables.weight_table(one)).decode())))
    assert [row["time point"] for row in rows] == ["0", "1", "2", "3"]
    assert np.allclose([float(row["attention"]) for row in rows], [0.1, 0.4, 0.4, 0.1])
    assert np.allclose([float(row["times the even share"]) for row in rows], [0.4, 1.6, 1.6, 0.4])


def test_classes_that_are_not_drawn_are_counted() -> None:
    assert first_classes(18, 12) == "The first 12 of 18 classes are drawn. "
    assert first_classes(12, 12) == ""
