"""Which classes one run mistakes, and the cases behind each cell of its confusion matrix."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.figures import plot_confusion, plot_series
from tscviz.training.jobdir import MODEL
from tscviz.training.sweep import SweepFolder
from tscviz.types import Array, Dataset
from tscviz.ui import cache, components, page_options, shell
from tscviz.ui.cell_targets import add_targets
from tscviz.ui.components.cards import AT_MOST, percent_cell
from tscviz.ui.escape import escape_markdown, plain_text, safe_file_name
from tscviz.ui.results.controls import Chosen
from tscviz.ui.selection import Selection
from tscviz.ui.sweep.data import advice, at_hand

if TYPE_CHECKING:
    from tscviz.models import Classifier

_CELL = "cell"
_AWAY = 5


@dataclass(frozen=True, eq=False)
class Run:
    """A classifier and the test split it is held against.

    Parameters
    ----------
    title : str
    data : Dataset
    proba : float array, shape (n_cases, n_classes)
    model : str or None
        Its name where the other pages know it.
    """

    title: str
    data: Dataset
    proba: Array
    model: str | None


def draw(chosen: Chosen, selection: Selection) -> None:
    """Draw the matrix of one run and the cases of the cell that was clicked."""
    run = _sweep_run(chosen) if chosen.source.is_sweep else _catalogue_run(selection)
    if run is None:
        return
    true, predicted = run.data.y_test, run.proba.argmax(axis=1)
    cell = _chosen_cell(run, true, predicted)
    fig = add_targets(plot_confusion(true, predicted, run.data.class_names, dark=shell.is_dark()))
    grid = st.grid(2, min_column_width=380)  # one below the other where the window is narrow
    with grid.container():
        st.markdown(f"**{escape_markdown(run.title)}**")
        name = f"results-confusion-{safe_file_name(run.title)}"
        found = components.figure(fig, name=name, select=("points",))
        if _take_click(found, name, _cells(true, predicted)):
            st.rerun()
    with grid.container():
        _cases(run, true, predicted, cell)


def _catalogue_run(selection: Selection) -> Run | None:
    """Return the model of the sidebar: a benchmark's table keeps no models."""
    if selection.model is None:
        components.empty_state("No model", "No model of this dataset is at hand.", page="train",
                               label="Train one")  # fmt: skip
        return None
    st.caption("This table keeps no models: the matrix is of the model in the sidebar.")
    data = cache.dataset(selection.dataset)
    proba = cache.probabilities(selection.model, selection.dataset, "test")
    entry = cache.models()[selection.model]
    return Run(f"{entry.label} on {selection.dataset}", data, proba, selection.model)


def _sweep_run(chosen: Chosen) -> Run | None:
    """Return the cell that the visitor names by dataset, model and seed."""
    frame, sweep = chosen.frame, SweepFolder(chosen.source.path)
    datasets = [name for name in chosen.scores.datasets if at_hand(name)]
    if not datasets:
        return _no_data(sweep, chosen.scores.datasets)
    if away := [name for name in chosen.scores.datasets if name not in datasets]:
        told = f"Not at hand here: {', '.join(away[:_AWAY])}{' …' if len(away) > _AWAY else ''}"
        st.caption(escape_markdown(f"{told}; {advice(sweep, away[0])} to see their mistakes, too."))
    columns = st.columns(3)
    with columns[0]:
        dataset = page_options.select("problem", "Dataset", datasets, datasets[0], plain_text)
    own = frame.loc[(frame["dataset"] == dataset) & frame["label"].isin(chosen.models)]
    ids = chosen.ids([str(name) for name in own["label"].unique()])
    if not ids:
        st.info("None of the chosen models has a finished run on this dataset.")
        return None
    with columns[1]:
        label = ids[page_options.select("run", "Model", tuple(ids), next(iter(ids)),
                                        lambda i: plain_text(ids[i]))]  # fmt: skip
    # Two sweeps in one folder may have run a seed twice, with other code or data: the last counts.
    mine = own.loc[own["label"] == label].drop_duplicates("seed", keep="last")
    mine = mine.set_index("seed")["cell"]
    seeds = [str(int(seed)) for seed in mine.index]
    with columns[2]:
        seed = page_options.select("seed", "Seed", seeds, seeds[0])
    folder = sweep.folder(str(mine.loc[int(seed)])) / MODEL
    if not (folder / "card.json").is_file():
        components.empty_state(
            "Its model was not kept", 'Sweeps keep models unless sweep.toml says keep = "nothing".'
        )
        return None
    return _held(f"{label} on {dataset}, seed {seed}", str(folder), dataset)


