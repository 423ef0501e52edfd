"""Infidelity and max-sensitivity (Yeh et al., NeurIPS 2019), by `captum.metrics`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.evidence.fill import Fill, fill_of
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.scores import batch_size
from tscviz.explain.evidence.subject import Pace, Subject, check_map
from tscviz.explain.private import Score, private, score_of, tensor_of
from tscviz.explain.request import ExplainError
from tscviz.explain.windows import default_window
from tscviz.types import Array, Attribution

#: Methods whose map is a slope of the score and not a share in it, unless their option "of" says
#: that the slope is multiplied by the input.
LOCAL = frozenset({"saliency", "guided_backprop", "smooth_grad"})


def is_local(subject: Subject) -> bool:
    """Return whether the subject's map is a slope of the score; see `LOCAL`."""
    return subject.method in LOCAL and subject.options.get("of") != "input_x_gradient"


@dataclass(frozen=True)
class Infidelity:
    """How badly a map foretells what the score does when a stretch is deleted.

    Parameters
    ----------
    value : float
        `captum.metrics.infidelity` with ``normalize=True``: the mean squared error of the map
        times the perturbation, scaled as fits best, against the fall of the logit.
    relative : float
        The same divided by that of a map of zeros: 0 foretells every fall, 1 none. NaN where the
        score never moves.
    local : bool
        Whether the map was taken as a slope.
    window : int
        Points of a stretch.
    n_samples : int
    fill : str
    """

    value: float
    relative: float
    local: bool
    window: int
    n_samples: int
    fill: str


@dataclass(frozen=True)
class MaxSensitivity:
    """How far a map can move when the case hardly does.

    Parameters
    ----------
    value : float
        `captum.metrics.sensitivity_max`: the largest distance between the map and that of a
        changed case, in units of the map's own (Frobenius) norm.
    radius : float
        Largest change of a point, in standard deviations of its channel; uniform noise.
    n_nearby : int
        Changed cases.
    """

    value: float
    radius: float
    n_nearby: int


def infidelity_of(
    subject: Subject, attribution: Attribution, options: EvidenceOptions, pace: Pace
) -> Infidelity:
    """Return the infidelity of a map, on a private clone of the network.

    Each sample fills one stretch of `window` time points, all channels at once; interpolated
    points and padding stay. The perturbation is 1 on the stretch for a map of shares, and the
    change of the input for a map of slopes, as Captum's documentation has it.

    Raises
    ------
    ExplainError
        Where the window is longer than the series.
    """
    from captum.metrics import infidelity

    check_map(attribution, subject.x.shape)
    local = is_local(subject) if options.local is None else options.local
    n_points = len(subject.counted)
    window = options.window or default_window(n_points)
    if window > n_points:
        raise ExplainError(
            f"window is {window} and the series has {n_points} points; choose at most {n_points}."
        )
    fill, device = fill_of(subject, options.fill), subject.classifier.device
    size = min(batch_size(n_points), options.n_samples)
    case, found = tensor_of(subject.case, subject.classifier), []
    values = np.where(subject.counted, attribution.values[:, :n_points], 0.0)
    with private(subject.classifier) as module:
        score = _Replayed(score_of(module, subject.request()))
        for one in (values, np.zeros_like(values)):
            perturb = _stretches(subject, fill, window, local=local, seed=options.seed)
            one_map = torch.from_numpy(np.ascontiguousarray(one, np.float32))[None].to(device)
            value = infidelity(
                score, perturb, case, one_map, n_perturb_samples=options.n_samples,
                max_examples_per_batch=size, normalize=True,
            )  # fmt: skip
            found.append(max(float(value[0]), 0.0))  # a rounding below zero is zero
            score.rewind()  # the same samples again: the network need not run twice
            pace.tick()
    value, nothing = found
    relative = value / nothing if nothing > 0 else float("nan")
    return Infidelity(value, relative, local, window, options.n_samples, options.fill)


class _Replayed:
    """A score that, rewound, gives its answers once more in the same order."""

    def __init__(self, score: Score) -> None:
        self._score, self._kept, self._at = score, list[Tensor](), 0

    def __call__(self, x: Tensor) -> Tensor:
        if self._at == len(self._kept):
            self._kept.append(self._score(x))
        self._at += 1
        return self._kept[self._at - 1]

    def rewind(self) -> None:
        self._at = 0


def _stretches(
    subject: Subject, fill: Fill, window: int, *, local: bool, seed: int
) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return Captum's ``perturb_func``: cases (B, C, T) -> perturbations and perturbed cases."""
    rng, n_points = np.random.default_rng(seed), len(subject.counted)
    time = np.arange(n_points)

    def perturb(cases: Tensor) -> tuple[Tensor, Tensor]:
        starts = rng.integers(0, n_points - window + 1, len(cases))[:, None]
        gone = (time >= starts) & (time < starts + window) & subject.counted  # (B, T)
        gone = np.repeat(gone[:, None], cases.shape[1], axis=1)
        changed = torch.from_numpy(fill(gone).astype(np.float32)).to(cases.device)
        moved = cases - changed if local else torch.from_numpy(gone).to(cases)
        return moved, changed

    return perturb


def max_sensitivity_of(
    subject: Subject, attribution: Attribution, options: EvidenceOptions, pace: Pace
) -> MaxSensitivity:
    """Return the max-sensitivity of the subject's method at its case.

    Interpolated points and padding stay as they are and count as zero in the map.

    Raises
    ------
    Stopped
        Where `pace` asks for it.
    """
    from captum.metrics import sensitivity_max

    def maps(cases: Tensor | tuple[Tensor, ...]) -> Any:
        whole = isinstance(cases, tuple)
        batch = (cases[0] if isinstance(cases, tuple) else cases).detach().cpu().numpy()
        # Captum asks without gradients, which some methods need.
        with torch.inference_mode(False), torch.enable_grad():
            values = [_map_at(subject, attribution, case, whole=whole) for case in batch]
        if not whole:
            for _ in values:
                pace.tick()
        stacked = torch.from_numpy(np.stack(values))
        return (stacked,) if whole else stacked

    value = sensitivity_max(
        maps,
        torch.from_numpy(subject.case.copy())[None],
        perturb_func=_nearby(subject, options.seed),
        perturb_radius=options.radius,
        n_perturb_samples=options.n_nearby,
        max_examples_per_batch=1,  # a map at a time: progress, and a stop between them
    )
    return MaxSensitivity(float(value[0]), options.radius, options.n_nearby)


def _map_at(subject: Subject, attribution: Attribution, case: Array, *, whole: bool) -> Array:
    """Return the counted part of the map of a changed case; of the case itself it is known."""
    found = attribution if whole else subject.explain(case=case)
    values = found.values[:, : len(subject.counted)]
    return np.where(subject.counted, values, 0).astype(np.float32)


def _nearby(subject: Subject, seed: int) -> Callable[[Tensor, float], Tensor]:
    """Return Captum's ``perturb_func``: uniform noise within `radius` deviations."""
    generator = torch.Generator().manual_seed(seed)
    scale = torch.from_numpy(deviations(subject) * subject.counted)

    def perturb(cases: Any, radius: float) -> Tensor:
        cases = cases[0] if isinstance(cases, tuple) else cases
        noise = 2 * torch.rand(cases.shape, generator=generator) - 1
        return cases + radius * scale.to(cases) * noise

    return perturb


def deviations(subject: Subject) -> Array:
    """Return the standard deviation of each channel over the points that count, (C, 1)."""
    known = subject.case[:, subject.counted]
    return known.std(1, keepdims=True, dtype=np.float64).astype(np.float32)
