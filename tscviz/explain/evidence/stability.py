"""Whether it is the same map with another seed, and under a little noise."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tscviz.explain.evidence.likeness import rank_correlation, top_overlap
from tscviz.explain.evidence.metrics import deviations
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.orders import top_count
from tscviz.explain.evidence.subject import Pace, Subject, check_map, features_of
from tscviz.explain.registry import methods
from tscviz.types import Array, Attribution


@dataclass(frozen=True, eq=False)
class Stability:
    """How alike a map stays; one value a repetition, each beside the original map.

    Parameters
    ----------
    seed_correlation, seed_overlap : float64 arrays, shape (n_repeats,), or None
        Rank correlation and overlap of the top with other seeds, of the method and of a baseline
        of noise; None where nothing is drawn, which gives the same map every time.
    noise_correlation, noise_overlap : float64 arrays, shape (n_repeats,)
        With noise on the case.
    kept_class : float
        Share of the noisy cases that keep the predicted class: where it changes, so may the map.
    noise : float
        Its standard deviation, in standard deviations of the channel.
    n_top : int
        Points of the top.
    """

    seed_correlation: Array | None
    seed_overlap: Array | None
    noise_correlation: Array
    noise_overlap: Array
    kept_class: float
    noise: float
    n_top: int


def draws(subject: Subject) -> bool:
    """Return whether anything of the map is random: the method, or the noise of its baseline."""
    return _has_seed(subject) or _on_noise(subject)


def _has_seed(subject: Subject) -> bool:
    return any(f.name == "seed" for f in fields(methods()[subject.method].options))


def _on_noise(subject: Subject) -> bool:
    return methods()[subject.method].uses_baseline and subject.baseline == "noise"


def n_maps(subject: Subject, options: EvidenceOptions) -> int:
    """Return how many maps `stability_of` makes."""
    return options.n_repeats * (1 + draws(subject))


def stability_of(
    subject: Subject, attribution: Attribution, options: EvidenceOptions, pace: Pace
) -> Stability:
    """Make the map again with other seeds, and of the case with Gaussian noise on it.

    Interpolated points and padding get no noise. Each repetition is compared with the map given.

    Raises
    ------
    Stopped
        Where `pace` asks for it.
    """
    check_map(attribution, subject.x.shape)
    original = features_of(attribution, subject.counted, options.per)
    n_top = top_count(len(original), options.share)

    def alike(found: Attribution) -> tuple[float, float]:
        pace.tick()
        now = features_of(found, subject.counted, options.per)
        return rank_correlation(original, now), top_overlap(original, now, n_top)

    seeds = None
    if draws(subject):
        seeds = np.array([alike(_drawn_anew(subject, 1 + i)) for i in range(options.n_repeats)])
    noisy = _noisy(subject, options)
    noise = np.array([alike(subject.explain(case=case)) for case in noisy])
    return Stability(
        None if seeds is None else seeds[:, 0],
        None if seeds is None else seeds[:, 1],
        noise[:, 0],
        noise[:, 1],
        _kept(subject, noisy),
        options.noise,
        n_top,
    )


def _drawn_anew(subject: Subject, number: int) -> Attribution:
    own: dict[str, Any] = {}
    if _has_seed(subject):
        own["seed"] = int(subject.options.get("seed", 0)) + number
    return subject.explain(reference_seed=number if _on_noise(subject) else 0, **own)


def _noisy(subject: Subject, options: EvidenceOptions) -> Array:
    rng = np.random.default_rng(options.seed)
    shape = (options.n_repeats, *subject.case.shape)
    scale = options.noise * deviations(subject) * subject.counted
    return (subject.case + scale * rng.standard_normal(shape)).astype(np.float32)


def _kept(subject: Subject, cases: Array) -> float:
    X = np.concatenate([subject.case[None], cases])
    mask = np.ones((len(X), X.shape[2]), bool)
    own, *others = subject.classifier.predict(X, mask)
    return float(np.mean([other == own for other in others]))
