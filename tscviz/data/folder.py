"""An archive folder: ``NAME/NAME_TRAIN.ts`` and ``NAME/NAME_TEST.ts``, or another format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tscviz.data.archive_files import (
    arff_header,
    read_arff,
    read_text,
    read_ts,
    ts_header,
    ts_length,
)
from tscviz.data.cases import CaseList
from tscviz.data.dataset import dataset_from_arrays
from tscviz.data.errors import DataError
from tscviz.types import Dataset

# In order of preference: .ts alone tells a missing value at the end from padding.
READERS: dict[str, Callable[[Path], CaseList]] = {
    ".ts": read_ts,
    ".tsv": read_text,
    ".arff": read_arff,
    ".txt": read_text,
    "": read_text,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True)
class Problem:
    """The two files of one problem.

    Parameters
    ----------
    name : str
    train, test : Path
    suffix : str
        Key of `READERS`.
    """

    name: str
    train: Path
    test: Path
    suffix: str


def check_name(name: str) -> str:
    """Return `name` when it can be a problem's name, else raise a `DataError`.

    Names come from links and forms and become part of paths: letters, digits, ``_`` and ``-`` only.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DataError(
            f"{str(name)[:60]!r} cannot be the name of a dataset: names hold letters, digits, "
            "'_' and '-' only, as in 'GunPoint'."
        )
    return name


def find_problem(folder: Path, name: str) -> Problem | None:
    """Find the files of a problem in ``folder/name`` or in `folder` itself.

    Parameters
    ----------
    folder : Path
    name : str
        Checked with `check_name` first.

    Returns
    -------
    Problem or None
        None where there is no train file.

    Raises
    ------
    DataError
        Where there is a train file but no test file of the same format.
    """
    check_name(name)
    lonely = None
    for place in (folder / name, folder):
        for suffix in READERS:
            train, test = (place / f"{name}_{part}{suffix}" for part in ("TRAIN", "TEST"))
            if _is_file(train) and _is_file(test):
                return Problem(name, train, test, suffix)
            lonely = lonely or (train if _is_file(train) else None)
    if lonely:
        raise DataError(
            f"{name}: found {lonely.name} but not {lonely.name.replace('_TRAIN', '_TEST')} beside "
            f"it in {lonely.parent}. Put both files there."
        )
    return None


def scan_folder(folder: Path) -> list[str]:
    """List the names of the problems in an archive folder, sorted; opens no file.

    Raises
    ------
    DataError
        When the folder does not exist or cannot be listed.
    """
    try:
        return sorted(set(_names(folder)), key=str.lower)
    except OSError as error:
        raise DataError(
            f"The archive folder {folder} could not be read ({error.strerror}). Give a folder "
            "that holds NAME/NAME_TRAIN.ts, or unset TSCVIZ_ARCHIVE."
        ) from error


def load_problem(problem: Problem, source: str) -> Dataset:
    """Parse both files of a problem."""
    read = READERS[problem.suffix]
    train, test = read(problem.train), read(problem.test)
    return dataset_from_arrays(
        problem.name, train.cases, train.labels, test.cases, test.labels, source=source
    )


def describe_problem(problem: Problem) -> tuple[str, int | None, int | None, int | None]:
    """Return kind ("uni" or "multi"), channels, length and classes from the train file's head.

    Where the head of a `.ts` file is silent about lengths, its points are counted.
    """
    if problem.suffix == ".ts":
        header = ts_header(problem.train)
        kind, channels = ("uni", 1) if header.univariate else ("multi", header.n_channels)
        length = header.length
        if length is None and header.equal_length is not False:
            length = ts_length(problem.train)
        return kind, channels, length, len(header.class_names) or None
    if problem.suffix == ".arff" and arff_header(problem.train).relational:
        return "multi", None, None, None
    return "uni", 1, None, None


def _names(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        name = entry.name
        if _NAME.fullmatch(name) and entry.is_dir():
            if any(_is_file(entry / f"{name}_TRAIN{suffix}") for suffix in READERS):
                yield name
        elif "_TRAIN" in name and entry.is_file():
            stem, _, suffix = name.rpartition("_TRAIN")
            if suffix in READERS and _NAME.fullmatch(stem):
                yield stem


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be searched holds nothing for us
        return False
