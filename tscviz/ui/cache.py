"""Everything slow, done once: datasets, models, predictions, segmentations, attributions.

Streamlit hashes large arrays by a sample of their values, so an array is never a key here: keys
are names and our own digests; arrays and models are passed with a leading underscore. Every cache
has an upper bound. What comes out is shared by all sessions: do not change it in place.

The functions that take names serve the catalogue; ``*_of`` take any series, such as an upload, and
a `key` that tells them apart (a digest).
"""

# ruff: noqa: ARG001  (arguments that only serve as keys of a cache)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from tscviz.data.planted_names import is_planted
from tscviz.types import Array, Attribution, Dataset, Segmentation, TscvizError
from tscviz.ui import library
from tscviz.ui.selection import Catalogue, Selection, Shape

if TYPE_CHECKING:
    from tscviz.data import DatasetInfo, Planted, Prepared
    from tscviz.models import Classifier


@dataclass(frozen=True, eq=False)
class Case:
    """One case of a dataset, as the model takes it.

    Parameters
    ----------
    filled : bool array, shape (n_channels, n_timepoints)
        True where a value was missing, and has been filled in.
    x : float32 array, shape (n_channels, n_timepoints)
        Prepared for the model.
    mask : bool array, shape (n_timepoints,)
    label : int
        Index of the true class.
    proba : float32 array, shape (n_classes,)
    """

    filled: Array
    x: Array
    mask: Array
    label: int
    proba: Array

    @property
    def predicted(self) -> int:
        """Index of the most probable class."""
        return int(self.proba.argmax())


# ---- what there is


@st.cache_resource(max_entries=1, ttl=10, show_spinner=False)
def models() -> dict[str, library.ModelEntry]:
    """Return the models that can be chosen, by name; newly trained ones appear within 10 s."""
    return {entry.name: entry for entry in library.list_models()}


def dataset_infos() -> dict[str, DatasetInfo]:
    """Return the datasets at hand, by name: bundled, archive folder, downloaded; then planted.

    Planted problems are endless: those that a model was trained on are told.
    """
    names = sorted({entry.dataset for entry in models().values() if is_planted(entry.dataset)})
    planted = {name: info for name in names if (info := _planted_info(name)) is not None}
    return _stored_infos() | planted


@st.cache_resource(max_entries=1, ttl=60, show_spinner=False)
def _stored_infos() -> dict[str, DatasetInfo]:
    from tscviz.data import list_datasets

    return {info.name: info for info in list_datasets()}


@st.cache_resource(max_entries=256, show_spinner=False)
def _planted_info(name: str) -> DatasetInfo | None:
    """Return what a planted problem's name tells; None where it is not one that can be made."""
    from tscviz.data import DatasetInfo
    from tscviz.data.planted_names import planted_options

    try:
        options = planted_options(name)
    except TscvizError:
        return None
    kind = "uni" if options.channels == 1 else "multi"
    length = options.length if options.least == options.length else None
    return DatasetInfo(name, "synthetic", kind, options.channels, length, options.classes)


def refresh() -> None:
    """Look for datasets and models anew; call it after a download or a finished training."""
    models.clear()
    _stored_infos.clear()


def catalogue() -> Catalogue:
    """Return all that can be selected; models whose dataset is not at hand are left out."""
    names = tuple(name for name, info in dataset_infos().items() if info.error is None)
    entries = [entry for entry in models().values() if entry.dataset in names]
    trained_on = {entry.name: entry.dataset for entry in entries}
    kinds = {entry.name: entry.architecture for entry in entries}
    return Catalogue(names, trained_on, shape_of, kinds)


def dataset(name: str) -> Dataset:
    """Return a dataset by its name in the catalogue, or that of a planted problem."""
    return planted(name).dataset if is_planted(name) else _dataset(name)


@st.cache_resource(max_entries=12, show_spinner="Reading the dataset …")
def _dataset(name: str) -> Dataset:
    from tscviz.data import load_dataset

    return load_dataset(name)


@st.cache_resource(max_entries=8, show_spinner="Planting …")
def planted(name: str) -> Planted:
    """Return a planted problem by its name: the dataset, and where its cues are."""
    from tscviz.data import planted_problem

    return planted_problem(name)


