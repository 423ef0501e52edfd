"""LSTM-FCN and ALSTM-FCN: sizes, padding, branches, views, errors."""

from typing import Any

import pytest
import torch

from tests.models.lstm_tools import every_variant, make, padded
from tscviz.models import ModelError, build_model, describe_model
from tscviz.types import TscvizError


@pytest.mark.parametrize(
    ("length", "n_classes", "cells", "lstm", "alstm"),
    [
        (150, 2, 8, 270_066, 276_146),  # GunPoint
        (24, 2, 8, 266_034, 267_074),  # ItalyPowerDemand
        (427, 6, 8, 279_478, 296_638),  # OSULeaf
        (96, 2, 128, 380_418, 458_498),  # ECG200
    ],
)
def test_parameters_equal_the_keras_counts(
    length: int, n_classes: int, cells: int, lstm: int, alstm: int
) -> None:
    size: Any = {"n_channels": 1, "n_classes": n_classes, "length": length, "cells": cells}
    assert describe_model("lstm-fcn", **size).parameters == lstm
    assert describe_model("alstm-fcn", **size).parameters == alstm


def test_macs_equal_a_count_by_hand() -> None:
    size: Any = {"n_channels": 1, "n_classes": 2, "length": 150}
    fcn = 150 * (8 * 128 + 128 * 5 * 256 + 256 * 3 * 128)
    plain, additive, self_ = (
        describe_model(name, **size, variant=variant).macs
        for name, variant in (
            ("lstm-fcn", "paper"),
            ("alstm-fcn", "additive"),
            ("alstm-fcn", "self"),
        )
    )
    assert plain == fcn + 136 * 2 + (150 + 8) * 32
    steps = 150 * ((2 * 1 + 8) * 32 + 8 + 64 + 150 * (8 + 1))
    assert additive == fcn + 136 * 2 + steps
    projections = 150 * 3 * 128 * 8 + 8 * 8
    tables = 2 * 150 * 150 * 8
    assert self_ == fcn + 144 * 2 + 150 * (128 + 8) * 32 + projections + tables


def test_the_report_adds_squeeze_shortcut_and_head() -> None:
    plain = describe_model("lstm-fcn", n_channels=1, n_classes=2, length=150, variant="time")
    report = describe_model(
        "lstm-fcn", n_channels=1, n_classes=2, length=150, variant="report", reads="series"
    )
    squeeze = 2 * (128 * 8 + 8 + 8 * 128 + 128) + 256 * 16 + 16 + 16 * 256 + 256
    shortcuts = 2 * 128 + 128 * 256 + 256 + 256 * 128 + 128
    head = 136 * 512 + 512 + 2 * 512 + 512 * 2 + 2 - (136 * 2 + 2)
    assert report.parameters - plain.parameters == squeeze + shortcuts + head


@every_variant
@pytest.mark.parametrize("reads", ["auto", "series", "features"])
def test_padding_never_changes_a_prediction(name: str, variant: str, reads: str) -> None:
    module = make(name, variant, 2, reads=reads)
    cases, X, mask = padded()
    with torch.no_grad():
        torch.testing.assert_close(
            module(X, mask), torch.cat([module(case) for case in cases]), rtol=1e-4, atol=1e-4
        )


@every_variant
def test_a_full_mask_changes_no_loss_and_no_gradient(name: str, variant: str) -> None:
    x, y = torch.randn(4, 1, 40, dtype=torch.float64), torch.tensor([0, 1, 2, 0])
    grads = []
    for mask in (None, torch.ones(4, 40, dtype=torch.bool)):
        module = make(name, variant, dropout=0.0, report_dropout=0.0, cell_dropout=0.0)
        module.double().train()
        module.losses(x, y, mask)[1]["class"].backward()
        grads.append([p.grad for p in module.parameters()])
    for a, b in zip(*grads, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


@every_variant
def test_every_parameter_learns_where_it_can(name: str, variant: str) -> None:
    module = make(name, variant, 2).train()
    module.losses(torch.randn(6, 2, 40), torch.tensor([0, 1, 2, 0, 1, 2]))[1]["class"].backward()
    still = {n for n, p in module.named_parameters() if p.grad is None or not p.grad.any()}
    # Under batch normalisation a convolution's bias has no effect.
    assert all(n.endswith("conv.bias") for n in still), still


def test_convolutions_and_normalisation_start_as_in_keras() -> None:
    torch.manual_seed(0)
    module = build_model("lstm-fcn", n_channels=1, n_classes=2, length=40)
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm1d):
            assert (layer.eps, layer.momentum) == (1e-3, 0.01)
        if isinstance(layer, torch.nn.Conv1d):
            limit = (6 / (layer.in_channels * layer.kernel_size[0])) ** 0.5  # He uniform
            assert 0.95 * limit < layer.weight.abs().max() <= limit
            assert layer.bias is not None
            assert not layer.bias.any()


