"""The tabs of the page Results that compare: matrix, two models, cost, one option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from tscviz.data.published import SOURCES, published_accuracy, published_figures
from tscviz.figures import (
    CostPoints,
    plot_cost,
    plot_multi_comparison,
    plot_option_effect,
    plot_pairwise,
)
from tscviz.figures.results_stats import multi_comparison
from tscviz.titles import title_of
from tscviz.types import Array
from tscviz.ui import components, page_options, shell
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.results import table
from tscviz.ui.results.controls import LEVELS, Chosen

COSTS = {
    "flops": "FLOPs of one case",
    "parameters": "parameters",
    "train_seconds": "training time (s)",
    "predict_seconds": "time to classify the test split (s)",
}
_OPTIONS = {"segments": "number of segments L", "sparsity": "sparsity S"}


def matrix(chosen: Chosen) -> None:
    """Draw the multi-comparison matrix."""
    level = float(page_options.value("level", LEVELS, "0.05"))
    found = multi_comparison(chosen.scores, level)
    components.figure(
        plot_multi_comparison(found, measure=chosen.scores.measure, dark=shell.is_dark()),
        name="results-matrix",
        caption=(
            "In a cell: the row's mean less the column's; datasets on which the row is better, the "
            "same, worse; p of a two-sided Wilcoxon signed rank test (zeros after Pratt). Bold: "
            f"significant at {level:g} after Holm's correction. A pair's cell does not change when "
            "other models join, as long as the datasets stay."
        ),
        document=replace(found, models=chosen.keys(found.models)),
    )


def pairs(chosen: Chosen) -> None:
    """Draw two models against each other."""
    ids = chosen.ids(chosen.scores.models)
    names = tuple(ids)
    left, right = st.columns(2)
    with left:
        x = page_options.select("x", "Across", names, names[0], lambda i: plain_text(ids[i]))
    others = tuple(name for name in names if name != x)
    with right:
        y = page_options.select("y", "Up", others, others[0], lambda i: plain_text(ids[i]))
    with st.container(width=640):
        components.figure(
            plot_pairwise(chosen.scores, ids[x], ids[y], dark=shell.is_dark()),
            name=f"results-{x}-{y}",
            caption="A point is a dataset; above the diagonal the model at the left axis has more.",
        )


def cost(chosen: Chosen) -> None:
    """Draw the measure against what the models cost."""
    known = [name for name in COSTS if (chosen.frame[name].to_numpy(float) > 0).any()]
    if not known:
        components.empty_state("No costs", "This table has neither FLOPs nor times.")
        return
    name = page_options.segmented("cost", "Against", known, known[0], COSTS.__getitem__)
    points = _cost_points(chosen, name)
    if not points:
        components.empty_state("No costs", f"No chosen model has {COSTS[name]} in this table.")
        return
    n = len(points[0].datasets)
    missing = [m for m in chosen.scores.models if m not in {p.model for p in points}]
    text = f"Large: means over the {n} datasets that all shown models share. Hollow: published."
    if missing:
        text += f" Without {COSTS[name]}: {escape_markdown(', '.join(missing))}."
    components.figure(
        plot_cost(points, cost=COSTS[name], measure=chosen.scores.measure, dark=shell.is_dark()),
        name=f"results-cost-{name}",
        caption=text,
    )


def _cost_points(chosen: Chosen, cost: str) -> list[CostPoints]:
    costs = chosen.frame.pivot_table(
        index="dataset", columns="label", values=cost, aggfunc="mean"
    ).reindex(index=list(chosen.scores.datasets), columns=list(chosen.models))
    columns: dict[str, Array] = {}
    for key in chosen.published:
        found = [published_accuracy(key, name) for name in chosen.scores.datasets]
        numbers = [getattr(one, cost, None) if one else None for one in found]
        columns[table.published_title(key)] = np.array(numbers, float)
    for model in chosen.models:
        columns[model] = costs[model].to_numpy(float)
    ready = {
        model: (columns[model], chosen.scores.column(model))
        for model in chosen.scores.models
        if (columns[model] > 0).any()
    }
    if not ready:
        return []
    shared = np.all([(c > 0) & np.isfinite(v) for c, v in ready.values()], axis=0)
    if not shared.any():
        return []
    datasets = tuple(np.array(chosen.scores.datasets)[shared])
    return [
        CostPoints(model, datasets, c[shared], v[shared], model.endswith(table.PUBLISHED))
        for model, (c, v) in ready.items()
    ]


def option(chosen: Chosen) -> None:
    """Draw the measure against one option of one model: segments, sparsity, or any number."""
    found = _variants(chosen)
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
    names = tuple(found)
    name = page_options.select("option", "Option", names, names[0], _option_title)
    levels = sorted(found[name])
    by_label = {label: level for level, label in found[name].items()}
    frame = chosen.frame.assign(
        level=[by_label.get(label) for label in chosen.frame["label"]]
    ).dropna(subset="level")
    wide = frame.pivot_table(
        index="dataset", columns="level", values=chosen.measure, aggfunc=chosen.over_seeds
    ).reindex(columns=levels)
    lines = dict(zip(map(str, wide.index), wide.to_numpy(float), strict=True))
    lines = {key: line for key, line in lines.items() if np.isfinite(line).any()}
    costs = _option_costs(frame, levels)
    key = name.rpartition("/")[2]
    components.figure(
        plot_option_effect(
            _OPTIONS.get(key, escape_markdown(key)), levels, lines,
            measure=chosen.scores.measure, costs=costs, dark=shell.is_dark(),
        ),
        name=f"results-option-{key}",
        caption="Colour: the level at which the dataset is at its best (DTP paper, Figure 7). "
        "Black or white: the mean over the datasets that have every level.",
    )  # fmt: skip
    if key == "sparsity":
        _published_sparsity(chosen)


def _option_title(name: str) -> str:
    model, _, option_name = name.rpartition("/")
    return plain_text(f"{title_of(model)}: {option_name}")


def _variants(chosen: Chosen) -> dict[str, dict[float, str]]:
    """Return "model/option" -> level -> label, where the option alone differs."""
    settings = table.option_table(chosen.frame)
    models = dict(chosen.frame[["label", "model"]].drop_duplicates().itertuples(index=False))
    found: dict[str, dict[float, str]] = {}
    for model in dict.fromkeys(models.values()):
        own = {label: settings[label] for label in models if models[label] == model}
        for key in dict.fromkeys(key for given in own.values() for key in given):
            groups: dict[tuple[tuple[str, float], ...], dict[float, str]] = {}
            for label, given in own.items():
                if key in given:
                    rest = tuple(sorted((k, v) for k, v in given.items() if k != key))
                    groups.setdefault(rest, {})[given[key]] = label
            best = max(groups.values(), key=len)
            if len(best) > 1:
                found[f"{model}/{key}"] = best
    return found


def _option_costs(frame: pd.DataFrame, levels: list[float]) -> Mapping[str, Array]:
    found = {}
    for name in ("parameters", "flops"):
        numbers, at = frame[name].to_numpy(float), frame["level"].to_numpy(float)
        means = np.array([numbers[at == level].mean() for level in levels])
        if np.isfinite(means).all() and len(set(means)) > 1:
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
