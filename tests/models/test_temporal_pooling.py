"""GTP, STP and DTP networks: sizes, padding, losses, prototypes, errors."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tscviz.kernels import soft_dtw
from tscviz.models import ModelError, build_model, describe_model, model_names
from tscviz.models.base import MaskedBatchNorm1d
from tscviz.models.pooling import DynamicPooling
from tscviz.models.temporal_pooling import TemporalPoolingNet
from tscviz.types import TscvizError

NAMES = ("gtp-fcn", "stp-fcn", "dtp-fcn", "gtp-resnet", "stp-resnet", "dtp-resnet")


def make(name: str, n_channels: int = 1, n_classes: int = 3, **options: Any) -> TemporalPoolingNet:
    torch.manual_seed(0)
    module = build_model(name, n_channels=n_channels, n_classes=n_classes, **options)
    assert isinstance(module, TemporalPoolingNet)
    return module


def prototypes_of(module: TemporalPoolingNet) -> Tensor:
    assert isinstance(module.pool, DynamicPooling)
    return module.pool.prototypes


def test_all_six_are_registered() -> None:
    assert set(NAMES) <= set(model_names())


def test_parameters_of_the_fcn_equal_the_keras_count() -> None:
    # FCN 8/5/3 with global pooling, GunPoint: the count of the LSTM-FCN authors' FCN branch.
    cost = describe_model("gtp-fcn", n_channels=1, n_classes=2, length=150)
    assert cost.parameters == 264_962


def test_parameters_follow_the_formulas() -> None:
    gtp = describe_model("gtp-fcn", n_channels=1, n_classes=2, length=150)
    stp = describe_model("stp-fcn", n_channels=1, n_classes=2, length=150, segments=8)
    dtp = describe_model("dtp-fcn", n_channels=1, n_classes=2, length=150, segments=8)
    assert stp.parameters - gtp.parameters == 7 * 128 * 2
    assert dtp.parameters - stp.parameters == 8 * 128
    assert dtp.macs - stp.macs == 8 * 128 * 150


def test_macs_equal_a_count_by_hand() -> None:
    cost = describe_model("gtp-fcn", n_channels=3, n_classes=5, length=40)
    by_hand = 40 * (3 * 8 * 128 + 128 * 5 * 256 + 256 * 3 * 128) + 128 * 5
    assert cost.macs == by_hand
    assert cost.flops == 2 * by_hand + 3 * 40 * (128 + 256 + 128)


def test_resnet_has_nine_convolutions_and_wangs_shortcuts() -> None:
    wang, conv = make("gtp-resnet"), make("gtp-resnet", shortcut="conv")
    kernels = [m.kernel_size[0] for m in wang.modules() if isinstance(m, torch.nn.Conv1d)]
    assert sorted(kernels) == [1, 1, 3, 3, 3, 5, 5, 5, 8, 8, 8]
    extra = sum(p.numel() for p in conv.parameters()) - sum(p.numel() for p in wang.parameters())
    assert extra == 128 * 128 + 128  # the third block's 1x1 convolution


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pool", ["avg", "sum", "max"])
def test_padding_never_changes_a_prediction(name: str, pool: str) -> None:
    module = make(name, 2, pooling=pool)
    lengths = [31, 17, 24]
    # Other running statistics than those of a new network, so that padding is not zero by luck.
    module.train()
    module(torch.randn(8, 2, 31) + 1.0)
    module.eval()
    cases = [torch.randn(2, n) for n in lengths]
    X, mask = torch.full((3, 2, 40), 7.0), torch.zeros(3, 40, dtype=torch.bool)
    for i, case in enumerate(cases):
        X[i, :, : lengths[i]], mask[i, : lengths[i]] = case, True
    with torch.no_grad():
        together = module(X, mask)
        alone = torch.cat([module(case[None]) for case in cases])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_masked_batch_norm_equals_the_points_alone() -> None:
    torch.manual_seed(0)
    h, mask = torch.randn(3, 4, 9), torch.zeros(3, 9, dtype=torch.bool)
    for i, n in enumerate((9, 4, 6)):
        mask[i, :n] = True
    ours, theirs = MaskedBatchNorm1d(4), torch.nn.BatchNorm1d(4)
    points = h.permute(0, 2, 1)[mask]  # (19, 4)
    found, wanted = ours(h, mask), theirs(points)
    torch.testing.assert_close(found.permute(0, 2, 1)[mask], wanted, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_var, theirs.running_var)


def test_a_batch_of_one_point_normalises_to_the_bias() -> None:
    norm = MaskedBatchNorm1d(3)
    torch.nn.init.uniform_(norm.bias)
    h = torch.randn(1, 3, 1)
    torch.testing.assert_close(norm(h), norm.bias[None, :, None])
    torch.testing.assert_close(norm.running_mean, 0.1 * h[0, :, 0])


@pytest.mark.parametrize("name", NAMES)
def test_a_full_mask_changes_no_loss_and_no_gradient(name: str) -> None:
    x, y = torch.randn(4, 1, 20, dtype=torch.float64), torch.tensor([0, 1, 2, 0])
    grads = []
    for mask in (None, torch.ones(4, 20, dtype=torch.bool)):
        module = make(name).double().train()
        torch.stack(list(module.losses(x, y, mask)[1].values())).sum().backward()
        grads.append([p.grad for p in module.parameters()])
    for a, b in zip(*grads, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


def test_each_loss_reaches_its_own_parameters_only() -> None:
    """Equation 9: prototypes learn from the prototype loss alone, the rest from the class loss."""
    module = make("dtp-fcn").train()
    logits, losses = module.losses(torch.randn(4, 1, 20), torch.tensor([0, 1, 2, 0]))
    assert set(losses) == {"class", "prototype"}
    losses["class"].backward(retain_graph=True)
    assert prototypes_of(module).grad is None
    assert module.fc.weight.grad is not None
    module.zero_grad(set_to_none=True)
    losses["prototype"].backward()
    given = [name for name, p in module.named_parameters() if p.grad is not None]
    assert given == ["pool.prototypes"]
    assert logits.shape == (4, 3)


@pytest.mark.parametrize(("kind", "divisor"), [("total", 1.0), ("per-point", 20.0)])
def test_prototype_loss_is_the_mean_of_soft_dtw(kind: str, divisor: float) -> None:
    module = make("dtp-fcn", gamma=0.5, prototype_loss=kind).eval()
    x = torch.randn(4, 1, 20)
    _, losses = module.losses(x, torch.tensor([0, 1, 2, 0]))
    h = F.normalize(module.features(x), dim=1)
    cost = 1 - torch.einsum("lk,bkt->blt", F.normalize(prototypes_of(module), dim=1), h)
    wanted = soft_dtw(cost.double(), 0.5)[0].mean() / divisor
    torch.testing.assert_close(losses["prototype"].double(), wanted, rtol=1e-5, atol=1e-5)


def test_prototypes_start_at_the_mean_of_static_average_pooling() -> None:
    module = make("dtp-fcn", segments=3).eval()
    x = torch.randn(7, 1, 11)
    before = {k: v.clone() for k, v in module.state_dict().items() if "running" in k}
    batches: list[tuple[Tensor, Tensor | None]] = [(x, None)]
    module.begin_training(batches)
    module.train()
    h = module.features(x).detach().numpy()
    parts = [h[:, :, 0:3], h[:, :, 3:6], h[:, :, 6:11]]
    wanted = np.stack([p.mean(axis=(0, 2)) for p in parts])
    np.testing.assert_allclose(prototypes_of(module).detach().numpy(), wanted, rtol=1e-4)
    module2 = make("dtp-fcn", segments=3)
    module2.begin_training(batches)
    for key, value in before.items():
        assert torch.equal(module2.state_dict()[key], value)


@pytest.mark.parametrize("name", ["stp-fcn", "dtp-resnet"])
def test_too_short_is_said_when_building_and_when_predicting(name: str) -> None:
    with pytest.raises(ModelError, match="at least 8 time points, and the shortest has 7"):
        build_model(name, n_channels=1, n_classes=2, length=7, segments=8)
    with pytest.raises(ModelError, match="7 time points cannot be divided into 8 segments"):
        make(name, segments=8)(torch.randn(2, 1, 7))


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("gtp-fcn", {"segments": 4}, "no option 'segments'"),
        ("dtp-fcn", {"segments": 0}, "at least 1"),
        ("dtp-fcn", {"segments": "many"}, "must be of type int"),
        ("dtp-fcn", {"pooling": "median"}, "one of: avg, sum, max"),
        ("dtp-fcn", {"gamma": float("nan")}, "must be finite"),
        ("dtp-fcn", {"kernels": "8,5"}, "needs three"),
        ("dtp-fnc", {}, "there is no model 'dtp-fnc'"),
    ],
)
def test_bad_options_are_named(name: str, options: dict[str, Any], text: str) -> None:
    with pytest.raises(TscvizError, match=text):
        build_model(name, n_channels=1, n_classes=2, **options)


def test_options_may_be_text() -> None:
    module = make("dtp-fcn", segments="6", kernels="9,5,3", gamma="0.1")
    assert module.pool.n_segments == 6
    first = module.get_submodule("backbone.blocks.0.conv")
    assert isinstance(first, torch.nn.Conv1d)
    assert first.kernel_size == (9,)
