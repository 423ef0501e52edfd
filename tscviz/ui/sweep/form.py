"""The form for a new sweep: by fields, or from a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from math import ceil
from typing import Any

import streamlit as st

from tscviz.models.registry import model_entry, model_names
from tscviz.options import describe_options
from tscviz.training.recipes import Recipe, presets
from tscviz.training.sweep import SweepError, SweepSpec, start_sweep, sweep_from_mapping
from tscviz.training.sweep.backends.memory import bearable_workers
from tscviz.types import TscvizError
from tscviz.ui import cache, components, state
from tscviz.ui.errors import guard, show_error
from tscviz.ui.escape import escape_markdown, safe_file_name
from tscviz.ui.sweep import folders, toml
from tscviz.ui.sweep.estimate import estimate
from tscviz.ui.sweep.watch import wait_for_scheduler
from tscviz.ui.train import words
from tscviz.ui.train.fields import draw_fields

_KEEP: dict[str, Any] = {"persist_state": "session"}
_FIRST = ("dtp-fcn",)
_MOST_WORKERS = 256


def draw_form() -> None:
    """Draw the form, what would be started, and the button that starts it."""
    st.session_state.setdefault("sweep_name", folders.free_name())
    with st.container(width=340):
        name = st.text_input(
            "Name of the sweep", key="sweep_name", max_chars=60,
            help="Letters, digits, dots, dashes and underscores", **_KEEP,
        )  # fmt: skip
    upload = st.file_uploader(
        "From a sweep.toml", type="toml", key="sweep_upload", max_upload_size=1,
        help="In place of the fields below; `tscviz sweep` reads the same file",
    )  # fmt: skip
    with guard():
        spec = _fields() if upload is None else _uploaded(upload.getvalue())
        _offer(name or "", spec)


def _archive() -> str | None:
    return os.environ.get("TSCVIZ_ARCHIVE")


def _uploaded(data: bytes) -> SweepSpec:
    return toml.read_upload(data, cache.catalogue().datasets, _archive())


def _fields() -> SweepSpec:
    """Draw the fields and return the sweep they describe."""
    grid = st.grid(4, min_column_width=190)
    names = cache.catalogue().datasets
    with grid.container():
        st.session_state.setdefault("sweep_models", list(_FIRST))
        models = st.multiselect(
            "Models", model_names(), key="sweep_models",
            format_func=lambda n: model_entry(n).title, **_KEEP,
        )  # fmt: skip
    with grid.container():
        st.session_state.setdefault("sweep_datasets", [state.current().dataset])
        kept = [n for n in st.session_state["sweep_datasets"] if n in names]
        if kept != st.session_state["sweep_datasets"]:
            st.session_state["sweep_datasets"] = kept
        every = st.session_state.get("sweep_all", False)
        chosen = st.multiselect("Datasets", names, key="sweep_datasets", disabled=every, **_KEEP)
        every = st.toggle(f"All {len(names)} at hand", key="sweep_all", **_KEEP)
    with grid.container():
        common = _shared_presets(models)
        preset = st.selectbox(
            "Preset", common, key="sweep_preset", format_func=str.capitalize, **_KEEP
        )
    with grid.container():
        seeds: Any = st.number_input(
            "Seeds", 1, 1000, 3, step=1, key="sweep_seeds",
            help="How many: 0, 1, 2, … Each is a training of its own.", **_KEEP,
        )  # fmt: skip
    lines = [{"model": m, "options": _options(m, preset)} for m in models if preset]
    if not models:
        raise SweepError("No model is chosen; choose at least one.")
    if not (every or chosen):
        raise SweepError("No dataset is chosen; choose at least one, or all.")
    if not preset or not seeds:
        raise SweepError("The preset or the number of seeds is empty; the models share no preset.")
    value = {
        "preset": preset,
        "seeds": int(seeds),
        "datasets": list(names) if every else list(chosen),
        "models": [line if line["options"] else line["model"] for line in lines],
    }
    archive = _archive()
    return sweep_from_mapping(value | ({} if archive is None else {"archive": archive}))


def _shared_presets(models: list[str]) -> list[str]:
    own = [list(presets(model)) for model in models] or [["quick", "paper"]]
    found = [name for name in own[0] if all(name in names for names in own)]
    return sorted(found, key=lambda name: name != "quick")


def _options(model: str, preset: str) -> dict[str, Any]:
    """Draw a model's options; return those that differ from its preset, as JSON has them."""
    with st.expander(
        f"Options of {escape_markdown(model_entry(model).title)}", icon=":material/tune:",
        key=f"sweep_options_{model}",
    ):  # fmt: skip
        infos = describe_options(model_entry(model).options)
        base = {info.name: info.default for info in infos} | presets(model)[preset].network
        options = draw_fields(infos, base, f"sweep_{model}_{preset}_network")
        recipe: Mapping[str, Any] = asdict(presets(model)[preset].recipe)
        options |= draw_fields(describe_options(Recipe), recipe, f"sweep_{model}_{preset}")
    return {k: list(v) if isinstance(v, tuple) else v for k, v in options.items()}


def _offer(name: str, spec: SweepSpec) -> None:
    """Show the size of a sweep, its file, and the button that starts it."""
    datasets = cache.catalogue().datasets
    toml.check(spec, datasets)
    cells = toml.count_cells(spec, datasets)
    most = bearable_workers(spec.threads)
    with st.spinner("Looking at the datasets …"):
        found = estimate(spec, datasets)
    seconds = found.seconds
    at_a_time = min(cells, int(st.session_state.get("sweep_workers") or most))
    share = ceil(cells / at_a_time) / cells  # rounds: three cells, two at a time, take two
    components.stat_tiles(
        {
            "Cells": f"{cells:,}",
            "Models": len(spec.lines),
            "Datasets": len({n for line in spec.lines for n in toml.spelt(line, datasets)}),
            "On one core": _time(seconds),
            f"{at_a_time} at a time": _time(None if seconds is None else seconds * share),
        }
    )
    said = f" from {found.sampled} of the datasets" if found.sampled else ""
    st.caption(f"Times are estimated{said}; early stopping makes them less.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        workers: Any = st.number_input(
            "Cells at a time", 1, _MOST_WORKERS, None, step=1, key="sweep_workers", width=160,
            placeholder=str(most),
            help="Empty: what cores and free memory of the server bear, looked at before each cell",
            **_KEEP,
        )  # fmt: skip
        if st.button("Start sweep", type="primary", icon=":material/play_arrow:"):
            _start(name, spec, None if workers is None else int(workers))
        st.download_button(
            "sweep.toml", lambda: toml.toml_text(spec), f"{safe_file_name(name)}.toml",
            "application/toml", key="sweep_form_toml", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
    with st.expander("The file", icon=":material/terminal:"):
        st.code(toml.toml_text(spec), language="toml")
        st.code(f"python -m tscviz sweep {safe_file_name(name)}.toml", language="bash")


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else words.roughly(seconds).removeprefix("about ")


def _start(name: str, spec: SweepSpec, workers: int | None) -> None:
    try:
        folder = folders.folder_of(folders.check_name(name))
        with st.spinner("Reading the datasets and starting …"):
            start_sweep(spec, folder.root, workers=workers)
            wait_for_scheduler(folder)
    except TscvizError as error:
        show_error(error)
        return
    del st.session_state["sweep_name"]
    folders.show(folder.root.name)
    st.rerun()
