"""Scoring methods on a planted problem, one map after the other; nothing here draws."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tscviz.explain.localisation import OVER, Localisation, Localisations, Mean, localisation
from tscviz.types import Array, TscvizError

#: Costs that an explainer declares, the least first.
TIERS = ("cheap", "moderate", "dear")


@dataclass(frozen=True, eq=False)
class Scored:
    """What a method reached over the cases.

    Parameters
    ----------
    method, title : str
    area, pointing, roc_auc, mass : Mean
    chance : float
        Mean share of points on the cue.
    n_cases : int
    seconds : float
        A map, on average; as it was computed, or read from the cache.
    """

    method: str
    title: str
    area: Mean
    pointing: Mean
    roc_auc: Mean
    mass: Mean
    chance: float
    n_cases: int
    seconds: float


@dataclass(eq=False)
class ScoreRun:
    """The scores of methods on the same cases, gathered map by map.

    Several visitors may share one; a step is done by one of them at a time.

    Parameters
    ----------
    cases : sequence of int
        Indices into the test split.
    truth : bool array, shape (n_cases, n_channels, n_timepoints)
        Of the whole test split.
    mask : bool array, shape (n_cases, n_timepoints)
    """

    cases: Sequence[int]
    truth: Array
    mask: Array
    found: dict[str, list[dict[str, Localisation]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def left(self, methods: Sequence[str]) -> int:
        """Return how many maps are still to be had."""
        return sum(
            len(self.cases) - len(self.found.get(name, ()))
            for name in methods
            if name not in self.failed
        )

    def complete(self, method: str) -> bool:
        """Tell whether a method was asked about every case."""
        return len(self.found.get(method, ())) == len(self.cases) and method not in self.failed

    def step(self, methods: Sequence[str], ask: Callable[[str, int], tuple[Array, float]]) -> None:
        """Compute and score the next map; a method that cannot answer is not asked again.

        One case after the other is asked of all methods, so that they can be compared early.

        Parameters
        ----------
        methods : sequence of str
            Wanted; of one case in this order.
        ask : callable
            ``ask(method, case)`` gives a map (n_channels, n_timepoints) and the seconds it took.
        """
        with self.lock:
            open_ones = [m for m in methods if self.left([m])]
            if not open_ones:
                return
            name = min(open_ones, key=lambda m: len(self.found.get(m, ())))
            done = self.found.setdefault(name, [])
            case = self.cases[len(done)]
            try:
                values, seconds = ask(name, case)
                scores = {
                    over: localisation(values, self.truth[case], self.mask[case], over=over)
                    for over in OVER
                }
            except TscvizError as error:
                self.failed[name] = str(error)
                return
            done.append(scores)
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def scored(self, method: str, title: str, over: str) -> Scored:
        """Return what a method has reached so far; at least one case must be done."""
        found = Localisations(tuple(scores[over] for scores in self.found[method]))
        n = len(found.cases)
        return Scored(
            method, title, found.mean("average_precision"), found.mean("pointing"),
            found.mean("roc_auc"), found.mean("mass"), float(np.mean(found.column("chance"))), n,
            self.seconds[method] / n,
        )  # fmt: skip


def ranked(scored: Sequence[Scored]) -> list[Scored]:
    """Return methods by their area, the best first; ties by the pointing game."""
    return sorted(scored, key=lambda one: (-one.area.mean, -one.pointing.mean, one.title))
