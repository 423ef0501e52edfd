"""The case that `explain` and `report` are about: of a dataset or of a file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tscviz.cli.commands import dataset_for, pairs
from tscviz.cli.reading import flag_of, read_options
from tscviz.data.labels import match_labels
from tscviz.data.misfit import TrainingSeries, distribution_misfit, length_misfit
from tscviz.explain.spec import DatasetCase
from tscviz.models.classifier import Classifier
from tscviz.options import did_you_mean
from tscviz.types import Array, SeriesSet, TscvizError

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
    done : list of str
        What was done to make it fit.
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
    split = arguments.split or "test"
    name, place, is_own = None, None, False
    if arguments.file:
        series, prepared = file_cases(classifier, arguments.file, pairs(arguments.read), "--read")
        names: Sequence[str] = series.names
        labels, what = series.labels, f"the file {arguments.file}"
    else:
        from tscviz.data import prepare

        data = dataset_for(classifier, arguments)
        name = data.name
        X, y, mask = data.split(split)
        is_own = classifier.was_trained_on(data.digest)
        how = classifier.preparation_for(data.digest)
        prepared = prepare(X, mask, how)
        labels = [data.class_names[k] for k in y]
        names, what = [f"{name} {split} {i}" for i in range(len(X))], f"the {split} split of {name}"
        place = DatasetCase(name, split, arguments.case or 0, how.to_dict())
    i = arguments.case or 0
    if not 0 <= i < len(names):
        raise TscvizError(f"--case is {i}; {what} has the cases 0 to {len(names) - 1}.")
    n = int(prepared.mask[i].sum())
    label = None if labels is None else labels[i]
    known = None if label is None else match_labels([label], classifier.classes)[0]
    own = prepared.X[i, :, :n], prepared.interpolated[i, :, :n]
    return ChosenCase(
        own[0],
        names[i],
        list(prepared.notes),
        [] if is_own else doubts(classifier, prepared, i),
        own[1],
        label if known is None else classifier.classes[known],
        place,
    )


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


def file_cases(
    classifier: Classifier, file: str, options: Mapping[str, str], flag: str
) -> tuple[SeriesSet, Prepared]:
    """Read the series of a file as `flag` says, and prepare them for the model."""
    from tscviz.data import DataError, prepare, read_series

    if Path(file).is_dir():
        raise TscvizError(f"{file} is a folder; give a file with series.")
    if not Path(file).exists():
        raise TscvizError(f"there is no file {file}.")
    try:
        series = read_series(Path(file), **read_options(options))
    except DataError as error:
        raise TscvizError(error.worded(flag_of(flag))) from error
    if series.X.shape[1] != classifier.module.n_channels:
        raise TscvizError(
            f"{file} holds series of {series.X.shape[1]} channel(s) and {classifier.name} takes "
            f"{classifier.module.n_channels}."
        )
    return series, prepare(series.X, series.mask, classifier.preparation)


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
