"""From a sweep's specification to its cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from tscviz.training.jobspec import JobSpec, job_id
from tscviz.training.jobspec import spec_from_json as job_from_json
from tscviz.training.jobspec import spec_to_json as job_to_json
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.identity import Digests, code_version
from tscviz.training.sweep.raysettings import NO_SETTINGS
from tscviz.training.sweep.spec import ALL, Line, SweepSpec, spec_from_json, spec_to_json
from tscviz.types import TscvizError


@dataclass(frozen=True)
class Cell:
    """One job of a sweep.

    Parameters
    ----------
    id : str
        `job_id` of the specification: sixteen hexadecimal digits.
    job : JobSpec
    problem : str
        Why it cannot be run: its data cannot be loaded. Empty where nothing is known against it.
    """

    id: str
    job: JobSpec
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """A sweep and its cells, each once, in the order in which they are run."""

    spec: SweepSpec
    cells: tuple[Cell, ...]

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits of the specification, whatever data and code it meets."""
        spec = replace(self.spec, archive=None, ray=NO_SETTINGS)  # where, and not what
        text = json.dumps(spec_to_json(spec), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def make_plan(spec: SweepSpec, digests: Digests, *, checked: bool = False) -> Plan:
    """Check models and options, load the data's digests, and list the cells.

    Datasets come one after the other, so that a worker keeps the data of the cell before; within
    a dataset all models of the first seed come first.

    Parameters
    ----------
    spec : SweepSpec
    digests : Digests
    checked : bool
        The specification is a plan's own: models and options were looked at before, and this
        process needs no torch.

    Raises
    ------
    SweepError
        On a model, preset or option that does not exist, or a dataset no place has. A dataset
        that is there and cannot be loaded is the problem of its cells alone.
    """
    if not checked:
        spec = replace(spec, lines=tuple(map(_checked, spec.lines)))
    lines = [(line, _named(line, spec.archive)) for line in spec.lines]
    _check_names({name for _, names in lines for name in names}, spec.archive)
    jobs = [
        (dataset, seed, number, line)
        for number, (line, names) in enumerate(lines)
        for dataset in names
        for seed in line.seeds
    ]
    order = {name: i for i, name in enumerate(dict.fromkeys(job[0] for job in jobs))}
    jobs.sort(key=lambda job: (order[job[0]], job[1], job[2]))
    cells = (_cell(line, dataset, seed, spec, digests) for dataset, seed, _, line in jobs)
    plan = Plan(spec, tuple({cell.id: cell for cell in cells}.values()))
    digests.save()
    return plan


def _cell(line: Line, dataset: str, seed: int, spec: SweepSpec, digests: Digests) -> Cell:
    digest, problem = None, ""
    try:
        digest = digests.of(dataset)
    except TscvizError as error:
        problem = " ".join(str(error).split())
    job = JobSpec(
        line.model,
        dataset,
        preset=line.preset,
        seed=seed,
        options=line.options,
        dataset_digest=digest,
        threads=spec.threads,
        code_version=spec.code_version or code_version(),
    )
    return Cell(job_id(job), job, problem)


def _checked(line: Line) -> Line:
    """Return the line with its options read as their types say: 3.0 epochs are 3."""
    from tscviz.models.registry import model_entry
    from tscviz.options import make_options
    from tscviz.training.recipes import get_recipe, split_options

    try:
        entry = model_entry(line.model)
        network, overrides = split_options(line.model, dict(line.options), line.preset)
        made = make_options(entry.options, network, of=f"model {line.model}")
        recipe = get_recipe(line.model, line.preset, **overrides)
    except TscvizError as error:
        raise SweepError(f"model {line.model}: {error}") from None
    own = {f.name for f in fields(entry.options)}
    options = {k: getattr(made if k in own else recipe, k) for k in line.options}
    return Line(line.model, line.preset, options, line.datasets, line.seeds)


def _named(line: Line, archive: str | None) -> tuple[str, ...]:
    if line.datasets != (ALL,):
        return tuple(dict.fromkeys(line.datasets))
    from tscviz.data import list_datasets

    return tuple(info.name for info in list_datasets(archive))


def _check_names(names: set[str], archive: str | None) -> None:
    """Refuse at once what is no dataset: a slip of the pen is not eighty-five failed cells."""
    from tscviz.data import load_dataset
    from tscviz.data.archive import dataset_files
    from tscviz.data.folder import check_name, scan_folder
    from tscviz.data.planted_names import is_planted

    try:
        if archive is not None:
            scan_folder(Path(archive))
        for name in sorted(names):
            if not is_planted(name):  # those are checked when they are made, below
                check_name(name)
    except TscvizError as error:
        raise SweepError(str(error)) from None
    for name in sorted(names):
        try:
            if dataset_files(name, archive) is not None:
                continue
        except TscvizError:
            continue  # there, and unfit: its cells say why
        try:
            load_dataset(name, archive)  # downloads it, or says what was meant
        except TscvizError as error:
            raise SweepError(str(error)) from None


def cells_that_count(plans: Iterable[Plan]) -> tuple[Cell, ...]:
    """Return the cells of several plans, the oldest plan first.

    A run that a newer plan repeats with other data, under another version of the code or on another
    number of threads counts as that one has it; it keeps the place it had.
    """
    found: dict[tuple[Any, ...], Cell] = {}
    for plan in plans:
        for cell in plan.cells:
            job = cell.job
            options = json.dumps(dict(job.options), sort_keys=True)
            found[job.model, options, job.preset, job.dataset, job.seed] = cell
    return tuple(found.values())


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as a JSON object."""
    cells = [
        {"id": c.id, "job": job_to_json(c.job)} | ({"problem": c.problem} if c.problem else {})
        for c in plan.cells
    ]
    return {"format": 1, "sweep": spec_to_json(plan.spec), "cells": cells}


def plan_from_json(value: dict[str, Any]) -> Plan:
    """Return the plan that `plan_to_json` wrote.

    Raises
    ------
    SweepError
        Where it is damaged.
    """
    try:
        return Plan(spec_from_json(value["sweep"]), tuple(_cells(value["cells"])))
    except (KeyError, TypeError, AttributeError, TscvizError) as error:
        raise SweepError(f"the plan of the sweep is damaged ({error}); start it again.") from None


def _cells(values: list[dict[str, Any]]) -> Iterator[Cell]:
    for value in values:
        yield Cell(value["id"], job_from_json(value["job"]), value.get("problem", ""))
