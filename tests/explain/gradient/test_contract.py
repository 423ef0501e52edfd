"""Every architecture x gradient method: univariate, multivariate, padded; nothing left behind."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tscviz
from tests.explain.gradient.networks import ARCHITECTURES, METHODS, UNFIT, case, make, training
from tscviz.explain import ExplainError, methods
from tscviz.models import Classifier
from tscviz.types import Array

FEW: dict[str, dict[str, Any]] = {
    "integrated_gradients": {"steps": 8, "max_steps": 8},
    "gradient_shap": {"samples": 3},
    "deep_lift_shap": {"references": 3},
    "smooth_grad": {"samples": 3},
}
PAIRS = [(a, m) for a in ARCHITECTURES for m in METHODS if (a, m) not in UNFIT]

network: Callable[..., Classifier] = functools.cache(make)


def explained(classifier: Classifier, x: Array, method: str, **given: Any) -> Any:
    few = FEW.get(method, {})
    return tscviz.explain(
        classifier, x, method, target=1, training=training(len(x)), **(few | given)
    )


@pytest.mark.parametrize(("name", "method"), PAIRS)
def test_padding_gets_zero_and_changes_nothing(name: str, method: str) -> None:
    for n_channels in (1, 2):
        x = case(n_channels)
        classifier = network(name, n_channels)
        alone = explained(classifier, x, method)
        assert alone.values.shape == x.shape
        assert alone.values.dtype == np.float32
        assert np.isfinite(alone.values).all()
        assert np.abs(alone.values).max() > 0
        per_channel = alone.details["per_channel"]
        if n_channels == 2:
            assert per_channel == (not np.array_equal(alone.values[0], alone.values[1]))
        padded, mask = np.full((n_channels, 38), 7.0, np.float32), np.arange(38) < 31
        padded[:, :31] = x
        found = explained(classifier, padded, method, mask=mask)
        np.testing.assert_array_equal(found.values[:, 31:], 0)
        scale = np.abs(alone.values).max()
        np.testing.assert_allclose(found.values[:, :31], alone.values, rtol=1e-3, atol=1e-3 * scale)


@pytest.mark.parametrize(("name", "method"), sorted(UNFIT))
def test_what_does_not_apply_says_why(name: str, method: str) -> None:
    obstacle = methods()[method].obstacle(network(name))
    assert obstacle is not None
    assert UNFIT[name, method] in obstacle
    with pytest.raises(ExplainError, match=UNFIT[name, method]):
        tscviz.explain(network(name), case(), method)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "saliency"])
def test_the_difference_of_two_classes(method: str) -> None:
    """Signed methods that are linear in the score give the difference of the two maps."""
    classifier = network("dsn" if method == "receptive_field_cam" else "gtp-fcn", 2)
    x = case(2)
    both = explained(classifier, x, method, against=2)
    logits = classifier.logits(x[None])[0]
    assert both.against == 2
    assert both.details["logit"] == pytest.approx(logits[1] - logits[2], rel=1e-4)
    if method == "guided_backprop":  # its ReLUs act on the gradient of the difference
        return
    mine, other = (explained(classifier, x, method) for _ in range(2))
    few = FEW.get(method, {})
    other = tscviz.explain(classifier, x, method, target=2, training=training(2), **few)
    scale = np.abs(both.values).max()
    np.testing.assert_allclose(both.values, mine.values - other.values, atol=1e-3 * scale)


class Watched:
    """What must be the same before and after."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.before = self.state()

    def state(self) -> dict[str, Any]:
        module = self.classifier.module
        hooks = [
            len(getattr(part, kind))
            for part in module.modules()
            for kind in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
        ]
        return {
            "weights": copy.deepcopy(module.state_dict()),
            "gradients": [p.grad is None for p in module.parameters()],
            "required": [p.requires_grad for p in module.parameters()],
            "modes": [part.training for part in module.modules()],
            "attributes": [sorted(vars(part)) for part in module.modules()],
            "hooks": hooks,
            "torch": torch.get_rng_state().tolist(),
            "numpy": [np.asarray(part).tolist() for part in np.random.get_state()],  # noqa: NPY002
            "cudnn": torch.backends.cudnn.enabled,
            "grad": torch.is_grad_enabled(),
        }

    def check(self) -> None:
        after = self.state()
        for name, value in self.before.items():
            if name == "weights":
                assert all(torch.equal(value[k], v) for k, v in after[name].items())
            else:
                assert value == after[name], name


@pytest.mark.parametrize("name", ["dtp-fcn", "dsn"])
def test_nothing_is_left_behind(name: str) -> None:
    classifier = network(name, 2)
    watched = Watched(classifier)
    with torch.inference_mode():
        for method in METHODS:
            if (name, method) not in UNFIT:
                explained(classifier, case(2), method)
    watched.check()


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_behind_by_an_error(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way back through the network fails, after all hooks are set and numbers drawn."""
    classifier = network("dsn")
    watched = Watched(classifier)

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no way back")

    with monkeypatch.context() as patch:
        patch.setattr(torch.autograd, "grad", fail)
        with pytest.raises(RuntimeError, match="no way back"):
            explained(classifier, case(), method)
    watched.check()
    assert explained(classifier, case(), method).values.any()


@pytest.mark.parametrize("method", ["gradient_shap", "deep_lift_shap", "smooth_grad"])
def test_the_seed_decides(method: str) -> None:
    classifier = network("gtp-fcn")
    given = {"background": "noise"} if "shap" in method else {}
    one, two, other = (
        explained(classifier, case(), method, seed=seed, **given).values for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - other).max() > 0