def test_a_last_batch_of_one_case_can_be_trained_on() -> None:
    module = make("lstm-fcn", "report").train()
    _, losses = module.losses(torch.randn(1, 1, 40), torch.tensor([1]))
    assert torch.isfinite(losses["class"])


def test_dropout_is_off_in_evaluation_and_on_the_recurrent_branch_only() -> None:
    module = make("lstm-fcn", dropout=0.5)
    x = torch.randn(5, 1, 40)
    assert torch.equal(module(x), module(x))
    for block in module.fcn.modules():
        block.train(False)
    module.training = True
    module.dropout.train()
    with torch.no_grad():
        module.fc.weight[:, :8] = 0.0
    assert torch.equal(module(x), module(x))


def test_class_weights_reach_the_loss() -> None:
    module = make("lstm-fcn")
    module.class_weight = torch.tensor([1.0, 5.0, 0.5])
    x, y = torch.randn(4, 1, 40), torch.tensor([0, 1, 2, 1])
    each = -module(x).log_softmax(1)[torch.arange(4), y]
    wanted = (each[0] + 5.0 * each[1] + 0.5 * each[2] + 5.0 * each[3]) / 4  # cases, not weights
    torch.testing.assert_close(module.losses(x, y)[1]["class"], wanted)


def test_a_fixed_length_is_asked_for_and_held_to() -> None:
    with pytest.raises(ModelError, match="one fixed length; give length"):
        build_model("lstm-fcn", n_channels=1, n_classes=2)
    module = make("alstm-fcn")
    assert module.max_length == 40
    with pytest.raises(ModelError, match=r"have 41 time points .* built for 40"):
        module(torch.randn(2, 1, 41))
    longer = torch.ones(2, 41, dtype=torch.bool)
    with pytest.raises(ModelError, match="built for 40"):
        module(torch.randn(2, 1, 41), longer)
    for variant in ("additive", "self", "report"):
        free = build_model("alstm-fcn", n_channels=1, n_classes=2, variant=variant).eval()
        assert free.max_length is None
        assert free(torch.randn(2, 1, 60)).shape == (2, 2)


def test_what_the_variants_offer() -> None:
    assert make("lstm-fcn").offers == {"cam", "branches"}
    assert make("alstm-fcn", "additive").offers == {"cam", "branches", "attention"}
    assert make("alstm-fcn", "report").offers == {"branches", "attention"}
    # The shuffled hidden series has one step a filter: no view of the series.
    assert make("alstm-fcn", reads="features").offers == {"cam", "branches"}
    with pytest.raises(ModelError, match="no attention"):
        make("lstm-fcn").attention(torch.randn(1, 1, 40))
    with pytest.raises(ModelError, match="mixes the branches"):
        make("lstm-fcn", "report").classify(torch.randn(1, 128, 40))


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("lstm-fcn", {"cells": 0}, "at least 1"),
        ("lstm-fcn", {"variant": "additive"}, "one of: paper, time, report"),
        ("alstm-fcn", {"variant": "time"}, "one of: paper, additive, self, report"),
        ("lstm-fcn", {"heads": 2}, "no option 'heads'"),
        ("alstm-fcn", {"variant": "self", "cells": 6}, "6 cells cannot be divided among 4 heads"),
        ("alstm-fcn", {"dropout": 1.0}, "at most 0.99"),
        ("lstm-fcn", {"kernels": "8,5"}, "needs three"),
    ],
)
def test_bad_options_are_named(name: str, options: dict[str, Any], text: str) -> None:
    with pytest.raises(TscvizError, match=text):
        build_model(name, n_channels=1, n_classes=2, length=30, **options)
