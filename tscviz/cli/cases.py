"""The case that `explain` and `report` are about: of a dataset or of a file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tscviz.cli.commands import pairs
from tscviz.cli.reading import flag_of, read_options
from tscviz.explain.spec import DatasetCase
from tscviz.models.classifier import Classifier
from tscviz.options import did_you_mean
from tscviz.types import Array, TscvizError


@dataclass(frozen=True, eq=False)
class ChosenCase:
    """One case as the model takes it.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_timepoints)
        Without padding.
    name : str
    notes : list of str
        What was done to make it fit.
    interpolated : bool array, shape (n_channels, n_timepoints)
    label : str or None
        Name of its true class.
    place : DatasetCase or None
        None for a case of a file.
    """

    x: Array
    name: str
    notes: list[str]
    interpolated: Array
    label: str | None
    place: DatasetCase | None


def chosen_case(classifier: Classifier, arguments: argparse.Namespace) -> ChosenCase:
    """Return the case that ``file``, ``--dataset``, ``--split`` and ``--case`` name."""
    if arguments.file and arguments.dataset:
        raise TscvizError("give a file or --dataset, not both.")
    split = arguments.split or "test"
    name, place = None, None
    if arguments.file:
        series, prepared = file_cases(classifier, arguments.file, pairs(arguments.read), "--read")
        names: Sequence[str] = series.names
        labels, what = series.labels, f"the file {arguments.file}"
    else:
        from tscviz.data import load_dataset, prepare

        name = arguments.dataset or classifier.card.get("dataset", {}).get("name")
        if not name:
            raise TscvizError("the model's card names no dataset; give one with --dataset.")
        data = load_dataset(name, arguments.archive)
        X, y, mask = data.split(split)
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
    own = prepared.X[i, :, :n], prepared.interpolated[i, :, :n]
    return ChosenCase(own[0], names[i], list(prepared.notes), own[1], label, place)


def file_cases(
    classifier: Classifier, file: str, options: Mapping[str, str], flag: str
) -> tuple[Any, Any]:
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
    """Return the index of a class by its name."""
    if name is None:
        return None
    if name not in classifier.classes:
        known = ", ".join(classifier.classes)
        near = did_you_mean(name, classifier.classes)
        raise TscvizError(f"there is no class {name!r}; the classes are: {known}.{near}")
    return classifier.classes.index(name)


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
