"""Attention maps, branch shares and filter scales on the CPU, batch by batch."""

from typing import Any

import numpy as np
import pytest
import torch

from tscviz.explain import ExplainError, class_activation, explain, methods
from tscviz.explain.attention import AttentionMaps, attention_of, attention_table
from tscviz.explain.branches import branch_shares, filter_scales
from tscviz.models import Classifier, build_model
from tscviz.models.lstm_fcn import LSTMFCN

RNG = np.random.default_rng(0)


def make(name: str, variant: str = "paper", n_channels: int = 2, **options: Any) -> Classifier:
    torch.manual_seed(0)
    module = build_model(
        name, n_channels=n_channels, n_classes=3, length=30, variant=variant, **options
    )
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.05 * torch.randn_like(p))
    return Classifier(module, ("a", "b", "c"), {"name": f"{name}/{variant}"})


@pytest.fixture(name="X")
def cases() -> np.ndarray:
    return RNG.standard_normal((7, 2, 30)).astype(np.float32)


@pytest.fixture
def mask() -> np.ndarray:
    mask = np.ones((7, 30), bool)
    mask[1, 12:], mask[4, 1:] = False, False
    return mask


@pytest.mark.parametrize(("variant", "heads"), [("additive", 1), ("self", 4), ("report", 4)])
def test_maps_equal_those_of_one_case_after_another(
    variant: str, heads: int, X: np.ndarray, mask: np.ndarray
) -> None:
    classifier = make("alstm-fcn", variant)
    maps = attention_of(classifier, X, mask, batch_size=3)
    assert maps.weights.shape == (7, heads, 30)
    assert maps.weights.dtype == np.float32
    assert maps.over == "time"
    np.testing.assert_array_equal(maps.places, mask.sum(1))
    np.testing.assert_allclose(maps.weights.sum(2), 1, rtol=1e-5)
    for i in range(7):
        n = int(mask[i].sum())
        table = attention_table(classifier, X[i, :, :n])
        assert table.shape == (heads, n, n)
        np.testing.assert_allclose(maps.weights[i, :, :n], table.mean(1), rtol=1e-4, atol=1e-6)
        assert not maps.weights[i, :, n:].any()


def test_entropy_of_known_weights() -> None:
    weights = np.array([[[0.5, 0.5, 0.0, 0.0]], [[0.25] * 4], [[1.0, 0, 0, 0]]], np.float32)
    maps = AttentionMaps(weights, np.array([2, 4, 4]), "time")
    np.testing.assert_allclose(maps.entropy[:, 0], [np.log(2), np.log(4), 0], atol=1e-7)
    np.testing.assert_allclose(maps.relative_entropy[:, 0], [1, 1, 0], atol=1e-7)
    one = AttentionMaps(np.ones((1, 1, 1), np.float32), np.array([1]), "channels")
    assert one.constant
    assert one.relative_entropy[0, 0] == 1.0


def test_class_means_are_over_the_cases_that_reach() -> None:
    weights = np.array([[[0.2, 0.8, 0.0]], [[0.5, 0.25, 0.25]], [[0.1, 0.3, 0.6]]], np.float32)
    maps = AttentionMaps(weights, np.array([2, 3, 3]), "time")
    means = maps.class_means(np.array([0, 0, 1]), 3)
    np.testing.assert_allclose(means[0, 0], [0.35, 0.525, 0.25], rtol=1e-6)
    np.testing.assert_allclose(means[1, 0], weights[2, 0])
    assert np.isnan(means[2]).all()


@pytest.mark.parametrize(
    ("name", "variant"),
    [("lstm-fcn", "paper"), ("lstm-fcn", "report"), ("alstm-fcn", "self"), ("alstm-fcn", "report")],
)
def test_shares_add_up_to_the_logit(
    name: str, variant: str, X: np.ndarray, mask: np.ndarray
) -> None:
    classifier = make(name, variant)
    target = np.array([0, 1, 2, 0, 1, 2, 0])
    shares = branch_shares(classifier, X, mask, target=target, batch_size=3)
    logits = classifier.logits(X, mask)
    np.testing.assert_allclose(shares.logit, logits[np.arange(7), target], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        shares.lstm + shares.fcn + shares.rest, shares.logit, rtol=1e-4, atol=1e-4
    )
    assert shares.additive == (variant != "report")
    by_default = branch_shares(classifier, X, mask)
    np.testing.assert_array_equal(by_default.target, logits.argmax(1))
    assert len(branch_shares(classifier, X[:0]).logit) == 0


