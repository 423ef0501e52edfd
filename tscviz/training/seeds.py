"""The seeds that every generator takes: torch's and NumPy's, old and new."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from tscviz.options import MAX_SEED
from tscviz.training.errors import TrainingError


def check_seed(seed: Any, what: str = "seed") -> int:
    """Return `seed` as an int.

    Parameters
    ----------
    seed : int
    what : str
        How the reader calls it.

    Raises
    ------
    TrainingError
        On anything but a whole number from 0 to `MAX_SEED`.
    """
    whole = isinstance(seed, Integral) and not isinstance(seed, bool)
    if not whole or not 0 <= int(seed) <= MAX_SEED:
        raise TrainingError(
            f"{what} is {seed!r}; it must be a whole number from 0 to {MAX_SEED:,}."
        )
    return int(seed)
