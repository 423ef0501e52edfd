"""Learning curves of the cells of a sweep, with their spread over the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from tscviz.atomic import read_json_lines
from tscviz.figures import SeedCurves, plot_learning_curves, seed_curves
from tscviz.training.jobdir import EVENTS
from tscviz.training.sweep import SweepFolder
from tscviz.ui import components, page_options, shell
from tscviz.ui.escape import plain_text, safe_file_name
from tscviz.ui.results.controls import Chosen

MOST = 6


def draw(chosen: Chosen) -> None:
    """Draw the curves of the chosen models on one dataset."""
    if not chosen.source.is_sweep:
        components.empty_state(
            "No curves in this table",
            "A benchmark's table keeps the last figures alone. Sweeps keep every epoch.",
            page="sweep",
            label="Start a sweep",
        )
        return
    datasets = chosen.scores.datasets
    if not datasets:
        components.empty_state("No curves", "The chosen models have no figure of this measure.")
        return
    dataset = page_options.select("problem", "Dataset", datasets, datasets[0], plain_text)
    curves = [
        one
        for model in chosen.models[:MOST]
        if (one := _curves(chosen, dataset, model)) is not None
    ]
    if not curves:
        components.empty_state("No curves", f"No cell of {dataset} has kept its epochs.")
        return
    text = "Line: median over the seeds. Band: least to most."
    if len(chosen.models) > MOST:
        text += f" The first {MOST} of {len(chosen.models)} chosen models."
    components.figure(
        plot_learning_curves(curves, dark=shell.is_dark()),
        name=f"results-curves-{safe_file_name(dataset)}",
        caption=text,
    )


def _curves(chosen: Chosen, dataset: str, model: str) -> SeedCurves | None:
    frame = chosen.frame
    cells = frame.loc[(frame["dataset"] == dataset) & (frame["label"] == model), "cell"]
    folder = SweepFolder(chosen.source.path)
    paths = [folder.folder(str(cell)) / EVENTS for cell in cells]
    paths = [path for path in paths if path.is_file()]
    return _read(tuple(map(str, paths)), model) if paths else None


@st.cache_resource(max_entries=64, show_spinner="Reading the epochs …")
def _read(paths: Sequence[str], model: str) -> SeedCurves | None:
    """Read the events of cells that are done: they do not change any more."""
    runs = [read_json_lines(Path(path)) for path in paths]
    runs = [[e for e in run if isinstance(e.get("epoch"), int)] for run in runs]
    runs = [run for run in runs if run]
    return seed_curves(model, runs) if runs else None
