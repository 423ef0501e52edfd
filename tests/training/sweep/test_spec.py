"""`sweep.toml`: what it says, and what it must not say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tscviz.training.sweep import SweepError, read_sweep, sweep_from_mapping
from tscviz.training.sweep.plan import Plan
from tscviz.training.sweep.raysettings import RaySettings
from tscviz.training.sweep.spec import spec_from_json, spec_to_json

ANY = 'models = ["dsn"]\ndatasets = ["a"]\n'
TEXT = """
name = "pooling"
archive = "data"
preset = "paper"
seeds = 3
datasets = ["GunPoint", "CBF"]
options = { test_every = 50, segments = 3 }

[[models]]
model = "dtp-fcn"
options = { pooling = "max" }
grid = { segments = [2, 4], gamma = [0.1, 1.0] }

[[models]]
model = "dsn"
preset = "quick"
seeds = [7]
datasets = "all"
"""


def read(tmp_path: Path, text: str, **options: Any) -> Any:
    (tmp_path / "sweep.toml").write_text(text, encoding="utf-8")
    return read_sweep(tmp_path / "sweep.toml", **options)


def test_a_grid_gives_every_combination_and_a_model_goes_before_the_sweep(tmp_path: Path) -> None:
    spec = read(tmp_path, TEXT)
    assert (spec.name, spec.threads, spec.keep, spec.retries) == ("pooling", 1, "model", 2)
    assert spec.archive == str(tmp_path / "data")
    *grid, dsn = spec.lines
    assert [(line.options["segments"], line.options["gamma"]) for line in grid] == [
        (2, 0.1),
        (2, 1.0),
        (4, 0.1),
        (4, 1.0),
    ]
    assert all(line.options["pooling"] == "max" for line in grid)
    assert all(line.options["test_every"] == 50 for line in grid)
    assert {(line.preset, line.seeds, line.datasets) for line in grid} == {
        ("paper", (0, 1, 2), ("GunPoint", "CBF"))
    }
    assert (dsn.preset, dsn.seeds, dsn.datasets) == ("quick", (7,), ("all",))
    assert dsn.options == {"test_every": 50, "segments": 3}
    assert spec_from_json(spec_to_json(spec)) == spec


def test_the_combinations_of_a_grid_share_their_seeds() -> None:
    grid = {"epochs": list(range(1, 101)), "segments": [2, 4]}
    value = {"models": [{"model": "dsn", "grid": grid}], "datasets": ["a"], "seeds": 5000}
    lines = sweep_from_mapping(value).lines
    assert len(lines) == 200
    assert all(line.seeds is lines[0].seeds for line in lines)
    assert all(line.datasets is lines[0].datasets for line in lines)


def test_the_archive_of_the_command_line_goes_first(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT, archive="/elsewhere").archive == "/elsewhere"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models = [", "is not TOML"),
        ("seeds = 1", "no models"),
        ('models = ["dsn"]', "entry 1 of models has no datasets"),
        ('modles = ["dsn"]', "no key 'modles'; it has: name, archive"),
        ('models = ["dsn"]\nseeds = "3"', "seeds is '3'; wanted an integer or a list"),
        ('models = ["dsn"]\ndatasets = ["a"]\nseeds = 0', "wanted a count"),
        ('models = ["dsn"]\ndatasets = ["a"]\nseeds = [-1]', "one of the seeds is -1"),
        ('models = ["dsn"]\ndatasets = ["a"]\nseeds = true', "seeds is True"),
        ('models = ["dsn"]\ndatasets = []', "wanted a list of names"),
        ('models = ["dsn"]\ndatasets = [3]', "wanted a list of names"),
        ("models = [3]", "wanted a name or a table"),
        ('datasets = ["a"]\n[[models]]\npreset = "paper"', "names no model"),
        ('[[models]]\nmodel = "dsn"\nlr = 3', "entry 1 of models has no key 'lr'"),
        ('datasets = ["a"]\n[[models]]\nmodel = "dsn"\ngrid = {lr = 3}', "grid.lr is 3"),
        ('models = ["dsn"]\ndatasets = ["a"]\nthreads = 0', "at least 1 thread"),
        ('models = ["dsn"]\ndatasets = ["a"]\nkeep = "some"', "one of: model, nothing, all"),
        (f"{ANY}ray = 3", "ray is 3; wanted a table"),
        (f"{ANY}ray = {{gpu = 1}}", "[ray] has no key 'gpu'; it has: address, cpus"),
        (f'{ANY}ray = {{gpus = "1"}}', "[ray]: gpus is '1'; wanted a number"),
        (f"{ANY}ray = {{gpus = true}}", "gpus is True; wanted a number"),
        (f"{ANY}ray = {{gpus = 1.5}}", "gpus is 1.5; wanted a part of a GPU"),
        (f"{ANY}ray = {{cpus = 0}}", "wanted cpus above 0"),
        (f"{ANY}ray = {{cpus = nan}}", "wanted cpus above 0"),
        (f"{ANY}ray = {{shared_folder = 1}}", "shared_folder is 1; wanted true or false"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SweepError, match=re.escape(words)) as caught:
        read(tmp_path, text)
    assert "sweep.toml" in str(caught.value)
    assert "\n" not in str(caught.value).strip()


TABLE = '[[models]]\nmodel = "dtp-fcn"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'models = ["dsn"]\ndatasets = ["a"]\n{TABLE}',
         "gives its models twice: models = ['dsn'] and 1 [[models]] table; TOML allows one of the"),
        (f'datasets = ["a"]\n"models" = [\n  "dsn",\n  "lstm-fcn",\n]\n{TABLE}{TABLE}',
         "models = ['dsn', 'lstm-fcn'] and 2 [[models]] tables"),
        (f'models = "gtp-fcn"\n{TABLE}', 'below it, model = "gtp-fcn".'),
        (f"models = []\n{TABLE}", 'below it, model = "dsn".'),
        (f'models = ["dsn"]\nseeds = 1\nseeds = 2\n{TABLE}', "is not TOML: Cannot overwrite"),
    ],
)  # fmt: skip
def test_models_given_as_a_list_and_as_tables(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SweepError, match=re.escape(words)) as caught:
        read(tmp_path, text)
    assert "sweep.toml " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_where_cells_run_is_no_part_of_what_they_are() -> None:
    value = {"models": ["dsn"], "datasets": ["a"]}
    table = {"address": "head:6379", "cpus": 0.5, "gpus": 0.25, "memory_gib": 2}
    plain, with_ray = (sweep_from_mapping(value | more) for more in ({}, {"ray": table}))
    assert with_ray.ray == RaySettings("head:6379", 0.5, 0.25, 2)
    assert Plan(with_ray, ()).id == Plan(plain, ()).id
    for spec in (plain, with_ray):
        assert spec_from_json(spec_to_json(spec)) == spec


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SweepError, match=r"none\.toml cannot be read: No such file"):
        read_sweep(tmp_path / "none.toml")


def test_a_mapping_says_the_same_as_a_file() -> None:
    spec = sweep_from_mapping({"models": ["dsn"], "datasets": ["a"], "seeds": [1, 2]})
    assert spec.lines[0].seeds == (1, 2)
    assert spec.lines[0].preset == "paper"
