"""A method's evidence case by case: all at once, or a step at a time so that a page stays alive."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.evidence.cases import CasesEvidence, sum_up
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.parts import check_parts
from tscviz.explain.evidence.report import Evidence, gather, read_settings
from tscviz.explain.evidence.subject import Pace, Stopped, subject_of
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier, check_series
from tscviz.types import Array

#: For `against`: the likeliest class beside the one explained.
RUNNER_UP = "runner-up"


@dataclass(eq=False)
class CasesRun:
    """The evidence for a method over cases, gathered a case at a time; see `judge_cases`.

    Parameters
    ----------
    classifier, X, method, y, target, baseline, mask, usable, training, n_cases, parts, settings
        As in `judge_cases`.
    options : mapping
        Of the method.
    against
        As in `judge_cases`.

    Raises
    ------
    ExplainError
        On input that does not fit.

    Examples
    --------
    >>> run = CasesRun(classifier, X, "cam", n_cases=20)
    >>> while not run.finished:
    ...     run.step()
    >>> run.found().sentence
    'Over 20 cases deleting the top 10 % of points drops the mean probability ...'
    """

    classifier: Classifier
    X: Array
    method: str
    y: Array | None = None
    target: str | int = "predicted"
    baseline: str = "zero"
    mask: Array | None = None
    usable: Array | None = None
    training: TrainingSeries | None = None
    n_cases: int | None = None
    parts: Sequence[str] | None = ("curves",)
    settings: EvidenceOptions | Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    against: str | int | None = None
    done: list[Evidence] = field(default_factory=list, init=False)
    seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Check the settings, draw the cases, and find the class to explain in each."""
        self.made, self.names = read_settings(self.settings), check_parts(self.parts)
        self.X, self.mask = check_series(self.classifier.module, self.X, self.mask)
        self.chosen = sample(len(self.X), self.n_cases, self.made.seed)
        self.n_short = self._leave_out_short()
        self.targets = self._targets()
        self.rivals = self._rivals()
        self.n_left_out = self._leave_out()

    @property
    def n_asked(self) -> int:
        """Cases that are to be done."""
        return len(self.chosen)

    @property
    def finished(self) -> bool:
        """Whether every case is done."""
        return len(self.done) == self.n_asked

    def step(self, pace: Pace | None = None) -> None:
        """Gather the evidence of the next case.

        Raises
        ------
        ExplainError
            On a case that does not fit the method.
        Stopped
            Where `pace` asks for it; the case is then not done.
        """
        started, k = time.perf_counter(), len(self.done)
        i = int(self.chosen[k])
        subject = subject_of(
            self.classifier, self.X[i], self.method, target=int(self.targets[k]),
            against=None if self.rivals is None else int(self.rivals[k]), baseline=self.baseline,
            mask=None if self.mask is None else self.mask[i],
            usable=None if self.usable is None else self.usable[i], training=self.training,
            options=self.options,
        )  # fmt: skip
        own = replace(self.made, seed=self.made.seed + i)
        try:
            self.done.append(gather(subject, parts=self.names, settings=own, pace=pace))
        finally:
            self.seconds += time.perf_counter() - started

    def found(self) -> CasesEvidence:
        """Return the means over the cases done so far.

        Raises
        ------
        Stopped
            Where no case is done.
        """
        if not self.done:
            raise Stopped("stopped before the first case was done.")
        means = sum_up(
            self.method, self.chosen, self.targets, self.done, self.made, self.seconds,
            against=self.rivals, less=self._less(), n_left_out=self.n_left_out,
        )  # fmt: skip
        return replace(means, n_short=self.n_short)

    def _leave_out_short(self) -> int:
        """Leave out the cases with fewer than two points to change; return how many."""
        counted = np.ones((len(self.X), self.X.shape[-1]), bool)
        for marks in (self.mask, self.usable):
            counted &= True if marks is None else np.asarray(marks, bool)
        enough = counted[self.chosen].sum(-1) > 1
        if not enough.any():
            raise ExplainError("no case has two time points that were measured; choose others.")
        self.chosen = self.chosen[enough]
        return int((~enough).sum())

    def _targets(self) -> Array:
        X, mask = self.X[self.chosen], None if self.mask is None else self.mask[self.chosen]
        if self.target == "predicted":
            return self.classifier.predict(X, mask)
        if self.target == "true":
            if self.y is None:
                raise ExplainError("the true classes are to be explained; pass them as y.")
            return np.asarray(self.y)[self.chosen]
        if not isinstance(self.target, int):
            raise ExplainError(
                f"target is {self.target!r}; wanted predicted, true or a class index."
            )
        return np.full(len(X), self.target)

    def _rivals(self) -> Array | None:
        """Return the class whose score is subtracted in each case."""
        if self.against is None:
            return None
        if self.against == RUNNER_UP:
            X, mask = self.X[self.chosen], None if self.mask is None else self.mask[self.chosen]
            return runners_up(self.classifier, X, mask, self.targets)
        n_classes = len(self.classifier.classes)
        if not isinstance(self.against, int) or not 0 <= self.against < n_classes:
            raise ExplainError(
                f"against is {self.against!r}; wanted {RUNNER_UP} or a class index from 0 to "
                f"{n_classes - 1}."
            )
        return np.full(len(self.chosen), self.against)

    def _leave_out(self) -> int:
        """Leave out the cases whose class would be subtracted from itself; return how many."""
        if self.rivals is None:
            return 0
        apart = self.rivals != self.targets
        if not apart.any():
            raise ExplainError(
                f"the class explained is {self.classifier.classes[int(self.targets[0])]!r} in "
                "every case, which cannot be held against itself; choose another class."
            )
        self.chosen, self.targets = self.chosen[apart], self.targets[apart]
        self.rivals = self.rivals[apart]
        return int((~apart).sum())

    def _less(self) -> str | None:
        """Return what the sentence calls the class subtracted."""
        if self.against is None:
            return None
        if self.against == RUNNER_UP:
            return "the runner-up"
        return self.classifier.classes[int(self.against)]


def judge_cases(  # noqa: PLR0913
    classifier: Classifier,
    X: Array,
    method: str,
    *,
    y: Array | None = None,
    target: str | int = "predicted",
    against: str | int | None = None,
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
    against : {"runner-up"} or int, optional
        Class whose score is subtracted: in each case the likeliest one beside the class explained,
        or always the same one. Cases whose class it is are then left out.
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
    run = CasesRun(
        classifier, X, method, y, target, baseline, mask, usable, training, n_cases, parts,
        settings, options, against,
    )  # fmt: skip
    while not run.finished:
        try:
            run.step(Pace(should_stop=should_stop))
        except Stopped:
            break
        if on_progress is not None:
            on_progress(len(run.done), run.n_asked)
    return run.found()


def runners_up(classifier: Classifier, X: Array, mask: Array | None, targets: Array) -> Array:
    """Return the likeliest class of each case beside its target.

    Parameters
    ----------
    classifier : Classifier
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), or None
    targets : int array, shape (n_cases,)
        Class indices.

    Returns
    -------
    int64 array, shape (n_cases,)
        Class indices.
    """
    scores = np.array(classifier.logits(X, mask))
    scores[np.arange(len(scores)), targets] = -np.inf
    return scores.argmax(1)


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
