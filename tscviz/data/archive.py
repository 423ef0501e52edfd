"""Datasets by name: planted ones, else bundled, then the archive folder, then downloaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tscviz.data.bundled import BUNDLED, bundled_folder
from tscviz.data.download import DownloadProgress, download_problem, downloads_folder
from tscviz.data.errors import DataError
from tscviz.data.folder import (
    Problem,
    check_name,
    describe_problem,
    find_problem,
    load_problem,
    scan_folder,
)
from tscviz.data.planted_names import is_planted, planted_problem
from tscviz.options import did_you_mean
from tscviz.types import Dataset

_NO_FACTS = dict.fromkeys(
    (
        "n_train",
        "n_test",
        "min_length",
        "length",
        "n_channels",
        "n_classes",
        "missing",
        "digest",
        "error",
    )
)


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a dataset before its values are read.

    Parameters
    ----------
    name : str
    source : str
        "bundled", "archive" or "download" (downloaded before).
    kind : str
        "uni" or "multi"; "unknown" where the file's head does not tell.
    n_channels, length, n_classes : int or None
        As the head of the train file says; `length` is None where lengths differ, and counted
        where the head of a `.ts` file says nothing of it.
    error : str or None
        Why the dataset cannot be used.
    """

    name: str
    source: str
    kind: str
    n_channels: int | None = None
    length: int | None = None
    n_classes: int | None = None
    error: str | None = None


def load_dataset(
    name: str,
    archive: str | os.PathLike[str] | None = None,
    *,
    on_progress: Callable[[DownloadProgress], None] | None = None,
) -> Dataset:
    """Load a dataset by name with its default train/test split.

    The first of these that has it: the problems bundled with aeon, the archive folder, what was
    downloaded before, a download.

    Parameters
    ----------
    name : str
        As in the UCR/UEA archives, for example "GunPoint"; or a planted problem, made on the spot:
        "planted:position=free,seed=3", see `tscviz.data.planted_names`.
    archive : path, optional
        Archive folder. Default: the environment variable ``TSCVIZ_ARCHIVE``.
    on_progress : callable, optional
        Called with a `DownloadProgress` a few times a second while downloading; an exception it
        raises stops the download and leaves nothing behind.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        On a name that cannot be one, a file that cannot be read, or a failed download.
    """
    if is_planted(name):
        return planted_problem(name).dataset
    check_name(name)
    folder = _archive_folder(archive)
    found = _find(name, folder)
    if found is None:
        try:
            found = download_problem(name, on_progress=on_progress), "download"
        except DataError as error:
            raise DataError(_other_file(name, folder) or f"{error}{_help(name, folder)}") from error
    return load_problem(*found)


def dataset_files(
    name: str, archive: str | os.PathLike[str] | None = None
) -> tuple[Path, Path] | None:
    """Return the train and the test file that `load_dataset` would read; None without files.

    It downloads the dataset then, or makes it, where it is a planted problem.

    Raises
    ------
    DataError
        On a name that cannot be one, or where one of the two files is missing.
    """
    if is_planted(name):
        return None
    found = _find(check_name(name), _archive_folder(archive))
    return None if found is None else (found[0].train, found[0].test)


def list_datasets(archive: str | os.PathLike[str] | None = None) -> list[DatasetInfo]:
    """List the datasets that need no download, sorted by name.

    Mostly the heads of files are read: milliseconds, not the seconds that parsing takes.

    Parameters
    ----------
    archive : path, optional
        Archive folder. Default: the environment variable ``TSCVIZ_ARCHIVE``.

    Returns
    -------
    list of DatasetInfo
        One that cannot be used carries its `error`.

    Raises
    ------
    DataError
        When the archive folder does not exist.
    """
    folder = _archive_folder(archive)
    return [_info(name, folder) for name in _names(folder)]


def check_datasets(archive: str | os.PathLike[str] | None = None) -> Iterator[dict[str, Any]]:
    """Load every listed dataset and yield what was found, one dict each, JSON-able.

    Parameters
    ----------
    archive : path, optional
        Archive folder. Default: the environment variable ``TSCVIZ_ARCHIVE``.

    Yields
    ------
    dict
        ``name source n_train n_test min_length length n_channels n_classes missing digest
        error``. `missing` counts missing values; a dataset that cannot be loaded has the reason
        in `error` and None elsewhere.
    """
    folder = _archive_folder(archive)
    for name in _names(folder):
        row: dict[str, Any] = {"name": name, "source": _source(name, folder), **_NO_FACTS}
        try:
            row.update(_facts(load_dataset(name, folder)))
        except DataError as error:
            row["error"] = str(error)
        yield row


def _facts(dataset: Dataset) -> dict[str, Any]:
    lengths = np.concatenate([dataset.mask_train.sum(1), dataset.mask_test.sum(1)])
    missing = np.isnan(dataset.X_train).sum() + np.isnan(dataset.X_test).sum()
    return {
        "n_train": len(dataset.X_train),
        "n_test": len(dataset.X_test),
        "min_length": int(lengths.min()),
        "length": int(lengths.max()),
        "n_channels": dataset.n_channels,
        "n_classes": dataset.n_classes,
        "missing": int(missing),
        "digest": dataset.digest,
    }


def _archive_folder(archive: str | os.PathLike[str] | None) -> Path | None:
    chosen = archive or os.environ.get("TSCVIZ_ARCHIVE")
    return Path(chosen).expanduser() if chosen else None


def _places(folder: Path | None) -> Iterator[tuple[Path, str]]:
    bundled = bundled_folder()
    if bundled is not None:
        yield bundled, "bundled"
    if folder is not None:
        yield folder, "archive"
    yield downloads_folder(), "download"


def _find(name: str, folder: Path | None) -> tuple[Problem, str] | None:
    for place, source in _places(folder):
        if source == "bundled" and name not in BUNDLED:
            continue
        if source == "archive" and not place.is_dir():
            scan_folder(place)  # raises the error that names the folder
        problem = find_problem(place, name)
        if problem is not None:
            return problem, source
    return None


def _names(folder: Path | None) -> list[str]:
    names = set(BUNDLED if bundled_folder() is not None else ())
    if folder is not None:
        names.update(scan_folder(folder))
    if downloads_folder().is_dir():
        names.update(scan_folder(downloads_folder()))
    return sorted(names, key=str.lower)


def _source(name: str, folder: Path | None) -> str:
    if name in BUNDLED and bundled_folder() is not None:
        return "bundled"
    return "archive" if folder is not None and name in scan_folder(folder) else "download"


def _info(name: str, folder: Path | None) -> DatasetInfo:
    try:
        found = _find(name, folder)
        if found is None:
            raise DataError(f"{name}: its files are gone.")
        problem, source = found
        kind, n_channels, length, n_classes = describe_problem(problem)
    except DataError as error:
        return DatasetInfo(name, _source(name, folder), "unknown", error=str(error))
    return DatasetInfo(name, source, kind, n_channels, length, n_classes)


def _help(name: str, folder: Path | None) -> str:
    unset = " No archive folder is set: TSCVIZ_ARCHIVE names one, or --archive in a command."
    return f"{'' if folder else unset}{did_you_mean(name, _names(folder))}"


def _other_file(name: str, folder: Path | None) -> str | None:
    """Say that the archive folder has the problem in files that are none of an archive's."""
    for place in () if folder is None else (folder / name, folder):
        for path in sorted(place.glob(f"{name}_TRAIN.*")):
            return (
                f"{name}: {path} is no file of an archive, whose formats are .ts, .tsv, .arff and "
                ".txt; write it as .tsv, the label first, then the values."
            )
    return None
