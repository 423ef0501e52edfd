"""Whether float32, in which series are kept, tells the values of a file apart."""

from __future__ import annotations

import numpy as np

from tscviz.data.errors import Setting
from tscviz.data.readers.places import Places
from tscviz.types import Array

_NOISE = 1e-12  # of the largest value: what computing in float64 leaves of a constant
_FEW, _TOO_FEW = 1000, 16  # steps of float32 within the range of a series
_BLOCK = 4096


def is_constant(low: Array, high: Array) -> Array:
    """Whether least and largest values are the same but for the rounding of float64."""
    return high - low <= _NOISE * np.maximum(np.abs(low), np.abs(high))


def check_steps(
    X: Array, mask: Array, low: Array, high: Array, allow_constant: bool, places: Places
) -> str | None:
    """Return a note of the series whose small range stands on a large offset.

    Parameters
    ----------
    X : float array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints)
    low, high : float array, shape (n_cases, n_channels)
    allow_constant : bool
        Let a series in of whose shape nothing is left.
    places : Places

    Raises
    ------
    DataError
        A case of which float32 leaves a few steps only.
    """
    spread = high - low
    step = np.spacing(np.maximum(np.abs(low), np.abs(high)).astype(np.float32)).astype(float)
    constant = is_constant(low, high)
    off = np.zeros(spread.shape)  # largest deviation by rounding
    for near in _blocks(np.argwhere((spread < _FEW * step) & ~constant)):
        cases, channels = near.T
        values = X[cases, channels]
        wrong = np.abs(values - values.astype(np.float32))
        off[cases, channels] = np.fmax.reduce(np.where(mask[cases], wrong, 0.0), axis=1)
    # A value is off by half a step at most.
    lost = ((2 * _TOO_FEW * off > spread) | constant).all(axis=1) & ~constant.all(axis=1)
    if lost.any() and not allow_constant:
        case = int(lost.argmax())
        channel = int((~constant[case]).argmax())
        raise places.error(
            case,
            f"the series varies by {spread[case, channel]:.3g} around "
            f"{_middle(low, high, case, channel)}, where the numbers of float32, in which series "
            f"are kept, are {step[case, channel]:g} apart; subtract an offset from all values",
            Setting("allow_constant", True, "; to let it in, choose {}"),
            ".",
        )
    coarse = np.argwhere(2 * _FEW * off > spread)
    if not len(coarse):
        return None
    case, channel = (int(i) for i in coarse[0])
    n = len(np.unique(coarse[:, 0]))
    return (
        f"In {n:,} of {len(X):,} series the values vary little on a large offset (the first: by "
        f"{spread[case, channel]:.3g} around {_middle(low, high, case, channel)}), where the "
        f"numbers of float32, in which series are kept, are {step[case, channel]:g} apart: "
        "subtract an offset from the values."
    )


def _middle(low: Array, high: Array, case: int, channel: int) -> str:
    return f"{(low[case, channel] + high[case, channel]) / 2:.3g}"


def _blocks(places: Array) -> list[Array]:
    return [places[start : start + _BLOCK] for start in range(0, len(places), _BLOCK)]
