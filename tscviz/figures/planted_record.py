"""How well every method finds a planted cue in every model: the benchmark at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis
from tscviz.figures.palette import unsigned_scale
from tscviz.figures.text import clean, count, escape

LINE = 26.0
_NAME, _REASON = 34, 160
_COLUMNS = ("method", "model", "standard deviation", "pointing game", "test accuracy", "seeds",
            "no score, because")  # fmt: skip


@dataclass(frozen=True)
class RecordCell:
    """One method on one model.

    Parameters
    ----------
    method, model : str
        Their names for people.
    area, spread : float
        Mean area under precision and recall over the seeds and its standard deviation; NaN where
        the method does not apply, or where there is one seed.
    pointing : float
        Mean share of cases whose greatest point is on the cue.
    accuracy : float
        Mean test accuracy of the networks.
    seeds : int
    reason : str
        Why there is no score.
    """

    method: str
    model: str
    area: float
    spread: float
    pointing: float
    accuracy: float
    seeds: int
    reason: str = ""


def plot_planted_record(
    cells: Sequence[RecordCell], chance: float, *, dark: bool = False
) -> go.Figure:
    """Draw the areas as a heat map, the methods that do best over all models at the top.

    Parameters
    ----------
    cells : sequence of RecordCell
        At most one for a method and model; the models stand in the order of their first cell.
    chance : float
        Area of a map that says nothing; the colours begin there.
    dark : bool
        Dark or light look.
    """
    models = list(dict.fromkeys(cell.model for cell in cells))
    methods = _best_first(cells)
    found = {(cell.method, cell.model): cell for cell in cells}
    table = [[found.get((method, model)) for model in models] for method in methods]
    left = int(max(110, 14 + 6.6 * max(len(clean(name, _NAME)) for name in methods)))
    fig, _ = rows([LINE * len(methods)], margin=Margin(left=left, right=12, top=12, bottom=100))
    fig.add_trace(
        go.Heatmap(
            z=[[np.nan if cell is None else cell.area for cell in line] for line in table],
            x=np.arange(len(models)),
            y=np.arange(len(methods)),
            text=[[_text(cell) for cell in line] for line in table],
            customdata=[
                [_told(cell, method, model) for cell, model in zip(line, models, strict=True)]
                for line, method in zip(table, methods, strict=True)
            ],
            xgap=2,
            ygap=2,
            showscale=False,
            **colour_axis(unsigned_scale(), (chance, 1.0)),
            hovertemplate="%{customdata[0]} on %{customdata[1]}<br>area %{z:.3f}, standard "
            "deviation %{customdata[2]:.3f} over %{customdata[5]} seeds<br>greatest point on the "
            "cue in %{customdata[3]:.0%} of cases<br>test accuracy %{customdata[4]:.1%}"
            "<extra></extra>",
            hoverongaps=False,
            meta={
                "table": {
                    "customdata": list(_COLUMNS),
                    "z": "area under PR curve",
                }
            },
        )
    )
    write_cells(fig, size=11)
    common = {"showgrid": False, "showline": False, "ticks": "", "fixedrange": True}
    set_axis(
        fig, "x", **common, tickvals=list(range(len(models))), tickangle=-35,
        ticktext=[escape(name, _NAME) for name in models], range=[-0.5, len(models) - 0.5],
        title_text="model",
    )  # fmt: skip
    set_axis(
        fig, "y", **common, tickvals=list(range(len(methods))), ticklabelstandoff=6,
        ticktext=[escape(name, _NAME) for name in methods], range=[len(methods) - 0.5, -0.5],
    )  # fmt: skip
    return finish(fig, key="planted-record", alt=_alt(cells, methods, chance), dark=dark)


def _best_first(cells: Sequence[RecordCell]) -> list[str]:
    """Return the methods by their mean area over the models they apply to."""
    areas: dict[str, list[float]] = {}
    for cell in cells:
        areas.setdefault(cell.method, []).extend([cell.area] if isfinite(cell.area) else [])
    return sorted(areas, key=lambda name: -fmean(areas[name]) if areas[name] else 1.0)


def _text(cell: RecordCell | None) -> str:
    """Return the area without its leading zero, for which narrow cells have no room."""
    if cell is None or not isfinite(cell.area):
        return ""
    return f"{cell.area:.2f}".removeprefix("0") if cell.area < 0.995 else "1"


def _told(cell: RecordCell | None, method: str, model: str) -> list[object]:
    about: list[object] = [escape(method, _NAME), escape(model, _NAME)]
    if cell is None:
        return [*about, None, None, None, 0, "not run"]
    return [
        *about, cell.spread, cell.pointing, cell.accuracy, cell.seeds, escape(cell.reason, _REASON),
    ]  # fmt: skip


def _alt(cells: Sequence[RecordCell], methods: Sequence[str], chance: float) -> str:
    scored = [cell for cell in cells if isfinite(cell.area)]
    models = len({cell.model for cell in cells})
    text = (
        f"Area under precision and recall of {count(len(methods), 'method')} on "
        f"{count(models, 'model')}, where chance is {chance:.2f}"
    )
    if not scored:
        return f"{text}: nothing scored."
    best = max(scored, key=lambda cell: cell.area)
    least = min(scored, key=lambda cell: cell.area)
    return (
        f"{text}: from {least.area:.2f} ({clean(least.method)} on {clean(least.model)}) to "
        f"{best.area:.2f} ({clean(best.method)} on {clean(best.model)}). Best over all models: "
        f"{clean(methods[0])}."
    )
