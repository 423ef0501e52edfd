"""Bring series into the form a model was trained on, and say what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from tscviz.data.dataset import as_float32, check_mask
from tscviz.data.errors import DataError
from tscviz.data.steps import fill_gaps, to_length, z_normalise
from tscviz.types import Array

_CHOICES: dict[str, tuple[Any, ...]] = {
    "gaps": ("interpolate", "zero", "error"),
    "normalise": ("none", "z"),
    "ddof": (0, 1),
    "length_by": ("resample", "pad"),
}


@dataclass(frozen=True)
class Preparation:
    """What is done to series before a model sees them; part of a model's card.

    Parameters
    ----------
    gaps : {"interpolate", "zero", "error"}
        Missing values: linear in time with the ends held constant; zeros, as the code of the DTP
        authors does; or refused.
    normalise : {"none", "z"}
        "z": mean 0 and standard deviation 1 per case and channel, over the points of the series.
    ddof : {0, 1}
        Divisor n - ddof of the variance; the UCR archive's files mostly follow 1.
    length : int or None
        Time points wanted; None keeps every series as long as it is.
    length_by : {"resample", "pad"}
        Linear resampling, or padding with a mask. Nothing is ever cut off.
    """

    gaps: str = "interpolate"
    normalise: str = "none"
    ddof: int = 0
    length: int | None = None
    length_by: str = "resample"

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value not in allowed or isinstance(value, bool):
                raise DataError(
                    f"preparation: {name} is {value!r}; it must be one of: "
                    f"{', '.join(map(str, allowed))}."
                )
        length = self.length
        if length is not None and (type(length) is not int or length < 1):
            raise DataError(
                f"preparation: length is {length!r}; it must be a whole number of at least 1, "
                "or None."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a JSON-able dict."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Preparation:
        """Build from the dict of a card; a `DataError` names a field that does not exist."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise DataError(
                f"preparation has no field {unknown[0]!r}; its fields are: "
                f"{', '.join(sorted(known))}."
            )
        return cls(**values)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Series ready for a model.

    Parameters
    ----------
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
        No NaN; zeros on padding.
    mask : bool array, shape (n_cases, n_timepoints)
    interpolated : bool array, shape (n_cases, n_channels, n_timepoints)
        True where the value was filled in, or resampled from one that was.
    notes : tuple of str
        Each step that changed something, in plain words.
    """

    X: Array
    mask: Array
    interpolated: Array
    notes: tuple[str, ...]


class Normalisation(NamedTuple):
    """How the cases of a dataset are normalised already; fits ``Preparation(**x._asdict())``."""

    normalise: str
    ddof: int


def prepare(
    X: Array, mask: Array | None = None, preparation: Preparation | None = None
) -> Prepared:
    """Fill gaps, bring to length, normalise: in this order, each only where needed.

    Normalising comes last, so that a resampled series has mean 0 and standard deviation 1 too.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
        NaN marks a missing value. Never changed; returned as it is when nothing needs doing.
    mask : bool array, shape (n_cases, n_timepoints), optional
        True on the points of each series. Default: all.
    preparation : Preparation, optional
        Default: gaps interpolated, nothing else.

    Returns
    -------
    Prepared

    Raises
    ------
    DataError
        On infinite values, a channel without any value, gaps where they are refused, or a series
        longer than the length it should be padded to.
    """
    chosen = preparation or Preparation()
    X = as_float32(X)
    if X.ndim != 3 or 0 in X.shape:
        raise DataError(
            f"series have shape {X.shape}; wanted (cases, channels, time points), none of them 0."
        )
    mask = np.ones((X.shape[0], X.shape[2]), bool) if mask is None else np.asarray(mask, bool)
    check_mask(X, mask, "series")
    if not mask.all():
        X = np.where(mask[:, None, :], X, np.float32(0))
    notes: list[str] = []
    X, filled = fill_gaps(X, mask, chosen.gaps, notes)
    if chosen.length is not None:
        X, mask, filled = to_length(X, mask, filled, chosen.length, chosen.length_by, notes)
    if chosen.normalise == "z":
        X = z_normalise(X, mask, chosen.ddof, notes)
    return Prepared(X, mask, filled, tuple(notes))


def detect_normalisation(
    X: Array, mask: Array | None = None, *, tolerance: float = 1e-3
) -> Normalisation:
    """Tell whether series are z-normalised already, so that new ones get the same treatment.

    Parameters
    ----------
    X : array, shape (n_cases, n_channels, n_timepoints)
        Missing values are left out.
    mask : bool array, shape (n_cases, n_timepoints), optional
    tolerance : float
        Largest deviation of any case's mean from 0 and standard deviation from 1.

    Returns
    -------
    Normalisation
        ``("z", ddof)`` when every channel of every case agrees, with the divisor that fits
        better (channels of zeros agree with both, but not all may be such); else ``("none", 0)``.
    """
    X = np.asarray(X, dtype=np.float64)
    present = np.isfinite(X)
    if mask is not None:
        present &= np.asarray(mask, bool)[:, None, :]
    n = present.sum(axis=2)
    values = np.where(present, X, 0.0)
    mean = values.sum(axis=2) / np.maximum(n, 1)
    squares = (np.where(present, X - mean[:, :, None], 0.0) ** 2).sum(axis=2)
    varies = squares > 0
    if not varies.any() or np.abs(mean).max() > tolerance:
        return Normalisation("none", 0)
    gaps = [
        float(np.abs(np.sqrt(squares / np.maximum(n - d, 1)) - 1)[varies].max()) for d in (0, 1)
    ]
    best = int(gaps[1] < gaps[0])
    return Normalisation("z", best) if gaps[best] <= tolerance else Normalisation("none", 0)
