"""The case and the map that evidence is about, and the points that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tscviz.explain.baselines import TrainingSeries, training_series
from tscviz.explain.registry import answered, asked, check_case, find_method, methods
from tscviz.explain.request import ExplainError, Request, counted_points
from tscviz.models.classifier import Classifier
from tscviz.types import Array, Attribution


class Stopped(Exception):  # noqa: N818  (an order, not an error)
    """The caller asked to stop before the end."""


@dataclass
class Pace:
    """Tells how far a computation is, and whether to go on.

    Parameters
    ----------
    total : int
    on_progress : callable, optional
        ``on_progress(done, total)`` after every step.
    should_stop : callable, optional
        Asked before every step; `Stopped` is raised once it returns True.
    """

    total: int = 0
    on_progress: Callable[[int, int], None] | None = None
    should_stop: Callable[[], bool] | None = None
    done: int = 0

    def check(self) -> None:
        """Raise `Stopped` where the caller asks for it."""
        if self.should_stop is not None and self.should_stop():
            raise Stopped("stopped before the end, as asked.")

    def tick(self) -> None:
        """Count one step, and raise `Stopped` where the caller asks for it."""
        self.done += 1
        if self.on_progress is not None:
            self.on_progress(self.done, max(self.total, self.done))
        self.check()


@dataclass(frozen=True, eq=False)
class Subject:
    """A case, the class explained and how its map is made; from `subject_of`.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), or None
    counted : bool array, shape (n_points,)
        Points of the case without padding; False where a value was interpolated.
    method : str
    target : int
    against : int or None
    baseline : str
        Of the method.
    training : TrainingSeries or None
    options : mapping
        Of the method.
    """

    classifier: Classifier
    x: Array
    mask: Array | None
    counted: Array
    method: str
    target: int
    against: int | None = None
    baseline: str = "zero"
    training: TrainingSeries | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> Array:
        """The case without padding, float32, shape (n_channels, n_points)."""
        return self.x[:, : len(self.counted)]

    def request(self, *, baseline: str | None = None) -> Request:
        """Return the case as explanation methods get it, e.g. with another reference."""
        return Request(
            self.classifier, self.x, self.mask, self.target, baseline or self.baseline, None,
            self.against, self.training,
        )  # fmt: skip

    def explain(
        self,
        *,
        case: Array | None = None,
        classifier: Classifier | None = None,
        reference_seed: int = 0,
        **options: Any,
    ) -> Attribution:
        """Make the map again: of a changed case, by a changed network, with other options.

        Parameters
        ----------
        case : float32 array, shape (n_channels, n_points), optional
            Without padding.
        classifier : Classifier, optional
        reference_seed : int
            Of a baseline that is drawn; 0 is that of `tscviz.explain`.
        **options
            Take the place of the subject's own.
        """
        x = self.x
        if case is not None:
            x = x.copy()
            x[:, : len(self.counted)] = case
        explainer, request = asked(
            classifier or self.classifier, x, self.method, target=self.target,
            against=self.against, baseline=self.baseline, mask=self.mask, training=self.training,
            **{**self.options, **options},
        )  # fmt: skip
        return answered(explainer, replace(request, reference_seed=reference_seed))

    def with_training(self) -> Subject:
        """Return the subject with the model's own training cases, where its method may need them.

        A randomised or changed network has another digest: without this, the training split
        would be loaded anew for each of them.
        """
        if self.training is not None or not methods()[self.method].uses_baseline:
            return self
        if "name" not in (self.classifier.card.get("dataset") or {}):
            return self  # a baseline that needs training cases then says so itself
        return replace(self, training=training_series(self.classifier))


def subject_of(  # noqa: PLR0913
    classifier: Classifier,
    x: Array,
    method: str,
    *,
    target: int | None = None,
    against: int | None = None,
    baseline: str = "zero",
    mask: Array | None = None,
    usable: Array | None = None,
    training: TrainingSeries | None = None,
    options: Mapping[str, Any] | None = None,
) -> Subject:
    """Check a case and say which of its points count.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    method : str
        A name of `tscviz.explain.methods`.
    target, against, baseline, mask, training
        As in `tscviz.explain.explain`.
    usable : bool array, shape (n_timepoints,), optional
        False on interpolated points.
    options : mapping, optional
        Of the method.

    Returns
    -------
    Subject
        What the parts of the evidence take, one by one.

    Raises
    ------
    ExplainError
        On an unknown method, on a case or class that does not fit, or where fewer than two points
        count.
    """
    find_method(method)
    x, mask, target = check_case(classifier, x, mask, target)
    return Subject(
        classifier, x, mask, counted_points(x, mask, usable), method, target, against, baseline,
        training, dict(options or {}),
    )  # fmt: skip


def subject_for(
    classifier: Classifier,
    x: Array,
    attribution: Attribution,
    *,
    mask: Array | None = None,
    usable: Array | None = None,
    training: TrainingSeries | None = None,
) -> Subject:
    """Return the subject of a map that is there already.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
        The case explained.
    attribution : Attribution
        Its map; method, classes and baseline are taken from it, the method's options are not.
    mask : bool array, shape (n_timepoints,), optional
    usable : bool array, shape (n_timepoints,), optional
        False on interpolated points.
    training : TrainingSeries, optional
        For the baselines that need training cases; the model's own training split by default.

    Returns
    -------
    Subject

    Raises
    ------
    ExplainError
        As `subject_of`, and where the map has another shape than the case.
    """
    check_map(attribution, np.shape(x))
    return subject_of(
        classifier, x, attribution.method, target=attribution.target,
        against=attribution.against, mask=mask, usable=usable, training=training,
        baseline="zero" if attribution.baseline == "none" else attribution.baseline,
    )  # fmt: skip


def check_map(attribution: Attribution, shape: tuple[int, ...]) -> None:
    """Raise `ExplainError` where a map does not belong to a case of this shape."""
    if attribution.values.shape != tuple(shape):
        raise ExplainError(
            f"the map has shape {attribution.values.shape} and the case {tuple(shape)}; they must "
            "be of the same case."
        )
    if not np.isfinite(attribution.values).all():
        raise ExplainError("the map holds values that are not finite, which cannot be ranked.")


def features_of(attribution: Attribution, counted: Array, per: str) -> Array:
    """Return what is ranked, without padding and interpolated points, float64.

    Parameters
    ----------
    attribution : Attribution
    counted : bool array, shape (n_points,)
    per : {"time", "point"}

    Returns
    -------
    array, shape (n_counted,) or (n_channels * n_counted,)
        "time": the values of a time point summed over the channels; "point": channel by channel.
    """
    values = attribution.values[:, : len(counted)][:, counted].astype(np.float64)
    return values.sum(0) if per == "time" else values.ravel()
