"""Importing tscviz.data stays cheap."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import tscviz.data

HEAVY = {"pandas", "aeon", "sklearn", "streamlit", "plotly", "torch", "numba", "scipy"}


def modules_after(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and return the modules it loaded."""
    code += "; import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_the_package_alone() -> None:
    loaded = modules_after("import tscviz.data")
    assert not loaded & {*HEAVY, "numpy", "tscviz.data.readers", "tscviz.data.archive"}


def test_loading_a_dataset_brings_nothing_heavy() -> None:
    loaded = modules_after("from tscviz.data import load_dataset; load_dataset('UnitTest')")
    assert not loaded & {*HEAVY, "tscviz.data.readers"}


def test_prepare_stays_a_function_whatever_was_imported_first() -> None:
    code = (
        "import tscviz.data.preparation; from tscviz.data import prepare; assert callable(prepare)"
    )
    assert "tscviz.data.preparation" in modules_after(code)


@pytest.mark.parametrize("name", tscviz.data.__all__)
def test_every_export_exists(name: str) -> None:
    assert callable(getattr(tscviz.data, name))
    assert name in dir(tscviz.data)


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'load_everything'"):
        tscviz.data.load_everything  # noqa: B018
