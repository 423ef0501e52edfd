"""The ranking as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tscviz.ui.attributions.data import known
from tscviz.ui.planted.scoring import Scored

AREA, POINTING, ROC, MASS = "area under PR curve", "pointing game", "ROC area", "mass"


def score_table(best: Sequence[Scored], without: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return a row for each method, the best first; at the end those without a score.

    Parameters
    ----------
    best : sequence of Scored
    without : mapping
        Method -> why it has none.
    """
    gap = [None] * len(without)
    table: dict[str, list[Any]] = {
        "rank": [*range(1, len(best) + 1), *gap],
        "method": [one.title for one in best] + [known()[name].title for name in without],
        AREA: [one.area.mean for one in best] + gap,
        "95 % from": [one.area.low for one in best] + gap,
        "95 % to": [one.area.high for one in best] + gap,
        POINTING: [one.pointing.mean for one in best] + gap,
        ROC: [one.roc_auc.mean for one in best] + gap,
        MASS: [one.mass.mean for one in best] + gap,
        "chance": [one.chance for one in best] + gap,
        "cases": [one.n_cases for one in best] + gap,
        "ms a map": [1000 * one.seconds for one in best] + gap,
    }
    if without:
        table["no score, because"] = [None] * len(best) + list(without.values())
    return table


def shown(best: Sequence[Scored]) -> dict[str, list[Any]]:
    """Return the table of the page: a row for each method that has a score."""
    table = score_table(best, {})
    low, high = table.pop("95 % from"), table.pop("95 % to")
    spans = [f"{a:.2f}–{b:.2f}" for a, b in zip(low, high, strict=True)]
    return {
        name: values
        for key, column in table.items()
        for name, values in ((key, column), *([("95 %", spans)] if key == AREA else []))
    }


def columns() -> dict[str, Any]:
    """Return how the columns are shown."""
    config = st.column_config
    known_as: dict[str, Any] = {
        name: config.NumberColumn(format="%.2f", width=80) for name in (ROC, MASS, "chance")
    }
    bars = {
        name: config.ProgressColumn(format="%.2f", min_value=0.0, max_value=1.0)
        for name in (AREA, POINTING)
    }
    narrow = {name: config.NumberColumn(format="%d", width=60) for name in ("rank", "cases")}
    known_as["method"] = config.TextColumn(width=170)
    return known_as | bars | narrow | {"ms a map": config.NumberColumn(format="%.0f", width=80)}
