"""The folder of a sweep that nobody named one for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tscviz.training.sweep.naming import LISTED, sweep_folder
from tscviz.ui.sweep import folders

ODD = [
    *("größen-vergleich", "時系列", "a" * 70, "b" * 90, "_mine", "-x", "v1.2.3.4.5", "x.", "new"),
    *("a." + "b" * 30, "é", "\udc80x", "x\n", "a/../b"),
]


def name_of(name: str, root: Path) -> str:
    return sweep_folder(name, root).relative_to(root).as_posix()


@pytest.mark.parametrize("name", ["dtp", "my_sweep", "dtp.v2", "9-lives", "sweep"])
def test_a_name_that_the_app_lists_stays(tmp_path: Path, name: str) -> None:
    assert name_of(name, tmp_path) == name
    assert name_of("my sweep", tmp_path) == "my_sweep"
    assert name_of("...", tmp_path) == "sweep"


def test_every_other_name_becomes_one_that_the_app_lists(tmp_path: Path) -> None:
    found = [name_of(name, tmp_path) for name in [*ODD, "größen-vergleich"]]
    assert found[0] == found[-1] == "groen-vergleich-b68c9e"
    assert len(set(found)) == len(ODD)  # no two sweeps meet
    for name in found:
        assert LISTED.fullmatch(name)
        assert name != folders.NEW


@pytest.mark.parametrize("name", ["größen-vergleich", "_mine", "x.", "new", "a" * 70])
def test_a_sweep_that_was_stored_under_such_a_name_goes_on_there(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert name_of(name, tmp_path) != name  # no sweep
    (tmp_path / name / "plans").mkdir()
    assert name_of(name, tmp_path) == name
