"""Short shapes to plant into series."""

from __future__ import annotations

import numpy as np

from tscviz.data.errors import DataError
from tscviz.types import Array

MAX_CLASSES = 6


def bump(n: int) -> Array:
    """Return a raised cosine over n points: 0 just outside, 1 in the middle."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1, n + 1) / (n + 1))


def class_shapes(n: int) -> Array:
    """Return the motifs of the shape cue, float64, shape (6, n).

    Every one has mean 0 and the same energy, that of a sine of height 1: neither the mean of a
    series nor its variance tells them apart.
    """
    phase = np.linspace(0, 1, n)
    sine, twice = np.sin(2 * np.pi * phase), np.sin(4 * np.pi * phase)
    hat = -np.cos(2 * np.pi * phase)
    ramp = 2 * phase - 1
    made = np.stack([sine, -sine, hat, -hat, twice, ramp])
    made -= made.mean(1, keepdims=True)
    return made * np.sqrt(n / 2 / np.square(made).sum(1, keepdims=True))


def distractor(n: int, kind: int) -> Array:
    """Return a shape of height 1 that belongs to no class: a box, two humps, or teeth."""
    time = np.arange(n)
    if kind == 0:
        return np.ones(n)
    if kind == 1:
        return np.abs(np.sin(2 * np.pi * (time + 0.5) / n))
    return (time % 4 < 2).astype(np.float64)


N_DISTRACTORS = 3


def place(rng: np.random.Generator, length: int, n: int, taken: list[int]) -> int:
    """Draw where a motif of n points begins so that it touches none of those that begin at `taken`.

    Raises
    ------
    DataError
        Where no place is left.
    """
    starts = np.arange(length - n + 1)
    clear = np.ones(len(starts), bool)
    for other in taken:
        clear &= np.abs(starts - other) >= n
    if not clear.any():
        raise DataError(
            f"no place is left for {len(taken) + 1} motifs of {n} points in {length}; take fewer "
            "distractors, shorter motifs or longer series."
        )
    return int(rng.choice(starts[clear]))
