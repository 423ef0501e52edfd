"""Input fields drawn from declared options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args, get_origin

import streamlit as st

from tscviz.options import OptionInfo
from tscviz.ui.escape import escape_markdown

_LABELS = {
    "lr": "Learning rate",
    "batch_size": "Batch size",
    "select": "Weights kept",
    "gaps": "Missing values",
    "normalise": "Normalise",
    "gamma": "Gamma",
    "init": "Initial weights",
    "kernels": "Kernel lengths",
    "device": "Train on",
    "per": "Ranked",
    "local": "The map is",
    "n_random": "Random maps",
    "n_samples": "Stretches",
    "n_nearby": "Changed cases",
    "n_draws": "Random networks",
    "n_repeats": "Repetitions",
}


def draw_fields(
    infos: tuple[OptionInfo, ...], base: Mapping[str, Any], prefix: str
) -> dict[str, Any]:
    """Draw a field for each option and return the values that differ from `base`.

    Parameters
    ----------
    infos : tuple of OptionInfo
    base : mapping
        Values shown at first.
    prefix : str
        Start of the widgets' keys; another prefix is another set of fields.
    """
    columns = 1 if len(infos) < 2 else 3
    grid = st.grid(columns, min_column_width=130)
    values = {}
    for info in infos:
        with grid.container():
            values[info.name] = _field(info, base[info.name], f"{prefix}_{info.name}")
    return {name: value for name, value in values.items() if value != base[name]}


def fill(
    infos: tuple[OptionInfo, ...], base: Mapping[str, Any], given: Mapping[str, Any], prefix: str
) -> None:
    """Set the fields to `base` with the values in `given`; before they are drawn."""
    for info in infos:
        value = given.get(info.name, base[info.name])
        st.session_state[f"{prefix}_{info.name}"] = _shown(info, value)


def _field(info: OptionInfo, base: Any, key: str) -> Any:
    label = _LABELS.get(info.name, info.name.replace("_", " ").capitalize())
    common: dict[str, Any] = {
        "label": label,
        "key": key,
        "help": escape_markdown(info.help),
        "persist_state": "session",
    }
    st.session_state.setdefault(key, _shown(info, base))
    if info.choices is not None:
        return st.selectbox(options=info.choices, **common)
    if info.kind is bool:
        return st.toggle(**common)
    if info.kind in (int, float):
        return _number(info, base, common)
    return _parsed(info, st.text_input(**common))


def _number(info: OptionInfo, base: float, common: dict[str, Any]) -> Any:
    bounds = {
        "min_value": None if info.minimum is None else info.kind(info.minimum),
        "max_value": None if info.maximum is None else info.kind(info.maximum),
    }
    if info.kind is int:
        return st.number_input(step=1, **bounds, **common)
    step = 10.0 ** math.floor(math.log10(base)) if base > 0 else 1e-4
    return st.number_input(step=step, format="%g", **bounds, **common)


def _shown(info: OptionInfo, value: Any) -> Any:
    if info.choices is not None or info.kind in (bool, int, float):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _parsed(info: OptionInfo, text: str | None) -> Any:
    """Read a list of numbers; what cannot be read goes on as text, and its check explains it."""
    text = (text or "").strip()
    if get_origin(info.kind) is not tuple:
        return text
    try:
        return tuple(get_args(info.kind)[0](part) for part in text.strip("()[] ").split(","))
    except ValueError:
        return text
