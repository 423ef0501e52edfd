"""Sizes of receptive fields after training: the figures behind the page Receptive fields.

    tscviz sweep benchmarks/sweeps/enrf.toml --archive FOLDER --out runs/sweeps/enrf
    python benchmarks/enrf.py

Counts the kernels of every eNRF size (DSN paper, equation 2) in the networks of that sweep and
writes `results/enrf_sizes.csv`: one row a network, layer and third of its output channels, which
are the kernel groups of a network that has three. Networks without groups are divided alike.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from tscviz import load_model
from tscviz.atomic import write_bytes
from tscviz.explain.receptive_fields import enrf_sizes, masked_layers
from tscviz.models.sparse import kernel_groups
from tscviz.training.sweep.table import csv_text, open_sweep, read_table

OUT = Path(__file__).parent / "results" / "enrf_sizes.csv"
HEAD = ("dataset", "sparsity", "groups", "seed", "accuracy", "layer")
PARTS = 3


def rows_of(row: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Return the lines of one trained network."""
    options = json.loads(row["options"])
    lines = []
    for number, layer in enumerate(masked_layers(load_model(folder / "model")), start=1):
        sizes = enrf_sizes(layer.mask)
        for part in kernel_groups(len(sizes), layer.taps, PARTS):
            counts = np.bincount(sizes[part.start : part.stop].ravel(), minlength=layer.taps + 1)
            lines.append(
                {name: row[name] for name in ("dataset", "seed", "accuracy")}
                | {"sparsity": options["sparsity"], "groups": options["groups"], "layer": number}
                | {"first_channel": part.start, "last_channel": part.stop - 1}
                | {f"size_{size}": int(n) for size, n in enumerate(counts)}
            )
    return lines


def main() -> None:
    """Count what is done."""
    parser = argparse.ArgumentParser(description="eNRF sizes of trained networks.")
    parser.add_argument("--sweep", type=Path, default=Path("runs/sweeps/enrf"))
    folder = open_sweep(parser.parse_args().sweep)
    lines = [
        line
        for row in read_table(folder, statuses=["done"])
        for line in rows_of(row, folder.folder(row["cell"]))
    ]
    lines.sort(key=lambda line: [line[name] for name in (*HEAD, "first_channel")])
    sizes = max((key for line in lines for key in line if key.startswith("size_")), key=_number)
    columns = [f"size_{size}" for size in range(_number(sizes) + 1)]
    text = csv_text(lines, (*HEAD, "first_channel", "last_channel", *columns))
    write_bytes(OUT, text.encode())
    print(len(lines), "rows")


def _number(column: str) -> int:
    return int(column.removeprefix("size_"))


if __name__ == "__main__":
    main()