def test_filter_scales_of_the_report_alone(X: np.ndarray, mask: np.ndarray) -> None:
    scales = filter_scales(make("lstm-fcn", "report"), X, mask, batch_size=3)
    assert [s.shape for s in scales] == [(7, 128), (7, 256), (7, 128)]
    assert all(((s > 0) & (s < 1)).all() for s in scales)
    assert filter_scales(make("lstm-fcn"), X, mask) == ()


def test_the_method_shows_the_mean_of_the_heads_or_one(X: np.ndarray) -> None:
    classifier = make("alstm-fcn", "self")
    maps = attention_of(classifier, X[:1])
    mean = explain(classifier, X[0], "attention")
    assert mean.values.shape == (2, 30)
    np.testing.assert_allclose(mean.values[1], maps.weights[0].mean(0), rtol=1e-6)
    assert not mean.signed
    second = explain(classifier, X[0], "attention", head=2)
    np.testing.assert_allclose(second.values[0], maps.weights[0, 1], rtol=1e-6)
    assert second.details["entropy"] == pytest.approx(maps.entropy[0, 1], abs=1e-5)
    with pytest.raises(ExplainError, match="the model has 4"):
        explain(classifier, X[0], "attention", head=5)


def test_attention_over_channels_is_spread_over_their_points(X: np.ndarray) -> None:
    classifier = make("alstm-fcn")
    mask = np.arange(30) < 20
    found = explain(classifier, X[0], "attention", mask=mask)
    weights = attention_of(classifier, X[:1], mask[None]).weights[0, 0]
    assert found.details["over"] == "channels"
    np.testing.assert_allclose(found.values.sum(1), weights, rtol=1e-5)
    assert (found.values[:, 20:] == 0).all()
    assert np.ptp(found.values[0, :20]) == 0


def test_the_published_attention_is_called_constant() -> None:
    x = RNG.standard_normal((1, 30)).astype(np.float32)
    found = explain(make("alstm-fcn", n_channels=1), x, "attention")
    assert found.details["constant"] is True
    np.testing.assert_allclose(found.values, 1 / 30)


def test_cam_is_the_share_of_the_fcn(X: np.ndarray, mask: np.ndarray) -> None:
    """The dense rows behind those of the LSTM: the authors' script takes the first 128."""
    classifier = make("alstm-fcn", "additive")
    module = classifier.module
    assert isinstance(module, LSTMFCN)
    for i in (0, 1):
        found = explain(classifier, X[i], "cam", target=1, mask=mask[i])
        shares = branch_shares(classifier, X[i : i + 1], mask[i : i + 1], target=1)
        assert found.values[0].sum() == pytest.approx(shares.fcn[0], abs=1e-4)
        assert found.details["completeness_gap"] == pytest.approx(0.0, abs=1e-4)
        n = int(mask[i].sum())
        with torch.no_grad():
            h = module.features(torch.from_numpy(X[i : i + 1, :, :n]))[0]  # (128, n)
            wanted = module.fc.weight[1, module.width : module.width + 128] @ h / n
        np.testing.assert_allclose(found.values[0, :n], wanted.numpy(), rtol=1e-4, atol=1e-5)


def test_cam_explains_the_class_that_both_branches_choose(X: np.ndarray) -> None:
    classifier = make("lstm-fcn")
    with torch.no_grad():  # the LSTM branch outvotes the other
        classifier.module.get_parameter("fc.bias")[:] = torch.tensor([0.0, 1.0, 0.0])
        classifier.module.get_parameter("fc.weight")[2, :8] = 0.0
        classifier.module.get_parameter("recurrent.bias").fill_(3.0)
        classifier.module.get_parameter("fc.weight")[0, :8] = 50.0
    assert (classifier.predict(X) == 0).all()
    np.testing.assert_array_equal(
        class_activation(classifier, X), class_activation(classifier, X, target=0)
    )
    assert (branch_shares(classifier, X).lstm > 100).all()


def test_models_without_say_why(X: np.ndarray) -> None:
    plain, other = make("lstm-fcn"), build_model("gtp-fcn", n_channels=2, n_classes=2)
    with pytest.raises(ExplainError, match="has no attention over the series"):
        attention_of(plain, X)
    with pytest.raises(ExplainError, match="needs an attention over the series"):
        explain(plain, X[0], "attention")
    with pytest.raises(ExplainError, match="has no LSTM and FCN branches"):
        branch_shares(Classifier(other, ("a", "b"), {"name": "gtp"}), X)
    with pytest.raises(ExplainError, match="numbered 0 to 2"):
        branch_shares(plain, X, target=3)
    assert methods()["attention"].obstacle(make("alstm-fcn", "self")) is None
