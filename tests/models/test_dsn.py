"""DSN: its forward pass, padding, dynamic sparse training, and what resuming restores."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.models.dsn_tools import SMALL, make, used
from tests.oracles_dsn import adaptive_average, dsn_logits
from tscviz.explain import explain
from tscviz.models import Classifier, build_model, describe_model, model_names
from tscviz.models.dsn import DSN
from tscviz.types import TscvizError


def test_it_is_registered_and_says_what_it_offers() -> None:
    assert "dsn" in model_names()
    assert make().offers == {"cam", "sparse"}


def test_layers_are_the_papers_by_default() -> None:
    module = build_model("dsn", n_channels=1, n_classes=2)
    assert isinstance(module, DSN)
    shapes = [tuple(layer.weight.shape) for layer in module.sparse_layers()]
    assert shapes == [(141, 1, 39)] + 3 * [(141, 47, 39)]
    assert [layer.padding for layer in module.sparse_layers()] == 4 * [(0, 38)]
    pointwise = [m for m in module.blocks.modules() if isinstance(m, nn.Conv1d)]
    assert [(m.in_channels, m.out_channels, m.bias) for m in pointwise] == 3 * [(141, 47, None)]
    assert module.notes() == {"active_weights": [[122, 244, 366]] + 3 * [[5743, 11486, 17230]]}


def test_several_channels_pass_a_bottleneck_first() -> None:
    module = build_model("dsn", n_channels=6, n_classes=4, channels=177, sparsity=0.9)
    assert isinstance(module, DSN)
    shapes = [tuple(layer.weight.shape) for layer in module.sparse_layers()]
    assert shapes == 4 * [(177, 59, 39)]


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("padding", ["replicate_right", "zero_same"])
@pytest.mark.parametrize("length", [3, 21])
def test_logits_equal_a_plain_computation(n_channels: int, padding: str, length: int) -> None:
    module = used(make(n_channels, padding=padding, init="random"))
    state = {k: v.numpy() for k, v in module.state_dict().items()}
    x = torch.randn(3, n_channels, length)
    with torch.no_grad():
        found = module(x).numpy()
    for i in range(3):
        wanted = dsn_logits(x[i].numpy(), state, 3, 7, replicate=padding == "replicate_right")
        np.testing.assert_allclose(found[i], wanted, rtol=1e-4, atol=1e-5)


def test_the_oracles_pooling_is_torchs() -> None:
    for length in (1, 5, 7, 20):
        h = torch.randn(1, 3, length)
        wanted = F.adaptive_avg_pool1d(h, 7)[0].numpy()
        np.testing.assert_allclose(adaptive_average(h[0].numpy(), 7), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("padding", ["replicate_right", "zero_same"])
@pytest.mark.parametrize("filler", [7.0, math.nan])
def test_padding_never_changes_a_prediction(n_channels: int, padding: str, filler: float) -> None:
    module = used(make(n_channels, padding=padding))
    cases = [torch.randn(n_channels, n) for n in (31, 2, 24)]
    x, mask = torch.full((3, n_channels, 40), filler), torch.zeros(3, 40, dtype=torch.bool)
    for i, case in enumerate(cases):
        x[i, :, : case.shape[1]], mask[i, : case.shape[1]] = case, True
    with torch.no_grad():
        together, h = module(x, mask), module.features(x, mask)
        for i, case in enumerate(cases):
            torch.testing.assert_close(together[i], module(case[None])[0], rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(
                h[i, :, : case.shape[1]], module.features(case[None])[0], rtol=1e-5, atol=1e-6
            )
    assert (h.transpose(1, 2)[~mask] == 0).all()


def test_padding_changes_no_training_step_either() -> None:
    x, y = torch.randn(4, 2, 20), torch.tensor([0, 1, 2, 0])
    padded = torch.cat([x, torch.full((4, 2, 9), 5.0)], 2)
    mask = torch.arange(29).expand(4, -1) < 20
    plain, masked = make(2).train(), make(2).train()
    for module, series, m in ((plain, x, None), (masked, padded, mask)):
        _, losses = module.losses(series, y, m)
        losses["class"].backward()
    for (name, a), b in zip(plain.named_parameters(), masked.parameters(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-4, atol=1e-6, msg=name)
    for a, b in zip(plain.buffers(), masked.buffers(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mask_to", [None, 17])
def test_cam_sums_to_the_logit_less_the_normalisations_shift(mask_to: int | None) -> None:
    module = used(make(2))
    with torch.no_grad():
        module.head_norm.bias.copy_(torch.tensor([0.3, -0.2, 0.7]))
        assert module.head_norm.running_mean is not None
        module.head_norm.running_mean.copy_(torch.tensor([0.1, 0.2, 0.4]))
    classifier = Classifier(module, ("a", "b", "c"), {"model": "dsn"})
    x = np.random.default_rng(0).standard_normal((2, 23)).astype(np.float32)
    mask = None if mask_to is None else np.arange(23) < mask_to
    norm = module.head_norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    for target in range(3):
        found = explain(classifier, x, "cam", target=target, mask=mask)
        scale = norm.weight[target] / torch.sqrt(norm.running_var[target] + norm.eps)
        shift = (norm.bias[target] - norm.running_mean[target] * scale).item()
        assert found.details["bias"] == pytest.approx(shift, abs=1e-6)
        assert found.details["completeness_gap"] == pytest.approx(0, abs=1e-5)
        if mask_to is not None:
            assert (found.values[:, mask_to:] == 0).all()


def test_non_zeros_are_what_the_cost_counts() -> None:
    module = make(2)
    counted = sum(int((p != 0).sum()) for p in module.parameters())
    zero_biases = 3 * 12 + 3  # of the normalisations, before training
    cost = describe_model("dsn", n_channels=2, n_classes=3, length=30, **SMALL)
    assert cost.parameters == counted + zero_biases


def test_multiply_accumulates_are_those_of_the_convolutions() -> None:
    module, length, macs = make(2), 30, 0
    for m in module.modules():
        if isinstance(m, nn.Conv1d):
            macs += m.weight.numel() * (7 if m is module.head else length)
    macs += sum(int(layer.mask.sum()) for layer in module.sparse_layers()) * length
    cost = module.own_cost(length)
    assert cost.macs == macs


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"sparsity": 1.0}, "it must be at most 0.999"),
        ({"groups": 13}, "13 kernel groups for 12 channels"),
        ({"padding": "reflect"}, "replicate_right, zero_same"),
        ({"explore_until": 0.0}, "greater than 0.0"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], text: str) -> None:
    with pytest.raises(TscvizError, match=text):
        make(**options)


def test_a_shared_batch_has_the_logits_of_one_thread(two_threads: None) -> None:
    torch.manual_seed(3)
    net = build_model("dsn", n_channels=2, n_classes=3, channels=12, kernel=9).eval()
    x = torch.randn(21, 2, 40)
    mask = torch.arange(40) < torch.randint(20, 41, (21, 1))
    for m in (None, mask):
        with torch.enable_grad():
            whole = net(x, m).detach()
        with torch.no_grad():
            torch.testing.assert_close(net(x, m), whole, rtol=1e-5, atol=1e-6)
        with torch.inference_mode():
            torch.testing.assert_close(net(x, m), whole, rtol=1e-5, atol=1e-6)


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
