"""What the benchmark says of the cue that is chosen: every method on every model, several seeds."""

from __future__ import annotations

import csv
from functools import cache as remember
from math import nan
from pathlib import Path

import streamlit as st

from tscviz.data.planted import PlantedOptions
from tscviz.figures.planted_record import RecordCell, plot_planted_record
from tscviz.figures.text import count
from tscviz.models.registry import model_entry, model_names
from tscviz.resources import resource
from tscviz.ui import components, shell
from tscviz.ui.attributions.data import known

FILE = "planted_means.csv"
Row = dict[str, str]


def setting(options: PlantedOptions) -> str:
    """Return the benchmark's name of a kind of cue: "single-shape-fixed"."""
    return f"{options.where}-{options.cue}-{options.position}"


def read(kind: str) -> list[Row]:
    """Return the benchmark's rows of a kind of cue; empty where it was not run."""
    path = resource("benchmarks/results") / FILE
    if not path.exists():
        return []
    order = {name: i for i, name in enumerate(model_names())}
    rows = _rows(path, path.stat().st_mtime_ns)
    return sorted(
        (row for row in rows if row["setting"] == kind and row["model"] in order),
        key=lambda row: order[row["model"]],
    )


@remember
def _rows(path: Path, _changed: int) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(rows: list[Row], ending: str = "") -> list[RecordCell]:
    """Return rows as cells of the figure.

    Parameters
    ----------
    rows : list of dict
    ending : str
        "_time" for scores over time, channels summed.
    """
    return [
        RecordCell(
            known()[row["method"]].title,
            model_entry(row["model"]).title,
            _number(row[f"average_precision{ending}"]),
            _number(row[f"average_precision{ending}_sd"]),
            _number(row[f"pointing{ending}"]),
            _number(row["test_accuracy"]),
            int(row["seeds"]),
            row["reason"],
        )
        for row in rows
        if row["method"] in known()
    ]


def _number(text: str) -> float:
    return float(text) if text else nan


_HOW = (
    "Each network learned 300 series of 100 points with a cue of 12, one distractor a channel and "
    "noise 0.3; ten test cases are explained. A blank cell: the method does not apply to the "
    "model. Attention is flat where it sees one step, as in the paper's ALSTM-FCN."
)


def draw(options: PlantedOptions) -> None:
    """Show the record of the kind of cue that the form asks for, folded."""
    rows = read(setting(options))
    if not rows:
        return
    several = options.where == "interacting"
    chance = next(
        _number(row["chance_time" if several else "chance"]) for row in rows if row["chance"]
    )
    with st.expander("All models and methods on this kind of cue", icon=":material/table_chart:"):
        found = cells(rows, "_time" if several else "")
        seeds = max(cell.seeds for cell in found)
        st.markdown(
            f"Area under precision and recall, mean of {count(seeds, 'training')}, each with "
            f"a seed of its own that also plants another problem. Chance is {chance:.2f}, 1 is "
            "perfect."
        )
        components.figure(
            plot_planted_record(found, chance, dark=shell.is_dark()),
            name=f"planted-record-{setting(options)}",
            caption=_HOW + (" Scored over time, channels summed." if several else ""),
            document=rows,
        )
