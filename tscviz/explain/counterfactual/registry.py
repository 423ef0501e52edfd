"""Ways to a counterfactual by name, and the function that runs one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tscviz.explain.baselines import TrainingSeries, training_series
from tscviz.explain.counterfactual.result import Counterfactual, Subject
from tscviz.explain.registered import Registered
from tscviz.explain.registry import check_case, class_number
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.options import make_options
from tscviz.types import Array, TscvizError

_METHODS: Registered[CounterfactualMethod] = Registered(
    "tscviz.explain.counterfactual", ("native_guide", "minimal_change")
)


@dataclass(frozen=True)
class CounterfactualMethod:
    """One way to a counterfactual.

    Parameters
    ----------
    name, title, summary : str
    options : dataclass type
    run : callable
        ``run(subject, options)`` gives a `Counterfactual`.
    needs_training : bool
        Whether it cannot do without training cases.
    """

    name: str
    title: str
    summary: str
    options: type
    run: Callable[[Subject, Any], Counterfactual]
    needs_training: bool


def register(method: CounterfactualMethod) -> None:
    """Add a method to the registry."""
    _METHODS.add(method)


def counterfactual_methods() -> dict[str, CounterfactualMethod]:
    """Return all methods by name."""
    return _METHODS.all()


def counterfactual(
    classifier: Classifier,
    x: Array,
    method: str = "native_guide",
    *,
    target: int | None = None,
    mask: Array | None = None,
    training: TrainingSeries | None = None,
    **options: Any,
) -> Counterfactual:
    """Change one case so that its predicted class changes.

    Parameters
    ----------
    classifier : Classifier
        Not touched: gradients are taken on a clone.
    x : float32 array, shape (n_channels, n_timepoints)
    method : str
        A name of `counterfactual_methods`.
    target : int, optional
        Class to reach; any other than the predicted one by default.
    mask : bool array, shape (n_timepoints,), optional
        Padding is False and stays zero.
    training : TrainingSeries, optional
        The model's own training split by default.
    **options
        Fields of the method's option class.

    Returns
    -------
    Counterfactual
        With ``flipped`` False and the reason in ``message`` where no flip was found.

    Raises
    ------
    ExplainError
        On an unknown method, or a target that is no class or the class the case has already.
    TscvizError
        Where training cases are needed and cannot be had.
    """
    known = counterfactual_methods()
    if method not in known:
        raise ExplainError(f"there is no method {method!r}; the methods are: {', '.join(known)}.")
    entry = known[method]
    made = make_options(entry.options, options, of=f"method {method}")
    x, mask, source = check_case(classifier, x, mask)
    if target is not None:
        _check_target(classifier, target, source)
    lacking = ""
    if training is None:
        training, lacking = _found(classifier, needed=entry.needs_training)
    done = entry.run(Subject(classifier, x, mask, source, target, training), made)
    if not lacking:
        return done
    return replace(done, message=f"{done.message} Not compared with the training data: {lacking}")


def _found(classifier: Classifier, *, needed: bool) -> tuple[TrainingSeries | None, str]:
    try:
        return training_series(classifier), ""
    except TscvizError as error:
        if needed:
            raise
        return None, str(error)


def _check_target(classifier: Classifier, target: int, source: int) -> None:
    n_classes = len(classifier.classes)
    if class_number(target, "target") not in range(n_classes):
        raise ExplainError(f"target is {target}; the classes are numbered 0 to {n_classes - 1}.")
    if int(target) == source:
        raise ExplainError(
            f"the case is predicted as {classifier.classes[source]} already; choose another target."
        )
