"""Which model classifies: every bundled one and every one trained here, with what it expects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from tscviz.ui import cache, state
from tscviz.ui.components.cards import percent
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import DEFAULT_DATASET, DEFAULT_MODEL

_KEY = "classify_model"
#: A model whose dataset is not at hand cannot be in the shared selection; it is kept here.
_FOREIGN = "_classify_foreign_model"


@dataclass(frozen=True)
class Model:
    """A model with what its card says of the series it was trained on.

    Parameters
    ----------
    entry : ModelEntry
    classes : tuple of str
    n_channels : int
    lengths : (int, int)
        Shortest and longest training series, in time points.
    mean, sd : tuple of float
        Per channel, of the training series as prepared; empty where the card does not say.
    preparation : mapping
        What the model's series go through by default.
    """

    entry: ModelEntry
    classes: tuple[str, ...]
    n_channels: int
    lengths: tuple[int, int]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    preparation: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Architecture and dataset, unescaped: "DTP-FCN on GunPoint"."""
        return f"{self.entry.label} on {self.entry.dataset}"

    @property
    def length_text(self) -> str:
        """Lengths of the training series: "150", "7 to 29"."""
        low, high = self.lengths
        return str(low) if low == high else f"{low} to {high}"


def all_models() -> dict[str, Model]:
    """Return every model by name, bundled ones first."""
    entries = sorted(cache.models().values(), key=lambda e: (e.name.startswith("job/"), e.name))
    return {entry.name: describe(entry) for entry in entries}


def describe(entry: ModelEntry) -> Model:
    """Return a model with its card's facts; no torch is needed for it."""
    return _describe(entry, entry.folder, entry.sha256)


@st.cache_resource(max_entries=256, show_spinner=False)
def _describe(_entry: ModelEntry, folder: str, sha256: str) -> Model:  # noqa: ARG001 - key
    card = json.loads((Path(folder) / "card.json").read_text(encoding="utf-8"))
    training = card.get("input", {})
    low, high = card.get("lengths") or (0, 0)
    return Model(
        entry=_entry,
        classes=tuple(map(str, card["classes"])),
        n_channels=int(card["n_channels"]),
        lengths=(int(low), int(high)),
        mean=tuple(training.get("mean", ())),
        sd=tuple(training.get("sd", ())),
        preparation=card.get("preparation", {}),
    )


def current(models: Mapping[str, Model]) -> Model:
    """Return the chosen model: the shared selection's, or one whose dataset is not at hand."""
    selection = state.current()
    foreign = str(st.session_state.get(_FOREIGN))
    if foreign in models and foreign not in cache.catalogue().models:
        return models[foreign]
    if str(selection.model) in models:
        return models[str(selection.model)]
    default = f"{DEFAULT_MODEL}/{DEFAULT_DATASET}"
    return models[default if default in models else next(iter(models))]


def choose(models: Mapping[str, Model]) -> Model:
    """Draw the choice of the model and return the chosen one."""
    model = current(models)
    st.session_state[_KEY] = model.entry.name
    st.selectbox(
        "Model",
        list(models),
        format_func=lambda name: one_line(models[name]),
        key=_KEY,
        on_change=lambda: take(st.session_state[_KEY]),
    )
    return model


def say_fallback(model: Model) -> None:
    """Say so where the dataset in the sidebar has no model and another one stands in."""
    dataset = state.current().dataset
    if state.current().model is None and st.session_state.get(_FOREIGN) != model.entry.name:
        st.caption(
            f"Nothing is trained on {escape_markdown(dataset)} yet, so "
            f"{escape_markdown(model.title)} is used."
        )


def take(name: str) -> None:
    """Make a model the chosen one, here and, where its dataset is at hand, on all pages."""
    dataset = cache.catalogue().models.get(name)
    if dataset is None:
        st.session_state[_FOREIGN] = name
        return
    st.session_state.pop(_FOREIGN, None)
    state.select(dataset=dataset, model=name)


def one_line(model: Model) -> str:
    """Return what tells a model apart in a list, as plain text."""
    channels = "1 channel" if model.n_channels == 1 else f"{model.n_channels} channels"
    accuracy = percent(model.entry.test_accuracy)
    return plain_text(
        f"{model.title} · {len(model.classes)} classes · {channels} · {accuracy} right"
    )


def fitting(models: Mapping[str, Model], n_channels: int) -> list[Model]:
    """Return the models that take series of `n_channels` channels, one a dataset."""
    found: dict[str, Model] = {}
    for model in models.values():
        if model.n_channels == n_channels:
            best = found.get(model.entry.dataset)
            if best is None or model.entry.name.startswith(DEFAULT_MODEL):
                found[model.entry.dataset] = model
    return list(found.values())
