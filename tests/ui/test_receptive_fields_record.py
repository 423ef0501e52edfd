"""Networks trained to be held against the bundled DSN: what was counted, and how it is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean, figures, numbers, texts
from tscviz.explain import ExplainError
from tscviz.explain.receptive_fields import layer_sizes, masked_layers, size_counts
from tscviz.models import load_model
from tscviz.models.sparse import KernelGroup
from tscviz.resources import resource
from tscviz.ui.receptive_fields import record

FRAME: Any = pd.read_csv(resource("benchmarks/results") / record.FILE)
SIZES = [f"size_{size}" for size in range(40)]


def rows(sparsity: float, groups: int, layer: int) -> np.ndarray:
    frame = FRAME[FRAME["dataset"] == "GunPoint"].set_index(["sparsity", "groups", "layer"])
    return frame.loc[(sparsity, groups, layer), SIZES].to_numpy(int)


def of_kind(figure: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["type"] == kind]


def test_the_record_counts_every_kernel_of_every_network() -> None:
    for (_, _, _, layer), part in FRAME.groupby(["dataset", "sparsity", "groups", "layer"]):
        assert part["last_channel"].tolist() == [46, 93, 140]
        n_in = 1 if layer == 1 and part["dataset"].iloc[0] == "GunPoint" else 47
        assert part[SIZES].to_numpy().sum() == 141 * n_in


def test_the_same_training_gave_the_bundled_model() -> None:
    """Seed and recipe are those of dsn/GunPoint: its masks have the very sizes recorded."""
    for number, layer in enumerate(masked_layers(load_model("dsn/GunPoint")), start=1):
        assert np.array_equal(size_counts(layer), rows(0.8, 3, number))


def test_the_bundled_model_is_held_against_a_trained_network_without_groups(
    open_app: OpenApp,
) -> None:
    app = open_app("receptive-fields", dataset="GunPoint", model="dsn/GunPoint")
    assert_clean(app)
    lines = of_kind(figures(app)[0], "scatter")
    assert lines[0]["name"] == "S = 80&#37;, no groups (trained)"
    for number, line in enumerate(lines, start=1):
        assert np.array_equal(numbers(line["y"]), rows(0.8, 1, number).sum(0))
    app = open_app("receptive-fields", dataset="GunPoint", model="dsn/GunPoint", group="2")
    (line, *_) = of_kind(figures(app)[0], "scatter")
    assert np.array_equal(numbers(line["y"]), rows(0.8, 1, 1)[1])  # the same output channels


def test_other_sparsities_are_trained_ones_with_their_accuracy(open_app: OpenApp) -> None:
    app = open_app(
        "receptive-fields", dataset="GunPoint", model="dsn/GunPoint", view="sparsity", layer="3"
    )
    assert_clean(app)
    assert "All of these networks are trained" in texts(app)
    bars = [numbers(t["y"]) for t in of_kind(figures(app)[1], "bar")]
    steps = (0.5, 0.7, 0.8, 0.9)
    assert np.array_equal(bars, np.concatenate([rows(s, 3, 3) for s in steps]))
    table = app.dataframe[0].value
    assert table["sparsity"].tolist() == ["50%", "50%", "70%", "70%", "80%", "80%", "90%", "90%"]
    counts = rows(0.9, 1, 3).sum(0)
    mean = counts @ np.arange(40) / counts[1:].sum()
    assert table["mean eNRF (taps)"].iloc[-1] == f"{mean:.1f}"
    small = counts[1:14].sum() / counts.sum()
    assert table["fields of at most 13 taps"].iloc[-1] == f"{100 * small:.1f} %"
    right = FRAME[(FRAME["sparsity"] == 0.9) & (FRAME["groups"] == 1)]["accuracy"].iloc[0]
    assert table["test accuracy"].iloc[-1] == f"{100 * right:.1f} %"


def test_a_network_of_another_shape_is_not_held_against_the_record(
    open_app: OpenApp, home: Any
) -> None:
    options = {"channels": 12, "kernel": 9, "layers": 3, "sparsity": 0.5}
    model = store_network(home, "a100000000000000", "dsn", "GunPoint", **options)
    app = open_app("receptive-fields", dataset="GunPoint", model=model, view="sparsity")
    assert_clean(app)
    assert "None of these networks is trained" in texts(app)
    assert of_kind(figures(app)[0], "scatter")[0]["name"].endswith("(not trained)")


def test_parts_that_are_not_known_are_refused() -> None:
    sizes = layer_sizes(masked_layers(load_model("dsn/GunPoint"))[0])
    whole = sizes.of()
    parts = [sizes.of(KernelGroup(a, b, 39)) for a, b in ((0, 50), (50, 141))]
    assert np.array_equal(sum(parts), whole)
    with pytest.raises(ExplainError, match="not for 0 to 200"):
        sizes.of(KernelGroup(0, 200, 39))
