"""Sentences and tables of the page Receptive fields, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tscviz.explain.stack_sizes import StackSizes
from tscviz.models.sparse import KernelGroup
from tscviz.ui.library import ModelEntry
from tscviz.ui.receptive_fields import tables, words
from tscviz.ui.receptive_fields.controls import Shown
from tscviz.ui.receptive_fields.data import SparseModel, network

# ---- sentences and tables, by hand


def by_hand(mask: np.ndarray, **options: Any) -> SparseModel:
    from tscviz.explain.receptive_fields import MaskedLayer

    layer = MaskedLayer(mask, (KernelGroup(0, 1, 2), KernelGroup(1, 2, 4)), mask * np.float32(2))
    entry = ModelEntry("dsn/X", "dsn", "X", "", "")
    own = network("DSN (trained)", (layer,))
    return SparseModel(entry, (layer,), own, options, None, 10, None, None)


MASK = np.array([[[1, 1, 0, 0]], [[1, 0, 0, 1]]], bool)


def test_words_of_one_layer() -> None:
    model = by_hand(MASK, sparsity=0.5, groups=2)
    assert words.whose(model) == (
        "DSN: 1 sparse layer of 2 channels and 4 taps, 4 of 8 weights active (50.0 %); sparsity "
        "0.5, 2 kernel groups."
    )
    other = network("rest (not trained)", by_hand(~MASK).layers)
    said = words.compared(model, Shown(None, None, other))
    assert said.replace("\\", "") == (
        "Line: rest (not trained). Its fields are 2.0 taps on average, the trained model's 3.0; "
        "100.0 % of its kernels see at most 2 taps, 50.0 % of the model's."
    )
    assert words.compared(model, Shown(None, None, None)) == ""
    one = words.compared(model, Shown(0, 1, other))
    assert one.endswith("2.0 taps on average, the trained model's 4.0.")


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (141, "141"),
        (934_407, "934,407"),
        (6_192_315_189, "6.19 billion"),
        (41_036_472_757_503, "41 trillion"),
        (10_443**6, "1.3e+24"),
    ],
)
def test_large_numbers_in_words(n: int, said: str) -> None:
    assert words.count_of(n) == said


def test_words_of_the_stack() -> None:
    one = StackSizes((2, 4, 0, 4))
    assert words.stack([one], 2) == (
        "1 layer reaches 1 to 3 points and all but 1 of the sizes between. The network has 10 "
        "paths, one kernel a layer; 20.0 % of them lead through an empty kernel. 40.0 % see more "
        "than the 2 points of the series."
    )
    assert words.stack([StackSizes((5, 0))], 2) == "No path through the network carries anything."


def test_tables() -> None:
    model = by_hand(MASK)
    sizes = tables.size_table([model.network])
    assert list(sizes["group"]) == [1] * 5 + [2] * 5
    assert list(sizes["kernels"]) == [0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    found = [StackSizes((0, 2)), StackSizes((1, 0, 3))]
    assert {k: list(v) for k, v in tables.stack_table(found).items()} == {
        "time points": [0, 1, 2],
        "paths, 1 layer": [0, 2, 0],
        "paths, 2 layers": [1, 0, 3],
    }
    assert list(tables.reach_table(found)["most often"]) == [1, 2]
    assert tables.move_table(model) == {}
