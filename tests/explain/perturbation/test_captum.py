"""Values against Captum's, called by hand on the series with a feature mask and the same seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import captum.attr as theirs
import numpy as np
import pytest
import torch
from captum._utils.models.linear_model import SkLearnLinearRegression, SkLearnRidge
from captum.attr._core.lime import get_exp_kernel_similarity_function

import tscviz
from tests.explain.perturbation.small import Linear, Tangled, by_captum, case, classifier_of
from tscviz.explain.baselines import reference_series
from tscviz.explain.perturbation.grouping import Grouping, window_edges
from tscviz.models import Classifier, load_model
from tscviz.types import Array, TscvizError

DRAWN: dict[str, dict[str, Any]] = {
    "feature_ablation": {},
    "shapley_sampling": {"samples": 6, "exact": "never"},
    "kernel_shap": {"samples": 60, "exact": "never"},
    "lime": {"samples": 60, "exact": "never"},
}
CLASSES = {
    "feature_ablation": theirs.FeatureAblation,
    "shapley_sampling": theirs.ShapleyValueSampling,
    "kernel_shap": theirs.KernelShap,
    "lime": theirs.Lime,
}


@pytest.fixture(scope="module")
def motions() -> tuple[Classifier, Array]:
    """Return a model of six channels and a case."""
    return load_model("dtp-fcn/BasicMotions"), tscviz.load_dataset("BasicMotions").X_test[5]


def close(found: Array, wanted: Array) -> None:
    top = float(np.abs(wanted).max())
    assert top > 1e-2  # not a comparison of zeros
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4 * max(1.0, top))


@pytest.mark.parametrize("method", CLASSES)
@pytest.mark.parametrize(("per_channel", "windows"), [(False, 6), (True, 2)])
@pytest.mark.parametrize("baseline", ["zero", "noise"])
def test_values_are_captums(
    motions: tuple[Classifier, Array], method: str, per_channel: bool, windows: int, baseline: str
) -> None:
    classifier, x = motions
    grouping = Grouping(window_edges(x.shape[1], windows), len(x), per_channel)
    samples = DRAWN[method].get("samples")
    wanted = by_captum(
        CLASSES[method],
        classifier,
        x,
        grouping.mask(),
        reference=reference_series(baseline, classifier, x, 2),
        target=2,
        seed=7,
        **({} if samples is None else {"n_samples": samples}),
    )
    options: dict[str, Any] = DRAWN[method] | ({} if samples is None else {"seed": 7})
    found = tscviz.explain(
        classifier,
        x,
        method,
        target=2,
        baseline=baseline,
        per_channel=per_channel,
        windows=windows,
        **options,
    )
    close(found.values, wanted)


@pytest.mark.parametrize(
    ("options", "model", "kernel"),
    [
        ({"surrogate": "ridge", "alpha": 2.0}, SkLearnRidge(alpha=2.0), ("cosine", 1.0)),
        ({"surrogate": "lasso", "alpha": 0.0}, SkLearnLinearRegression(), ("cosine", 1.0)),
        (
            {"surrogate": "linear", "kernel_width": 0.3},
            SkLearnLinearRegression(),
            ("cosine", 0.3),
        ),
        (
            {"surrogate": "linear", "distance": "euclidean", "kernel_width": 0.5},
            SkLearnLinearRegression(),
            ("euclidean", 0.5),
        ),
    ],
)
def test_limes_options_are_captums(
    options: dict[str, Any], model: Any, kernel: tuple[str, float]
) -> None:
    classifier, x = classifier_of(Tangled), case()
    mode, width = kernel
    if mode == "euclidean":
        width *= float(np.linalg.norm(x))
    made = partial(
        theirs.Lime,
        interpretable_model=model,
        similarity_func=get_exp_kernel_similarity_function(mode, width),
    )
    mask = Grouping(window_edges(30, 5), 2, False).mask()
    wanted = by_captum(made, classifier, x, mask, target=1, seed=3, n_samples=50)
    found = tscviz.explain(
        classifier, x, "lime", target=1, windows=5, seed=3, samples=50, exact="never", **options
    )
    close(found.values, wanted)


def test_distance_between_features_weighs_features_alike() -> None:
    """One feature of 26 points and four of one point: the cosine sees four of five left."""
    classifier, x = classifier_of(Tangled), case()
    options: dict[str, Any] = {"edges": "26,27,28,29", "surrogate": "linear", "kernel_width": 0.1}
    found, other = (
        tscviz.explain(classifier, x, "lime", target=1, distance=distance, **options)
        for distance in ("features", "cosine")
    )
    assert np.abs(found.values - other.values).max() > 1e-3


def test_weights_that_vanish_are_named() -> None:
    with pytest.raises(TscvizError, match="kernel_width is 0"):
        tscviz.explain(
            classifier_of(Linear),
            case(),
            "lime",
            target=0,
            windows=12,
            samples=5,
            exact="never",
            kernel_width=0.01,
        )


@pytest.mark.parametrize("method", ["shapley_sampling", "kernel_shap", "lime"])
def test_the_seed_decides(method: str) -> None:
    classifier, x = classifier_of(Tangled), case()
    one, two, three = (
        tscviz.explain(classifier, x, method, target=1, seed=seed, **DRAWN[method]).values
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - three).max() > 1e-4


def state() -> tuple[Any, Any]:
    return torch.get_rng_state().tolist(), str(np.random.get_state())  # noqa: NPY002


@pytest.mark.parametrize("method", CLASSES)
def test_nothing_is_left_behind(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    classifier, x = classifier_of(Tangled), case()
    before, digest = state(), classifier.digest
    tscviz.explain(classifier, x, method, target=1, **DRAWN[method])
    assert state() == before

    calls = 0

    def break_down(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        torch.rand(3)
        raise RuntimeError("broken network")

    broken = classifier_of(Tangled)
    monkeypatch.setattr(broken.module, "forward", break_down)
    with pytest.raises(RuntimeError, match="broken network"):
        tscviz.explain(broken, x, method, target=1, **DRAWN[method])
    assert calls == 1
    if method in ("kernel_shap", "lime"):  # these draw while the network runs
        assert state() == before
    for one in (classifier, broken):
        assert not one.module.training
        assert all(p.requires_grad and p.grad is None for p in one.module.parameters())
        hooks = [m._forward_hooks or m._backward_hooks for m in one.module.modules()]
        assert not any(hooks)
    assert Classifier(classifier.module, classifier.classes, classifier.card).digest == digest


def test_eight_threads_share_a_model(motions: tuple[Classifier, Array]) -> None:
    classifier, x = motions
    before = state()
    jobs = [method for method in DRAWN for _ in range(4)]

    def work(method: str) -> Array:
        return tscviz.explain(classifier, x, method, target=1, windows=4, **DRAWN[method]).values

    alone = {method: work(method) for method in DRAWN}
    with ThreadPoolExecutor(8) as pool:
        for method, found in zip(jobs, pool.map(work, jobs), strict=True):
            np.testing.assert_allclose(found, alone[method], atol=1e-4, err_msg=method)
    assert state() == before


@pytest.mark.parametrize("method", CLASSES)
def test_padding_gets_nothing_and_changes_nothing(method: str) -> None:
    classifier = load_model("dtp-fcn/BasicMotions")
    x = tscviz.load_dataset("BasicMotions").X_test[5][:, :60]
    padded, mask = np.full((6, 75), 9.0, np.float32), np.arange(75) < 60
    padded[:, :60] = x
    options: dict[str, Any] = {"target": 3, "baseline": "case_mean", "windows": 5}
    alone = tscviz.explain(classifier, x, method, **options)
    together = tscviz.explain(classifier, padded, method, mask=mask, **options)
    assert (together.values[:, 60:] == 0).all()
    close(together.values[:, :60], alone.values)
    assert together.details["edges"][-1] == 60
