"""The tab of one option: the measure where runs differ in that alone, as in DTP's Figure 7."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from tscviz.data.published import SOURCES, published_figures
from tscviz.figures import plot_option_effect
from tscviz.figures.text import count, escape
from tscviz.titles import title_of
from tscviz.types import Array
from tscviz.ui import components, page_options, shell
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.results.controls import Chosen, identity
from tscviz.ui.results.table import IDENTITY
from tscviz.ui.results.views import COSTS

_WORDS = {"segments": "number of segments L", "sparsity": "sparsity S"}
_MOST = 1e300


@dataclass
class Group:
    """Runs of one model that differ in one option alone.

    Parameters
    ----------
    preset : str
    rest : mapping
        The other options that they set.
    levels : dict of (model, preset, settings) to float
        Values of the option.
    n_runs : int
    """

    preset: str
    rest: Mapping[str, Any]
    levels: dict[tuple[str, str, str], float] = field(default_factory=dict)
    n_runs: int = 0

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return its rows of a table, with their ``level``."""
        kinds = zip(*(frame[name] for name in IDENTITY), strict=True)
        return frame.assign(level=[self.levels.get(kind) for kind in kinds]).dropna(subset="level")

    def written(self, key: str) -> str:
        """Return one of the other options as JSON; nothing where it is not set."""
        return json.dumps(self.rest[key]) if key in self.rest else ""


def draw(chosen: Chosen) -> None:
    """Draw the measure against one option of one model: segments, sparsity, or any number."""
    found = groups_of(chosen.frame)
    if not found:
        components.empty_state(
            "One setting of each model",
            "To see accuracy against the number of segments L or the sparsity, sweep over it: "
            "grid = { segments = [2, 4, 8, 16] } in sweep.toml.",
            page="sweep",
            label="Start a sweep",
        )
        _published_sparsity(chosen)
        return
    names = {f"{model}/{key}": (model, key) for model, key in found}
    name = page_options.select(
        "option", "Option", tuple(names), next(iter(names)),
        lambda one: plain_text(f"{title_of(names[one][0])}: {names[one][1]}"),
    )  # fmt: skip
    model, key = names[name]
    group, told = _chosen_group(found[model, key])
    _effect(chosen, group, key, plain_text(f"Runs of {title_of(model)}: {told}"))
    if key == "sparsity":
        _published_sparsity(chosen)


def groups_of(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, Group]]:
    """Return (model, option) -> id -> runs in which that option alone differs, the most first.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `tscviz.ui.results.table.labelled`.
    """
    found: dict[tuple[str, str], dict[str, Group]] = {}
    sizes = frame.groupby(IDENTITY, sort=False).size().to_dict()
    for (model, preset, options), n in sizes.items():
        given = json.loads(options)
        for key in filter(lambda k: _is_number(given[k]), given):
            rest = {k: given[k] for k in sorted(given) if k != key}
            same = json.dumps([preset, {k: _alike(v) for k, v in rest.items()}])
            groups = found.setdefault((model, key), {})
            group = groups.setdefault(identity(same), Group(preset, rest))
            group.levels[model, preset, options] = float(given[key])
            group.n_runs += n
    kept = {
        kind: {name: one for name, one in groups.items() if len(set(one.levels.values())) > 1}
        for kind, groups in found.items()
    }
    return {
        kind: dict(sorted(groups.items(), key=lambda item: -item[1].n_runs))
        for kind, groups in kept.items()
        if groups
    }


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < _MOST  # neither nan nor inf


def _alike(value: Any) -> Any:
    """Return the same for 1 and 1.0."""
    return float(value) if _is_number(value) else value


def titles_of(groups: Mapping[str, Group]) -> dict[str, str]:
    """Return what tells groups apart, or all that the only one has; plain text."""
    every = list(groups.values())
    alone = len(every) == 1
    preset = alone or len({one.preset for one in every}) > 1
    keys = dict.fromkeys(key for one in every for key in one.rest)
    told = [key for key in keys if alone or len({one.written(key) for one in every}) > 1]
    titles = {}
    for name, one in groups.items():
        parts = [f"preset {one.preset}"] if preset and one.preset else []
        parts += [f"{key}={_text(one.rest[key])}" for key in told if key in one.rest]
        titles[name] = plain_text(", ".join(parts) or "no other option set")
    return titles


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _chosen_group(groups: Mapping[str, Group]) -> tuple[Group, str]:
    """Return the group that the visitor chose, and what it has in common."""
    titles, names = titles_of(groups), tuple(groups)
    name = names[0]
    if len(names) > 1:
        name = page_options.select(
            "rest", "Other options", names, name,
            lambda one: f"{titles[one]} ({count(groups[one].n_runs, 'run')})",
        )  # fmt: skip
    return groups[name], titles[name]


def _effect(chosen: Chosen, group: Group, key: str, told: str) -> None:
    frame, levels = group.of(chosen.frame), sorted(set(group.levels.values()))
    wide = frame.pivot_table(
        index="dataset", columns="level", values=chosen.measure, aggfunc=chosen.over_seeds
    ).reindex(columns=levels)
    lines = dict(zip(map(str, wide.index), wide.to_numpy(float), strict=True))
    lines = {name: line for name, line in lines.items() if np.isfinite(line).any()}
    if not lines:
        components.empty_state("No figures", f"These runs have no {chosen.scores.measure}.")
        return
    components.figure(
        plot_option_effect(
            _WORDS.get(key, escape(key)), levels, lines,
            measure=chosen.scores.measure, higher_better=chosen.scores.higher_better,
            costs=_costs(frame, wide), dark=shell.is_dark(),
        ),
        name=f"results-option-{key}",
        caption="Colour: the level at which the dataset is at its best (DTP paper, Figure 7). "
        "Black or white: the mean over the datasets that have every level. "
        f"{escape_markdown(told)}.",
    )  # fmt: skip


def _costs(frame: pd.DataFrame, wide: pd.DataFrame) -> dict[str, Array]:
    """Return mean costs of the levels over the datasets that have every level, costs included."""
    found = {}
    for name in ("parameters", "flops"):
        costs = frame.pivot_table(index="dataset", columns="level", values=name, aggfunc="mean")
        shared = costs.reindex(index=wide.dropna().index, columns=wide.columns).dropna()
        means = shared.to_numpy(float).mean(axis=0) if len(shared) else np.zeros(1)
        if len(set(means)) > 1:
            found[COSTS[name]] = means
    return found


def _published_sparsity(chosen: Chosen) -> None:
    """Draw Table 3 of the DSN paper beside, on its own data."""
    if not (chosen.frame["model"] == "dsn").any():
        return
    figures = [one for one in published_figures() if one.key == "dsn-sparsity"]
    shown = sorted({one.sparsity for one in figures if one.sparsity is not None})
    names = list(dict.fromkeys(one.dataset for one in figures))
    paper = {
        name: np.array([one.accuracy for one in figures if one.dataset == name]) for name in names
    }
    st.markdown(f"**Published**: {SOURCES['dsn-sparsity'].where}, on data of its own")
    costs = {
        COSTS[cost]: np.array(
            [np.mean([getattr(o, cost) for o in figures if o.sparsity == s]) for s in shown]
        )
        for cost in ("parameters", "flops")
    }
    components.figure(
        plot_option_effect(
            "sparsity S", shown, paper, costs=costs, published=names, dark=shell.is_dark()
        ),
        name="results-dsn-table-3",
        caption="Colour: the sparsity at which the dataset is at its best.",
    )
