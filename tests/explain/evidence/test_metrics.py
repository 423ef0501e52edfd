# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""Infidelity and max-sensitivity: Captum by hand, closed forms, what is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from captum.metrics import infidelity, sensitivity_max
from scipy.stats import spearmanr
from torch import Tensor

import tscviz
from tests.explain.evidence.tools import a_map, assert_same_state, linear, state_of
from tscviz.explain import ExplainError, evidence
from tscviz.explain.baselines import reference_series
from tscviz.explain.evidence.metrics import deviations, is_local
from tscviz.explain.evidence.subject import subject_of
from tscviz.models import load_model
from tscviz.types import Array


def measured(classifier: Any, x: Array, method: str, part: str, **settings: Any) -> Any:
    found = evidence.judge(classifier, x, method, parts=[part], target=1, settings=settings)
    return getattr(found, part)


def of_map(classifier: Any, x: Array, values: Array, **settings: Any) -> Any:
    usable = settings.pop("usable", None)
    subject = subject_of(classifier, x, "occlusion", target=1, usable=usable)
    return evidence.gather(
        subject, a_map(values), parts=["infidelity"], settings=settings
    ).infidelity


@pytest.mark.parametrize("local", [False, True])
def test_infidelity_is_captums(local) -> None:
    classifier = load_model("dtp-fcn/BasicMotions")
    x = tscviz.load_dataset("BasicMotions").X_test[5]
    values = np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    rng, time = np.random.default_rng(7), np.arange(100)
    mean = torch.from_numpy(x.mean(1, keepdims=True, dtype=np.float64).astype(np.float32))

    def perturb(cases: Tensor) -> tuple[Tensor, Tensor]:
        starts = rng.integers(0, 100 - 12 + 1, len(cases))[:, None]
        gone = torch.from_numpy((time >= starts) & (time < starts + 12))[:, None]
        changed = torch.where(gone, mean, cases)
        return cases - changed if local else gone.expand_as(cases).float(), changed

    with torch.no_grad():
        theirs = infidelity(
            lambda batch: classifier.module(batch)[:, 1], perturb, torch.from_numpy(x)[None],
            torch.from_numpy(values)[None], n_perturb_samples=40, normalize=True,
        )  # fmt: skip
    ours = of_map(classifier, x, values, seed=7, window=12, n_samples=40, local=local)
    assert ours.value == pytest.approx(float(theirs), rel=1e-3)
    assert ours.local == local
    assert 0 < ours.relative <= 1


def test_shares_of_a_linear_score_foretell_every_fall() -> None:
    classifier, x, weight = linear((2, 30))
    found = of_map(classifier, x, 5 * weight * x, fill="zero")  # the scale does not matter
    assert found.value == pytest.approx(0, abs=1e-5)
    assert found.relative == pytest.approx(0, abs=1e-5)
    slopes = of_map(classifier, x, weight, fill="zero", local=True)
    assert slopes.relative == pytest.approx(0, abs=1e-5)
    assert of_map(classifier, x, weight, fill="zero").relative > 0.1  # slopes are no shares
    assert of_map(classifier, x, 0 * weight, fill="zero").relative == pytest.approx(1)


def test_infidelity_of_a_map_of_zeros_is_the_mean_squared_fall() -> None:
    classifier, x, weight = linear((1, 20))
    found = of_map(classifier, x, 0 * weight, fill="zero", window=5, n_samples=60, seed=2)
    starts = np.random.default_rng(2).integers(0, 16, 60)
    falls = np.array([(weight * x)[0, s : s + 5].sum() for s in starts])
    assert found.value == pytest.approx(np.square(falls).mean(), rel=1e-4)


def test_a_score_that_never_moves_has_no_relative_infidelity() -> None:
    classifier, x, weight = linear()
    found = of_map(classifier, 0 * x, weight, fill="zero")
    assert np.isnan(found.relative)
    assert found.value == 0


def test_interpolated_points_are_never_deleted() -> None:
    classifier, x, weight = linear((1, 30))
    usable = np.arange(30) != 4
    values = weight * x
    values[0, 4] = 1e3
    found = of_map(classifier, x, values, fill="zero", usable=usable)
    assert found.relative == pytest.approx(0, abs=1e-5)


def test_slopes_are_taken_as_slopes() -> None:
    classifier, x, weight = linear()
    for method, options, local in (
        ("saliency", {}, True), ("smooth_grad", {}, True), ("integrated_gradients", {}, False),
        ("smooth_grad", {"of": "input_x_gradient"}, False),
    ):  # fmt: skip
        assert is_local(subject_of(classifier, x, method, options=options)) == local
    assert of_map(classifier, x, weight, window=3).local is False  # occlusion is no slope
    with pytest.raises(ExplainError, match="window is 31 and the series has 30 points"):
        of_map(classifier, x, weight, window=31)


def explain_batch(classifier: Any, target: int) -> Any:
    def maps(cases: Tensor | tuple[Tensor, ...]) -> Any:
        batch = (cases[0] if isinstance(cases, tuple) else cases).numpy()
        with torch.enable_grad():
            found = [tscviz.explain(classifier, x, "cam", target=target).values for x in batch]
        stacked = torch.from_numpy(np.stack(found))
        return (stacked,) if isinstance(cases, tuple) else stacked

    return maps


