"""The evidence for a method over many cases as means with confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tscviz.explain.evidence.curves import Curve, Curves
from tscviz.explain.evidence.intervals import Estimate, Estimates, estimate, estimates
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.report import Evidence, figures_of
from tscviz.explain.evidence.words import cases_sentence
from tscviz.types import Array

#: Places of the mean curves, as shares of the points.
GRID = np.linspace(0, 1, 21)


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """Mean over cases of their deletion or insertion curves.

    Parameters
    ----------
    kind : {"deletion", "insertion"}
    share : float64 array, shape (n_places,)
    score, reversed, random : Estimates
        By the map, by its reverse, and by random maps (first their mean in each case).
    """

    kind: str
    share: Array
    score: Estimates
    reversed: Estimates
    random: Estimates


@dataclass(frozen=True, eq=False)
class CasesEvidence:
    """The evidence for one method over many cases.

    Parameters
    ----------
    method : str
    cases : int64 array, shape (n_cases,)
        Numbers of the cases that are done, in ascending order unless stopped.
    n_asked : int
        Cases that were to be done; more than are done where the run was stopped.
    targets : int64 array, shape (n_cases,)
        Class explained in each.
    scores : mapping of str to float64 array, shape (n_cases,)
        NaN where a score is not defined for a case.
    estimates : mapping of str to Estimate
        Their means.
    deletion, insertion : MeanCurve or None
    sentence : str or None
    settings : mapping
        The `EvidenceOptions`.
    seconds : float
    against : int64 array, shape (n_cases,), or None
        Class whose score was subtracted in each.
    n_left_out : int
        Cases left out because that is the class explained.
    n_short : int
        Cases left out because fewer than two of their time points were measured.
    """

    method: str
    cases: Array
    n_asked: int
    targets: Array
    scores: Mapping[str, Array]
    estimates: Mapping[str, Estimate]
    deletion: MeanCurve | None
    insertion: MeanCurve | None
    sentence: str | None
    settings: Mapping[str, Any]
    seconds: float
    against: Array | None = None
    n_left_out: int = 0
    n_short: int = 0

    @property
    def stopped(self) -> bool:
        """Whether the run was stopped before its last case."""
        return len(self.cases) < self.n_asked


def sum_up(
    method: str,
    chosen: Array,
    targets: Array,
    done: Sequence[Evidence],
    made: EvidenceOptions,
    seconds: float,
    *,
    against: Array | None = None,
    less: str | None = None,
    n_left_out: int = 0,
) -> CasesEvidence:
    """Return the evidence of the cases done as means.

    Parameters
    ----------
    method : str
    chosen, targets : int64 arrays, shape (n_asked,)
        Cases that were to be done, in this order, and the class explained in each.
    done : sequence of Evidence
        Of the first of them.
    made : EvidenceOptions
    seconds : float
    against : int64 array, shape (n_asked,), optional
        Class whose score is subtracted in each.
    less : str, optional
        How the sentence calls it.
    n_left_out : int
    """
    rows = [figures_of(one) for one in done]
    keys = dict.fromkeys(key for row in rows for key in row)
    scores = {key: np.array([row.get(key, np.nan) for row in rows]) for key in keys}
    means = {key: estimate(values, seed=made.seed) for key, values in scores.items()}
    found = [one.curves for one in done if one.curves is not None]
    said = deletion = insertion = None
    if found:
        deletion = _mean_curve([one.deletion for one in found], made.seed)
        insertion = _mean_curve([one.insertion for one in found], made.seed)
        said = cases_sentence(means, share=_top(found), settings=made, less=less)
    n = len(done)
    return CasesEvidence(
        method, chosen[:n], len(chosen), targets[:n], scores, means, deletion, insertion, said,
        asdict(made), seconds, None if against is None else against[:n], n_left_out,
    )  # fmt: skip


def _top(found: Sequence[Curves]) -> float:
    return float(np.mean([one.n_top / one.n_features for one in found]))


def _mean_curve(found: Sequence[Curve], seed: int) -> MeanCurve:
    """Return the mean of curves of cases that may differ in length, read at shares of `GRID`."""

    def mean(rows: Sequence[Array]) -> Estimates:
        pairs = zip(found, rows, strict=True)
        return estimates(
            np.stack([np.interp(GRID, one.share, row) for one, row in pairs]), seed=seed
        )

    return MeanCurve(
        found[0].kind, GRID, mean([one.score for one in found]),
        mean([one.reversed for one in found]), mean([one.random_mean for one in found]),
    )  # fmt: skip
