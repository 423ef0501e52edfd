"""The grid of a sweep: its cells as squares, and the square that was clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tscviz.figures.sweep_grid import MOST_SQUARES, Square, bears_numbers, plot_sweep_grid
from tscviz.training.sweep import Cell, CellState
from tscviz.ui import components, page_options, shell
from tscviz.ui.sweep.reading import STATES, Snapshot

_CELL = "cell"
_CLICKED = "_tscviz_sweep_clicked"
Group = tuple[str, str, tuple[Cell, ...]]


def draw_grid(name: str, seen: Snapshot) -> Cell | None:
    """Draw the grid; return the cell whose details are wanted."""
    groups, note = _groups(seen)
    across = _across(groups)
    groups, part = _part(groups)
    squares = [_square(group, seen) for group in groups]
    if across == "models":
        squares = [Square(s.column, s.row, s.counts, s.accuracy, s.share) for s in squares]
    one_each = len({group[0] for group in groups}) == len(set(seen.rows.values()))
    model = "model" if one_each else "model and seed"
    words = (model, "dataset") if across == "models" else ("dataset", model)
    fig = plot_sweep_grid(squares, across=words[0], down=words[1], dark=shell.is_dark())
    number = "The number is the accuracy in per cent"
    number = number if bears_numbers(squares) else "The colour is the accuracy"
    clicked = components.figure(
        fig,
        name=f"sweep-{name}",
        caption=(
            f"{note}{part}{number} on the test split. A ring waits, a disc runs, a cross has "
            "failed, a dash was cancelled; the tint is the share of epochs. Click a square for its "
            "details."
        ),
        select=("points",),
        downloads=seen.finished,
    )
    _take(clicked, groups, seen)
    ids = {cell.id: cell for cell in seen.cells}
    chosen = page_options.value(_CELL, ids, "")
    return ids.get(chosen)


def show_cell(cell_id: str) -> None:
    """Open the details of a cell, from a callback."""
    page_options.set_value(_CELL, cell_id)


def _take(clicked: Any, groups: Sequence[Group], seen: Snapshot) -> None:
    """Open the square that was clicked just now; a click of before is not taken again."""
    points = clicked.selection.points if clicked else []
    index = points[0].get("point_index") if points else None
    group = groups[index] if isinstance(index, int) and index < len(groups) else None
    key = None if group is None else group[2][0].id  # what it speaks of may change while it runs
    if group is not None and key != st.session_state.get(_CLICKED):
        show_cell(_meant(group, seen).id)
    st.session_state[_CLICKED] = key


def _meant(group: Group, seen: Snapshot) -> Cell:
    """Return the cell of whose state the square speaks: of several seeds the one that failed."""
    state, cells = _square(group, seen).state, group[2]
    return next((cell for cell in cells if seen.states[cell.id].state == state), cells[0])


def _groups(seen: Snapshot) -> tuple[list[Group], str]:
    """Return a square for each cell, or one for all seeds of a model and dataset if too many."""
    seeds = {cell.job.seed for cell in seen.cells}
    together = len(seeds) > 1 and len(seen.cells) > MOST_SQUARES
    found: dict[tuple[str, str], list[Cell]] = {}
    order = sorted(seen.cells, key=lambda c: c.job.seed) if not together else seen.cells
    lines = list(dict.fromkeys(seen.rows[cell.id] for cell in seen.cells))
    for cell in sorted(order, key=lambda c: lines.index(seen.rows[c.id])):
        row = seen.rows[cell.id]
        row += "" if together or len(seeds) == 1 else f" · seed {cell.job.seed}"
        found.setdefault((row, cell.job.dataset), []).append(cell)
    groups = [(row, dataset, tuple(cells)) for (row, dataset), cells in found.items()]
    note = f"A square is the mean over the done ones of {len(seeds)} seeds. " if together else ""
    return groups, note


def _across(groups: Sequence[Group]) -> str:
    datasets, models = len({g[1] for g in groups}), len({g[0] for g in groups})
    default = "models" if datasets > 40 and models <= 40 else "datasets"
    return page_options.segmented(
        "across", "Columns", ("datasets", "models"), default, str.capitalize
    )


def _part(groups: list[Group]) -> tuple[list[Group], str]:
    """Return the squares of one part of the datasets, where there are more than can be drawn."""
    if len(groups) <= MOST_SQUARES:
        return groups, ""
    datasets = list(dict.fromkeys(group[1] for group in groups))
    each = max(1, MOST_SQUARES * len(datasets) // len(groups))
    parts = [datasets[i : i + each] for i in range(0, len(datasets), each)]
    numbers = [str(i) for i in range(1, len(parts) + 1)]
    chosen = page_options.select(
        "part", "Datasets", numbers, "1", lambda n: _named(parts[int(n) - 1])
    )
    shown = set(parts[int(chosen) - 1])
    note = f"{len(shown)} of {len(datasets)} datasets. "
    return [group for group in groups if group[1] in shown], note


def _named(part: Sequence[str]) -> str:
    return f"{part[0]} to {part[-1]}"


def _square(group: Group, seen: Snapshot) -> Square:
    row, dataset, cells = group
    states = [seen.states[cell.id] for cell in cells]
    words = [state.state for state in states]
    done, running, waiting, failed, cancelled = (words.count(state) for state in STATES)
    known = [s.result["accuracy"] for s in states if s.result]
    return Square(
        row,
        dataset,
        (done, running, waiting, failed, cancelled),
        sum(known) / len(known) if known else None,
        sum(map(_share, states)) / len(states),
    )


def _share(state: CellState) -> float:
    if state.state == "done":
        return 1.0
    return min(1.0, state.epoch / state.epochs) if state.epochs else 0.0
