"""LSTM-FCN and ALSTM-FCN: sizes, padding, branches, views, errors."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tscviz.models import ModelError, build_model, describe_model
from tscviz.models.lstm_fcn import LSTMFCN, ONE_STEP
from tscviz.types import TscvizError

VARIANTS = [
    ("lstm-fcn", "paper"),
    ("lstm-fcn", "time"),
    ("lstm-fcn", "report"),
    ("alstm-fcn", "paper"),
    ("alstm-fcn", "additive"),
    ("alstm-fcn", "self"),
    ("alstm-fcn", "report"),
]
every_variant = pytest.mark.parametrize(("name", "variant"), VARIANTS)


def make(name: str, variant: str = "paper", n_channels: int = 1, **options: Any) -> LSTMFCN:
    """Build a network and leave the zeros and the running statistics it starts with."""
    torch.manual_seed(0)
    options = {"length": 40} | options
    module = build_model(name, n_channels=n_channels, n_classes=3, variant=variant, **options)
    assert isinstance(module, LSTMFCN)
    module.train()
    module(torch.randn(8, n_channels, 40) + 1.0)
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return module.eval()


def padded(n_channels: int = 2) -> tuple[list[Tensor], Tensor, Tensor]:
    lengths = (31, 17, 1)
    cases = [torch.randn(1, n_channels, n) for n in lengths]
    X, mask = torch.full((3, n_channels, 44), 7.0), torch.zeros(3, 44, dtype=torch.bool)
    for i, case in enumerate(cases):
        X[i, :, : lengths[i]], mask[i, : lengths[i]] = case[0], True
    return cases, X, mask


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


def test_the_paper_variant_is_one_gated_step() -> None:
    """Univariate: h = o tanh(i g), with hard gates, beside the pooled FCN."""
    module = make("lstm-fcn")
    layer = module.recurrent
    x = torch.randn(5, 1, 40)
    kernel, bias = layer.get_parameter("kernel"), layer.get_parameter("bias")
    i, _, g, o = (x[:, 0] @ kernel + bias).chunk(4, 1)
    i, o = (0.2 * i + 0.5).clamp(0, 1), (0.2 * o + 0.5).clamp(0, 1)
    both = torch.cat([o * torch.tanh(i * torch.tanh(g)), module.features(x).mean(2)], 1)
    torch.testing.assert_close(module(x), module.fc(both))


def test_the_published_attention_is_always_one_and_says_so() -> None:
    module = make("alstm-fcn")
    view = module.attention(torch.randn(5, 1, 40))
    assert view.over == "channels"
    assert view.constant
    assert torch.equal(view.weights, torch.ones(5, 1, 1))
    assert module.notes() == {"attention": ONE_STEP}
    assert not make("alstm-fcn", n_channels=2).notes()
    assert not make("alstm-fcn", "additive").notes()
    assert not make("lstm-fcn").notes()


def test_over_two_channels_the_published_attention_can_choose() -> None:
    view = make("alstm-fcn", n_channels=2).attention(torch.randn(5, 2, 40))
    assert view.weights.shape == (5, 1, 2)
    assert not view.constant
    assert (view.weights - 0.5).abs().max() > 1e-3
    torch.testing.assert_close(view.weights.sum(2), torch.ones(5, 1))


def test_the_published_attention_is_an_lstm_with_two_kernels() -> None:
    """One step: W x + A x = (W + A) x, so ALSTM-FCN is LSTM-FCN with another start."""
    alstm, lstm = make("alstm-fcn"), make("lstm-fcn")
    state = {k: v for k, v in alstm.state_dict().items() if k in lstm.state_dict()}
    state["recurrent.kernel"] = (
        alstm.recurrent.get_parameter("kernel") + alstm.recurrent.get_parameter("attend")
    ).detach()
    lstm.load_state_dict(state)
    x = torch.randn(5, 1, 40)
    torch.testing.assert_close(alstm(x), lstm(x))


@pytest.mark.parametrize(("variant", "heads"), [("additive", 1), ("self", 4), ("report", 4)])
def test_attention_over_time_sums_to_one_and_leaves_padding(variant: str, heads: int) -> None:
    module = make("alstm-fcn", variant, 2)
    cases, X, mask = padded()
    view = module.attention(X, mask)
    assert view.over == "time"
    assert view.steps is not None
    assert view.weights.shape == (3, heads, 44)
    assert view.steps.shape == (3, heads, 44, 44)
    for i, case in enumerate(cases):
        n = case.shape[2]
        torch.testing.assert_close(view.weights[i].sum(1), torch.ones(heads))
        assert not view.weights[i, :, n:].any()
        torch.testing.assert_close(view.steps[i, :, :n].sum(2), torch.ones(heads, n))
        torch.testing.assert_close(view.steps[i, :, :n].mean(1), view.weights[i])
        alone = module.attention(case)
        torch.testing.assert_close(view.weights[i, :, :n], alone.weights[0], rtol=1e-4, atol=1e-6)


def test_on_the_raw_series_additive_attention_sees_values_alone() -> None:
    """One channel: a time point is its value, so equal values get equal weights."""
    x = torch.randn(1, 1, 40)
    x[0, 0, 30] = x[0, 0, 5]
    weights = make("alstm-fcn", "additive").attention(x).weights[0, 0]
    assert weights[30] == weights[5]
    wider = make("alstm-fcn", "additive", reads="features").attention(x).weights[0, 0]
    assert wider[30] != wider[5]


@every_variant
def test_branch_shares_sum_to_the_logit(name: str, variant: str) -> None:
    module = make(name, variant, 2)
    _, X, mask = padded()
    target = torch.tensor([2, 0, 1])
    lstm, fcn, rest = module.branches(X, mask, target)
    logits = module(X, mask).detach()
    torch.testing.assert_close(lstm + fcn + rest, logits.gather(1, target[:, None])[:, 0])
    assert lstm.abs().max() > 1e-3
    if variant == "report":
        return
    torch.testing.assert_close(rest, module.fc.bias[target].detach())
    h = module.features(X, mask)
    torch.testing.assert_close(  # the map's sum is the FCN's share
        fcn + rest, module.classify(h, mask).detach().gather(1, target[:, None])[:, 0]
    )
    torch.testing.assert_close(
        logits, (module.classify(h, mask) - module.fc.bias + module.cam_offset(X, mask)).detach()
    )


def test_shares_of_the_report_are_shapley_values() -> None:
    module = make("lstm-fcn", "report")
    x, target = torch.randn(4, 1, 40), torch.zeros(4, dtype=torch.long)
    with torch.no_grad():
        module.get_buffer("branch_mean").copy_(torch.randn(136))
        mean = module.get_buffer("branch_mean").expand(4, -1)
        h = module.features(x)
        lstm, fcn = module.recurrent(h.transpose(1, 2)), h.mean(2)

        def score(a: Tensor, b: Tensor) -> Tensor:
            assert module.head is not None
            return module.fc(module.head(torch.cat([a, b], 1)))[:, 0]

        none, both = score(mean[:, :8], mean[:, 8:]), score(lstm, fcn)
        only_lstm, only_fcn = score(lstm, mean[:, 8:]), score(mean[:, :8], fcn)
    found = module.branches(x, None, target)
    torch.testing.assert_close(found[0], ((only_lstm - none) + (both - only_fcn)) / 2)
    torch.testing.assert_close(found[1], ((only_fcn - none) + (both - only_lstm)) / 2)
    torch.testing.assert_close(found[2], none)


def test_training_follows_the_mean_of_the_branches() -> None:
    torch.manual_seed(0)
    module = build_model(
        "lstm-fcn", n_channels=1, n_classes=2, variant="report", cell_dropout=0.0
    ).train()
    assert isinstance(module, LSTMFCN)
    x = torch.randn(8, 1, 30)
    with torch.no_grad():
        module(x)
        h = module.features(x)  # statistics of the same batch, in training mode
        wanted = torch.cat([module.recurrent(h.transpose(1, 2)), h.mean(2)], 1).mean(0)
    torch.testing.assert_close(module.get_buffer("branch_mean"), wanted, rtol=1e-4, atol=1e-5)
    before = module.get_buffer("branch_mean").clone()
    module.eval()(torch.randn(8, 1, 30))
    assert torch.equal(module.get_buffer("branch_mean"), before)


def test_squeeze_scales_the_filters_before_the_shortcut() -> None:
    module = make("alstm-fcn", "report", 2)
    cases, X, mask = padded()
    scales = module.se_weights(X, mask)
    assert [tuple(s.shape) for s in scales] == [(3, 128), (3, 256), (3, 128)]
    assert all(((s > 0) & (s < 1)).all() for s in scales)
    for i, case in enumerate(cases):
        for whole, alone in zip(scales, module.se_weights(case), strict=True):
            torch.testing.assert_close(whole[i], alone[0], rtol=1e-4, atol=1e-5)
    first = module.fcn.blocks[0]
    h = first.get_submodule("block")(cases[0])
    wanted = h * scales[0][:1, :, None] + first.get_submodule("shortcut")(cases[0])
    torch.testing.assert_close(first(cases[0]), wanted, rtol=1e-4, atol=1e-5)
    assert make("alstm-fcn", "self").se_weights(X[:, :1]) == []


def test_without_squeeze_the_filters_keep_their_scale() -> None:
    with_, without = (
        build_model("lstm-fcn", n_channels=1, n_classes=2, variant="report", squeeze=on).eval()
        for on in (True, False)
    )
    assert isinstance(without, LSTMFCN)
    x = torch.randn(2, 1, 30)
    assert without.se_weights(x) == []
    first = without.fcn.blocks[0]
    h = first.get_submodule("block")(x) + first.get_submodule("shortcut")(x)
    torch.testing.assert_close(first(x), h)
    counts = [sum(p.numel() for p in m.parameters()) for m in (with_, without)]
    bottlenecks = sum(2 * k * (k // 16) + k // 16 + k for k in (128, 256, 128))
    assert counts[0] - counts[1] == bottlenecks


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
    wanted = F.cross_entropy(module(x), y, module.class_weight)
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
