"""The case that `explain` and `report` are about: of a dataset or of a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tscviz.cli.commands import dataset_for, pairs
from tscviz.cli.reading import case_of_file, file_cases, reading_notes
from tscviz.data.labels import match_labels
from tscviz.data.misfit import TrainingSeries, distribution_misfit, length_misfit
from tscviz.explain.spec import DatasetCase
from tscviz.models.classifier import Classifier
from tscviz.options import did_you_mean
from tscviz.types import Array, TscvizError

if TYPE_CHECKING:
    from tscviz.data import Prepared


@dataclass(frozen=True, eq=False)
class ChosenCase:
    """One case as the model takes it.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_timepoints)
        Without padding.
    name : str
        With the number that ``--case`` takes.
    done : list of str
        What of a file was left out in reading, and what was done to make the case fit.
    doubts : list of str
        What the model was not trained for; nothing is said of its own dataset.
    interpolated : bool array, shape (n_channels, n_timepoints)
    label : str or None
        Name of its true class; a label of a file that names none is as it is written there.
    place : DatasetCase or None
        None for a case of a file.
    """

    x: Array
    name: str
    done: list[str]
    doubts: list[str]
    interpolated: Array
    label: str | None
    place: DatasetCase | None

    @property
    def notes(self) -> list[str]:
        """What was done, and what to doubt."""
        return [*self.done, *self.doubts]


def chosen_case(classifier: Classifier, arguments: argparse.Namespace) -> ChosenCase:
    """Return the case that ``file``, ``--dataset``, ``--split`` and ``--case`` name."""
    if arguments.file and arguments.dataset:
        raise TscvizError("give a file or --dataset, not both.")
    case, split = arguments.case or 0, arguments.split or "test"
    place, is_own, done = None, False, list[str]()
    labels: Sequence[str] | None
    if arguments.file:
        series, prepared = file_cases(classifier, arguments.file, pairs(arguments.read), "--read")
        _check_case(case, series.X, f"the file {arguments.file}")
        labels, done = series.labels, reading_notes(series)
        name = case_of_file(arguments.file, series, case)
    else:
        from tscviz.data import prepare

        data = dataset_for(classifier, arguments)
        X, y, mask = data.split(split)
        _check_case(case, X, f"the {split} split of {data.name}")
        is_own = classifier.was_trained_on(data.digest)
        how = classifier.preparation_for(data.digest)
        prepared = prepare(X, mask, how)
        labels, name = [data.class_names[k] for k in y], f"{data.name} {split} {case}"
        place = DatasetCase(data.name, split, case, how.to_dict())
    n = int(prepared.mask[case].sum())
    label = None if labels is None else labels[case]
    known = None if label is None else match_labels([label], classifier.classes)[0]
    return ChosenCase(
        prepared.X[case, :, :n],
        name,
        [*done, *prepared.notes],
        [] if is_own else doubts(classifier, prepared, case),
        prepared.interpolated[case, :, :n],
        label if known is None else classifier.classes[known],
        place,
    )


def _check_case(case: int, X: Array, what: str) -> None:
    if not 0 <= case < len(X):
        raise TscvizError(f"--case is {case}; {what} has the cases 0 to {len(X) - 1}.")


def doubts(classifier: Classifier, prepared: Prepared, case: int | None = None) -> list[str]:
    """Say in which ways prepared series are unlike those the model was trained on.

    Parameters
    ----------
    classifier : Classifier
    prepared : Prepared
    case : int, optional
        Whose length counts; that of all series by default.
    """
    training = TrainingSeries.of_card(classifier.card)
    mask = prepared.mask if case is None else prepared.mask[case : case + 1]
    length = length_misfit(mask, training)
    far = distribution_misfit(prepared.X, prepared.mask, training)
    said = []
    if length is not None:
        said.append(f"{length} If yours show the same thing at another speed, resample them.")
    if far is not None:
        said.append(f"{far} Check the unit and the order of the channels.")
    return said


def class_index(classifier: Classifier, name: str | None) -> int | None:
    """Return the index of a class by its name, however a number is written."""
    if name is None:
        return None
    known = match_labels([name], classifier.classes)[0]
    if known is None:
        near = did_you_mean(name, classifier.classes)
        classes = ", ".join(classifier.classes)
        raise TscvizError(f"there is no class {name!r}; the classes are: {classes}.{near}")
    return known


def target_index(classifier: Classifier, name: str | None, label: str | None) -> int | None:
    """Return the class to explain: None for the predicted one, or the true one, or any by name.

    Parameters
    ----------
    classifier : Classifier
    name : str or None
        "predicted" (None as well), "true", or a class name, which wins where a class is so called.
    label : str or None
        True class of the case.

    Raises
    ------
    TscvizError
        On an unknown class, or where the true one is not known.
    """
    if name is None or (name == "predicted" and name not in classifier.classes):
        return None
    if name != "true" or name in classifier.classes:
        return class_index(classifier, name)
    if label is None:
        raise TscvizError("the file tells no labels, so the true class is not known.")
    return class_index(classifier, label)
