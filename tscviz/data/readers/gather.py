"""Collect cases one by one, each with its channels, into padded arrays."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from tscviz.data.errors import DataError
from tscviz.data.readers.cells import too_many_values
from tscviz.data.readers.finish import Places, allocate, finish, trimmed_lengths
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.limits import MAX_VALUES
from tscviz.data.readers.table import check_values
from tscviz.types import SeriesSet


class Gather:
    """Cases of a file that is read line by line.

    Parameters
    ----------
    layout : Layout
    source : str
        What says how many channels there are, for messages.
    n_channels : int or None
        Taken from the first case if None.
    """

    def __init__(self, layout: Layout, source: str, n_channels: int | None = None) -> None:
        self._layout = layout
        self._source = source
        self._n_channels = n_channels
        self._cases: list[list[array[float]]] = []
        self._labels: list[str] = []
        self._rows: list[int] = []
        self._n_values = 0

    def add(self, row: int, channels: list[array[float]], label: str | None) -> None:
        """Add the case that stands in `row`."""
        if self._n_channels is None:
            self._n_channels, self._source = len(channels), "the first case has others"
        if len(channels) != self._n_channels:
            raise DataError(
                f"the case has {len(channels)} channels where {self._n_channels} were expected "
                f"({self._source}); mend the case or the header.",
                row=row,
            )
        lengths = [len(values) for values in channels]
        if min(lengths) != max(lengths):
            raise DataError(
                f"the channels of the case have {min(lengths)} to {max(lengths)} points; bring "
                "them to one length, with '?' where a value is missing.",
                row=row,
            )
        for values in channels:
            check_values(np.frombuffer(values), row)
        self._n_values += sum(lengths)
        if self._n_values > MAX_VALUES:
            raise too_many_values(self._n_values, row)
        self._cases.append(channels)
        self._rows.append(row)
        if label is not None:
            self._labels.append(label)

    def check_equal(self, source: str) -> None:
        """Refuse cases of unequal length."""
        for row, channels in zip(self._rows, self._cases, strict=True):
            if len(channels[0]) != len(self._cases[0][0]):
                raise DataError(
                    f"the case has {len(channels[0])} points, the first one "
                    f"{len(self._cases[0][0])}, but {source}; mend the case or the header.",
                    row=row,
                )

    def finish(self, trim: bool, channel_names: Sequence[str] | None = None) -> SeriesSet:
        """Return the result; `trim` drops missing values at the end of a case."""
        if not self._cases:
            raise DataError("the file has no cases after its header; add at least one series.")
        lengths = np.array([len(channels[0]) for channels in self._cases])
        X = allocate(len(self._cases), len(self._cases[0]), int(lengths.max()))
        for i, channels in enumerate(self._cases):
            for k, values in enumerate(channels):
                X[i, k, : lengths[i]] = np.frombuffer(values)
        return finish(
            X,
            trimmed_lengths(X) if trim else lengths,
            self._layout,
            Places(rows=self._rows),
            labels=self._labels or None,
            channel_names=channel_names,
        )
