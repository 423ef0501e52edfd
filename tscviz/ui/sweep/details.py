"""One cell of a sweep: its figures, or why it has none, and its model in the rest of the app."""

from __future__ import annotations

import secrets
import shutil

import streamlit as st

from tscviz.resources import home_folder
from tscviz.training.jobs import JobError
from tscviz.training.jobspec import jobs_folder
from tscviz.training.jobstore import store_lock
from tscviz.training.sweep import Cell, CellState, SweepError, SweepFolder
from tscviz.ui import cache, components
from tscviz.ui.errors import guard
from tscviz.ui.escape import escape_markdown
from tscviz.ui.navigation import page_path
from tscviz.ui.sweep import data
from tscviz.ui.sweep.grid import show_cell
from tscviz.ui.sweep.reading import Snapshot
from tscviz.ui.train import words

_LOG_BYTES = 8000
_SEED = "sweep_detail_seed"


def draw_details(folder: SweepFolder, seen: Snapshot, chosen: Cell) -> None:
    """Draw the cell that was clicked; where its square stands for several seeds, one of them."""
    cell = _one_seed(seen, chosen)
    state = seen.states[cell.id]
    look = words.LOOKS[state.state]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            title = f"{seen.rows[cell.id]} on {cell.job.dataset}, seed {cell.job.seed}"
            st.subheader(escape_markdown(title), anchor=False, width="content")
            st.badge(look.word, icon=look.icon, color=look.colour)
        st.caption(escape_markdown(f"{words.settings(cell.job)} · cell {cell.id}"))
        if state.result:
            _figures(state)
            with guard():
                _open(folder, cell)
        else:
            _without(folder, cell, state)


def _one_seed(seen: Snapshot, chosen: Cell) -> Cell:
    same = {
        cell.job.seed: cell
        for cell in seen.cells
        if (seen.rows[cell.id], cell.job.dataset) == (seen.rows[chosen.id], chosen.job.dataset)
    }
    if len(same) < 2:
        return chosen
    st.session_state[_SEED] = chosen.job.seed

    def take() -> None:
        show_cell(same[st.session_state[_SEED]].id)

    with st.container(width=200):
        st.selectbox("Seed", sorted(same), key=_SEED, on_change=take)
    return chosen


def _figures(state: CellState) -> None:
    found = state.result or {}
    components.stat_tiles(
        {
            "Accuracy": components.percent(found["accuracy"]),
            "Balanced accuracy": components.percent(found["balanced_accuracy"]),
            "Macro-F1": components.percent(found["macro_f1"]),
            "Train accuracy": components.percent(found["train_accuracy"]),
            "Epoch kept": f"{found['best_epoch']} of {found['epochs']}",
            "Trained for": words.duration(found["train_seconds"]),
        }
    )


def _without(folder: SweepFolder, cell: Cell, state: CellState) -> None:
    """Say how far it is, or why it failed."""
    if state.state == "failed":
        st.error(escape_markdown(state.message), icon=":material/error:")
        st.caption("Mend the cause; Resume tries failed cells again.")
    elif state.epochs:
        left = state.eta_seconds if state.state == "running" else None
        more = "" if left is None else f", {words.duration(left)} left"
        share = min(1.0, state.epoch / state.epochs)
        st.progress(share, f"Epoch {state.epoch} of {state.epochs}{more}")
    elif state.state == "waiting":
        st.markdown(":gray[Its turn has not come yet.]")
    for reason in folder.attempts(cell.id):
        st.caption(escape_markdown(f"Started again: {reason}"))
    log = _log(folder, cell)
    if state.state == "failed" and log:
        with st.expander("What the worker printed", icon=":material/terminal:"):
            st.code(log, language=None)


def _log(folder: SweepFolder, cell: Cell) -> str:
    try:
        log = (folder.folder(cell.id) / "worker.log").read_bytes()
    except OSError:
        return ""
    return log[-_LOG_BYTES:].decode("utf-8", errors="replace").strip()


def _open(folder: SweepFolder, cell: Cell) -> None:
    """Offer the model to the rest of the app: as a training like those of the page Train."""
    name, dataset = f"job/{cell.id}", cell.job.dataset
    entry = cache.models().get(name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if entry is not None and entry.dataset in cache.catalogue().datasets:
            pages = (("classify", "Classify with it"), ("attributions", "Explain its decisions"))
            for page, label in pages:
                components.go_to(page, label, width="content", dataset=entry.dataset, model=name)
            st.page_link(
                page_path("train"), label="Its curves and mistakes",
                query_params={"job": cell.id}, width="content",
            )  # fmt: skip
        elif not (folder.folder(cell.id) / "model").is_dir():
            st.caption("The sweep keeps no models; its file says keep = 'nothing'.")
        elif not data.at_hand(dataset):
            told = f"{dataset} is not at hand here; {data.advice(folder, dataset)}"
            st.caption(escape_markdown(f"{told} to open this model."))
        elif st.button(
            "Open this model in the app",
            key="sweep_open_model",
            icon=":material/open_in_new:",
            help="Puts a copy among the trainings, so that every page can use it",
        ):
            adopt(folder, cell)
            cache.refresh()
            st.rerun()


def adopt(folder: SweepFolder, cell: Cell) -> None:
    """Copy a done cell among the trainings: a job like any other, whole or not there.

    Raises
    ------
    SweepError
        Where it cannot be copied.
    """
    root = jobs_folder(home_folder())
    fresh = root / f".new-{secrets.token_hex(8)}"
    try:
        with store_lock(root):
            if not (root / cell.id).exists():
                ignored = shutil.ignore_patterns(".*", "reserve", "checkpoint", "cancel")
                shutil.copytree(folder.folder(cell.id), fresh, ignore=ignored)
                fresh.rename(root / cell.id)
    except (JobError, OSError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise SweepError(f"The model cannot be copied to {root}: {error}.") from None
