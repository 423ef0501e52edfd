"""Features of a case: windows, the model's own segments, drawn by hand; how values spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tscviz
from tests.explain.perturbation.small import Linear, case, classifier_of
from tscviz.explain import ExplainError
from tscviz.explain.perturbation.enumeration import coalitions_wanted
from tscviz.explain.perturbation.grouping import Grouping, drawn_edges, window_edges
from tscviz.models import Classifier, build_model
from tscviz.types import TscvizError


def found(x: np.ndarray, classifier: Classifier | None = None, **options: Any) -> Any:
    classifier = classifier or classifier_of(Linear, len(x))
    return tscviz.explain(classifier, x, "feature_ablation", target=0, **options)


@pytest.mark.parametrize(
    ("n_points", "windows", "width", "wanted"),
    [
        (20, 4, 0, [0, 5, 10, 15, 20]),
        (10, 3, 0, [0, 3, 6, 10]),
        (3, 8, 0, [0, 1, 2, 3]),
        (10, 8, 4, [0, 4, 8, 10]),
        (10, 8, 10, [0, 10]),
        (9, 1, 0, [0, 9]),
    ],
)
def test_windows(n_points: int, windows: int, width: int, wanted: list[int]) -> None:
    np.testing.assert_array_equal(window_edges(n_points, windows, width), wanted)


@pytest.mark.parametrize("n_points", [7, 24, 150, 151])
def test_windows_are_of_one_width_but_for_a_point(n_points: int) -> None:
    widths = np.diff(window_edges(n_points, 7))
    assert len(widths) == 7
    assert widths.sum() == n_points
    assert widths.max() - widths.min() <= 1


@pytest.mark.parametrize(
    ("edges", "wanted"),
    [((0, 30, 70, 90), [0, 30, 70, 90]), ((30, 70), [0, 30, 70, 90]), ((), [0, 90])],
)
def test_drawn_edges_get_the_ends(edges: tuple[int, ...], wanted: list[int]) -> None:
    np.testing.assert_array_equal(drawn_edges(edges, 90), wanted)


def test_edges_are_read_from_text_and_go_before_windows() -> None:
    x = case(1)
    texts = found(x, edges="5, 12, 20").details
    np.testing.assert_array_equal(texts["edges"], [0, 5, 12, 20, 30])
    assert texts["segments"] == "drawn"
    np.testing.assert_array_equal(found(x, edges=(5, 12, 20)).details["edges"], texts["edges"])
    for nothing in (None, "", "none"):
        assert found(x, edges=nothing, windows=3).details["edges"].tolist() == [0, 10, 20, 30]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"edges": "5,40"}, "5, 40 and the case has 30 points"),
        ({"edges": (-1, 4)}, "-1, 4 and the case has 30 points"),
        ({"edges": (8, 8)}, "each must be greater than the one before"),
        ({"edges": "a,b"}, "must be of type int"),
        ({"edges": "5", "segments": "model"}, "leave one of them out"),
        ({"edges": "5", "width": 4}, "leave one of them out"),
        ({"segments": "model", "width": 4}, "leave one of them out"),
        ({"width": 31}, "width is 31 and the case has 30 points"),
        ({"windows": 0}, "at least 1"),
        ({"segments": "model"}, "no temporal pooling layer"),
    ],
)
def test_what_does_not_fit_is_named(options: dict[str, Any], text: str) -> None:
    with pytest.raises(TscvizError, match=text):
        found(case(), **options)


@pytest.mark.parametrize("name", ["gtp-fcn", "stp-fcn", "dtp-fcn"])
def test_the_models_own_segments(name: str) -> None:
    module = build_model(name, n_channels=2, n_classes=3)
    classifier = Classifier(module, ("a", "b", "c"), {"model": name, "name": name})
    x, padded = case(), np.zeros((2, 41), np.float32)
    padded[:, :30] = x
    mask = np.arange(41) < 30
    wanted = tscviz.segment(classifier, x).boundaries
    one = found(x, classifier, segments="model").details
    two = found(padded, classifier, segments="model", mask=mask).details
    np.testing.assert_array_equal(one["edges"], wanted)
    np.testing.assert_array_equal(two["edges"], wanted)
    assert one["segments"] == "model"


def test_the_feature_mask_is_captums() -> None:
    edges = np.array([0, 2, 5])
    np.testing.assert_array_equal(Grouping(edges, 2, False).mask(), [[0, 0, 1, 1, 1]] * 2)
    np.testing.assert_array_equal(
        Grouping(edges, 2, True).mask(), [[0, 0, 1, 1, 1], [2, 2, 3, 3, 3]]
    )


def test_a_point_carries_its_features_value_or_its_share() -> None:
    x = case()
    carried, shared = found(x, edges="4,10"), found(x, edges="4,10", spread="share")
    values = carried.details["feature_values"]
    assert values.shape == (1, 3)
    np.testing.assert_array_equal(values, shared.details["feature_values"])
    np.testing.assert_array_equal(carried.values, np.repeat(values, [4, 6, 20], axis=1)[[0, 0]])
    np.testing.assert_allclose(shared.values.sum(1), values.sum(), rtol=1e-5)
    np.testing.assert_allclose(shared.values[0, 4:10].sum(), values[0, 1], rtol=1e-5)


def test_channels_apart_make_features_of_their_own() -> None:
    x = case(3)
    apart = found(x, windows=5, per_channel=True, spread="share")
    together = found(x, windows=5)
    assert apart.details["per_channel"]
    assert not together.details["per_channel"]
    assert apart.details["feature_values"].shape == (3, 5)
    np.testing.assert_allclose(  # of a linear model
        apart.details["feature_values"].sum(0), together.details["feature_values"][0], rtol=1e-4
    )
    np.testing.assert_allclose(
        apart.values.sum(1), apart.details["feature_values"].sum(1), rtol=1e-4
    )
    assert (together.values == together.values[0]).all()


def test_too_many_features_for_all_coalitions_are_named() -> None:
    for method in ("shapley_sampling", "kernel_shap", "lime"):
        with pytest.raises(ExplainError, match=r"2\^17 coalitions"):
            tscviz.explain(
                classifier_of(Linear), case(), method, target=0, windows=17, exact="always"
            )


@pytest.mark.parametrize("method", ["lime", "kernel_shap"])
def test_coalitions_that_would_fill_the_memory_are_refused(method: str) -> None:
    """Ten draws a feature: 1415 features have 14,150 of them, and 20,022,250 values in all."""
    classifier, x = classifier_of(Linear, 60), case(n_channels=60, n_points=50)
    asked: dict[str, Any] = {"method": method, "per_channel": True}
    with pytest.raises(ExplainError, match="20,000,000 fit; choose fewer windows or fewer samples"):
        tscviz.explain(classifier, x, windows=24, **asked)  # 60 x 24 = 1440 features
    with pytest.raises(
        ExplainError, match="1,000,000 samples of 60 features are 60,000,000 values"
    ):
        tscviz.explain(classifier, x, windows=1, samples=1_000_000, **asked)
    assert coalitions_wanted(0, 1414) == 14_140
    with pytest.raises(ExplainError, match="14,150 samples of 1,415 features are 20,022,250"):
        coalitions_wanted(0, 1415)
    assert tscviz.explain(classifier, x, windows=1, samples=300, **asked).details["samples"] == 300
