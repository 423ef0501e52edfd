"""Parquet tables: one series per row, per column or per cell (lists), or one value per row."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.data.cells import MISSING, first_beyond, infinite, missing_values, too_many_values
from tscviz.data.errors import DataError
from tscviz.data.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    MAX_VALUES,
)
from tscviz.data.readers.delimited import ROLES
from tscviz.data.readers.dialect import ID_NAMES, LABEL_NAMES, plain_name
from tscviz.data.readers.finish import Places, allocate, finish, trimmed_lengths, whole_label
from tscviz.data.readers.layout import Layout, column_reference, find_column
from tscviz.data.readers.roles import Roles
from tscviz.data.readers.sample import MAX_EDGE_ROWS, MAX_SAMPLE_CELLS, Sample
from tscviz.data.readers.source import Payload
from tscviz.data.readers.table import Table, check_finite, plan_columns
from tscviz.data.readers.wide import table_to_series
from tscviz.types import Array, SeriesSet


@dataclass(frozen=True, eq=False)
class Look:
    """Layout and content (a pyarrow table) of a parquet file."""

    layout: Layout
    table: Any
    names: tuple[str, ...]


def look(payload: Payload, given: Mapping[str, Any]) -> Look:
    """Load the table and guess what its columns are."""
    table = _load(payload.data)
    names = tuple(str(name) for name in table.column_names)
    fields: dict[str, Any] = {"compression": payload.compression, "header": True}
    fields["missing"] = given.get("missing", MISSING)
    if _list_columns(table):
        fields.update(_guess_nested(names, _list_columns(table)))
        reasons = ("The cells of the table are lists: one series per cell, a channel per column.",)
        layout = Layout(**{**fields, **given, "reasons": reasons})
        return Look(_told_of_rest(layout, table, names), table, names)
    cells = min(table.num_rows, MAX_EDGE_ROWS, max(2, MAX_SAMPLE_CELLS // max(len(names), 1)))
    columns = [_texts(column) for column in table.slice(0, cells).columns]
    rows = tuple(list(row) for row in zip(*columns, strict=True))
    sample = Sample(names, rows, tuple(columns[0]), tuple(columns[-1]), table.num_rows,
                    len(names), ".", fields["missing"])  # fmt: skip
    roles = Roles(sample, given).run()
    reasons = ("The file is a parquet table.", *roles.pop("reasons"))
    return Look(Layout(**{**fields, **roles, **given, "reasons": reasons}), table, names)


def _load(data: bytes) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    errors = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, NotImplementedError,
              OverflowError)  # fmt: skip
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        _check_claims(file.metadata)
        batches, size = [], 0
        for batch in file.iter_batches(batch_size=65_536, use_threads=False):
            size += batch.nbytes
            if size > 4 * MAX_UNPACKED_BYTES:
                raise _too_large()
            batches.append(batch)
        table = pa.Table.from_batches(batches, schema=file.schema_arrow)
        table.validate(full=True)
    except DataError:
        raise
    except errors as error:
        raise DataError("the parquet file is damaged or of an unknown kind; write it again.") \
            from error  # fmt: skip
    if not table.num_rows or not table.num_columns:
        raise DataError("the parquet table has no rows; give at least one series.")
    return table


def _check_claims(metadata: Any) -> None:
    """Refuse what the file itself says is too large, before anything is unpacked."""
    rows, columns = metadata.num_rows, metadata.num_columns
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise DataError(
            f"the table has {rows:,} rows and {columns:,} columns; at most {MAX_ROWS:,} and "
            f"{MAX_COLUMNS:,} are read."
        )
    if rows * columns > MAX_VALUES:
        raise too_many_values(rows * columns)
    groups = [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]
    if sum(groups) > MAX_UNPACKED_BYTES or any(size < 0 for size in groups):
        raise _too_large()


def _too_large() -> DataError:
    return DataError(
        f"the parquet file unpacks to more than {MAX_UNPACKED_BYTES // 10**6} MB, the most that is "
        "read; send fewer series."
    )


def _list_columns(table: Any) -> list[int]:
    import pyarrow as pa

    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return [i for i, f in enumerate(table.schema) if any(test(f.type) for test in tests)]


def _texts(column: Any) -> list[str]:
    """Cells as text, "" where missing."""
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError, TypeError) as error:
        raise DataError("a column of the parquet file cannot be shown as text.") from error
    return ["" if value is None else str(value) for value in values]


def preview(payload: Payload, _layout: Layout, n: int) -> list[list[str]]:
    """Return the header and the first rows as text."""
    table = _load(payload.data)
    columns = [[str(name), *_texts(column)]
               for name, column in zip(table.column_names[:200], table.slice(0, n).columns,
                                       strict=False)]  # fmt: skip
    return [list(row) for row in zip(*columns, strict=True)][:n]


def read(payload: Payload, given: Mapping[str, Any]) -> SeriesSet:
    """Read the series of a parquet table; rows are counted from 1 without a header."""
    seen = look(payload, given)
    layout, width = seen.layout, len(seen.names)
    lists = _list_columns(seen.table)
    roles = {
        role: find_column(getattr(layout, role), seen.names, width)
        for role in ROLES
        if getattr(layout, role) is not None
    }
    if lists:
        text = {i: _texts(c) for i, c in enumerate(seen.table.columns) if i not in lists}
        return _read_nested(seen.table, lists, text, roles, layout)
    columns = plan_columns(layout, roles, seen.names, width)
    numeric = columns.numeric(width)
    values = np.empty((seen.table.num_rows, len(numeric)))
    for k, i in enumerate(numeric):
        values[:, k] = _numbers(seen.table.column(i), i, seen.names[i])
    values[np.isin(values, missing_values(layout.missing))] = np.nan
    text = {i: _texts(seen.table.column(i)) for i in columns.text}
    counts = np.full(len(values), len(numeric), dtype=np.int64)
    table = Table(columns, values.ravel(), counts, text, range(1, len(values) + 1))
    check_finite(table.flat, table)
    return table_to_series(table, roles, layout)


def _numbers(column: Any, index: int, name: str) -> Array:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    numeric = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
    if not any(test(kind) for test in numeric):
        raise DataError(
            f"the column {name[:80]!r} holds {str(kind)[:40]} where numbers were expected; leave "
            "it out, or name it as label, id or time.",
            row=1,
            column=index + 1,
        )
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    try:
        return column.cast(pa.float64(), safe=False).to_numpy()
    except (pa.ArrowException, ValueError) as error:
        raise DataError("the column cannot be read as numbers.", column=index + 1) from error


def _read_nested(
    table: Any,
    lists: list[int],
    text: Mapping[int, list[str]],
    roles: Mapping[str, int],
    layout: Layout,
) -> SeriesSet:
    """Build the series of a table whose columns `lists` hold lists: one case per row."""
    channels = [list(_lists(table.column(i), i)) for i in lists]
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
        channel_names=[str(table.column_names[i]) for i in lists],
    )


def _text_of(index: int, text: Mapping[int, list[str]]) -> list[str]:
    if index not in text:
        raise DataError("the column holds lists; labels and names are single cells.",
                        column=index + 1)  # fmt: skip
    return text[index]


def _guess_nested(names: tuple[str, ...], lists: list[int]) -> dict[str, Any]:
    """Columns beside the lists that are named like labels or cases."""
    found: dict[str, Any] = {}
    for option, known in (("label_column", LABEL_NAMES), ("id_column", ID_NAMES)):
        matches = (i for i, n in enumerate(names) if plain_name(n) in known and i not in lists)
        index = next(matches, None)
        if index is not None:
            found[option] = column_reference(index, names)
    return found


def _told_of_rest(layout: Layout, table: Any, names: tuple[str, ...]) -> Layout:
    """Add a note of the columns beside the lists that have no role."""
    used = {getattr(layout, role) for role in ROLES}
    taken = {find_column(c, names, len(names)) for c in used if c is not None}
    for i in sorted(set(range(len(names))) - taken - set(_list_columns(table))):
        layout = layout.noted(f"Column {i + 1} ({names[i][:40]!r}) holds no lists and is left out.")
    return layout


def _lists(column: Any, index: int) -> Iterator[Array]:
    """Yield the list of each row as float64, empty where there is none."""
    import pyarrow as pa

    for row, cell in enumerate(column, start=1):
        values = np.empty(0)
        try:
            if cell.is_valid:
                values = cell.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        except (pa.ArrowException, ValueError) as error:
            raise DataError("the list does not hold numbers.", row=row, column=index + 1) from error
        bad = first_beyond(values)
        if bad is not None:
            raise infinite(float(values[bad]), row, index + 1)
        yield values
