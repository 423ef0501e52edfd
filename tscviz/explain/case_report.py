"""What a report of one case tells: prediction, the model's own view, chosen maps, their specs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tscviz.explain.attention import attention_of
from tscviz.explain.evidence.agreement import native_method
from tscviz.explain.registry import check_case, explain, methods
from tscviz.explain.request import ExplainError
from tscviz.explain.segmentation import segment
from tscviz.explain.spec import DatasetCase, Spec, spec_of
from tscviz.models.classifier import Classifier
from tscviz.types import Array, Attribution, Segmentation


@dataclass(frozen=True, eq=False)
class ReportMap:
    """One map of a report.

    Parameters
    ----------
    attribution : Attribution
    options : mapping
        What was given to `tscviz.explain` for it.
    evidence : str or None
        One plain sentence on how far to trust it, such as `Evidence.sentence`.
    """

    attribution: Attribution
    options: Mapping[str, Any] = field(default_factory=dict)
    evidence: str | None = None


@dataclass(frozen=True, eq=False)
class NativeView:
    """What the model itself shows of a case.

    Parameters
    ----------
    attribution : Attribution
    segmentation : Segmentation or None
    attention : float32 array, shape (heads, n_timepoints), or None
        None also where the attention is over channels.
    """

    attribution: Attribution
    segmentation: Segmentation | None
    attention: Array | None


@dataclass(frozen=True, eq=False)
class CaseReport:
    """One case with what a model makes of it; `tscviz.figures.report.report_html` writes it.

    Parameters
    ----------
    title : str
    model, architecture : str
    classes : tuple of str
    x : float32 array, shape (n_channels, n_timepoints)
        As the model takes it.
    mask : bool array, shape (n_timepoints,), or None
    interpolated : bool array, shape (n_channels, n_timepoints), or None
    label : int or None
        Index of the true class.
    proba : float32 array, shape (n_classes,)
    target : int
        Class of the native view.
    native : NativeView or None
    maps : tuple of ReportMap
    specs : tuple of Spec
        Of `maps`.
    facts : mapping of str to str
        Rows of the table at the top, beside what is known from the rest.
    notes : tuple of str
        What was done to the series.
    """

    title: str
    model: str
    architecture: str
    classes: tuple[str, ...]
    x: Array
    mask: Array | None
    interpolated: Array | None
    label: int | None
    proba: Array
    target: int
    native: NativeView | None
    maps: tuple[ReportMap, ...]
    specs: tuple[Spec, ...]
    facts: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def n_points(self) -> int:
        """Time points without padding."""
        return self.x.shape[1] if self.mask is None else int(self.mask.sum())

    @property
    def predicted(self) -> int:
        """Index of the most probable class."""
        return int(self.proba.argmax())


def case_report(  # noqa: PLR0913
    classifier: Classifier,
    x: Array,
    maps: Sequence[ReportMap | Attribution | str],
    *,
    title: str,
    mask: Array | None = None,
    target: int | None = None,
    label: int | None = None,
    interpolated: Array | None = None,
    case: DatasetCase | None = None,
    model: str | None = None,
    notes: Sequence[str] = (),
) -> CaseReport:
    """Gather what a report of one case tells.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    maps : sequence of ReportMap, Attribution or str
        Maps that are there already, or names of methods to run with their defaults. What
        `tscviz.explain` returned counts as made without options of its method; give it with those
        it was made with as a `ReportMap`, or its specification gives another map.
    title : str
    mask : bool array, shape (n_timepoints,), optional
    target : int, optional
        Class that the native view and the named methods explain; the predicted one by default.
    label : int, optional
        Index of the true class.
    interpolated : bool array, shape (n_channels, n_timepoints), optional
    case : DatasetCase, optional
        Where the case comes from; goes into the specifications.
    model : str, optional
        Name of the model; the card's by default.
    notes : sequence of str
        What was done to the series.

    Returns
    -------
    CaseReport

    Raises
    ------
    ExplainError
        On a map, method, class or case that does not fit.
    """
    x, mask, target = check_case(classifier, x, mask, target)
    if mask is not None and bool(mask.all()):
        mask = None
    made = tuple(
        _as_map(
            explain(classifier, x, one, target=target, mask=mask) if isinstance(one, str) else one
        )
        for one in maps
    )
    specs = tuple(
        spec_of(
            classifier, x, one.attribution, mask=mask, options=one.options, case=case, model=model
        )
        for one in made
    )
    masks = None if mask is None else mask[None]
    card = classifier.card
    facts = (
        {}
        if case is None
        else {"Dataset": case.dataset, "Case": f"{case.number} of the {case.split} split"}
    )
    accuracy = card.get("metrics", {}).get("test_accuracy")
    if isinstance(accuracy, float):
        facts["Test accuracy"] = f"{100 * accuracy:.1f} %"
    return CaseReport(
        title=title,
        model=model or classifier.name,
        architecture=str(card.get("model", "model")),
        classes=classifier.classes,
        x=x,
        mask=mask,
        interpolated=None if interpolated is None else np.asarray(interpolated, bool),
        label=label,
        proba=classifier.predict_proba(x[None], masks)[0],
        target=target,
        native=_native(classifier, x, mask, target),
        maps=made,
        specs=specs,
        facts=facts,
        notes=tuple(notes),
    )


def _as_map(one: object) -> ReportMap:
    if isinstance(one, ReportMap):
        return one
    if isinstance(one, Attribution):
        return ReportMap(one)
    raise ExplainError(
        f"maps holds a {type(one).__name__}; give what tscviz.explain returned, a ReportMap (with "
        "the options it was made with) or the name of a method."
    )


def _native(classifier: Classifier, x: Array, mask: Array | None, target: int) -> NativeView | None:
    name = native_method(classifier)
    found = explain(classifier, x, name, target=target, mask=mask)
    parts = segment(classifier, x, mask) if "segments" in classifier.module.offers else None
    heads = None
    if methods()[name].needs == ("attention",):
        looked = attention_of(classifier, x[None], None if mask is None else mask[None])
        heads = looked.weights[0] if looked.over == "time" else None
    return NativeView(found, parts, heads)
