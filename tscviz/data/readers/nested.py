"""Tables whose cells are lists: a row is a case, a column a channel."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tscviz.data.errors import DataError
from tscviz.data.readers.finish import Places, allocate, finish, trimmed_lengths, whole_label
from tscviz.data.readers.header import ID_NAMES, LABEL_NAMES, plain_name
from tscviz.data.readers.layout import Layout, column_reference
from tscviz.data.readers.table import check_values
from tscviz.types import Array, SeriesSet


def read_nested(
    table: Any,
    lists: list[int],
    text: Mapping[int, list[str]],
    roles: Mapping[str, int],
    layout: Layout,
) -> SeriesSet:
    """Build the series of a pyarrow table whose columns `lists` hold lists of numbers."""
    names = [str(name) for name in table.column_names]
    channels = [
        [_checked(values, row + 1, i) for row, values in enumerate(_lists(table.column(i)))]
        for i in lists
    ]
    lengths = np.array([[len(values) for values in channel] for channel in channels])
    uneven = np.flatnonzero((lengths != lengths[0]).any(axis=0))
    if uneven.size:
        raise DataError(
            "the lists of the row are of unequal length; bring the channels of a case to one "
            "length, with null where a value is missing.",
            row=int(uneven[0]) + 1,
        )
    X = allocate(table.num_rows, len(lists), int(lengths.max(initial=0)))
    for k, channel in enumerate(channels):
        for i, values in enumerate(channel):
            X[i, k, : len(values)] = values
    columns = {role: _text_of(i, text) for role, i in roles.items()}
    labels = columns.get("label_column")
    return finish(
        X,
        trimmed_lengths(X) if X.size else lengths[0],
        layout,
        Places(rows=range(1, len(X) + 1)),
        labels=None if labels is None else [whole_label(label) for label in labels],
        names=columns.get("id_column"),
        channel_names=[names[i] for i in lists],
    )


def _checked(values: Array | None, row: int, index: int) -> Array:
    values = np.frombuffer(array("d")) if values is None else values
    try:
        check_values(values, row)
    except DataError as error:
        raise DataError(str(error), row=row, column=index + 1) from error
    return values


def _text_of(index: int, text: Mapping[int, list[str]]) -> list[str]:
    if index not in text:
        raise DataError("the column holds lists; labels and names are single cells.",
                        column=index + 1)  # fmt: skip
    return text[index]


def guess_nested(names: tuple[str, ...], lists: list[int]) -> dict[str, Any]:
    """Columns beside the lists that are named like labels or cases."""
    found: dict[str, Any] = {}
    for option, known in (("label_column", LABEL_NAMES), ("id_column", ID_NAMES)):
        matches = (i for i, n in enumerate(names) if plain_name(n) in known and i not in lists)
        index = next(matches, None)
        if index is not None:
            found[option] = column_reference(index, names)
    return found


def _lists(column: Any) -> Iterator[Array | None]:
    """Yield the list of each row as float64, None where there is none."""
    import pyarrow as pa

    for cell in column:
        if not cell.is_valid:
            yield None
            continue
        try:
            yield cell.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        except (pa.ArrowException, ValueError) as error:
            raise DataError("a list of the parquet file does not hold numbers.") from error
