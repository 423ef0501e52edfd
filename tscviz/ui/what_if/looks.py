"""The colours of the editor: those of the figures, as the component takes them."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from tscviz.figures.palette import look, sample, signed_scale, symmetric_limit, unsigned_scale
from tscviz.types import Array

_STOPS = 13


def tones(dark: bool) -> dict[str, str]:
    """Return the page's colours by name; see `tscviz.figures.palette.Theme`."""
    return asdict(look(dark))


def stops(signed: bool, dark: bool) -> list[str]:
    """Return evenly spaced colours of a map's scale, from the low end to the high one."""
    scale = signed_scale(dark) if signed else unsigned_scale()
    return sample(scale, np.linspace(0, 1, _STOPS))


def rounded(values: Array) -> list[Any]:
    """Return numbers as lists that are short enough to send: seven digits of the largest."""
    top = symmetric_limit(values)
    digits = 6 - math.floor(math.log10(top))
    return (np.round(np.asarray(values, dtype=np.float64), digits) + 0.0).tolist()
