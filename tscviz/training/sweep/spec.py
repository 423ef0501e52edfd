"""`sweep.toml`: which models, with which options, on which datasets, from which seeds.

::

    preset = "paper"
    seeds = 5                       # 0 to 4, or a list
    datasets = ["GunPoint", "CBF"]  # or "all": every one that needs no download
    options = { test_every = 50 }   # for all models

    [[models]]
    model = "dtp-fcn"
    options = { pooling = "max" }
    grid = { segments = [2, 4, 8] } # every combination

    [[models]]
    model = "dsn"
    preset = "quick"                # a model's own preset, seeds and datasets come first
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tscviz.training.errors import TrainingError
from tscviz.training.seeds import check_seed
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.raysettings import (
    NO_SETTINGS,
    RaySettings,
    ray_settings,
    settings_to_json,
)
from tscviz.training.sweep.toml import read_toml

ALL = "all"
KEEP = ("model", "nothing", "all")


@dataclass(frozen=True)
class Line:
    """One model with one set of options, on some datasets, from some seeds.

    Parameters
    ----------
    model, preset : str
    options : mapping
        Of the network and the recipe.
    datasets : tuple of str
        ``("all",)``: every dataset that needs no download.
    seeds : tuple of int
    """

    model: str
    preset: str
    options: Mapping[str, Any]
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class SweepSpec:
    """What a sweep is to do.

    Parameters
    ----------
    lines : tuple of Line
    name : str
        For people.
    archive : str, optional
        Folder of datasets; decides nothing but where data are looked for.
    threads : int
        Of one cell.
    keep : {"model", "nothing", "all"}
        What a finished cell keeps beside result and curves; "all" is model and checkpoints.
    retries : int
        How often a cell is started again after its worker died or memory ran out.
    code_version : str, optional
        Taken in place of the hash of the sources: your word that results of both count as one.
    ray : RaySettings
        For the backend "ray"; no part of what is computed.
    """

    lines: tuple[Line, ...]
    name: str = ""
    archive: str | None = None
    threads: int = 1
    keep: str = "model"
    retries: int = 2
    code_version: str | None = None
    ray: RaySettings = NO_SETTINGS


_TOP: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "archive": (str,),
    "preset": (str,),
    "seeds": (int, list),
    "datasets": (str, list),
    "options": (dict,),
    "models": (list,),
    "threads": (int,),
    "keep": (str,),
    "retries": (int,),
    "code_version": (str,),
    "ray": (dict,),
}
_LINE: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "grid": (dict,),
    **{key: _TOP[key] for key in ("preset", "seeds", "datasets", "options")},
}
_MOST_SEEDS = 10_000
_WORDS = {str: "text", int: "an integer", list: "a list", dict: "a table"}


def read_sweep(path: str | Path, *, archive: str | Path | None = None) -> SweepSpec:
    """Read a sweep from a TOML file.

    Parameters
    ----------
    path : path
    archive : path, optional
        In place of the file's own `archive`, which is relative to the file.

    Raises
    ------
    SweepError
        Where the file cannot be read, or says something a sweep does not know.
    """
    path = Path(path)
    try:
        value = read_toml(path.read_bytes(), str(path))
    except OSError as error:
        raise SweepError(f"{path} cannot be read: {error.strerror or error}.") from None
    if archive is not None:
        value["archive"] = str(Path(archive).expanduser().absolute())
    elif isinstance(value.get("archive"), str):
        value["archive"] = str((path.parent / Path(value["archive"]).expanduser()).absolute())
    try:
        return sweep_from_mapping(value)
    except SweepError as error:
        raise SweepError(f"{path}: {error}") from None


def sweep_from_mapping(value: Mapping[str, Any]) -> SweepSpec:
    """Return the sweep in a mapping of the shape of the TOML file.

    Raises
    ------
    SweepError
        On an unknown or missing key, or a value of another type.
    """
    _check(value, _TOP, "the sweep")
    models = value.get("models", [])
    if not models:
        raise SweepError('no models; give models = ["dtp-fcn"], or [[models]] tables.')
    lines = tuple(
        line
        for number, model in enumerate(models, start=1)
        for line in _lines(model, value, f"entry {number} of models")
    )
    ray = ray_settings(value.get("ray", {}))
    spec = SweepSpec(lines, **{k: value[k] for k in value if k in _OWN}, ray=ray)
    if spec.threads < 1 or spec.retries < 0:
        raise SweepError(
            f"threads is {spec.threads} and retries is {spec.retries}; "
            "wanted at least 1 thread and at least 0 retries."
        )
    if spec.keep not in KEEP:
        raise SweepError(f"keep is {spec.keep!r}; it must be one of: {', '.join(KEEP)}.")
    return spec


_OWN = frozenset({"name", "archive", "threads", "keep", "retries", "code_version"})


def spec_to_json(spec: SweepSpec) -> dict[str, Any]:
    """Return the sweep as a JSON object."""
    ray = settings_to_json(spec.ray)
    value = {key: item for key, item in asdict(spec).items() if key != "ray"}
    return value | ({"ray": ray} if ray else {})


def spec_from_json(value: Mapping[str, Any]) -> SweepSpec:
    """Return the sweep that `spec_to_json` wrote."""
    lines = tuple(
        Line(x["model"], x["preset"], x["options"], tuple(x["datasets"]), tuple(x["seeds"]))
        for x in value["lines"]
    )
    own = {key: value[key] for key in _OWN if key in value}
    return SweepSpec(lines, **own, ray=ray_settings(value.get("ray", {})))


def _lines(model: Any, top: Mapping[str, Any], where: str) -> Iterator[Line]:
    own: Mapping[str, Any] = {"model": model} if isinstance(model, str) else model
    if not isinstance(own, Mapping):
        raise SweepError(f"{where} is {model!r}; wanted a name or a table.")
    _check(own, _LINE, where)
    if "model" not in own:
        raise SweepError(f'{where} names no model; give model = "dtp-fcn".')
    both = {key: top[key] for key in ("preset", "seeds", "datasets") if key in top} | dict(own)
    if "datasets" not in both:
        raise SweepError(f'{where} has no datasets; give datasets = ["GunPoint"], or "all".')
    grid = own.get("grid", {})
    for key, values in grid.items():
        if not isinstance(values, list) or not values:
            raise SweepError(f"{where}: grid.{key} is {values!r}; wanted a list of values.")
    shared = top.get("options", {}) | own.get("options", {})
    # Once, and shared: a grid of many combinations from many seeds must fit into memory.
    datasets, seeds = _datasets(both["datasets"], where), _seeds(both.get("seeds", 1), where)
    for values in itertools.product(*grid.values()):
        options = shared | dict(zip(grid, values, strict=True))
        yield Line(own["model"], both.get("preset", "paper"), options, datasets, seeds)


def _datasets(value: Any, where: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not names or not all(isinstance(name, str) for name in names):
        raise SweepError(f"{where}: datasets is {value!r}; wanted a list of names.")
    return tuple(names)


def _seeds(value: Any, where: str) -> tuple[int, ...]:
    seeds = range(min(value, _MOST_SEEDS + 1)) if isinstance(value, int) else value
    if not seeds or len(seeds) > _MOST_SEEDS:
        raise SweepError(
            f"{where}: seeds is {str(value)[:80]}; wanted a count from 1 to {_MOST_SEEDS:,}, or a "
            "list of seeds."
        )
    try:
        return tuple(check_seed(seed, "one of the seeds") for seed in seeds)
    except TrainingError as error:
        raise SweepError(f"{where}: {error}") from None


def _check(value: Mapping[str, Any], known: Mapping[str, tuple[type, ...]], where: str) -> None:
    for key, item in value.items():
        if key not in known:
            raise SweepError(f"{where} has no key {key!r}; it has: {', '.join(known)}.")
        if not _is(item, known[key]):
            wanted = " or ".join(_WORDS[kind] for kind in known[key])
            raise SweepError(f"{where}: {key} is {item!r}; wanted {wanted}.")


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
