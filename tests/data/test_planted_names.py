"""Planted problems by name: one name for one problem, and nothing unchecked from a link."""

from __future__ import annotations

import numpy as np
import pytest

from tscviz.data import DataError, load_dataset, make_planted, planted_name, planted_problem
from tscviz.data.archive import dataset_files
from tscviz.data.planted import PlantedOptions
from tscviz.data.planted_names import MAX_VALUES, is_planted, planted_options

OPTIONS = [
    PlantedOptions(),
    PlantedOptions(position="free", noise=0.5, seed=3),
    PlantedOptions(where="interacting", channels=3, cue="amplitude", n_cases=40, noise=1e-05),
    PlantedOptions(shortest=80, length=120, classes=4, motif=9, distractors=0, seed=2**31 - 1),
]


@pytest.mark.parametrize("options", OPTIONS)
def test_a_name_and_its_options_are_one(options) -> None:
    name = planted_name(options)
    assert planted_options(name) == options
    assert planted_name(planted_options(name)) == name


def test_a_name_says_what_differs_from_the_defaults_and_the_seed() -> None:
    assert planted_name(PlantedOptions()) == "planted:seed=0"
    assert planted_name(OPTIONS[1]) == "planted:position=free,noise=0.5,seed=3"


def test_a_name_is_loaded_like_any_dataset() -> None:
    name = "planted:seed=3,n_cases=12,noise=0.50,classes=2"  # another order, a default told
    data = load_dataset(name, archive="/no/such/folder")
    made = make_planted(n_cases=12, noise=0.5, seed=3)
    assert data.digest == made.dataset.digest
    assert data.name == made.dataset.name == "planted:n_cases=12,noise=0.5,seed=3"
    assert load_dataset(data.name).digest == data.digest
    assert np.array_equal(planted_problem(name).truth_test, made.truth_test)
    assert dataset_files(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("planted:", "no planted problem"),
        ("planted:seed", "no planted problem"),
        ("planted:../../etc=1", "no planted problem"),
        ("planted:seed=1,", "no planted problem"),
        ("planted:seed=1\n", "no planted problem"),
        ("planted:seed=" + "1" * 300, "no planted problem"),
        ("planted:sheed=1", "no option 'sheed'"),
        ("planted:seed=1,seed=2", "twice"),
        ("planted:noise=nan", "finite"),
        ("planted:noise=1e999", "finite"),
        ("planted:seed=-1", "at least 0"),
        ("planted:cue=colour", "one of: amplitude, shape"),
        ("planted:n_cases=10000,channels=64,length=10000", f"{MAX_VALUES:,}"),
        ("planted:where=interacting", "set channels to 2"),
        ("planted:length=12,distractors=20", "at least 144 points"),
    ],
)
def test_what_cannot_be_planted_is_refused_with_the_reason(name, words) -> None:
    with pytest.raises(DataError, match=words):
        load_dataset(name)


def test_other_names_are_not_planted() -> None:
    assert not is_planted("GunPoint")
    assert not is_planted(None)
    with pytest.raises(DataError, match="no planted problem"):
        planted_options("GunPoint")
