"""Small problems with a known answer, for examples and tests."""

from __future__ import annotations

import numpy as np

from tscviz.data.dataset import dataset_from_arrays
from tscviz.data.errors import DataError
from tscviz.types import Array, Dataset


def make_bumps(
    n_cases: int = 40, length: int = 60, n_channels: int = 1, seed: int = 0, *, noise: float = 0.1
) -> Dataset:
    """Make a two-class problem: one bump against two, anywhere on the time axis.

    The classes differ in how many bumps there are, not in where they lie, so averages over the
    whole series hardly tell them apart while an alignment does. Classes alternate.

    Parameters
    ----------
    n_cases : int
        Cases in each of the two splits, at least 2.
    length : int
        Time points, at least 12.
    n_channels : int
        Only the first holds bumps; the others hold noise.
    seed : int
    noise : float
        Standard deviation of the noise; bumps have height 1.

    Returns
    -------
    Dataset
        Classes "one" and "two".
    """
    if n_cases < 2 or length < 12 or n_channels < 1:
        raise DataError(
            f"make_bumps needs n_cases >= 2, length >= 12 and n_channels >= 1; found {n_cases}, "
            f"{length} and {n_channels}."
        )
    rng = np.random.default_rng(seed)
    labels = np.array([("one", "two")[i % 2] for i in range(n_cases)])
    splits = [_bumps(rng, labels, length, n_channels, noise) for _ in range(2)]
    return dataset_from_arrays("Bumps", splits[0], labels, splits[1], labels, source="synthetic")


def _bumps(
    rng: np.random.Generator, labels: Array, length: int, n_channels: int, noise: float
) -> Array:
    X = noise * rng.standard_normal((len(labels), n_channels, length))
    time = np.arange(length)
    width = length / 24
    for x, label in zip(X, labels, strict=True):
        first = rng.uniform(2 * width, length / 2 - 2 * width)
        second = rng.uniform(length / 2 + 2 * width, length - 1 - 2 * width)
        centres = (first, second) if label == "two" else (rng.choice([first, second]),)
        for centre in centres:
            x[0] += np.exp(-0.5 * ((time - centre) / width) ** 2)
    return X.astype(np.float32)
