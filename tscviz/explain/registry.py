"""Explanation methods by name: one file each, which calls `register` and stands in `_FILES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, SupportsIndex, cast

import numpy as np

from tscviz.explain.baselines import BASELINES, TrainingSeries
from tscviz.explain.registered import Registered
from tscviz.explain.request import ExplainError, Request
from tscviz.models.classifier import Classifier, check_series
from tscviz.options import did_you_mean, make_options
from tscviz.types import Array, Attribution

_FILES = (
    "cam",
    "occlusion",
    "attention",
    "receptive_field_cam",
    "gradient.saliency",
    "gradient.input_x_gradient",
    "gradient.integrated_gradients",
    "gradient.gradient_shap",
    "gradient.deep_lift",
    "gradient.deep_lift_shap",
    "gradient.guided_backprop",
    "gradient.smooth_grad",
    "gradient.grad_cam",
    "perturbation.feature_ablation",
    "perturbation.shapley_sampling",
    "perturbation.kernel_shap",
    "perturbation.lime",
)
_METHODS: Registered[Explainer] = Registered("tscviz.explain", _FILES)


@dataclass(frozen=True)
class Explainer:
    """One explanation method and what it declares of itself.

    Parameters
    ----------
    name, title, summary : str
    needs : tuple of str
        What the network must offer; see `SeriesModule.offers`.
    signed : bool
        Whether negative values speak against the class.
    uses_baseline : bool
        Whether the map depends on a reference input.
    cost : str
        "cheap" (a pass or two), "moderate" (tens) or "dear" (hundreds).
    options : dataclass type
    run : callable
        ``run(request)`` gives values of shape (n_channels, n_timepoints) and details.
    unfit : callable, optional
        ``unfit(classifier)`` gives a reason why the method does not apply, beside its needs.
    contrasts : bool
        Whether it can explain the difference of two classes.
    """

    name: str
    title: str
    summary: str
    needs: tuple[str, ...]
    signed: bool
    uses_baseline: bool
    cost: str
    options: type
    run: Callable[[Request], tuple[Array, Mapping[str, Any]]]
    unfit: Callable[[Classifier], str | None] | None = None
    contrasts: bool = True

    def obstacle(self, classifier: Classifier) -> str | None:
        """Return why this method does not apply to the classifier, or None where it does."""
        missing = [need for need in self.needs if need not in classifier.module.offers]
        if not missing:
            return None if self.unfit is None else self.unfit(classifier)
        what = _NEEDS.get(missing[0], repr(missing[0]))
        return f"{self.title} needs {what}, and {classifier.name} has none."


#: Words of `SeriesModule.offers`, for people.
_NEEDS = {
    "cam": "a hidden series over time under a pooling layer (a CAM layer)",
    "segments": "a temporal pooling layer",
    "sparse": "sparse layers",
    "prototypes": "learned segment prototypes",
    "attention": "an attention over the series",
    "branches": "a recurrent and a convolutional branch side by side",
    "multi_length": "filters of several lengths side by side",
}


def register(explainer: Explainer) -> None:
    """Add a method to the registry."""
    _METHODS.add(explainer)


def methods() -> dict[str, Explainer]:
    """Return all methods by name, those of the models first."""
    return _METHODS.all()


def explain(
    classifier: Classifier,
    x: Array,
    method: str,
    *,
    target: int | None = None,
    against: int | None = None,
    baseline: str = "zero",
    mask: Array | None = None,
    training: TrainingSeries | None = None,
    **options: Any,
) -> Attribution:
    """Explain one case.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    method : str
        A name of `methods`, e.g. "cam".
    target : int, optional
        Class index; the predicted class by default.
    against : int, optional
        Class index whose score is subtracted: what speaks for `target` rather than for this one.
    baseline : str
        Reference input of the methods that use one; a name of `BASELINES`.
    mask : bool array, shape (n_timepoints,), optional
        Padding is False, and gets zero.
    training : TrainingSeries, optional
        For the baselines that need training cases; the model's own training split by default.
    **options
        Fields of the method's option class.

    Returns
    -------
    Attribution
        ``values.shape == x.shape``.

    Raises
    ------
    ExplainError
        On an unknown method or baseline, one that does not apply, or a class out of range.
    ModelError
        On a case that the network cannot take.
    """
    explainer, request = asked(
        classifier, x, method, target=target, against=against, baseline=baseline, mask=mask,
        training=training, **options,
    )  # fmt: skip
    return answered(explainer, request)


def asked(
    classifier: Classifier,
    x: Array,
    method: str,
    *,
    target: int | None = None,
    against: int | None = None,
    baseline: str = "zero",
    mask: Array | None = None,
    training: TrainingSeries | None = None,
    **options: Any,
) -> tuple[Explainer, Request]:
    """Check what `explain` is asked; parameters and errors are its own."""
    check_classifier(classifier)
    explainer = find_method(method)
    obstacle = explainer.obstacle(classifier)
    if obstacle is not None:
        raise ExplainError(obstacle)
    if baseline not in BASELINES:
        raise ExplainError(
            f"there is no baseline {baseline!r}; the baselines are: {', '.join(BASELINES)}."
            f"{did_you_mean(baseline, BASELINES)}"
        )
    made = make_options(explainer.options, options, of=f"method {method}")
    x, mask, target = check_case(classifier, x, mask, target)
    _check_against(explainer, against, target, classifier.classes)
    return explainer, Request(classifier, x, mask, target, baseline, made, against, training)


def answered(explainer: Explainer, request: Request) -> Attribution:
    """Return the map of a request."""
    values, details = explainer.run(request)
    return Attribution(
        values.astype(np.float32),
        explainer.name,
        request.target,
        request.baseline if explainer.uses_baseline else "none",
        explainer.signed,
        dict(details),
        request.against,
    )


def find_method(name: str) -> Explainer:
    """Return the method called `name`.

    Raises
    ------
    ExplainError
        Where there is none.
    """
    known = methods()
    if name not in known:
        raise ExplainError(
            f"there is no method {name!r}; the methods are: {', '.join(known)}."
            f"{did_you_mean(name, known)}"
        )
    return known[name]


def _check_against(
    explainer: Explainer, against: int | None, target: int, classes: Sequence[str]
) -> None:
    if against is None:
        return
    if not explainer.contrasts:
        raise ExplainError(f"{explainer.title} does not depend on the class; leave `against` out.")
    if class_number(against, "against") not in range(len(classes)):
        raise ExplainError(
            f"against is {against}; the classes are numbered 0 to {len(classes) - 1}."
        )
    if int(against) == target:
        raise ExplainError(
            f"against is the target itself, class {classes[target]!r}; wanted another class than "
            f"the target {target}, of {', '.join(classes)}."
        )


def check_classifier(classifier: object) -> None:
    """Refuse what is no trained network, such as its name or an estimator around it."""
    if not isinstance(classifier, Classifier):
        own = hasattr(classifier, "classifier_")
        hint = "its attribute classifier_" if own else "what tscviz.load_model(NAME) returns"
        raise ExplainError(
            f"a {type(classifier).__name__} stands where a trained network belongs; give {hint}."
        )


def class_number(value: object, what: str) -> int:
    """Return a class as an index; a name that looks like a number must never pass for one."""
    try:
        return index(cast("SupportsIndex", value))
    except TypeError:
        raise ExplainError(
            f"{what} is {value!r}; give the number of a class, counted from 0, such as "
            "classifier.classes.index(NAME)."
        ) from None


def check_case(
    classifier: Classifier, x: Array, mask: Array | None, target: int | None = None
) -> tuple[Array, Array | None, int]:
    """Check one case and its target class; the target defaults to the predicted class."""
    x = np.asarray(x, dtype=np.float32)
    if x.ndim != 2:
        raise ExplainError(f"one case has shape (n_channels, n_timepoints); found {x.shape}.")
    masks = None if mask is None else np.asarray(mask, dtype=bool)[None]
    x = check_series(classifier.module, x[None], masks)[0][0]
    n_classes = len(classifier.classes)
    if target is None:
        target = int(classifier.predict(x[None], masks)[0])
    if class_number(target, "target") not in range(n_classes):
        raise ExplainError(f"target is {target}; the classes are numbered 0 to {n_classes - 1}.")
    return x, None if masks is None else masks[0], int(target)
