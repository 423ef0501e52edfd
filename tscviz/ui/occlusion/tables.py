"""The numbers behind the figures of the occlusion page, as tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tscviz.types import Array, Attribution
from tscviz.ui.downloads import Table
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.occlusion.data import Ablation

if TYPE_CHECKING:
    from tscviz.explain.filters import FilterActivations, LengthFilters


def map_table(one: InsideCase, found: Attribution) -> Table:
    """Return series and map by time point."""
    n_points = one.n_points
    columns: dict[str, Any] = {"time point": np.arange(n_points)}
    for c, (row, values) in enumerate(zip(one.case.x, found.values, strict=True)):
        of = "" if len(one.case.x) == 1 else f" channel {c + 1}"
        columns |= {f"value{of}": row[:n_points], f"occlusion{of}": values[:n_points]}
    return columns


def window_table(one: InsideCase, found: Attribution) -> Table:
    """Return one row a window: what it hides, and what the model says then."""
    told, name = found.details, one.names[found.target]
    columns: dict[str, Any] = {}
    if told["per_channel"]:
        columns["channel"] = np.asarray(told["channels"]) + 1
    return columns | {
        "first point": told["starts"],
        "last point": np.asarray(told["stops"]) - 1,
        "centre": told["centres"],
        f"probability of {name}": told["window_probabilities"],
        f"score of {name}": told["window_logits"],
        "predicted class": [one.names[k] for k in told["window_classes"]],
    }


def filter_table(filters: LengthFilters, picks: Sequence[int]) -> Table:
    """Return one row a tap, a column a filter (and channel)."""
    columns: dict[str, Any] = {"tap": np.arange(filters.length) - filters.before}
    for i in picks:
        for c, row in enumerate(filters.weights[i]):
            of = "" if filters.weights.shape[1] == 1 else f" channel {c + 1}"
            columns[f"filter {i + 1}{of}"] = row
    return columns


def activation_table(x: Array, answers: Sequence[FilterActivations]) -> Table:
    """Return one row a time point, a column a filter of a length."""
    columns: dict[str, Any] = {"time point": np.arange(x.shape[1])}
    columns |= {f"value channel {c + 1}": row for c, row in enumerate(x)}
    for block in answers:
        for i, row in enumerate(block.activations[0]):
            columns[f"length {block.length} filter {i + 1}"] = row
    return columns


def length_table(one: InsideCase, found: Ablation) -> Table:
    """Return one row a length: what the case and the split lose without it."""
    whole, without = found.split.accuracy(found.y)
    name, n = one.names[one.target], len(found.case.lengths)
    columns: dict[str, Any] = {
        "without length": found.case.lengths,
        f"change of the score of {name}": found.case.logit_change(one.target)[:, 0],
        f"change of the probability of {name}": found.case.probability_change(one.target)[:, 0],
        "accuracy without": without,
        "accuracy of the whole network": [whole] * n,
    }
    return columns
