"""Filters by length: against convolutions by hand, and lengths that matter by construction."""

from typing import Any

import numpy as np
import pytest
import torch

from tscviz.explain import ExplainError
from tscviz.explain.filters import filter_activations, first_layer_filters, length_ablation
from tscviz.models import Classifier, ModelError, build_model
from tscviz.models.base import MaskedBatchNorm1d
from tscviz.models.convtimenet import ConvTimeNet

LENGTHS = (3, 8, 16)


def make(n_channels: int = 2, **options: Any) -> Classifier:
    torch.manual_seed(0)
    options = {"trunk": "random", "lengths": LENGTHS, "filters": 5} | options
    module = build_model("convtimenet", n_channels=n_channels, n_classes=3, **options)
    module.train()
    module(torch.randn(16, n_channels, 40) + 0.5)  # running statistics other than a new network's
    return Classifier(module, ("a", "b", "c"), {"model": "convtimenet", "name": "convtimenet/T"})


def net(classifier: Classifier) -> ConvTimeNet:
    assert isinstance(classifier.module, ConvTimeNet)
    return classifier.module


@pytest.fixture(name="X")
def some_cases() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((4, 2, 29)).astype(np.float32)


def by_hand(weights: np.ndarray, x: np.ndarray, before: int) -> np.ndarray:
    """Correlate one filter (n_channels, k) with one case, point by point."""
    out = np.zeros(x.shape[1])
    for t in range(x.shape[1]):
        for j in range(weights.shape[1]):
            if 0 <= t - before + j < x.shape[1]:
                out[t] += float(weights[:, j] @ x[:, t - before + j])
    return out


def test_responses_are_the_filters_correlated_with_the_series(X: np.ndarray) -> None:
    classifier = make()
    filters, found = first_layer_filters(classifier), filter_activations(classifier, X)
    assert [f.length for f in filters] == [f.length for f in found] == list(LENGTHS)
    assert [f.before for f in filters] == [1, 3, 7]
    for bank, answer in zip(filters, found, strict=True):
        assert bank.weights.shape == (5, 2, bank.length)
        assert answer.responses.shape == answer.activations.shape == (4, 5, 29)
        for case, k in ((0, 0), (3, 4)):
            wanted = by_hand(bank.weights[k], X[case], bank.before)
            np.testing.assert_allclose(answer.responses[case, k], wanted, rtol=1e-4, atol=1e-5)


def test_activations_are_those_inside_the_network(X: np.ndarray) -> None:
    classifier = make()
    layer = net(classifier).trunk.multi_length_layers()[0]
    with torch.no_grad():
        wanted = layer(torch.from_numpy(X)).numpy()
    found = filter_activations(classifier, X, batch_size=3)
    together = np.concatenate([f.activations for f in found], axis=1)
    np.testing.assert_allclose(together, wanted, rtol=1e-4, atol=1e-6)
    assert together.min() == 0.0
    assert together.max() > 0.5


