"""The cases of a file that is read line by line, one series with its channels after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tscviz.data.cells import too_many_values
from tscviz.data.dataset import MAX_VALUES
from tscviz.data.errors import DataError
from tscviz.types import Array


@dataclass
class CaseList:
    """Cases, labels and rows of one file; each case is checked when it is added.

    Parameters
    ----------
    trim : bool
        Missing values at the end of a case are its padding and are cut off.
    n_channels : int or None
        Taken from the first case if None.
    source : str
        What says how many channels there are, for messages.
    max_values : int
        Most values of all cases together.

    Attributes
    ----------
    cases : list of float32 arrays, shape (n_channels, n_timepoints)
        Lengths may differ.
    labels : list of str
        Empty where the file has none.
    rows : list of int
        1-based line of each case.
    """

    trim: bool = False
    n_channels: int | None = None
    source: str = "as in the first case"
    max_values: int = MAX_VALUES
    cases: list[Array] = field(default_factory=list, init=False)
    labels: list[str] = field(default_factory=list, init=False)
    rows: list[int] = field(default_factory=list, init=False)
    _size: int = field(default=0, init=False)

    def add(self, row: int, channels: Sequence[Array], label: str | None) -> None:
        """Add the case that stands in `row`, given as one array per channel."""
        self.n_channels = self.n_channels or len(channels)
        if len(channels) != self.n_channels:
            raise DataError(
                f"the case has {len(channels)} channels where {self.n_channels} were expected "
                f"({self.source}); mend the case or the header.",
                row=row,
            )
        lengths = [len(values) for values in channels]
        if min(lengths) != max(lengths):
            raise DataError(
                f"the channels of the case have {min(lengths)} to {max(lengths)} points; bring "
                "them to one length, with '?' where a value is missing.",
                row=row,
            )
        self._size += sum(lengths)
        if self._size > self.max_values:
            raise too_many_values(self._size, row, self.max_values)
        case = np.stack(channels)  # (C, T)
        self.cases.append(_without_missing_end(case, row) if self.trim else case)
        self.rows.append(row)
        if label is not None:
            self.labels.append(label)

    def check_any(self) -> None:
        """Refuse a file without cases."""
        if not self.cases:
            raise DataError("the file has no cases; add at least one series.")

    def check_equal(self, source: str) -> None:
        """Refuse cases of unequal length; `source` says why they should be equal."""
        length = self.cases[0].shape[1]
        for row, case in zip(self.rows, self.cases, strict=True):
            if case.shape[1] != length:
                raise DataError(
                    f"the case has {case.shape[1]} points, the first one {length}, but {source}; "
                    "mend the case or the header.",
                    row=row,
                )

    def check_labels(self) -> None:
        """Refuse a case whose label is empty."""
        for row, label in zip(self.rows, self.labels, strict=True):
            if not label:
                raise DataError("the label is empty; every case needs one.", row=row)


def _without_missing_end(case: Array, row: int) -> Array:
    present = np.flatnonzero(~np.isnan(case).all(axis=0))
    if not len(present):
        raise DataError("the series has no value (missing values only); remove it.", row=row)
    return case[:, : present[-1] + 1]
