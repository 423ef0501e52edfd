"""The tabs of the page Results that compare: matrix, two models, cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from tscviz.data.published import published_accuracy
from tscviz.figures import CostPoints, plot_cost, plot_multi_comparison, plot_pairwise
from tscviz.figures.results_stats import multi_comparison
from tscviz.types import Array, TscvizError
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


def matrix(chosen: Chosen) -> None:
    """Draw the multi-comparison matrix."""
    level = float(page_options.value("level", LEVELS, "0.05"))
    try:
        found = multi_comparison(chosen.scores, level)
    except TscvizError as error:  # a choice, not a fault: one model, or no dataset in common
        st.info(escape_markdown(str(error)))
        return
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
    if len(names) < 2:
        components.empty_state(
            "One model", "A pair needs two models; choose another one above, or a published figure."
        )
        return
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
            caption="A point is a dataset; above the diagonal the model at the left axis has more"
            f"{'' if chosen.scores.higher_better else ', which is worse'}.",
        )


def cost(chosen: Chosen) -> None:
    """Draw the measure against what the models cost."""
    known = [name for name in COSTS if (chosen.frame[name].to_numpy(float) > 0).any()]
    if not known:
        components.empty_state("No costs", "This table has neither FLOPs nor times.")
        return
    name = page_options.segmented("cost", "Against", known, known[0], COSTS.__getitem__)
    columns = _cost_columns(chosen, name)
    if not columns:
        components.empty_state("No costs", f"No chosen model has {COSTS[name]} in this table.")
        return
    points = _cost_points(chosen, columns)
    if not points:
        components.empty_state(
            "No dataset in common",
            f"The {len(columns)} chosen models with {COSTS[name]} share no dataset. Choose fewer.",
        )
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


def _cost_columns(chosen: Chosen, cost: str) -> dict[str, Array]:
    """Return what the models cost on each dataset, of those that have it anywhere."""
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
    return {m: columns[m] for m in chosen.scores.models if (columns[m] > 0).any()}


def _cost_points(chosen: Chosen, columns: dict[str, Array]) -> list[CostPoints]:
    """Return the points of the datasets that all these models share; none where none is."""
    values = {model: chosen.scores.column(model) for model in columns}
    shared = np.all([(c > 0) & np.isfinite(values[m]) for m, c in columns.items()], axis=0)
    if not shared.any():
        return []
    datasets = tuple(np.array(chosen.scores.datasets)[shared])
    return [
        CostPoints(m, datasets, c[shared], values[m][shared], m.endswith(table.PUBLISHED))
        for m, c in columns.items()
    ]
