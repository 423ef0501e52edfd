"""The numbers behind the figures of the segments page, as tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tscviz.types import Array, Attribution, Segmentation
from tscviz.ui.downloads import Table
from tscviz.ui.segments.data import ManyCases, OneCase


def map_table(one: OneCase, maps: dict[str, tuple[Attribution, Attribution]]) -> Table:
    """Return series, segment and maps by time point.

    Parameters
    ----------
    one : OneCase
    maps : mapping
        Name of a model -> its map of the case (equation 10), and the map as drawn. Both are the
        same in every channel.
    """
    n_points = int(one.segmentation.boundaries[-1])
    x = one.result.x[:, :n_points]
    columns: dict[str, Any] = {
        "time point": np.arange(n_points),
        "segment": one.segmentation.segments[:n_points] + 1,
    }
    names = ["value"] if len(x) == 1 else [f"channel {c + 1}" for c in range(len(x))]
    columns |= dict(zip(names, x, strict=True))
    for name, (exact, drawn) in maps.items():
        columns[f"CAM {name}"] = exact.values[0, :n_points]
        if drawn is not exact:
            columns[f"CAM {name} spread"] = drawn.values[0, :n_points]
    return columns


def segment_table(one: OneCase) -> Table:
    """Return one row a segment: its points, its mean cost, what it adds to every class."""
    parts = one.segmentation
    columns: dict[str, Any] = {
        "segment": np.arange(1, parts.n_segments + 1),
        "first point": parts.boundaries[:-1],
        "last point": parts.boundaries[1:] - 1,
        "length": np.diff(parts.boundaries),
    }
    if parts.cost is not None:
        columns["mean cost"] = [
            float(parts.cost[s, a:b].mean())
            for s, (a, b) in enumerate(zip(parts.boundaries, parts.boundaries[1:], strict=False))
        ]
    for k, name in enumerate(one.names):
        columns[f"adds to {name}"] = parts.contributions[:, k]
    return columns


def alignment_table(parts: Segmentation, soft: Array) -> Table:
    """Return segment, cost and soft alignment by time point."""
    n_points = int(parts.boundaries[-1])
    cost = np.zeros((0, n_points)) if parts.cost is None else parts.cost[:, :n_points]
    columns: dict[str, Any] = {
        "time point": np.arange(n_points),
        "segment": parts.segments[:n_points] + 1,
    }
    columns |= {f"cost {s + 1}": row for s, row in enumerate(cost)}
    return columns | {f"soft alignment {s + 1}": row for s, row in enumerate(soft[:, :n_points])}


def boundary_table(cases: ManyCases, order: Array, names: Sequence[str]) -> Table:
    """Return one row a case: class, probability of it, where its segments begin and end."""
    bounds = cases.segmented.boundaries[order]
    columns: dict[str, Any] = {
        "case": cases.idx[order],
        "class": [names[k] for k in cases.y[order]],
        "probability": cases.probability[order],
    }
    columns |= {f"segment {s + 1} begins": column for s, column in enumerate(bounds.T[:-1])}
    columns["end"] = bounds[:, -1]
    if cases.segmented.path_costs is not None:
        columns["mean cost"] = cases.segmented.path_costs[order]
    return columns


def cams_table(cases: ManyCases, order: Array, names: Sequence[str]) -> Table:
    """Return `boundary_table` with the map of every case, a column a time point."""
    maps = cases.cams[order].T
    return dict(boundary_table(cases, order, names)) | {
        f"CAM {t}": row for t, row in enumerate(maps)
    }


def length_table(cases: ManyCases, names: Sequence[str]) -> Table:
    """Return one row a class and segment: how long the segment is."""
    from tscviz.explain.segments_stats import length_statistics

    found = length_statistics(cases.segmented, cases.y)
    n_segments = cases.segmented.n_segments
    stats = list(found.values())
    columns: dict[str, Any] = {
        "class": [names[k] for k in found for _ in range(n_segments)],
        "segment": [s + 1 for _ in found for s in range(n_segments)],
        "cases": [one.n_cases for one in stats for _ in range(n_segments)],
        "mean start": np.concatenate([one.start for one in stats]),
        "mean length": np.concatenate([one.mean for one in stats]),
        "standard deviation": np.concatenate([one.std for one in stats]),
        "shortest": np.concatenate([one.low for one in stats]),
        "longest": np.concatenate([one.high for one in stats]),
    }
    return columns


def prototype_table(prototypes: Array) -> Table:
    """Return one row a latent feature, a column a segment."""
    columns: dict[str, Any] = {"latent feature": np.arange(1, prototypes.shape[1] + 1)}
    return columns | {f"prototype {s + 1}": row for s, row in enumerate(prototypes)}
