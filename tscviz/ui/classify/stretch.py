"""Which stretch of a series decided: the run of points that adds most to the class score."""

from __future__ import annotations

import numpy as np

from tscviz.types import Array

#: Share of the highest value that a point must reach to lengthen the stretch.
_TOLL = 0.25


def deciding_stretch(values: Array) -> tuple[int, int]:
    """Return the first and last point of the stretch that speaks most for the class.

    Of all runs of points it is the one with the largest sum of value less a toll of a quarter of
    the highest value. So a single spike yields to a longer stretch that adds more, and a weak
    tail is left out. Where nothing is positive it is the highest point.

    Parameters
    ----------
    values : array, shape (n_timepoints,)
    """
    values = np.asarray(values, dtype=np.float64)
    top = int(values.argmax())
    if values[top] <= 0:
        return top, top
    total = np.concatenate([[0.0], np.cumsum(values - _TOLL * values[top])])
    lowest = np.minimum.accumulate(total[:-1])
    last = int((total[1:] - lowest).argmax())
    # the latest start among equals: the shortest such run
    first = last - int(total[last::-1].argmin())
    return first, last
