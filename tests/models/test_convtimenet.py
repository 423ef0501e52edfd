"""ConvTimeNet: sizes, the Fourier path against the direct sum, padding, and the stored trunk."""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tscviz.data import make_bumps
from tscviz.explain import explain
from tscviz.models import (
    Classifier,
    ModelError,
    build_model,
    convtimenet,
    describe_model,
    list_pretrained,
    load_model,
)
from tscviz.models.convtimenet import ConvTimeNet, Trunk, TrunkOptions, average_over_time
from tscviz.models.multi_length import MultiLengthConv
from tscviz.models.trunk_store import CARD, WEIGHTS, load_trunk, read_trunk_card, save_trunk
from tscviz.training import Cancelled, EpochEvent, train

LENGTHS = (4, 8, 16, 32, 64)
SMALL: dict[str, Any] = {"lengths": (3, 16), "filters": 8}


def make(n_channels: int = 1, n_classes: int = 3, **options: Any) -> ConvTimeNet:
    torch.manual_seed(0)
    options = {"trunk": "random"} | options
    module = build_model("convtimenet", n_channels=n_channels, n_classes=n_classes, **options)
    assert isinstance(module, ConvTimeNet)
    return module


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a small stored trunk, which networks load as the pretrained one."""
    torch.manual_seed(7)
    options = TrunkOptions(**SMALL)
    trunk = Trunk(1, options).train()
    trunk(torch.randn(8, 1, 30) + 1)  # running statistics of its own
    folder = tmp_path / "trunk"
    save_trunk(trunk, options, folder, {"sources": [{"name": "A"}, {"name": "B"}]})
    monkeypatch.setattr(convtimenet, "trunk_folder", lambda: folder)
    return folder


@pytest.mark.parametrize("n_classes", [2, 6])
def test_parameters_follow_the_closed_form(n_classes: int) -> None:
    """Weights of the layers as in the fact sheet: 4,092 and three times 675,180."""
    taps = 33 * sum(LENGTHS)
    assert (taps, 165 * taps) == (4_092, 675_180)
    norms = 4 * 2 * 165
    shortcut = 165 + 165 + 2 * 165  # 1x1 convolution with bias, and its normalisation
    wanted = taps + 3 * 165 * taps + norms + shortcut + 166 * n_classes
    cost = describe_model("convtimenet", n_channels=1, n_classes=n_classes, length=150)
    assert cost.parameters == wanted
    assert cost.macs == 150 * (taps + 3 * 165 * taps + 165) + 165 * n_classes


def test_a_single_length_is_a_setting() -> None:
    module = make(lengths=(16,), filters=20, blocks=3, layers=1)
    layers = module.trunk.multi_length_layers()
    assert [layer.conv.lengths for layer in layers] == [(16,)] * 3
    wanted = 16 * 20 + 2 * 20 * 20 * 16 + 3 * 40 + (20 + 20 + 40) + 21 * 3
    assert sum(p.numel() for p in module.parameters()) == wanted
    assert module(torch.randn(2, 1, 9)).shape == (2, 3)
    alone = build_model("convtimenet", n_channels=1, n_classes=3, lengths=16, trunk="random")
    layers = cast(ConvTimeNet, alone).trunk.multi_length_layers()
    assert {layer.conv.lengths for layer in layers} == {(16,)}


@pytest.mark.parametrize("length", [1, 20, 37, 150])
@pytest.mark.parametrize("lengths", [LENGTHS, (13,), (7, 64)])
def test_fourier_and_direct_sums_agree(lengths: tuple[int, ...], length: int) -> None:
    """Values and both gradients, in float64 to rounding and in float32 to 1e-5."""
    for dtype, tolerance in ((torch.float64, 1e-11), (torch.float32, 1e-5)):
        torch.manual_seed(0)
        conv = MultiLengthConv(16, 5, lengths).to(dtype)
        x = torch.randn(9, 16, length, dtype=dtype, requires_grad=True)
        weights = conv.weights()
        y = conv(x)
        assert "FourierConv" in type(y.grad_fn).__name__
        padded = [F.pad(x, ((k - 1) // 2, k // 2)) for k in lengths]
        wanted = torch.cat([F.conv1d(p, w) for p, w in zip(padded, weights, strict=True)], 1)
        g = torch.randn_like(y)
        found_all = [y, *torch.autograd.grad(y, [x, *weights], g)]
        wanted_all = [wanted, *torch.autograd.grad(wanted, [x, *weights], g)]
        for found, right in zip(found_all, wanted_all, strict=True):
            scale = float(right.detach().abs().max())
            torch.testing.assert_close(found, right, rtol=0, atol=tolerance * scale)


def test_the_fourier_path_passes_gradcheck() -> None:
    conv = MultiLengthConv(16, 2, (12, 13)).double()
    x = torch.randn(9, 16, 9, dtype=torch.float64, requires_grad=True)
    weights = conv.weights()
    assert torch.autograd.gradcheck(lambda *_: conv(x), (x, *weights))


def test_few_cases_and_thin_layers_take_the_direct_sum() -> None:
    for conv, x in (
        (MultiLengthConv(16, 2, (4, 64)), torch.randn(2, 16, 30)),
        (MultiLengthConv(1, 2, (4, 64)), torch.randn(50, 1, 30)),
        (MultiLengthConv(16, 2, (4,)), torch.randn(20, 16, 30)),
    ):
        assert "FourierConv" not in type(conv(x).grad_fn).__name__


def test_only_the_gradients_asked_for_are_computed() -> None:
    conv = MultiLengthConv(16, 2, (12, 13)).requires_grad_(False)
    x = torch.randn(9, 16, 9, requires_grad=True)
    (grad,) = torch.autograd.grad(conv(x).sum(), [x])
    assert grad.shape == x.shape
    conv.requires_grad_(True)
    conv(x.detach()).sum().backward()
    assert all(weight.grad is not None for weight in conv.weights())


def test_an_even_kernel_reaches_further_to_the_right() -> None:
    conv = MultiLengthConv(1, 1, (4,))
    x = torch.zeros(1, 1, 9)
    x[0, 0, 4] = 1.0
    with torch.no_grad():
        nonzero = conv(x)[0, 0].nonzero()[:, 0].tolist()
    assert nonzero == [2, 3, 4, 5]  # t - 1 .. t + 2 see the point


def test_channels_of_a_length() -> None:
    conv = make().first_layer()
    assert conv.lengths == LENGTHS
    assert conv.channels(4) == slice(0, 33)
    assert conv.channels(64) == slice(132, 165)
    x = torch.randn(1, 1, 40)
    with torch.no_grad():
        whole = conv(x)[:, conv.channels(16)]
        alone = F.conv1d(F.pad(x, (7, 8)), conv.weights()[2])
    torch.testing.assert_close(whole, alone)
    with pytest.raises(ModelError, match="no kernels of length 5; its lengths: 4, 8, 16, 32, 64"):
        conv.channels(5)


@pytest.mark.parametrize("options", [{}, {"lengths": (4, 16), "filters": 12, "layers": 3}])
def test_padding_never_changes_a_prediction(options: dict[str, Any]) -> None:
    module = make(2, **options)
    module.train()
    module(torch.randn(8, 2, 31) + 1.0)
    module.eval()
    lengths = [31, 17, 24, 5, 40]
    cases = [torch.randn(2, n) for n in lengths]
    X, mask = torch.full((5, 2, 80), 7.0), torch.zeros(5, 80, dtype=torch.bool)
    for i, case in enumerate(cases):
        X[i, :, : lengths[i]], mask[i, : lengths[i]] = case, True
    with torch.no_grad():
        together = module(X, mask)
        alone = torch.cat([module(case[None]) for case in cases])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_padding_changes_no_gradient_in_training() -> None:
    x, y = torch.randn(6, 1, 20, dtype=torch.float64), torch.tensor([0, 1, 2, 0, 1, 2])
    padded = F.pad(x, (0, 13), value=5.0)
    mask = (torch.arange(33) < 20).expand(6, -1)
    grads = []
    for series, real in ((x, None), (padded, mask)):
        module = make().double().train()
        module.losses(series, y, real)[1]["class"].backward()
        grads.append([p.grad for p in module.parameters()])
    for a, b in zip(*grads, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-9)


def test_reach_is_what_a_hidden_vector_sees() -> None:
    module = make(lengths=(3, 6), filters=4, layers=3).double().eval()
    assert module.reach() == (12, 18)
    # Several cases, for a ReLU may be closed on the one path to the farthest point.
    x = torch.randn(16, 1, 61, dtype=torch.float64, requires_grad=True)
    module.features(x)[:, :, 30].sum().backward()
    assert x.grad is not None
    seen = x.grad.abs().sum((0, 1)).nonzero()[:, 0]
    assert (int(seen.min()), int(seen.max())) == (30 - 12, 30 + 18)


def test_average_over_time_leaves_padding_out() -> None:
    h = torch.tensor([[[1.0, 3.0, 100.0]]])
    mask = torch.tensor([[True, True, False]])
    assert float(average_over_time(h, mask)) == 2.0
    assert float(average_over_time(h[..., :2])) == 2.0


def test_cam_adds_up_to_the_logit() -> None:
    module = make(**SMALL)
    classifier = Classifier(module, ("a", "b", "c"), {"model": "convtimenet"})
    x = np.random.default_rng(0).standard_normal((1, 23)).astype(np.float32)
    found = explain(classifier, x, "cam", target=1)
    assert found.details["completeness_gap"] == pytest.approx(0, abs=1e-5)
    assert found.details["logit"] == pytest.approx(float(classifier.logits(x[None])[0, 1]))


def test_begin_training_loads_the_trunk_and_keeps_the_head(stored: Path) -> None:
    module = make(trunk="pretrained", **SMALL)
    head = module.fc.weight.detach().clone()
    assert module.notes() == {}
    module.begin_training(())
    wanted = Trunk(1, TrunkOptions(**SMALL))
    load_trunk(wanted, TrunkOptions(**SMALL), stored)
    state = module.trunk.state_dict()
    assert all(torch.equal(state[k], v) for k, v in wanted.state_dict().items())
    assert torch.equal(module.fc.weight, head)
    sha256 = read_trunk_card(stored)["weights"]["sha256"]
    assert module.notes() == {"trunk": {"sha256": sha256, "sources": ["A", "B"]}}
    random = make(**SMALL)
    before = random.first_layer().weights()[0].detach().clone()
    random.begin_training(())
    assert torch.equal(random.first_layer().weights()[0], before)
    assert random.notes() == {}


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_trunk_does_not_move(stored: Path, frozen: bool) -> None:
    bumps = make_bumps(12, 30, seed=1)
    options: dict[str, Any] = SMALL | {"freeze_trunk": frozen, "epochs": 2, "batch_size": 6}
    found = train(bumps, "convtimenet", **options).module
    assert isinstance(found, ConvTimeNet)
    wanted = Trunk(1, TrunkOptions(**SMALL))
    load_trunk(wanted, TrunkOptions(**SMALL), stored)
    same = [torch.equal(found.trunk.state_dict()[k], v) for k, v in wanted.state_dict().items()]
    assert all(same) if frozen else not any(same)
    trainable = sum(p.numel() for p in found.parameters() if p.requires_grad)
    everything = sum(p.numel() for p in found.parameters())
    assert trainable == (17 * 2 if frozen else everything)
    assert found.fc.weight.grad is not None


def test_a_fine_tuned_model_loads_without_the_trunk(stored: Path, tmp_path: Path) -> None:
    """And a resumed run still tells where its trunk came from."""
    bumps = make_bumps(12, 30, seed=1)
    options: dict[str, Any] = SMALL | {"epochs": 3, "batch_size": 6}

    def stop(event: EpochEvent) -> None:
        if event.epoch == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(bumps, "convtimenet", out=tmp_path / "run", on_epoch=stop, **options)
    for name in (WEIGHTS, CARD):
        (stored / name).unlink()
    classifier = train(bumps, "convtimenet", out=tmp_path / "run", resume=True, **options)
    again = load_model(tmp_path / "run" / "model")
    np.testing.assert_array_equal(again.logits(bumps.X_test), classifier.logits(bumps.X_test))
    assert again.card["notes"]["trunk"]["sources"] == ["A", "B"]
    assert len(again.card["notes"]["trunk"]["sha256"]) == 64
    with pytest.raises(ModelError, match=r"no pretrained trunk in .*set trunk=random"):
        train(bumps, "convtimenet", **options)


def test_a_trunk_that_does_not_fit_is_refused(stored: Path) -> None:
    for changed, text in (
        ({"filters": 9}, r"has filters=8 and the network filters=9"),
        ({"lengths": (3, 8)}, r"has lengths=\[3, 16\] and the network lengths=\[3, 8\]"),
        ({"blocks": 1}, "has blocks=2"),
    ):
        with pytest.raises(ModelError, match=text):
            make(trunk="pretrained", **(SMALL | changed)).begin_training(())


def test_a_damaged_trunk_is_refused(stored: Path) -> None:
    module = make(trunk="pretrained", **SMALL)
    content = bytearray((stored / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (stored / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match="do not match their sha256"):
        module.begin_training(())
    card = json.loads((stored / CARD).read_text())
    del card["sources"]
    (stored / CARD).write_text(json.dumps(card))
    with pytest.raises(ModelError, match="lacks sources"):
        module.begin_training(())
    (stored / CARD).write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        module.begin_training(())
    (stored / CARD).write_text("[]")
    with pytest.raises(ModelError, match="lacks format"):
        module.begin_training(())


def test_the_pretrained_trunk_takes_one_channel() -> None:
    with pytest.raises(ModelError, match=r"have 3 channels .* takes one; set trunk=random"):
        build_model("convtimenet", n_channels=3, n_classes=2)
    assert make(3)(torch.randn(2, 3, 10)).shape == (2, 3)


def test_lengths_are_checked() -> None:
    with pytest.raises(ModelError, match="each of them once"):
        make(lengths=(4, 4))
    with pytest.raises(ModelError, match="at least one"):
        make(lengths=())


def test_the_trunk_is_no_classifier() -> None:
    assert "convtimenet/trunk" not in list_pretrained()
    with pytest.raises(ModelError, match="there is no model 'convtimenet/trunk'"):
        load_model("convtimenet/trunk")
