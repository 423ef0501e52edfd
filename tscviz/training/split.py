"""Cases with labels, as a run takes them: batches, a held-out share, class weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tscviz.models.classifier import to_tensors
from tscviz.training.errors import TrainingError
from tscviz.training.recipes import Recipe
from tscviz.types import Array


def steps_of(n_cases: int, size: int) -> int:
    """Return how many batches `Split.batches` makes of so many cases."""
    steps = -(-n_cases // size)
    return steps - 1 if size > 1 and steps > 1 and n_cases % size == 1 else steps


@dataclass(frozen=True, eq=False)
class Split:
    """Prepared series with their labels."""

    X: Array
    y: Array
    mask: Array

    def batches(
        self, order: Array, size: int, device: torch.device
    ) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
        """Yield ``(x, y, mask)`` in the given order.

        A lone last case joins the batch before: batch statistics need two.
        """
        steps = steps_of(len(order), size)
        for i in range(steps):
            idx = order[i * size : (i + 1) * size if i + 1 < steps else None]
            x, mask = to_tensors(self.X[idx], self.mask[idx], device)
            yield x, torch.from_numpy(self.y[idx]).to(device), mask

    def take(self, idx: Array) -> Split:
        """Return the cases at `idx`."""
        return Split(self.X[idx], self.y[idx], self.mask[idx])


def few_labels(train: Split, share: float, seed: int) -> Split:
    """Return the training cases whose labels are known where only a share of them is.

    Of every class `share` of the cases, rounded to the nearest and at least one, drawn by `seed`;
    a larger share of the same seed contains a smaller one.

    Parameters
    ----------
    train : Split
    share : float
        Above 0; 1: all cases.
    seed : int
    """
    if share >= 1:
        return train
    rng = np.random.default_rng((seed, 1))
    drawn = [rng.permutation(np.flatnonzero(train.y == label)) for label in np.unique(train.y)]
    kept = [idx[: max(round(share * len(idx)), 1)] for idx in drawn]
    return train.take(np.sort(np.concatenate(kept)))


def hold_out(train: Split, share: float, seed: int) -> tuple[Split, Split | None]:
    """Divide the training cases into those trained on and those held out.

    Of every class `share` of the cases is held out, rounded to the nearest, but one always stays
    in training.

    Parameters
    ----------
    train : Split
    share : float
        0: nothing is held out, and None returned.
    seed : int

    Raises
    ------
    TrainingError
        Where that leaves nothing to hold out.
    """
    if share == 0:
        return train, None
    rng = np.random.default_rng(seed)
    held = np.zeros(len(train.y), bool)
    for label in np.unique(train.y):
        idx = rng.permutation(np.flatnonzero(train.y == label))
        held[idx[: min(round(share * len(idx)), len(idx) - 1)]] = True
    if not held.any():
        raise TrainingError(
            f"validation is {share} and no class has cases enough to hold one out of "
            f"{len(train.y)}; set validation=0, or a larger share."
        )
    return train.take(np.flatnonzero(~held)), train.take(np.flatnonzero(held))


def class_weights(y: Array, n_classes: int, device: torch.device, recipe: Recipe) -> Tensor | None:
    """Return n / (k n_c) for every class c, shape (n_classes,); None where not asked for.

    k counts the classes present; a class without a case gets 0.
    """
    if not recipe.class_weights:
        return None
    counts = np.bincount(y, minlength=n_classes)
    present = int((counts > 0).sum())
    weights = np.where(counts > 0, len(y) / (present * np.maximum(counts, 1)), 0.0)
    return torch.from_numpy(weights.astype(np.float32)).to(device)
