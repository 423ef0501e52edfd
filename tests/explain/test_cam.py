"""CAM and segmentation against closed forms."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

import tscviz
from tscviz.explain import (
    ExplainError,
    boundaries_of,
    class_activation,
    class_weights,
    explain,
    methods,
    prototypes,
    scale_01,
    segment,
)
from tscviz.models import Classifier, ModelError, SeriesModule, build_model
from tscviz.models.temporal_pooling import TemporalPoolingNet

NAMES = ("gtp-fcn", "stp-fcn", "dtp-fcn", "gtp-resnet", "stp-resnet", "dtp-resnet")


def make(name: str, n_channels: int = 2, **options: Any) -> Classifier:
    torch.manual_seed(0)
    module = build_model(name, n_channels=n_channels, n_classes=3, **options)
    module.train()
    module(torch.randn(8, n_channels, 30))  # running statistics other than a new network's
    return Classifier(module, ("a", "b", "c"), {"model": name, "name": f"{name}/Test"})


def net(classifier: Classifier) -> TemporalPoolingNet:
    assert isinstance(classifier.module, TemporalPoolingNet)
    return classifier.module


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((2, 23)).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_cam_of_sum_pooling_is_the_papers_closed_form(name: str, x: np.ndarray) -> None:
    """Below equation 10: M_t = w_l . h_t where h_t is aligned with segment l."""
    classifier = make(name, pooling="sum")
    module = net(classifier)
    with torch.no_grad():
        h = module.features(torch.from_numpy(x[None]))[0].numpy()
    segments, weights = segment(classifier, x).segments, class_weights(classifier)
    for target in range(3):
        wanted = np.einsum("tk,kt->t", weights[target][segments], h)
        found = explain(classifier, x, "cam", target=target)
        assert found.values.shape == x.shape
        np.testing.assert_allclose(found.values[0], wanted, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(found.values[0], found.values[1])


@pytest.mark.parametrize("pool", ["avg", "sum", "max"])
@pytest.mark.parametrize("name", NAMES)
def test_cam_sums_to_the_logit_less_its_bias(name: str, pool: str, x: np.ndarray) -> None:
    classifier = make(name, pooling=pool)
    found = explain(classifier, x, "cam", target=1)
    assert found.details["completeness_gap"] == pytest.approx(0, abs=1e-4)
    assert found.details["logit"] == pytest.approx(classifier.logits(x[None])[0, 1])
    parts = segment(classifier, x)
    for i in range(parts.n_segments):
        inside = slice(parts.boundaries[i], parts.boundaries[i + 1])
        assert found.values[0, inside].sum() == pytest.approx(parts.contributions[i, 1], abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_contributions_add_up_to_the_logits(name: str, x: np.ndarray) -> None:
    classifier = make(name)
    parts = segment(classifier, x)
    np.testing.assert_allclose(parts.contributions.sum(0) + parts.bias, parts.logits, rtol=1e-4)
    np.testing.assert_allclose(parts.logits, classifier.logits(x[None])[0], rtol=1e-5)
    assert parts.boundaries[0] == 0
    assert parts.boundaries[-1] == 23
    assert (np.diff(parts.boundaries) >= 1).all()


def test_max_pooling_speaks_of_its_maxima_only(x: np.ndarray) -> None:
    """At most L x K points carry a gradient, and each feature counts once a segment."""
    classifier = make("gtp-fcn", pooling="max")
    with torch.no_grad():
        h = net(classifier).features(torch.from_numpy(x[None]))[0].numpy()
    wanted = np.zeros(23)
    for k, t in enumerate(h.argmax(1)):
        wanted[t] += class_weights(classifier)[2, 0, k] * h[k, t]
    np.testing.assert_allclose(
        explain(classifier, x, "cam", target=2).values[0], wanted, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("name", NAMES)
def test_padding_gets_nothing_and_changes_nothing(name: str, x: np.ndarray) -> None:
    classifier = make(name)
    padded, mask = np.full((2, 31), 9.0, np.float32), np.zeros(31, bool)
    padded[:, :23], mask[:23] = x, True
    alone, together = (
        explain(classifier, x, "cam", target=0).values,
        explain(classifier, padded, "cam", target=0, mask=mask).values,
    )
    assert together.shape == padded.shape
    assert (together[:, 23:] == 0).all()
    np.testing.assert_allclose(together[:, :23], alone, rtol=1e-4, atol=1e-5)
    a, b = segment(classifier, x), segment(classifier, padded, mask)
    np.testing.assert_array_equal(a.boundaries, b.boundaries)
    np.testing.assert_array_equal(b.segments[23:], -1)
    if b.cost is not None:
        assert b.cost.shape[1] == 31
        assert np.isnan(b.cost[:, 23:]).all()


def test_many_cases_equal_one_by_one() -> None:
    classifier = make("dtp-fcn")
    X = np.random.default_rng(1).standard_normal((7, 2, 23)).astype(np.float32)
    mask = np.ones((7, 23), bool)
    mask[2, 15:] = False
    targets = np.array([0, 1, 2, 0, 1, 2, 0])
    maps = class_activation(classifier, X, mask, target=targets, batch_size=3)
    for i in range(7):
        one = explain(classifier, X[i], "cam", target=int(targets[i]), mask=mask[i]).values[0]
        np.testing.assert_allclose(maps[i], one, rtol=1e-4, atol=1e-5)


def test_dtp_tells_its_cost_and_soft_alignment(x: np.ndarray) -> None:
    classifier = make("dtp-fcn", segments=3)
    parts = segment(classifier, x)
    assert parts.cost is not None
    assert parts.soft_alignment is not None
    with torch.no_grad():
        h = net(classifier).features(torch.from_numpy(x[None]))[0].numpy()
    p = prototypes(classifier)
    wanted = 1 - (p @ h) / np.outer(np.linalg.norm(p, axis=1), np.linalg.norm(h, axis=0))
    np.testing.assert_allclose(parts.cost, wanted, atol=1e-5)
    np.testing.assert_allclose(parts.soft_alignment.sum(0), 1, atol=1e-5)
    hard = parts.cost[parts.segments, np.arange(23)].sum()
    static = parts.cost[np.repeat([0, 1, 2], [8, 8, 7]), np.arange(23)].sum()
    assert hard <= static + 1e-6


@pytest.mark.parametrize("name", ["gtp-fcn", "stp-fcn"])
def test_only_dtp_has_costs_and_prototypes(name: str, x: np.ndarray) -> None:
    classifier = make(name)
    assert segment(classifier, x).cost is None
    with pytest.raises(ExplainError, match="only DTP models learn them"):
        prototypes(classifier)


def test_scaling_is_by_case_and_survives_a_constant_map() -> None:
    maps = np.array([[0.0, 2.0, 4.0, 9.0], [3.0, 3.0, 3.0, 0.0]], np.float32)
    mask = np.array([[True, True, True, False]] * 2)
    np.testing.assert_allclose(scale_01(maps, mask), [[0, 0.5, 1, 0], [0, 0, 0, 0]])


def test_boundaries_of_a_row() -> None:
    np.testing.assert_array_equal(boundaries_of(np.array([0, 0, 1, 2, 2, -1]), 3), [0, 2, 3, 5])


def test_the_default_target_is_the_predicted_class(x: np.ndarray) -> None:
    classifier = make("dtp-fcn")
    assert explain(classifier, x, "cam").target == classifier.predict(x[None])[0]


def test_the_package_itself_can_be_called(x: np.ndarray) -> None:
    classifier = make("gtp-fcn")
    for _ in range(2):
        assert tscviz.explain(classifier, x, "cam").method == "cam"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"method": "magic"}, "no method 'magic'; the methods are: cam"),
        ({"target": 3}, "numbered 0 to 2"),
        ({"target": -1}, "numbered 0 to 2"),
        ({"steps": 5}, "no option 'steps'"),
    ],
)
def test_bad_requests_are_named(x: np.ndarray, arguments: dict[str, Any], text: str) -> None:
    defaults: dict[str, Any] = {"method": "cam"}
    with pytest.raises(ValueError, match=text):
        explain(make("gtp-fcn"), x, **defaults | arguments)


def test_bad_cases_are_named(x: np.ndarray) -> None:
    classifier = make("gtp-fcn")
    with pytest.raises(ExplainError, match="one case has shape"):
        explain(classifier, x[None], "cam")
    with pytest.raises(ModelError, match="1 channel"):
        explain(classifier, x[:1], "cam")


class _Plain(SeriesModule):
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        return x.mean(2)[:, :1].expand(-1, self.n_classes)


def test_a_model_without_a_cam_layer_says_why(x: np.ndarray) -> None:
    classifier = Classifier(_Plain(2, 2), ("a", "b"), {"name": "plain"})
    assert methods()["cam"].obstacle(classifier) is not None
    with pytest.raises(ExplainError, match="plain has none"):
        explain(classifier, x, "cam", target=0)
    with pytest.raises(ExplainError, match="no temporal pooling layer"):
        segment(classifier, x)
    assert methods()["cam"].obstacle(make("gtp-fcn")) is None


def test_eight_threads_share_a_model_and_leave_it_untouched(x: np.ndarray) -> None:
    classifier = make("dtp-fcn")
    wanted = explain(classifier, x, "cam", target=1).values

    def work(_: int) -> np.ndarray:
        return explain(classifier, x, "cam", target=1).values

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(work, range(40)):
            np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert all(p.grad is None for p in classifier.module.parameters())
    assert not classifier.module.training
    assert not any(m._forward_hooks for m in classifier.module.modules())
