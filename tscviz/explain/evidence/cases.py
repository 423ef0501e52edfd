"""The evidence for a method over many cases: means with confidence intervals."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.evidence.curves import Curve, Curves
from tscviz.explain.evidence.intervals import Estimate, Estimates, estimate, estimates
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.parts import check_parts
from tscviz.explain.evidence.report import Evidence, figures_of, gather, read_settings
from tscviz.explain.evidence.subject import Pace, Stopped, subject_of
from tscviz.explain.evidence.words import cases_sentence
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier, check_series
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

    @property
    def stopped(self) -> bool:
        """Whether the run was stopped before its last case."""
        return len(self.cases) < self.n_asked


def judge_cases(  # noqa: PLR0913
    classifier: Classifier,
    X: Array,
    method: str,
    *,
    y: Array | None = None,
    target: str | int = "predicted",
    baseline: str = "zero",
    mask: Array | None = None,
    usable: Array | None = None,
    training: TrainingSeries | None = None,
    n_cases: int | None = None,
    parts: Sequence[str] | None = ("curves",),
    settings: EvidenceOptions | Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    **options: Any,
) -> CasesEvidence:
    """Gather the evidence for a method over all cases, or over a random sample of them.

    Parameters
    ----------
    classifier : Classifier
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    method : str
    y : int array, shape (n_cases,), optional
        True classes, for ``target="true"``.
    target : {"predicted", "true"} or int
        Class to explain.
    baseline : str
        Of the method.
    mask : bool array, shape (n_cases, n_timepoints), optional
        Padding is False.
    usable : bool array, shape (n_cases, n_timepoints), optional
        Interpolated points are False.
    training : TrainingSeries, optional
    n_cases : int, optional
        Size of the sample, drawn by the seed of the settings; all cases by default.
    parts : sequence of str, optional
        Names of `PARTS`; the curves by default, all for None.
    settings : EvidenceOptions or mapping, optional
        Case number i has its own seed, that of the settings plus i.
    on_progress : callable, optional
        ``on_progress(done, n_cases)`` after every case.
    should_stop : callable, optional
        Asked all the time; what is done until then is returned.
    **options
        Of the method.

    Returns
    -------
    CasesEvidence

    Raises
    ------
    ExplainError
        On input that does not fit.
    Stopped
        Where it is stopped before the first case is done.
    """
    started = time.perf_counter()
    made, names = read_settings(settings), check_parts(parts)
    X, mask = check_series(classifier.module, X, mask)
    chosen = sample(len(X), n_cases, made.seed)
    targets = _targets(classifier, X[chosen], mask, chosen, y, target)
    done: list[Evidence] = []
    for i, k in zip(chosen, targets, strict=True):
        subject = subject_of(
            classifier, X[i], method, target=int(k), baseline=baseline,
            mask=None if mask is None else mask[i], usable=None if usable is None else usable[i],
            training=training, options=options,
        )  # fmt: skip
        own, pace = replace(made, seed=made.seed + int(i)), Pace(should_stop=should_stop)
        try:
            done.append(gather(subject, parts=names, settings=own, pace=pace))
        except Stopped:
            if not done:
                raise
            break
        if on_progress is not None:
            on_progress(len(done), len(chosen))
    return _sum_up(method, chosen, targets, done, made, time.perf_counter() - started)


def sample(n_all: int, n_cases: int | None, seed: int) -> Array:
    """Return the numbers of the cases to take, ascending.

    Raises
    ------
    ExplainError
        Where there is none, or fewer than one is asked for.
    """
    if n_all < 1 or (n_cases is not None and n_cases < 1):
        raise ExplainError(f"{n_cases} of {n_all} cases asked for; there must be at least one.")
    if n_cases is None or n_cases >= n_all:
        return np.arange(n_all)
    return np.sort(np.random.default_rng(seed).choice(n_all, n_cases, replace=False))


def _targets(
    classifier: Classifier,
    X: Array,
    mask: Array | None,
    chosen: Array,
    y: Array | None,
    target: str | int,
) -> Array:
    if target == "predicted":
        return classifier.predict(X, None if mask is None else mask[chosen])
    if target == "true":
        if y is None:
            raise ExplainError("the true classes are to be explained; pass them as y.")
        return np.asarray(y)[chosen]
    if not isinstance(target, int):
        raise ExplainError(f"target is {target!r}; wanted predicted, true or a class index.")
    return np.full(len(X), target)


def _sum_up(
    method: str,
    chosen: Array,
    targets: Array,
    done: Sequence[Evidence],
    made: EvidenceOptions,
    seconds: float,
) -> CasesEvidence:
    rows = [figures_of(one) for one in done]
    keys = dict.fromkeys(key for row in rows for key in row)
    scores = {key: np.array([row.get(key, np.nan) for row in rows]) for key in keys}
    means = {key: estimate(values, seed=made.seed) for key, values in scores.items()}
    found = [one.curves for one in done if one.curves is not None]
    said = deletion = insertion = None
    if found:
        deletion = _mean_curve([one.deletion for one in found], made.seed)
        insertion = _mean_curve([one.insertion for one in found], made.seed)
        said = cases_sentence(means, share=_top(found), settings=made)
    n = len(done)
    return CasesEvidence(
        method, chosen[:n], len(chosen), targets[:n], scores, means, deletion, insertion, said,
        asdict(made), seconds,
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
