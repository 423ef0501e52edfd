"""Hold series against those a model was trained on, and say what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.types import Array

#: Lengths may differ from the training series by this factor without a word.
FAR_LENGTH = 1.5
#: Standard deviations of the training data by which the mean may be off.
FAR_MEAN = 1.0
#: Factor by which the spread may differ.
FAR_SPREAD = 2.0
#: Values that mean and spread are computed from; of larger files every n-th case is taken.
_SAMPLE = 2_000_000


@dataclass(frozen=True)
class TrainingSeries:
    """What a model's card says of the series it was trained on.

    Parameters
    ----------
    lengths : (int, int)
        Shortest and longest one, in time points; zeros where the card does not say.
    mean, sd : tuple of float
        Per channel, as prepared; empty where the card does not say.
    """

    lengths: tuple[int, int]
    mean: tuple[float, ...] = ()
    sd: tuple[float, ...] = ()

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> TrainingSeries:
        """Read a model's card."""
        low, high = card.get("lengths") or (0, 0)
        told = card.get("input") or {}
        return cls((int(low), int(high)), tuple(told.get("mean", ())), tuple(told.get("sd", ())))


@dataclass(frozen=True)
class Misfit:
    """One way in which series are unlike the training data.

    Parameters
    ----------
    headline : str
        What was found, in one sentence.
    text : str
        What it means for the answer.
    """

    headline: str
    text: str

    def __str__(self) -> str:
        return f"{self.headline} {self.text}"


def length_misfit(mask: Array, training: TrainingSeries) -> Misfit | None:
    """Return what to know about lengths, as prepared; None where they are near the training's.

    Parameters
    ----------
    mask : bool array, shape (n_cases, n_timepoints)
    training : TrainingSeries
    """
    lengths = mask.sum(axis=1)
    low, high = int(lengths.min()), int(lengths.max())
    shortest, longest = training.lengths
    if not longest or (low * FAR_LENGTH >= shortest and high <= FAR_LENGTH * longest):
        return None
    return Misfit(
        f"Your series have {span(low, high)} points, the training series "
        f"{span(shortest, longest)}.",
        "The model looks for shapes as wide as those it learned.",
    )


def distribution_misfit(X: Array, mask: Array, training: TrainingSeries) -> Misfit | None:
    """Return which channels lie far from the training data, as prepared; None where all fit.

    Parameters
    ----------
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints)
    training : TrainingSeries
    """
    if len(training.mean) != X.shape[1] or len(training.sd) != X.shape[1]:
        return None
    step = max(1, X.size // _SAMPLE)
    X, mask = X[::step], mask[::step]
    lines = []
    for c, (mean, sd) in enumerate(zip(training.mean, training.sd, strict=True)):
        values = X[:, c][mask].astype(np.float64)
        own_mean, own_sd = float(values.mean()), float(values.std())
        shift = (own_mean - mean) / (sd or 1.0)
        ratio = own_sd / (sd or 1.0)
        if abs(shift) > FAR_MEAN or not 1 / FAR_SPREAD <= ratio <= FAR_SPREAD:
            where = "" if X.shape[1] == 1 else f"channel {c + 1}: "
            lines.append(
                f"{where}mean {_number(own_mean)}, standard deviation {_number(own_sd)} "
                f"(training: {_number(mean)} and {_number(sd)}; the mean is "
                f"{_number(abs(shift))} training deviations off)"
            )
    if not lines:
        return None
    shown = "; ".join(lines[:3]) + (f"; and {len(lines) - 3} more channels" if lines[3:] else "")
    return Misfit(
        "Your series lie far from the training data.",
        f"{shown[0].upper()}{shown[1:]}. The model has seen nothing like this, so do not trust its "
        "probabilities.",
    )


def span(low: int, high: int) -> str:
    """Return "150", or "7 to 29" where lengths differ."""
    return str(low) if low == high else f"{low} to {high}"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) >= 0.005 else "0"