def _no_data(sweep: SweepFolder, datasets: Sequence[str]) -> None:
    if not datasets:
        components.empty_state("No data", "The chosen models have no figure of this measure.")
        return
    told = f"None of the sweep's datasets is at hand here; {advice(sweep, datasets[0])}"
    components.empty_state("No data", f"{told} to see which cases the models mistake.")


def _held(title: str, folder: str, dataset: str) -> Run | None:
    classifier, data = _classifier(folder), cache.dataset(dataset)
    if not classifier.was_trained_on(data.digest):
        st.info("The dataset has changed since this training; its mistakes are not shown.")
        return None
    ready = cache.prepared_of((data.digest, "test"), classifier.digest, data.X_test,
                              data.mask_test, classifier)  # fmt: skip
    proba = cache.probabilities_of((data.digest, "test"), classifier.digest, ready.X, ready.mask,
                                   classifier)  # fmt: skip
    return Run(title, data, proba, None)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …")
def _classifier(folder: str) -> Classifier:
    from tscviz.models import load_model

    return load_model(folder)


def _cells(true: Array, predicted: Array) -> dict[str, int]:
    """Return the cells that hold cases, mistakes first and the fullest of those first."""
    counts: dict[tuple[int, int], int] = {}
    for pair in zip(true.tolist(), predicted.tolist(), strict=True):
        counts[pair] = counts.get(pair, 0) + 1
    order = sorted(counts, key=lambda pair: (pair[0] == pair[1], -counts[pair]))
    return {f"{t}-{p}": counts[t, p] for t, p in order}


def _chosen_cell(run: Run, true: Array, predicted: Array) -> tuple[int, int]:
    cells = _cells(true, predicted)
    names = run.data.class_names

    def told(name: str) -> str:
        t, p = map(int, name.split("-"))
        kind = "right" if t == p else f"taken for {plain_text(names[p], max_length=30)}"
        return f"{plain_text(names[t], max_length=30)}, {kind} ({cells[name]})"

    text = page_options.select(_CELL, "Cell (or click it)", tuple(cells), next(iter(cells)), told)
    t, p = map(int, text.split("-"))
    return t, p


def _take_click(found: Any, name: str, cells: Container[str]) -> bool:
    """Make a newly clicked cell the chosen one, if it is one of `cells`: empty ones are not."""
    points = found.selection.points if found is not None else []
    picked = f"{points[0].get('y')}-{points[0].get('x')}" if points else ""
    last = st.session_state.get("_tscviz_results_click")
    st.session_state["_tscviz_results_click"] = (name, picked)
    if picked not in cells or last == (name, picked):
        return False
    page_options.set_value(_CELL, picked)
    return True


def _cases(run: Run, true: Array, predicted: Array, cell: tuple[int, int]) -> None:
    """Draw the cases of a cell: a list, the ticked one as a series, and a link to it."""
    idx = np.flatnonzero((true == cell[0]) & (predicted == cell[1]))
    sure = run.proba[idx, cell[1]]
    order = idx[np.argsort(-sure, kind="stable")]
    told = [percent_cell(p) for p in run.proba[order, cell[1]]]
    picked = st.dataframe(
        {"case": order, "probability of the predicted class": told},
        hide_index=True, on_select="rerun", selection_mode="single-row",
        height=min(213, 38 + 35 * len(order)),
        key=f"results_cases_{cell[0]}_{cell[1]}",
        column_config={"probability of the predicted class": st.column_config.NumberColumn(
            format="%.1f %%", help=AT_MOST)},
    )  # fmt: skip
    rows = picked.selection.rows
    case = int(order[rows[0] if rows and rows[0] < len(order) else 0])
    fig = plot_series(
        run.data.X_test[case], mask=run.data.mask_test[case], class_idx=cell[0],
        dark=shell.is_dark(),
    )  # fmt: skip
    components.figure(fig, name=f"results-case-{case}", downloads=False)
    changes: dict[str, Any] = {} if run.model is None else {"model": run.model}
    page, label = ("attributions", "What decided it") if run.model else ("datasets", "In its data")
    components.go_to(page, f"{label}: case {case}", icon=":material/open_in_new:",
                     dataset=run.data.name, split="test", case=case, **changes)  # fmt: skip
