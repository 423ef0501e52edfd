"""The notebooks run in a real kernel, print what is written in them, and their figures display."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from tests.notebooks import FIGURE, FOLDER, NOTEBOOKS, code_cells, kernel, printed, run

MOST_BYTES = 300_000
THEMES = {
    "segments", "receptive_fields", "attention", "occlusion", "attributions", "what_if", "planted",
    "training",
}  # fmt: skip


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    with kernel(tmp_path_factory.mktemp("kernel"), "plotly_mimetype") as manager:
        yield manager


def test_there_is_one_for_each_theme() -> None:
    assert set(NOTEBOOKS) == THEMES


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_prints_what_is_written_in_it(
    name: str, manager: KernelManager
) -> None:
    path = FOLDER / f"{name}.ipynb"
    assert path.stat().st_size < MOST_BYTES
    written = code_cells(nbformat.read(path, as_version=4))
    again = code_cells(run(name, manager))
    assert [printed(cell) for cell in again] == [printed(cell) for cell in written], (
        "run python -m tests.notebooks and look at what has changed"
    )
    pictures = [_kinds(cell, "image/png") for cell in written]
    assert [_kinds(cell, FIGURE) for cell in again] == pictures
    assert sum(pictures) >= 1


def _kinds(cell: nbformat.NotebookNode, mime: str) -> int:
    return sum(mime in output.get("data", {}) for output in cell.outputs)


def test_the_files_hold_nothing_of_the_machine_they_ran_on() -> None:
    for name in NOTEBOOKS:
        text = Path(FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
        assert "/home/" not in text
        assert str(FOLDER.parents[1]) not in text
        assert "Warning" not in text
        assert '"execution": {' not in text
