"""The numbers behind the figures of the page, as tables to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tscviz.types import Array
from tscviz.ui.components.cards import percent
from tscviz.ui.downloads import Table
from tscviz.ui.receptive_fields.data import Network, SparseModel

if TYPE_CHECKING:
    from tscviz.explain.receptive_fields import GroupStatistics
    from tscviz.explain.stack_sizes import StackSizes
    from tscviz.ui.receptive_fields.record import Trained


def size_table(networks: Sequence[Network]) -> Table:
    """Return one row a network, layer, group and eNRF size: how many kernels have it."""
    rows: list[tuple[str, int, int, int, int]] = []
    for network in networks:
        for i, sizes in enumerate(network.sizes):
            for j, row in enumerate(sizes.by_group()):
                rows += [(network.label, i + 1, j + 1, s, int(n)) for s, n in enumerate(row)]
    return _columns(("network", "layer", "group", "eNRF size", "kernels"), rows)


def sparsity_table(found: Mapping[float, tuple[Trained, Trained]], layer: int) -> Table:
    """Return one row a trained network: what its sparsity and its groups do to a layer's fields."""
    networks = [one for pair in found.values() for one in pair]
    reach = networks[0].sizes[layer].groups[0].reach
    counts = [one.sizes[layer].of() for one in networks]
    n_small = [int(row[1 : reach + 1].sum()) for row in counts]
    return {
        "sparsity": [f"{one.sparsity:.0%}" for one in networks],
        "groups": [one.n_groups for one in networks],
        "mean eNRF (taps)": [f"{_mean(row):.1f}" for row in counts],
        f"fields of at most {reach} taps": [
            percent(n / int(row.sum())) for n, row in zip(n_small, counts, strict=True)
        ],
        "different sizes": [int((row[1:] > 0).sum()) for row in counts],
        "test accuracy": [percent(one.accuracy) for one in networks],
    }


def _mean(counts: Array) -> float:
    """Return the mean size of the kernels that are not empty."""
    n = int(counts[1:].sum())
    return float(counts @ np.arange(len(counts)) / n) if n else 0.0


def group_table(found: Sequence[GroupStatistics]) -> Table:
    """Return one row a layer and kernel group."""
    return {
        "layer": [one.layer + 1 for one in found],
        "group": [one.group + 1 for one in found],
        "taps allowed": [one.reach for one in found],
        "kernels": [one.kernels for one in found],
        "active weights": [one.active for one in found],
        "share of region": [one.density for one in found],
        "empty kernels": [one.empty for one in found],
        "smallest eNRF": [one.smallest for one in found],
        "mean eNRF": [one.mean for one in found],
        "largest eNRF": [one.largest for one in found],
        "different sizes": [one.distinct for one in found],
        "mean |weight|": [one.magnitude for one in found],
        "positive share": [one.positive for one in found],
        "taps with half the weight": [one.half for one in found],
    }


def stack_table(found: Sequence[StackSizes]) -> Table:
    """Return one row a receptive field: the paths that see so much, by depth."""
    n = max(len(one.counts) for one in found)
    columns: dict[str, Any] = {"time points": np.arange(n)}
    for depth, one in enumerate(found):
        # Python's integers: a wide stack has more paths than fit into 64 bits
        column = [*one.counts, *([0] * (n - len(one.counts)))]
        columns[f"paths, {depth + 1} layer{'s' if depth else ''}"] = column
    return columns


def reach_table(found: Sequence[StackSizes]) -> Table:
    """Return one row a depth: smallest, most frequent and largest receptive field."""
    live = [one if len(one.sizes) else None for one in found]
    return {
        "layers": list(range(1, len(found) + 1)),
        "smallest": [int(one.sizes[0]) if one else 0 for one in live],
        "most often": [int(one.shares[1:].argmax()) + 1 if one else 0 for one in live],
        "largest": [int(one.sizes[-1]) if one else 0 for one in live],
        "different sizes": [len(one.sizes) for one in found],
        "unreachable between": [len(one.missing) for one in found],
        "paths": [f"{one.n_paths:,}" for one in found],
    }


def move_table(model: SparseModel) -> Table:
    """Return one row a move, layer and group: weights pruned, grown and returned."""
    if model.history is None:
        return {}
    rows = [
        (int(epoch), i + 1, j + 1, *(int(n) for n in cell))
        for epoch, counts in zip(model.history.update_epochs, model.history.counts, strict=True)
        for i, groups in enumerate(counts)
        for j, cell in enumerate(groups)
    ]
    return _columns(("epoch", "layer", "group", "pruned", "grown", "returned"), rows)


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Table:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}
