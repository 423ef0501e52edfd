"""What LSTM-FCN and ALSTM-FCN show of themselves: attention, shares, scales of filters."""

import pytest
import torch
from torch import Tensor

from tests.models.lstm_tools import every_variant, make, padded
from tscviz.models import build_model
from tscviz.models.lstm_fcn import LSTMFCN, ONE_STEP


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
