"""Whether the class flipped is one question, whether all that was asked for is reached another."""

import numpy as np
import pytest
import torch

from tests.explain.test_counterfactual import Linear, N, _linear, _planted_guide, _some_training
from tscviz.data import load_dataset
from tscviz.explain.counterfactual import counterfactual
from tscviz.models import Classifier, load_model
from tscviz.types import Array


@pytest.fixture
def x() -> Array:
    return np.zeros((1, N), np.float32)


def test_a_flip_short_of_the_margin_is_a_flip(x: Array) -> None:
    slope = np.random.default_rng(0).uniform(-1, 1, (1, N))
    model = _linear([slope * 0, slope], [1.0, 0.0])
    options = {"steps": 10, "margin": 1000.0, "training": _some_training()}
    got = counterfactual(model, x, "minimal_change", **options)
    lead = np.diff(model.logits(got.x_new[None])[0])[0]
    assert 0 < lead < 1000
    assert got.flipped
    assert got.target == int(got.proba_after.argmax()) == 1
    assert "turns a into b" in got.message
    assert f"But after 10 steps its lead is {lead:.2f} logits, and 1000 was asked" in got.message


def test_a_flip_where_the_gradient_vanishes_short_of_the_margin(x: Array) -> None:
    class Stair(Linear):
        def forward(self, x, mask=None) -> torch.Tensor:
            return super().forward(x, mask).clamp(max=2.0)

    weight = np.stack([np.zeros((1, N)), np.ones((1, N))])
    model = Classifier(Stair(weight, [1.0, 0.0]), ("a", "b"), {"name": "stair"})
    got = counterfactual(
        model, x, "minimal_change", margin=5.0, sparsity=0.0, training=_some_training()
    )
    assert got.flipped
    assert "But the gradient vanishes" in got.message
    assert "from a lead of 1.00 logits, and 5 was asked for" in got.message


@pytest.mark.parametrize("margin", [0.1, 5.0])
def test_flipped_is_what_the_network_says_of_the_series(margin: float) -> None:
    model, X = load_model("dsn/GunPoint"), load_dataset("GunPoint").X_test
    for i in range(4):
        got = counterfactual(model, X[i], "minimal_change", steps=20, shrink=3, margin=margin)
        assert got.flipped == (int(model.predict(got.x_new[None])[0]) != got.source)
        assert got.message.startswith("No flip") != got.flipped


def test_a_tie_is_no_flip(x: Array) -> None:
    flat = _linear(np.zeros((2, 1, N)))
    got = counterfactual(flat, x, "minimal_change", margin=0.0, training=_some_training())
    assert not got.flipped
    assert got.message == "No flip found: the change ends on the border between two classes."


def test_a_guide_short_of_the_probability_is_a_flip() -> None:
    model, x, training = _planted_guide()
    options = {"criterion": "probability", "probability": 1.0, "training": training}
    for target, wanted in ((None, "another class"), (1, "b")):
        got = counterfactual(model, x, "native_guide", target=target, **options)
        assert got.flipped
        assert int(model.predict(got.x_new[None])[0]) == 1
        assert f"But even the best stretch of the guide gives {wanted} no more" in got.message
        assert "1.00 was asked for" in got.message


@pytest.mark.parametrize("method", ["minimal_change", "native_guide"])
def test_a_network_of_one_class_has_no_other(x: Array, method: str) -> None:
    alone = _linear(np.zeros((1, 1, N)))
    got = counterfactual(alone, x, method, training=_some_training())
    assert not got.flipped
    assert got.message.startswith("No flip found: ")
    assert not got.changed.any()
