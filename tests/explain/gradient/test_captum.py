"""The maps equal what Captum gives when it is called by hand on the network itself."""

from __future__ import annotations

import warnings
from typing import Any, cast

import captum.attr as peers
import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tscviz
from tests.explain.gradient.networks import case, make, training
from tscviz.explain.gradient.background import background
from tscviz.explain.gradient.grad_cam import hidden_layer
from tscviz.explain.request import Request
from tscviz.models import Classifier, SeriesModule, load_model
from tscviz.types import Array

TARGET = 1


@pytest.fixture(scope="module", params=["gtp-fcn", "dtp-fcn", "lstm-fcn"])
def gunpoint(request: pytest.FixtureRequest) -> tuple[Classifier, Array]:
    classifier = load_model(f"{request.param}/GunPoint")
    return classifier, tscviz.load_dataset("GunPoint").X_test[7]


def ours(given: tuple[Classifier, Array], method: str, **options: Any) -> Array:
    return tscviz.explain(*given, method, target=TARGET, **options).values


def tensor(x: Array) -> Tensor:
    return torch.from_numpy(x[None].copy()).requires_grad_()


def close(found: Array, wanted: Tensor) -> None:
    values = wanted.detach()[0].numpy()
    scale = np.abs(values).max()
    np.testing.assert_allclose(found, values, rtol=1e-3, atol=1e-4 * scale)


def test_gradients(gunpoint: tuple[Classifier, Array]) -> None:
    module, x = gunpoint[0].module, tensor(gunpoint[1])
    close(ours(gunpoint, "saliency"), peers.Saliency(module).attribute(x, target=TARGET))
    wanted = peers.InputXGradient(module).attribute(x, target=TARGET)
    close(ours(gunpoint, "input_x_gradient"), wanted)


@pytest.mark.parametrize("rule", ["gausslegendre", "riemann_middle"])
def test_integrated_gradients(gunpoint: tuple[Classifier, Array], rule: str) -> None:
    wanted = peers.IntegratedGradients(gunpoint[0].module).attribute(
        tensor(gunpoint[1]), target=TARGET, n_steps=20, method=rule
    )
    given = {"steps": 20, "max_steps": 20, "rule": rule, "alignment": "ignore"}
    close(ours(gunpoint, "integrated_gradients", **given), wanted)


def test_gradient_shap(gunpoint: tuple[Classifier, Array]) -> None:
    classifier, x = gunpoint
    cases = training()
    drawn = background(_asked(classifier, x, cases), "training", 5, 3)
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    wanted = peers.GradientShap(classifier.module).attribute(
        tensor(x), torch.from_numpy(drawn), target=TARGET, n_samples=8, stdevs=0.1
    )
    options = {"samples": 8, "noise": 0.1, "seed": 3, "references": 5, "training": cases}
    close(ours(gunpoint, "gradient_shap", **options), wanted)


def _asked(classifier: Classifier, x: Array, cases: Any) -> Request:
    return Request(classifier, x, None, TARGET, "zero", None, training=cases)


@pytest.mark.parametrize("of", ["gradient", "input_x_gradient"])
def test_smooth_grad(gunpoint: tuple[Classifier, Array], of: str) -> None:
    classifier, x = gunpoint
    gradient = of == "gradient"
    inner = peers.Saliency if gradient else peers.InputXGradient
    given: dict[str, Any] = {"abs": False} if gradient else {}
    torch.manual_seed(5)
    wanted = peers.NoiseTunnel(inner(classifier.module)).attribute(
        tensor(x),
        nt_samples=6,
        stdevs=0.15 * float(np.ptp(x)),
        target=TARGET,
        **given,
    )
    close(ours(gunpoint, "smooth_grad", samples=6, seed=5, of=of), cast("Tensor", wanted))


def test_guided_backprop(gunpoint: tuple[Classifier, Array]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = peers.GuidedBackprop(gunpoint[0].module).attribute(
            tensor(gunpoint[1]), target=TARGET
        )
    close(ours(gunpoint, "guided_backprop"), wanted)


def test_grad_cam(gunpoint: tuple[Classifier, Array]) -> None:
    module = cast("Any", gunpoint[0].module)
    layer = module.fcn if hasattr(module, "fcn") else module.backbone
    wanted = peers.LayerGradCam(module, layer).attribute(tensor(gunpoint[1]), target=TARGET)
    close(ours(gunpoint, "grad_cam"), cast("Tensor", wanted))


@pytest.mark.parametrize("pool", ["avg", "sum"])
def test_deep_lift_needs_no_clean_network_without_maxima(pool: str) -> None:
    """GTP by average or sum is DeepLIFT's own case: Captum takes the network as it is."""
    classifier, x, cases = make("gtp-fcn", 2, pooling=pool), case(2), training(2)
    references = torch.from_numpy(cases.X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = peers.DeepLift(classifier.module).attribute(tensor(x), references[:1], target=TARGET)
        many = peers.DeepLiftShap(classifier.module).attribute(tensor(x), references, target=TARGET)
    close(ours((classifier, x), "deep_lift_shap", training=cases), many)
    first = type(cases)(cases.X[:1], cases.y[:1], cases.mask[:1])
    given = {"baseline": "training_mean", "training": first}
    close(ours((classifier, x), "deep_lift", **given), one)


class _MaxPooled(nn.Module):
    """GTP-FCN with its maximum as a module.

    Captum's hooks of two modules in a row meet on the tensor between them, and the first one sees
    the gradient before the second has changed it: a copy keeps them apart.
    """

    def __init__(self, module: Any, length: int) -> None:
        super().__init__()
        self.backbone, self.fc = module.backbone, module.fc
        self.pool = nn.MaxPool1d(length)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(self.backbone(x).clone()).flatten(1))


def test_deep_lift_through_a_maximum() -> None:
    classifier, x = make("gtp-fcn", 2), case(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = peers.DeepLift(_MaxPooled(classifier.module, 31)).attribute(
            tensor(x), target=TARGET
        )
        as_it_is = peers.DeepLift(classifier.module).attribute(tensor(x), target=TARGET)
    found = ours((classifier, x), "deep_lift")
    close(found, wanted)
    logits = classifier.logits(np.stack([x, np.zeros_like(x)]))[:, TARGET]
    difference = float(logits[0] - logits[1])
    assert found.sum() == pytest.approx(difference, abs=1e-3)
    assert abs(float(as_it_is.detach().sum()) - difference) > 0.1  # Captum cannot see the maximum


@pytest.mark.parametrize("name", ["gtp-resnet", "dsn", "convtimenet", "alstm-fcn"])
def test_the_hidden_layer_is_found(name: str) -> None:
    module: SeriesModule = make(name).module
    found, layer = hidden_layer(module, torch.from_numpy(case()[None]))
    wanted = {"gtp-resnet": "backbone", "dsn": "blocks.1", "convtimenet": "trunk"}
    assert found == wanted.get(name, "fcn")
    assert not layer._forward_hooks
