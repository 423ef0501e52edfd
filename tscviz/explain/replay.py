"""Make the map of a specification again, and tell whether it is the same."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from tscviz.explain.registry import explain
from tscviz.explain.request import ExplainError
from tscviz.explain.spec import DatasetCase, SeriesCase, Spec, case_digest, values_digest, versions
from tscviz.models import list_pretrained, load_model
from tscviz.models.classifier import Classifier
from tscviz.types import Array, Attribution


@dataclass(frozen=True, eq=False)
class Replay:
    """A map made again.

    Parameters
    ----------
    attribution : Attribution
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), or None
    identical : bool
        Whether every value equals the first one's to the bit.
    notes : tuple of str
        What is another version here than there.
    """

    attribution: Attribution
    classifier: Classifier
    x: Array
    mask: Array | None
    identical: bool
    notes: tuple[str, ...]


def replay(
    spec: Spec,
    classifier: Classifier | None = None,
    *,
    archive: str | os.PathLike[str] | None = None,
) -> Replay:
    """Make the map of a specification again.

    On one machine with the same versions and the same number of threads the numbers are the same
    to the bit; elsewhere they can differ in the last digits, and `Replay.identical` says so.

    Parameters
    ----------
    spec : Spec
        From `tscviz.explain.spec_reading.read_spec` or `tscviz.explain.spec.spec_of`.
    classifier : Classifier, optional
        The model, where it is not a bundled one: a specification's name is never used as a path.
    archive : path, optional
        Archive folder of the dataset. Default: the environment variable ``TSCVIZ_ARCHIVE``.

    Raises
    ------
    ExplainError
        Where the model or the case is another one than in the specification, or not to be found.
    TscvizError
        Where the dataset cannot be loaded.
    """
    clf = _model(spec, classifier)
    x, mask = _case(spec, archive)
    found_digest = case_digest(x, mask)
    if found_digest != spec.case_digest:
        raise ExplainError(
            f"{_name(spec.case)} has the digest {found_digest[:12]}… and the specification wants "
            f"{spec.case_digest[:12]}…: these are other values, or values prepared in another way."
        )
    found = explain(
        clf,
        x,
        spec.method,
        target=_class(clf, spec.target, "target"),
        against=None if spec.against is None else _class(clf, spec.against, "against"),
        baseline="zero" if spec.baseline == "none" else spec.baseline,
        mask=mask,
        **spec.all_options(),
    )
    here = versions()
    notes = tuple(
        f"{name} is {here[name]} here and was {wanted}"
        for name, wanted in spec.versions.items()
        if here[name] != wanted
    )
    same = values_digest(found.values) == spec.result_digest
    return Replay(found, clf, x, mask, same, notes)


def _model(spec: Spec, classifier: Classifier | None) -> Classifier:
    if classifier is None:
        if spec.model not in list_pretrained():
            raise ExplainError(
                f"the specification's model {spec.model[:80]!r} is not a bundled one; give the "
                "model itself (on the command line its folder, before --spec)."
            )
        classifier = load_model(spec.model)
    if classifier.digest != spec.model_digest:
        raise ExplainError(
            f"the model {classifier.name} has the digest {classifier.digest[:12]}… and the "
            f"specification wants {spec.model_digest[:12]}…: these are other weights; give the "
            "model that made the map."
        )
    return classifier


def _case(spec: Spec, archive: str | os.PathLike[str] | None) -> tuple[Array, Array | None]:
    """Return the case with its padding, and its mask where there is any."""
    own = spec.case.series if isinstance(spec.case, SeriesCase) else _of_dataset(spec.case, archive)
    if not spec.padding:
        return own, None
    mask = np.arange(own.shape[1] + spec.padding) < own.shape[1]
    return np.pad(own, ((0, 0), (0, spec.padding))), mask


def _of_dataset(case: DatasetCase, archive: str | os.PathLike[str] | None) -> Array:
    from tscviz.data import Preparation, load_dataset, prepare

    X, _, mask = load_dataset(case.dataset, archive).split(case.split)
    if case.number >= len(X):
        raise ExplainError(
            f"the specification wants case {case.number} and the {case.split} split of "
            f"{case.dataset} has the cases 0 to {len(X) - 1}."
        )
    i = slice(case.number, case.number + 1)
    done = prepare(X[i], mask[i], Preparation.from_dict(case.preparation))
    return done.X[0, :, : int(done.mask[0].sum())]


def _name(case: DatasetCase | SeriesCase) -> str:
    if isinstance(case, SeriesCase):
        return "the series in the specification"
    return f"case {case.number} of the {case.split} split of {case.dataset}"


def _class(classifier: Classifier, name: str, what: str) -> int:
    if name not in classifier.classes:
        known = ", ".join(classifier.classes)
        raise ExplainError(
            f"the specification's {what} is {name[:60]!r}; the classes of {classifier.name} are: "
            f"{known}."
        )
    return classifier.classes.index(name)
