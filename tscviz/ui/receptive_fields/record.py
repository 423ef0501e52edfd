"""Networks trained to be held against others: `benchmarks/results/enrf_sizes.csv`.

One row a network, layer and part of its output channels: how many kernels have which eNRF size, as
`benchmarks/enrf.py` counted them after training.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache as remember
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tscviz.resources import resource
from tscviz.ui.receptive_fields.data import Network, SparseModel

if TYPE_CHECKING:
    from tscviz.explain.receptive_fields import LayerSizes

FILE = "enrf_sizes.csv"
Row = dict[str, str]


@dataclass(frozen=True, eq=False)
class Trained:
    """One network of the record.

    Parameters
    ----------
    sparsity : float
    n_groups : int
        Kernel groups; 1 is without grouping.
    accuracy : float
        On the test split, 0 to 1.
    sizes : tuple of LayerSizes
    """

    sparsity: float
    n_groups: int
    accuracy: float
    sizes: tuple[LayerSizes, ...]

    @property
    def network(self) -> Network:
        """The network under its name."""
        what = "groups" if self.n_groups > 1 else "no groups"
        return Network(f"S = {self.sparsity:.0%}, {what} (trained)", self.sizes)


def trained(dataset: str, model: SparseModel) -> Mapping[tuple[float, int], Trained]:
    """Return the record's networks for a dataset by sparsity and number of groups.

    Empty where the record has none, or none whose layers have the model's channels and taps.
    """
    path = resource("benchmarks/results") / FILE
    if not path.exists():
        return {}
    found = _networks(path, path.stat().st_mtime_ns).get(dataset, {})
    shape = [layer.mask.shape for layer in model.layers]
    return {key: one for key, one in found.items() if _fits(one.sizes, shape)}


def pairs(dataset: str, model: SparseModel) -> Mapping[float, tuple[Trained, Trained]]:
    """Return the record's networks with and without groups, by sparsity."""
    found = trained(dataset, model)
    grouped = {s: one for (s, n_groups), one in sorted(found.items()) if n_groups > 1}
    return {s: (one, found[s, 1]) for s, one in grouped.items() if (s, 1) in found}


def _fits(sizes: tuple[LayerSizes, ...], shape: list[tuple[int, ...]]) -> bool:
    own = [(one.stops[-1], int(one.counts.sum()), one.counts.shape[1] - 1) for one in sizes]
    return own == [(n_out, n_out * n_in, taps) for n_out, n_in, taps in shape]


@remember
def _networks(path: Path, _changed: int) -> dict[str, dict[tuple[float, int], Trained]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, dict[tuple[float, int], Trained]] = {}
    for (dataset, sparsity, n_groups, _), part in groupby(
        rows, lambda row: (row["dataset"], float(row["sparsity"]), int(row["groups"]), row["seed"])
    ):
        lines = list(part)
        layers = tuple(
            _layer(list(own), n_groups) for _, own in groupby(lines, lambda row: int(row["layer"]))
        )
        accuracy = float(lines[0]["accuracy"])
        one = Trained(sparsity, n_groups, accuracy, layers)
        found.setdefault(dataset, {}).setdefault((sparsity, n_groups), one)  # the first seed
    return found


def _layer(rows: list[Row], n_groups: int) -> LayerSizes:
    from tscviz.explain.receptive_fields import LayerSizes
    from tscviz.models.sparse import kernel_groups

    sizes = [name for name in rows[0] if name.startswith("size_")]
    counts = np.array([[int(row[name]) for name in sizes] for row in rows], np.int64)
    stops = tuple(int(row["last_channel"]) + 1 for row in rows)
    return LayerSizes(counts, stops, kernel_groups(stops[-1], len(sizes) - 1, n_groups))
