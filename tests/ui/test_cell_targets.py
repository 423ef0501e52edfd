# pyright: reportAttributeAccessIssue=false
"""A confusion matrix under the pointer: the cell that plotly takes is the one pointed at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tscviz.figures import plot_confusion
from tscviz.types import Array
from tscviz.ui import page_options
from tscviz.ui.cell_targets import add_targets
from tscviz.ui.results import confusion

WIDTHS = (372.0, 300.0)  # pixels of the matrix on a page of two columns
INSIDE = (-0.45, 0.0, 0.45)  # of a cell, from its middle


def matrix(n: int) -> Any:
    """Return the figure of `n` classes; few of the cells hold cases."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n, 200)
    predicted = np.where(rng.random(200) < 0.7, y, rng.integers(0, n, 200))
    return plot_confusion(y, predicted, [f"class {k}" for k in range(n)])


def taken(trace: Any, pointers: Array, pixels: Array) -> Array:
    """Return the point of a trace that plotly.js takes for each pointer.

    As in its src/traces/scatter/hover.js and Fx.getClosest: a point takes all of its marker, of 3
    pixels at least, and of equal ones the last counts.
    """
    radius = max(3.0, trace.marker.size / 2)
    points = np.column_stack([trace.x, trace.y]) * pixels
    apart = np.linalg.norm(pointers[:, None] * pixels - points[None], axis=2)
    distance = np.maximum(apart - radius, 1 - 3 / radius)
    return len(points) - 1 - distance[:, ::-1].argmin(1)


@pytest.mark.parametrize("n", [3, 37])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("offset", [(a, b) for a in INSIDE for b in INSIDE])
def test_every_part_of_a_cell_belongs_to_it(
    n: int, width: float, offset: tuple[float, float]
) -> None:
    fig = add_targets(matrix(n))
    targets, layout = fig.data[-1], fig.layout
    height = layout.height - layout.margin.t - layout.margin.b
    cells = np.indices((n, n)).reshape(2, -1).T
    picks = taken(targets, cells + offset, np.array([width, height]) / n)
    found = np.column_stack([targets.x, targets.y])[picks]
    assert int((found != cells).any(1).sum()) == 0
    assert layout.hoverdistance == -1  # the corners of a large cell lie far from its middle


def test_the_marks_tell_what_is_in_their_cell() -> None:
    fig = add_targets(plot_confusion(np.array([0, 0, 1]), np.array([1, 1, 1]), ["a", "b"]))
    heat, targets = fig.data[0], fig.data[-1]
    assert heat.hoverinfo == "skip"
    assert list(zip(targets.y, targets.x, targets.customdata[:, 0], strict=True)) == [
        (0, 0, 0), (0, 1, 2), (1, 0, 0), (1, 1, 1)
    ]  # fmt: skip
    assert targets.selected.marker.opacity == 0


@pytest.mark.parametrize(("n", "size"), [(3, 30), (37, 0.6 * 520 / 37)])
def test_a_selected_cell_is_marked_within_its_bounds(n: int, size: float) -> None:
    shown = add_targets(matrix(n), selected=0.35).data[-1].selected.marker
    assert (shown.opacity, shown.size) == (0.35, pytest.approx(size))


def test_only_cells_with_cases_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, object] = {}
    chosen: list[str] = []
    monkeypatch.setattr(confusion.st, "session_state", held)
    monkeypatch.setattr(page_options, "set_value", lambda _, cell: chosen.append(cell))

    def click(*points: dict[str, int]) -> bool:
        found = SimpleNamespace(selection=SimpleNamespace(points=list(points)))
        return confusion._take_click(found, "m", {"0-1": 2, "1-1": 1})

    assert click({"x": 1, "y": 0})
    assert not click({"x": 1, "y": 0})  # the same selection, on the next run of the page
    assert not click({"x": 0, "y": 1})  # an empty cell
    assert not click()
    assert click({"x": 1, "y": 1})
    assert chosen == ["0-1", "1-1"]