def test_max_sensitivity_is_captums() -> None:
    classifier = load_model("stp-fcn/GunPoint")
    x = tscviz.load_dataset("GunPoint").X_test[3]
    generator, scale = torch.Generator().manual_seed(4), float(x.std())

    def perturb(case: Tensor | tuple[Tensor, ...], radius: float) -> Tensor:
        case = case[0] if isinstance(case, tuple) else case
        return case + radius * scale * (2 * torch.rand(case.shape, generator=generator) - 1)

    theirs = sensitivity_max(
        explain_batch(classifier, 1), torch.from_numpy(x)[None], perturb_func=perturb,
        perturb_radius=0.1, n_perturb_samples=6, max_examples_per_batch=1,
    )  # fmt: skip
    ours = measured(classifier, x, "cam", "sensitivity", radius=0.1, n_nearby=6, seed=4)
    assert ours.value == pytest.approx(float(theirs), rel=1e-4)
    assert ours.value > 0.01


def test_occlusion_of_a_linear_score_moves_with_the_case() -> None:
    """Occlusion by zeros of one point is w x: the map moves by w times the noise."""
    classifier, x, weight = linear((2, 12))
    own = {"window": 1, "fill": "zero", "output": "logit", "per_channel": True}
    found = evidence.judge(
        classifier, x, "occlusion", parts=["sensitivity"], target=1,
        settings={"n_nearby": 5, "radius": 0.2, "seed": 9}, **own,
    ).sensitivity  # fmt: skip
    generator = torch.Generator().manual_seed(9)
    noise = [2 * torch.rand((1, 2, 12), generator=generator)[0].numpy() - 1 for _ in range(5)]
    scale = 0.2 * x.std(1, keepdims=True)
    moved = [np.linalg.norm(weight * scale * one) for one in noise]
    assert found is not None
    assert found.value == pytest.approx(max(moved) / np.linalg.norm(weight * x), rel=1e-3)


def test_deviations_leave_out_what_does_not_count() -> None:
    classifier, x, _ = linear((2, 12))
    x = x.copy()
    x[:, 5] = 1e4
    subject = subject_of(classifier, x, "occlusion", usable=np.arange(12) != 5)
    np.testing.assert_allclose(deviations(subject)[:, 0], np.delete(x, 5, 1).std(1), rtol=1e-4)


def test_stability_over_noise_and_seeds() -> None:
    classifier, x, _ = linear((1, 40))
    own: dict[str, Any] = {"window": 1, "output": "logit"}
    still = evidence.judge(
        classifier, x, "occlusion", parts=["stability"], target=1,
        settings={"noise": 1e-6, "n_repeats": 3}, fill="zero", **own,
    ).stability  # fmt: skip
    assert still is not None
    np.testing.assert_allclose(still.noise_correlation, 1, atol=1e-6)
    np.testing.assert_allclose(still.noise_overlap, 1)
    assert still.seed_correlation is not None
    np.testing.assert_allclose(still.seed_correlation, 1)  # zeros need no random numbers
    assert (still.kept_class, still.n_top) == (1, 4)
    noisy = evidence.judge(
        classifier, x, "occlusion", parts=["stability"], target=1,
        settings={"noise": 10, "n_repeats": 8}, fill="noise", **own,
    ).stability  # fmt: skip
    assert noisy is not None
    assert noisy.seed_correlation is not None
    assert len(noisy.seed_correlation) == 8
    assert noisy.seed_correlation.max() < 0.999  # its filling is random
    assert abs(noisy.noise_correlation.mean()) < 0.5
    assert noisy.kept_class < 1
    assert noisy.noise == 10


def test_a_method_without_random_numbers_has_no_seeds() -> None:
    classifier = load_model("stp-fcn/GunPoint")
    x = tscviz.load_dataset("GunPoint").X_test[3]
    before = state_of(classifier)
    found = measured(classifier, x, "cam", "stability", n_repeats=2)
    assert found.seed_correlation is None
    assert found.noise_correlation.shape == (2,)
    assert_same_state(before, state_of(classifier))


def test_a_baseline_of_noise_is_drawn_anew() -> None:
    """Feature ablation of a linear score is w (x - noise); each seed has its own noise."""
    classifier, x, weight = linear((1, 40))
    own: dict[str, Any] = {"windows": 40, "baseline": "noise"}
    found = evidence.judge(
        classifier, x, "feature_ablation", parts=["stability"], target=1,
        settings={"n_repeats": 2}, **own,
    )  # fmt: skip
    assert found.stability.seed_correlation is not None
    maps = [
        weight * (x - reference_series("noise", classifier, x, 1, seed=seed)) for seed in range(3)
    ]
    np.testing.assert_allclose(found.attribution.values, maps[0], atol=1e-4)
    wanted = [spearmanr(maps[0][0], other[0]).statistic for other in maps[1:]]
    np.testing.assert_allclose(found.stability.seed_correlation, wanted, atol=1e-3)
    assert max(wanted) < 0.99
    still = evidence.judge(
        classifier, x, "feature_ablation", parts=["stability"], target=1,
        settings={"n_repeats": 2}, windows=40,
    )  # fmt: skip
    assert still.stability.seed_correlation is None
