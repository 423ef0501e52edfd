"""What the maps sum to: integrated gradients, jumps of DTP's alignment, DeepLIFT."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tscviz
from tests.explain.gradient.networks import ARCHITECTURES, UNFIT, case, make, training
from tscviz.explain import ExplainError
from tscviz.explain.baselines import reference_series
from tscviz.explain.gradient.jumps import MOST, _normalised
from tscviz.models import load_model
from tscviz.models.pooling import pool_segments
from tscviz.models.temporal_pooling import TemporalPoolingNet

# One of each architecture, and both of DTP and of several channels; case and baseline.
BUNDLED = [
    *((f"{name}/ItalyPowerDemand", "zero") for name in ("gtp-fcn", "stp-fcn", "dtp-fcn", "dsn")),
    *((f"{name}/ItalyPowerDemand", "zero") for name in ("lstm-fcn", "alstm-fcn", "convtimenet")),
    ("dtp-fcn/GunPoint", "zero"),
    ("dtp-fcn/GunPoint", "nearest"),
    ("dtp-fcn/BasicMotions", "class_mean"),
    ("dtp-resnet/GunPoint", "nearest"),
]


@pytest.mark.parametrize(("name", "baseline"), BUNDLED)
def test_integrated_gradients_are_complete_to_a_hundredth(name: str, baseline: str) -> None:
    classifier, dataset = load_model(name), tscviz.load_dataset(name.split("/")[1])
    x = dataset.X_test[0]
    found = tscviz.explain(classifier, x, "integrated_gradients", baseline=baseline)
    details, target = found.details, found.target
    reference = reference_series(baseline, classifier, x, target)
    scores = classifier.logits(np.stack([x, reference]))[:, target]
    difference = float(scores[0]) - float(scores[1])
    gap = difference - float(found.values.sum(dtype=np.float64))
    assert abs(gap) <= 0.01 * abs(difference)
    assert details["complete"]
    assert details["relative_gap"] <= 0.01
    assert details["completeness_gap"] == pytest.approx(gap, abs=1e-3 * abs(difference))


def test_the_number_of_steps_grows_only_as_far_as_needed() -> None:
    classifier, x = make("gtp-fcn"), case()

    def run(**given: Any) -> Any:
        return tscviz.explain(classifier, x, "integrated_gradients", target=0, **given).details

    assert run(steps=4, max_steps=4)["steps"] == 4
    assert run(steps=4, max_steps=7)["steps"] == 4
    loose = run(steps=4, tolerance=0.5)
    tight = run(steps=4, tolerance=0.002)
    assert loose["relative_gap"] <= 0.5
    assert tight["relative_gap"] <= 0.002
    assert tight["steps"] > loose["steps"]
    assert run(steps=4, tolerance=0.0, max_steps=16)["steps"] == 16


@pytest.fixture(scope="module")
def gunpoint() -> tuple[Any, Any]:
    return load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[0]


def test_without_the_jumps_dtp_lacks_what_its_alignment_does(gunpoint: tuple[Any, Any]) -> None:
    """Captum alone misses two thirds of the difference here, with any number of steps."""
    classifier, x = gunpoint
    plain, whole = (
        tscviz.explain(
            classifier, x, "integrated_gradients", alignment=kind, steps=64, max_steps=64
        )
        for kind in ("ignore", "follow")
    )
    assert plain.details["relative_gap"] > 0.5
    assert not plain.details["complete"]
    assert whole.details["flips"] > 10
    jumps = (whole.values - plain.values).sum()
    assert jumps == pytest.approx(whole.details["jumps"], abs=0.01)
    assert plain.details["completeness_gap"] == pytest.approx(
        jumps + whole.details["completeness_gap"], abs=1e-3
    )


def test_a_held_alignment_compares_with_another_reference(gunpoint: tuple[Any, Any]) -> None:
    classifier, x = gunpoint
    found = tscviz.explain(classifier, x, "integrated_gradients", alignment="held", target=0)
    lift = tscviz.explain(classifier, x, "deep_lift", target=0)
    assert found.details["complete"]
    module = classifier.module
    assert isinstance(module, TemporalPoolingNet)
    with torch.no_grad():
        segments = module.pool.segments(module.features(torch.from_numpy(x[None])))
        h = module.features(torch.zeros(1, 1, 150))
        wanted = module.fc(pool_segments(h, segments, 4, "max").flatten(1))[0, 0]
    own = classifier.logits(np.zeros((1, 1, 150), np.float32))[0, 0]
    for each in (found, lift):
        assert each.details["reference_logit"] == pytest.approx(float(wanted), abs=1e-3)
        assert each.details["own_reference_logit"] == pytest.approx(own, abs=1e-3)


@pytest.mark.parametrize("pool", ["avg", "sum"])
@pytest.mark.parametrize("cost", ["cosine", "euclidean", "dot"])
def test_jumps_of_other_poolings_and_costs(pool: str, cost: str) -> None:
    classifier = make("dtp-fcn", 2, pooling=pool, cost=cost)
    x = case(2)
    given: dict[str, Any] = {"target": 0, "steps": 64}
    found = tscviz.explain(classifier, x, "integrated_gradients", **given)
    given |= {"steps": found.details["steps"], "max_steps": 64, "alignment": "ignore"}
    plain = tscviz.explain(classifier, x, "integrated_gradients", **given)
    assert found.details["complete"]
    jumps = (found.values - plain.values).sum()
    assert jumps == pytest.approx(found.details["jumps"], abs=0.02 * found.details["jumps_size"])


def test_the_shares_of_a_flip_sum_to_one_and_stay_small() -> None:
    rise = torch.tensor([[[3.0, 1.0, -2.0]], [[5.0, -4.999, 0.0]], [[1.0, -2.0, 0.0]]])
    shares = _normalised(rise)
    np.testing.assert_allclose(shares.sum((1, 2)), 1, rtol=1e-5)
    np.testing.assert_allclose(shares[0, 0], [1.5, 0.5, -1.0], rtol=1e-5)
    assert float(shares.abs().sum((1, 2)).max()) <= 2 * MOST


LIFTED = [(a, {}) for a in ARCHITECTURES if (a, "deep_lift") not in UNFIT]
LIFTED += [(f"{kind}-fcn", {"pooling": "avg"}) for kind in ("gtp", "stp", "dtp")]


@pytest.mark.parametrize(("name", "options"), LIFTED)
def test_deep_lift_sums_to_the_difference(name: str, options: dict[str, Any]) -> None:
    classifier, x = make(name, 2, **options), case(2)
    for method in ("deep_lift", "deep_lift_shap"):
        found = tscviz.explain(classifier, x, method, target=0, training=training(2))
        details = found.details
        difference = details["logit"] - details["reference_logit"]
        assert found.values.sum() == pytest.approx(difference, abs=1e-4 * max(1, abs(difference)))
        assert details["complete"]
        if not name.startswith("dtp"):
            assert "own_reference_logit" not in details
            zero = classifier.logits(np.zeros_like(x)[None])[0, 0]
            if method == "deep_lift":
                assert details["reference_logit"] == pytest.approx(zero, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("lstm-fcn", "time"),
        ("lstm-fcn", "report"),
        ("alstm-fcn", "paper"),
        ("alstm-fcn", "additive"),
        ("alstm-fcn", "report"),
    ],
)
def test_variants_of_the_recurrent_models(name: str, variant: str) -> None:
    classifier, x = make(name, variant=variant), case()
    found = tscviz.explain(classifier, x, "integrated_gradients", target=0)
    assert found.details["complete"]
    assert tscviz.explain(classifier, x, "grad_cam", target=0).details["layer"] == "fcn"
    with pytest.raises(ExplainError, match="multiply two activations"):
        tscviz.explain(classifier, x, "deep_lift")
