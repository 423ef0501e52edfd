"""What a training job is to do, and the identity that follows from it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from tscviz._version import __version__
from tscviz.resources import home_folder
from tscviz.training.errors import TrainingError
from tscviz.training.seeds import check_seed
from tscviz.types import TscvizError

MOST_THREADS = 1024

JOB_ID = re.compile(r"[0-9a-f]{16}")


class JobError(TscvizError):
    """A job cannot be created, found, resumed or deleted; the text says why and what to do."""


@dataclass(frozen=True)
class JobSpec:
    """All that decides the outcome of a training job; equal specifications are one job.

    Parameters
    ----------
    model : str
        A name of `tscviz.models`, e.g. "dtp-fcn".
    dataset : str
        A name `tscviz.load_dataset` knows.
    preset : str
        Recipe: "paper", "quick", ...
    seed : int
    options : mapping
        Options of the model and the recipe, as `tscviz.train` takes them; JSON values only.
    archive : str, optional
        Folder with datasets; made absolute, because the worker runs elsewhere.
    dataset_digest : str, optional
        `Dataset.digest` at the time of asking. The worker refuses other data under this name.
    threads : int
        Threads of one worker. Part of the identity, since sums depend on the division of work.
    code_version : str
        Version of the code; a result of older code is another job.
    """

    model: str
    dataset: str
    preset: str = "paper"
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    archive: str | None = None
    dataset_digest: str | None = None
    threads: int = 1
    code_version: str = __version__

    def __post_init__(self) -> None:
        if self.archive is not None:
            object.__setattr__(self, "archive", str(Path(self.archive).expanduser().absolute()))
        for name, wanted in _TYPES.items():
            value = getattr(self, name)
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise JobError(f"{name} of the job is {value!r}; wanted {_words(wanted)}.")
        try:
            check_seed(self.seed, "seed of the job")
        except TrainingError as error:
            raise JobError(str(error)) from None
        if not 1 <= self.threads <= MOST_THREADS:
            raise JobError(f"threads of the job is {self.threads}; it must be 1 to {MOST_THREADS}.")
        taken = sorted(_RESERVED & set(self.options))
        if taken:
            raise JobError(f"{taken[0]!r} is not an option; it is set by the job itself.")
        # What is hashed is what is stored: tuples become lists here and not on the way back.
        options = json.loads(_canonical(dict(self.options))) if self.options else {}
        object.__setattr__(self, "options", options)


_TYPES: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "dataset": (str,),
    "preset": (str,),
    "seed": (int,),
    "options": (Mapping,),
    "archive": (str, type(None)),
    "dataset_digest": (str, type(None)),
    "threads": (int,),
    "code_version": (str,),
}


_FIELDS = frozenset(item.name for item in fields(JobSpec))
_RESERVED = frozenset({"dataset", "model", "preset", "seed", "out", "resume", "on_epoch"})


def _words(types: tuple[type, ...]) -> str:
    names = {str: "text", int: "an integer", Mapping: "a mapping", type(None): "nothing"}
    return " or ".join(names[kind] for kind in types)


def _canonical(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise JobError(
            f"The options of the job cannot be written as JSON: {error}. "
            "Give numbers, text, true/false, lists and mappings; no NaN and no infinity."
        ) from None


def job_id(spec: JobSpec) -> str:
    """Return the 16 hexadecimal digits that name the job: sha256 over its canonical JSON."""
    return hashlib.sha256(_canonical(spec_to_json(spec)).encode()).hexdigest()[:16]


def spec_to_json(spec: JobSpec) -> dict[str, Any]:
    """Return `spec` as a JSON object."""
    return asdict(spec)


def spec_from_json(value: Mapping[str, Any]) -> JobSpec:
    """Return the specification in a JSON object.

    Raises
    ------
    JobError
        If a field is unknown, missing or of another type.
    """
    unknown = sorted(set(value) - _FIELDS)
    missing = sorted({"model", "dataset"} - set(value))
    if unknown or missing:
        found = [f"unknown {name!r}" for name in unknown] + [f"no {name!r}" for name in missing]
        raise JobError(f"Not a job specification: {', '.join(found)}.")
    return JobSpec(**value)


def jobs_folder(home: str | os.PathLike[str] | None = None) -> Path:
    """Return the absolute folder of all jobs under `home`, else TSCVIZ_HOME, else ~/.tscviz."""
    return (home_folder() if home is None else Path(home).expanduser().absolute()) / "jobs"