def test_padding_is_zero_and_changes_nothing(X: np.ndarray) -> None:
    classifier = make()
    padded, mask = np.full((4, 2, 50), 9.0, np.float32), np.zeros((4, 50), bool)
    padded[:, :, :29], mask[:, :29] = X, True
    padded[1, :, 20:], mask[1, 20:] = 9.0, False
    found = filter_activations(classifier, padded, mask)
    alone = filter_activations(classifier, X[1:2, :, :20])
    for a, b in zip(found, alone, strict=True):
        for stage in ("responses", "activations"):
            values = getattr(a, stage)
            assert values.shape == (4, 5, 50)
            assert (values[:, :, 29:] == 0).all()
            assert (values[1, :, 20:] == 0).all()
            np.testing.assert_allclose(
                values[1, :, :20], getattr(b, stage)[0], rtol=1e-4, atol=1e-5
            )
    whole = length_ablation(classifier, padded, mask)
    short = length_ablation(classifier, X[1:2, :, :20])
    np.testing.assert_allclose(whole.without[:, 1], short.without[:, 0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scope", ["first", "all"])
def test_ablation_equals_zeroed_outputs(X: np.ndarray, scope: str) -> None:
    """Hooks that zero the channels after batch normalisation are the independent computation."""
    classifier = make()
    found = length_ablation(classifier, X, scope=scope)
    np.testing.assert_array_equal(found.logits, classifier.logits(X))
    layers = net(classifier).trunk.multi_length_layers()
    assert len(layers) == 4
    for i in range(len(LENGTHS)):
        with zeroed(layers[:1] if scope == "first" else layers, slice(5 * i, 5 * i + 5)):
            wanted = classifier.logits(X)
        np.testing.assert_allclose(found.without[i], wanted, rtol=1e-5, atol=1e-6)
        change = found.logit_change(2)[i]
        np.testing.assert_allclose(change, wanted[:, 2] - found.logits[:, 2], atol=1e-5)
        p = np.exp(wanted.astype(float)) / np.exp(wanted.astype(float)).sum(1, keepdims=True)
        p_change = p[:, 1] - classifier.predict_proba(X)[:, 1]
        np.testing.assert_allclose(found.probability_change(1)[i], p_change, atol=1e-6)
        assert np.abs(change).max() > 1e-3


class zeroed:  # noqa: N801  (used like a function)
    """Zero some output channels of the layers' batch normalisation inside a `with` block."""

    def __init__(self, layers: Any, channels: slice) -> None:
        self.layers, self.channels = layers, channels

    def __enter__(self) -> None:
        def hook(_module: Any, _inputs: Any, out: torch.Tensor) -> torch.Tensor:
            out = out.clone()
            out[:, self.channels] = 0.0
            return out

        self.handles = [layer.norm.register_forward_hook(hook) for layer in self.layers]

    def __exit__(self, *_: object) -> None:
        for handle in self.handles:
            handle.remove()


def test_the_length_that_decides_is_found() -> None:
    """One layer whose head listens to the kernels of length 8 alone, and is always right."""
    classifier = make(n_channels=1, blocks=1, layers=1)
    module = net(classifier)
    shortcut = module.get_submodule("trunk.blocks.0.shortcut.norm")
    assert isinstance(shortcut, MaskedBatchNorm1d)
    X = np.random.default_rng(1).standard_normal((30, 1, 29)).astype(np.float32)
    with torch.no_grad():
        shortcut.weight.zero_()
        shortcut.bias.zero_()
        module.fc.weight[:, :5] = 0.0
        module.fc.weight[:, 10:] = 0.0
    y = classifier.predict(X)
    found = length_ablation(classifier, X, scope="first")
    whole, without = found.accuracy(y)
    assert whole == 1.0
    assert without[0] == without[2] == 1.0
    np.testing.assert_array_equal(found.without[0], found.logits)
    # Without length 8 nothing but the bias is left: one class for all.
    bias = module.fc.bias.detach().numpy()
    np.testing.assert_allclose(found.without[1], np.tile(bias, (30, 1)), atol=1e-6)
    assert without[1] == (y == bias.argmax()).mean() < 1.0


def test_the_classifier_is_not_touched(X: np.ndarray) -> None:
    classifier = make()
    before = {k: v.clone() for k, v in classifier.module.state_dict().items()}
    length_ablation(classifier, X)
    after = classifier.module.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)


@pytest.fixture
def other() -> Classifier:
    torch.manual_seed(0)
    module = build_model("gtp-fcn", n_channels=2, n_classes=3)
    return Classifier(module, ("a", "b", "c"), {"name": "gtp-fcn/T"})


def test_errors_say_what_to_do(X: np.ndarray, other: Classifier) -> None:
    with pytest.raises(ExplainError, match="gtp-fcn/T has no layer with kernels of several"):
        first_layer_filters(other)
    with pytest.raises(ExplainError, match="scope is 'last'; it must be one of: first, all"):
        length_ablation(make(), X, scope="last")
    with pytest.raises(ModelError, match="1 channel"):
        filter_activations(make(), X[:, :1])
