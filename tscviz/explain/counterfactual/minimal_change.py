"""Minimal change: the least a series has to move for the network to change its mind.

The change is sought by gradients of the margin, ``logit of the class - greatest other logit``.
First the gradients along the way are summed up as a force, and the change follows it under its
penalty (linearised Bregman iterations: what matters most moves first, what does not stays exactly
zero) until the class flips. Then it is made smaller: the margin is taken as linear at the present
change, the least change that reaches it is computed, and the change goes there as long as the
class stays flipped and the penalty falls (as in FAB: Croce & Hein, ICML 2020).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.counterfactual.proximal import Penalty
from tscviz.explain.counterfactual.registry import CounterfactualMethod, register
from tscviz.explain.counterfactual.result import Counterfactual, Subject, finish
from tscviz.explain.private import private
from tscviz.models.base import SeriesModule
from tscviz.options import option
from tscviz.types import Array

_STRIDES = 20  # strides in which a network with a constant gradient would reach the margin
_STEPS_BACK = np.array([1.0, 0.5, 0.25, 0.1])
_FINER = np.linspace(0, 1, 33)[1:]


@dataclass(frozen=True)
class MinimalChangeOptions:
    """Options of the minimal change."""

    sparsity: float = option(1.0, "Weight of the sum of absolute changes.", minimum=0.0)
    smoothness: float = option(
        0.0, "Weight of the squared second differences of the change.", minimum=0.0
    )
    margin: float = option(
        0.1,
        "Logits by which the class wanted is to lead every other one; where any other class will "
        "do, by which the best of them is to lead the class of the case.",
        minimum=0.0,
    )
    steps: int = option(100, "Most gradients on the way to the flip.", minimum=1, maximum=10_000)
    shrink: int = option(30, "Most gradients for making it smaller.", minimum=0, maximum=10_000)


@dataclass(frozen=True, eq=False)
class _Margin:
    """The margin of changed series, and its gradient."""

    x: Array  # (C, n_points), float64
    run: Callable[[Tensor], Tensor]  # (B, C, n_points) -> logits
    source: int
    target: int | None
    device: torch.device

    def of(self, changes: Array) -> Array:
        """Return margins (B,) of changes (B, C, n_points)."""
        with torch.no_grad():
            return self._lead(self._tensor(changes)).double().cpu().numpy()

    def slope(self, change: Array) -> tuple[float, Array]:
        """Return the margin of one change and its gradient, float64 (C, n_points)."""
        x = self._tensor(change[None]).requires_grad_()
        lead = self._lead(x)
        (gradient,) = torch.autograd.grad(lead.sum(), x)
        return float(lead.detach()[0]), gradient[0].double().cpu().numpy()

    def _tensor(self, changes: Array) -> Tensor:
        return torch.from_numpy((self.x + changes).astype(np.float32)).to(self.device)

    def _lead(self, x: Tensor) -> Tensor:
        logits = self.run(x)
        wanted = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
        wanted[[k for k in range(len(wanted)) if self._wants(k)]] = True
        return logits[:, wanted].amax(1) - logits[:, ~wanted].amax(1)

    def _wants(self, label: int) -> bool:
        return label != self.source if self.target is None else label == self.target


def _run(subject: Subject, options: MinimalChangeOptions) -> Counterfactual:
    penalty = Penalty(options.sparsity, options.smoothness)
    if len(subject.classifier.classes) == 1:
        return finish(
            subject,
            "minimal_change",
            subject.cropped(),
            steps=0,
            why_not="the network knows one class alone, so there is no other one.",
            details={"penalty": 0.0},
        )
    with private(subject.classifier) as module:
        margin = _Margin(
            subject.cropped().astype(np.float64),
            _runner(subject, module),
            subject.source,
            subject.target,
            subject.classifier.device,
        )
        change, steps, why_not = _find(margin, penalty, options)
        if not why_not and change.any():
            change, more = _shrink(margin, penalty, change, options)
            steps += more
            change = _least(margin, change, options)
    return finish(
        subject,
        "minimal_change",
        subject.cropped() + change,
        steps=steps,
        why_not=why_not,
        details={"penalty": penalty.cost(change)},
    )


def _runner(subject: Subject, module: SeriesModule) -> Callable[[Tensor], Tensor]:
    padded = subject.n_points < subject.x.shape[1]

    def run(x: Tensor) -> Tensor:
        mask = None
        if padded:
            mask = torch.ones(len(x), x.shape[2], dtype=torch.bool, device=x.device)
        return module(x, mask)

    return run


def _find(
    margin: _Margin, penalty: Penalty, options: MinimalChangeOptions
) -> tuple[Array, int, str]:
    """Return a change, the gradients taken, and why the margin is not reached, "" where it is."""
    force = change = best = np.zeros_like(margin.x)
    most, stride = -np.inf, 0.0
    for step in range(1, options.steps + 1):
        lead, gradient = margin.slope(change)
        stride = stride or (options.margin - lead) / _STRIDES
        if lead > most:
            best, most = change, lead
        if lead >= options.margin:
            return change, step, ""
        if not np.isfinite(gradient).all() or not gradient.any():
            return best, step, _stuck(most, options)
        wanted = min(stride, 1.05 * (options.margin - lead))
        force, change = penalty.reach(gradient, force, wanted, change, within=0.1)
    return best, options.steps, _lagging(most, options)


def _stuck(most: float, options: MinimalChangeOptions) -> str:
    return (
        f"the gradient vanishes, so no direction leads on from a lead of {most:.2f} logits, and "
        f"{options.margin:g} was asked for."
    )


def _lagging(most: float, options: MinimalChangeOptions) -> str:
    return (
        f"after {options.steps} steps its lead is {most:.2f} logits, and {options.margin:g} was "
        "asked for; allow more steps, or less sparsity and smoothness."
    )


def _shrink(
    margin: _Margin, penalty: Penalty, change: Array, options: MinimalChangeOptions
) -> tuple[Array, int]:
    """Return a cheaper change that still reaches the margin, and the gradients taken."""
    zero = np.zeros_like(change)
    for step in range(options.shrink):
        lead, gradient = margin.slope(change)
        needed = options.margin - lead + float((gradient * change).sum())
        if not gradient.any() or needed <= 0:
            return change, step + 1
        _, aim = penalty.reach(gradient, zero, needed, zero)
        tried = change + _STEPS_BACK[:, None, None] * (aim - change)
        costs = np.array([penalty.cost(one) for one in tried])
        good = (margin.of(tried) >= options.margin) & (costs < 0.9999 * penalty.cost(change))
        if not good.any():
            return change, step + 1
        change = tried[np.where(good, costs, np.inf).argmin()]
    return change, options.shrink


def _least(margin: _Margin, change: Array, options: MinimalChangeOptions) -> Array:
    """Drop the smallest changes where few points are wanted; then scale down what is left."""
    tries: list[Callable[[Array], Array]] = []
    if options.sparsity and not options.smoothness:
        tries.append(_trimmed)
    tries += [_scaled, _scaled_little]
    for candidates in tries:  # each from the smallest change to the greatest
        made = candidates(change)
        good = np.flatnonzero(margin.of(made) >= options.margin)
        change = made[good[0]] if len(good) else change
    return change


def _trimmed(change: Array) -> Array:
    """Return copies without the smallest values, from few left to all."""
    sizes = np.sort(np.abs(change[change != 0]))
    ranks = np.unique((_FINER * (len(sizes) - 1)).astype(int))[::-1]
    return np.stack([np.where(np.abs(change) >= sizes[rank], change, 0.0) for rank in ranks])


def _scaled(change: Array) -> Array:
    return _FINER[:, None, None] * change


def _scaled_little(change: Array) -> Array:
    return (1 - (1 - _FINER) / len(_FINER))[:, None, None] * change


register(
    CounterfactualMethod(
        "minimal_change",
        "Minimal change",
        "The least change, by gradients: few points (sparsity) or a smooth one (smoothness).",
        MinimalChangeOptions,
        _run,
        needs_training=False,
    )
)
