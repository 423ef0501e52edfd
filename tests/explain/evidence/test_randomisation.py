# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""Randomised weights: a closed form, the order of layers, clones, and what stays as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

import tscviz
from tests.explain.evidence.tools import assert_same_state, linear, state_of
from tests.explain.occlusion_tools import untrained
from tscviz.explain import evidence
from tscviz.explain.evidence.draws import DRAWS
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.randomisation import destroyed, layer_names
from tscviz.explain.evidence.subject import subject_of
from tscviz.models import Classifier, load_model
from tscviz.types import Array

SHARES: dict[str, Any] = {"window": 1, "fill": "zero", "output": "logit"}


def randomised(classifier: Classifier, x: Array, **settings: Any) -> Any:
    return evidence.judge(
        classifier, x, "occlusion", target=1, parts=["randomisation"], settings=settings, **SHARES
    ).randomisation


@pytest.mark.parametrize("order", ["cascading", "independent"])
def test_a_linear_model_has_a_closed_form(order) -> None:
    """Its map is w x; redrawn, w is normal of its own mean and deviation."""
    classifier, x, weight = linear((1, 50))
    found = randomised(classifier, x, n_draws=2, seed=3, order=order)
    assert found.layers == ("dense",)
    assert found.weights == (51,)
    for draw in range(2):
        noise = torch.randn((1, 50), generator=torch.Generator().manual_seed(3 + draw)).numpy()
        redrawn = weight.mean() + weight.std(ddof=1) * noise
        a, b = (weight * x)[0], (redrawn * x)[0]
        assert found.correlation[draw, 0] == pytest.approx(spearmanr(a, b).statistic, abs=1e-3)
        magnitude = spearmanr(abs(a), abs(b)).statistic
        assert found.magnitude[draw, 0] == pytest.approx(magnitude, abs=1e-3)
    means = found.correlation.mean(), found.magnitude.mean()
    assert found.left == pytest.approx(max(0, *means))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("dtp-fcn", ("fc", "pool", "backbone.blocks.2.norm"), "backbone.blocks.0.conv"),
        ("gtp-resnet", ("fc", "backbone"), "backbone"),
        ("dsn", ("head_norm", "head"), "blocks.0.conv"),
        ("lstm-fcn", ("fc",), "fcn.blocks.0.conv"),
        ("alstm-fcn", ("fc",), "fcn.blocks.0.conv"),
        ("convtimenet", ("fc", "trunk"), "trunk.blocks.0"),
    ],
)
def test_layers_stand_from_the_head_to_the_input(name, first, last) -> None:
    classifier = untrained(name, length=60)
    subject = subject_of(classifier, np.zeros((1, 60), np.float32), "occlusion")
    names = layer_names(subject)
    assert all(name.startswith(start) for name, start in zip(names, first, strict=False))
    assert names[-1].startswith(last)
    owned = sum(
        p.numel()
        for n in names
        for p in classifier.module.get_submodule(n).parameters(recurse=False)
    )
    assert owned == sum(p.numel() for p in classifier.module.parameters())
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("order", ["cascading", "independent"])
def test_each_stage_destroys_what_it_says_in_a_clone(order) -> None:
    classifier = untrained("dtp-fcn")
    subject = subject_of(classifier, np.zeros((1, 60), np.float32), "occlusion")
    names, before = layer_names(subject), state_of(classifier)
    stages = list(destroyed(classifier, names, EvidenceOptions(order=order), seed=0))
    assert_same_state(before, state_of(classifier))
    for i, stage in enumerate(stages):
        changed = {
            name.rpartition(".")[0]
            for name, value in stage.module.named_parameters()
            if not torch.equal(value, classifier.module.get_parameter(name))
        }
        random = set(names[: i + 1]) if order == "cascading" else {names[i]}
        assert changed <= random
        assert names[i] in changed or names[i].endswith("norm")  # untrained: all ones and zeros


@pytest.mark.parametrize("draw", DRAWS)
def test_draws_destroy_and_keep_what_they_promise(draw) -> None:
    layer = torch.nn.Linear(40, 30)
    with torch.no_grad():
        layer.weight[:, ::4] = 0  # pruned
        layer.weight.mul_(7)
    old = layer.weight.detach().clone()
    with torch.no_grad():
        DRAWS[draw](layer, torch.Generator().manual_seed(0))
    new = layer.weight.detach()
    kept = old != 0
    assert abs(np.corrcoef(old[kept], new[kept])[0, 1]) < 0.15
    if draw == "initial":  # torch's own scale, whatever the weights were
        assert float(new.abs().max()) <= 1 / np.sqrt(40)
        return
    assert not new[~kept].any()
    assert float(new[kept].std()) == pytest.approx(float(old[kept].std()), rel=0.1)
    if draw == "permuted":
        assert torch.equal(new[kept].sort().values, old[kept].sort().values)


def test_layers_above_the_map_leave_it_as_it_was() -> None:
    classifier = load_model("alstm-fcn/GunPoint")
    x = tscviz.load_dataset("GunPoint").X_test[3]
    before = state_of(classifier)
    found = evidence.judge(
        classifier, x, "attention", parts=["randomisation"], settings={"n_draws": 1}
    ).randomisation
    assert_same_state(before, state_of(classifier))
    assert found is not None
    at = found.layers.index("recurrent.self_attention.key")
    # the attention stands before the head: to destroy the head leaves it
    np.testing.assert_allclose(found.correlation[0, 0], 1, atol=1e-6)
    assert found.correlation[0, at] < 0.9
    assert found.kept_class.shape == (len(found.layers),)


def test_a_flat_map_counts_as_nothing_left() -> None:
    classifier, x, _ = linear((1, 20))
    found = randomised(classifier, 0 * x, n_draws=2)
    assert np.isnan(found.correlation).all()
    assert found.left == 0


def test_the_classifier_is_untouched_after_an_exception() -> None:
    classifier = load_model("stp-fcn/GunPoint")
    x = tscviz.load_dataset("GunPoint").X_test[3]
    before = state_of(classifier)
    seen: list[int] = []

    def fail(done: int, total: int) -> None:
        seen.append(done)
        assert total > done
        if done == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        evidence.judge(
            classifier, x, "cam", parts=["randomisation"],
            on_progress=fail,
        )  # fmt: skip
    assert seen == [1, 2, 3]
    assert_same_state(before, state_of(classifier))
