"""Problems of the archive with every series moved in time: what static segments cannot follow.

    TSCVIZ_ARCHIVE=FOLDER python benchmarks/shifted.py OUT
    tscviz sweep benchmarks/sweeps/shifted.toml --archive OUT --out runs/sweeps/shifted

A series of T points becomes one of T + T // 2: it begins at a point drawn for each case, uniformly
from 0 to T // 2 (seed 0, training before test cases), between stretches of its own first and last
value. Written as OUT/NAMEShifted/NAMEShifted_TRAIN.ts and _TEST.ts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from aeon.datasets import save_to_ts_file

from tscviz import load_dataset
from tscviz.data import Preparation
from tscviz.training.run import prepared_splits
from tscviz.training.sweep import read_sweep
from tscviz.types import Array

SUFFIX = "Shifted"
SWEEP = Path(__file__).parent / "sweeps" / "shifted.toml"


def shifted(X: Array, generator: np.random.Generator) -> Array:
    """Return cases (n, channels, T) as cases of T + T // 2 points, each begun somewhere else."""
    room = X.shape[2] // 2
    begins = generator.integers(0, room, size=len(X), endpoint=True)
    pads = ((int(begin), room - int(begin)) for begin in begins)
    return np.stack([np.pad(x, ((0, 0), pad), "edge") for x, pad in zip(X, pads, strict=True)])


def write(name: str, folder: Path) -> None:
    """Write both splits of a problem, moved."""
    dataset = load_dataset(name)
    generator = np.random.default_rng(0)
    new = name + SUFFIX
    for which, split in prepared_splits(dataset, Preparation()).items():
        save_to_ts_file(
            shifted(split.X, generator),
            np.array([dataset.class_names[k] for k in split.y]),
            label_type="classification",
            path=str(folder / new),
            problem_name=new,
            file_suffix=f"_{which.upper()}",
        )


def main() -> None:
    """Write every problem of the sweep."""
    parser = argparse.ArgumentParser(description="Problems moved in time.")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    for name in dict.fromkeys(d for line in read_sweep(SWEEP).lines for d in line.datasets):
        write(name.removesuffix(SUFFIX), out)
        print(name)


if __name__ == "__main__":
    main()
