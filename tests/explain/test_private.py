"""A network and random numbers of one's own: nothing of the shared ones is touched."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from tests.explain.occlusion_tools import untrained
from tests.explain.perturbation.small import Linear, Tangled, case, classifier_of
from tscviz.explain.private import private, score_of, seeded, tensor_of
from tscviz.explain.request import Request
from tscviz.models import Classifier
from tscviz.types import Array


def global_state() -> tuple[Any, Any]:
    return torch.get_rng_state().tolist(), str(np.random.get_state())  # noqa: NPY002


def draw() -> list[float]:
    return [*torch.rand(3).tolist(), *np.random.rand(3).tolist()]  # noqa: NPY002


def weights(classifier: Classifier) -> list[Array]:
    return [v.detach().cpu().numpy().copy() for v in classifier.module.state_dict().values()]


def request_of(classifier: Classifier, x: Array, **given: Any) -> Request:
    fields: dict[str, Any] = {"mask": None, "target": 1, "baseline": "zero", "options": None}
    return Request(classifier, x, **fields | given)


@pytest.mark.parametrize("name", ["dtp-fcn", "lstm-fcn"])
def test_the_clone_is_changed_and_the_model_is_not(name: str) -> None:
    classifier = untrained(name, length=24)
    before = weights(classifier)
    flags = [p.requires_grad for p in classifier.module.parameters()]
    with private(classifier) as module:
        assert module is not classifier.module
        assert not module.training
        assert not any(p.requires_grad for p in module.parameters())
        x = torch.randn(2, 1, 24, requires_grad=True)
        module.register_forward_hook(lambda *_: None)
        module(x)[:, 0].sum().backward()
        assert x.grad is not None
        assert x.grad.abs().sum() > 0
        with torch.no_grad():
            for p in module.parameters():
                p.zero_()
    for a, b in zip(before, weights(classifier), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [p.requires_grad for p in classifier.module.parameters()] == flags
    assert all(p.grad is None for p in classifier.module.parameters())
    assert not any(m._forward_hooks for m in classifier.module.modules())
    assert not classifier.module.training


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_gradients_are_on_inside_whatever_the_caller_does(mode: Any) -> None:
    classifier = classifier_of(Tangled)
    with mode():
        with private(classifier) as module:
            x = tensor_of(case(), classifier).requires_grad_()
            (grad,) = torch.autograd.grad(module(x)[0, 0], x)
        assert not torch.is_grad_enabled()
        assert torch.is_inference_mode_enabled() == (mode is torch.inference_mode)
    assert torch.is_grad_enabled()
    assert float(grad.abs().sum()) > 0


def test_an_exception_passes_and_leaves_all_as_it_was() -> None:
    classifier, before = classifier_of(Linear), global_state()
    enabled = torch.backends.cudnn.enabled

    def break_down() -> None:
        with torch.no_grad(), private(classifier) as module, seeded(3):
            draw()
            module.train()
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        break_down()
    assert global_state() == before
    assert torch.is_grad_enabled()
    assert torch.backends.cudnn.enabled == enabled
    assert not classifier.module.training


def test_seeded_draws_repeat_and_leave_no_trace() -> None:
    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002
    wanted = draw()
    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002
    with seeded(5):
        first = draw()
    with seeded(5), seeded(6):  # of one thread, they nest
        other = draw()
    assert draw() == wanted
    with seeded(5):
        assert draw() == first
    assert other != first
    with seeded(2**40):  # beyond what numpy takes
        draw()


def test_eight_threads_draw_their_own_numbers() -> None:
    before = global_state()
    start = threading.Barrier(8)

    def work(seed: int) -> list[list[float]]:
        start.wait()
        found = []
        for _ in range(20):
            with seeded(seed):
                found.append(draw())
        return found

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert global_state() == before
    for seed, rows in enumerate(found):
        with seeded(seed):
            wanted = draw()
        assert all(row == wanted for row in rows)


def test_scores_are_those_of_the_classifier() -> None:
    classifier, x = classifier_of(Tangled), case()
    logits, proba = (f(x[None])[0] for f in (classifier.logits, classifier.predict_proba))
    with private(classifier) as module, torch.no_grad():
        batch = tensor_of(x, classifier).repeat(3, 1, 1)
        for against in (None, 2):
            less = 0 if against is None else 1
            request = request_of(classifier, x, against=against)
            found = score_of(module, request)(batch)
            assert found.shape == (3,)
            np.testing.assert_allclose(found, logits[1] - less * logits[2], atol=1e-6)
            found = score_of(module, request, output="probability")(batch)
            np.testing.assert_allclose(found, proba[1] - less * proba[2], atol=1e-6)


@pytest.mark.parametrize("name", ["dtp-fcn", "lstm-fcn", "convtimenet"])
def test_scores_of_a_padded_case_are_those_of_its_own_points(name: str) -> None:
    classifier = untrained(name, length=24)
    x, mask = np.full((1, 24), 5, np.float32), np.arange(24) < 20
    x[:, :20] = case(1, 20)
    request = request_of(classifier, x, mask=mask)
    assert request.padded
    with private(classifier) as module, torch.no_grad():
        found = score_of(module, request)(tensor_of(request.cropped(), classifier))
    wanted = classifier.logits(x[None], mask[None])[0, 1]
    assert float(found[0]) == pytest.approx(float(wanted), abs=1e-5)
    np.testing.assert_array_equal(request.whole(request.cropped()), np.where(mask, x, 0))