def shape_of(name: str) -> Shape:
    """Return the numbers of cases and the class names of a dataset."""
    data = dataset(name)
    return Shape(len(data.y_train), len(data.y_test), data.class_names)


def classifier(name: str) -> Classifier:
    """Return a model by its name in the catalogue."""
    entry = models()[name]
    return _classifier(entry.folder, entry.sha256)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …")
def _classifier(folder: str, sha256: str) -> Classifier:
    from tscviz.models import load_model

    return load_model(folder)


# ---- what a model makes of a dataset


def prepared(model: str, dataset_name: str, split: str) -> Prepared:
    """Return a split as the model takes it, with a note on every step."""
    clf, data = classifier(model), dataset(dataset_name)
    X, _, mask = data.split(split)
    return prepared_of((data.digest, split), clf.digest, X, mask, clf)


def probabilities(model: str, dataset_name: str, split: str) -> Array:
    """Return the class probabilities of a whole split, shape (n_cases, n_classes)."""
    clf, ready = classifier(model), prepared(model, dataset_name, split)
    key = (dataset(dataset_name).digest, split)
    return probabilities_of(key, clf.digest, ready.X, ready.mask, clf)


def case(selection: Selection) -> Case:
    """Return the selected case; the selection must have a model."""
    if selection.model is None:
        raise ValueError("the selection has no model")
    _, y, _ = dataset(selection.dataset).split(selection.split)
    ready = prepared(selection.model, selection.dataset, selection.split)
    proba = probabilities(selection.model, selection.dataset, selection.split)
    i = selection.case
    return Case(ready.interpolated[i], ready.X[i], ready.mask[i], int(y[i]), proba[i])


def segmentation(selection: Selection) -> Segmentation:
    """Return how the selected model divides the selected case."""
    clf, one = classifier(str(selection.model)), case(selection)
    return segmentation_of(case_key(selection), clf.digest, one.x, one.mask, clf)


def attribution(
    selection: Selection, method: str = "cam", *, target: int, **options: Any
) -> Attribution:
    """Return one explanation of the selected case for one class.

    Parameters
    ----------
    selection : Selection
    method : str
        A name of `tscviz.explain`.
    target : int
        Index of the class.
    **options
        Of the method.
    """
    clf, one = classifier(str(selection.model)), case(selection)
    key = case_key(selection)
    return attribution_of(key, clf.digest, method, target, options, one.x, one.mask, clf)


def case_key(selection: Selection) -> tuple[str, str, int]:
    """Return what tells the selected case apart in a cache."""
    return dataset(selection.dataset).digest, selection.split, selection.case


# ---- the same for any series


@st.cache_resource(max_entries=16, show_spinner="Preparing the series …")
def prepared_of(
    key: tuple[str, str], model_digest: str, _X: Array, _mask: Array, _classifier: Classifier
) -> Prepared:
    """Return a split as the model takes it; `key` is the dataset's digest and the split."""
    from tscviz.data import prepare

    return prepare(_X, _mask, _classifier.preparation_for(key[0]))


@st.cache_resource(max_entries=32, show_spinner="Classifying …")
def probabilities_of(
    key: tuple[Any, ...], model_digest: str, _X: Array, _mask: Array, _classifier: Classifier
) -> Array:
    """Return class probabilities of prepared series, shape (n_cases, n_classes)."""
    return _classifier.predict_proba(_X, _mask)


@st.cache_resource(max_entries=512, show_spinner=False)
def segmentation_of(
    key: tuple[Any, ...], model_digest: str, _x: Array, _mask: Array, _classifier: Classifier
) -> Segmentation:
    """Return how the model divides one prepared case."""
    from tscviz.explain import segment

    return segment(_classifier, _x, _mask)


@st.cache_resource(max_entries=512, show_spinner=False)
def attribution_of(
    key: tuple[Any, ...],
    model_digest: str,
    method: str,
    target: int,
    options: Mapping[str, Any],
    _x: Array,
    _mask: Array,
    _classifier: Classifier,
) -> Attribution:
    """Return one explanation of one prepared case, shape (n_channels, n_timepoints)."""
    from tscviz.explain import explain

    return explain(_classifier, _x, method, target=target, mask=_mask, **options)
