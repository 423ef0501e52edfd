"""How long a sweep may take, before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tscviz.training.sweep import SweepSpec
from tscviz.training.sweep.spec import ALL
from tscviz.ui.train.plan import START_SECONDS, make_plan

#: Datasets that are read for an estimate; with more, these stand for the others.
MOST = 8


@dataclass(frozen=True)
class Estimate:
    """What a sweep asks for.

    Parameters
    ----------
    seconds : float or None
        On one core, all cells one after the other; None on a GPU, where nothing was measured.
    sampled : int
        Datasets it was computed from; 0: from all.
    """

    seconds: float | None
    sampled: int


def estimate(spec: SweepSpec, datasets: Sequence[str]) -> Estimate:
    """Check every model and its options on the datasets that are looked at, and add up seconds.

    Raises
    ------
    TscvizError
        On an option out of bounds or a dataset that a model cannot be trained on.
    """
    total, sampled, known = START_SECONDS, 0, True
    for line in spec.lines:
        names = tuple(datasets) if line.datasets == (ALL,) else line.datasets
        looked = _spread(names)
        sampled = max(sampled, len(looked) if len(looked) < len(names) else 0)
        for name in looked:
            plan = make_plan(name, line.model, line.preset, line.seeds[0], line.options)
            known = known and plan.seconds is not None
            # A worker takes cell after cell; it starts once.
            seconds = max(0.0, (plan.seconds or 0.0) - START_SECONDS)
            total += seconds * len(line.seeds) * len(names) / len(looked)
    return Estimate(total if known else None, sampled)


def _spread(names: Sequence[str]) -> list[str]:
    if len(names) <= MOST:
        return list(names)
    step = len(names) / MOST
    return [names[int(step * (i + 0.5))] for i in range(MOST)]
