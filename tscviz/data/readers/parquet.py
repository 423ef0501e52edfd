"""Parquet tables: one series per row, per column or per cell (lists), or one value per row."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.data.errors import DataError
from tscviz.data.readers.cells import MISSING, missing_values, too_many_values
from tscviz.data.readers.delimited import ROLES, plan_columns
from tscviz.data.readers.layout import Layout, find_column
from tscviz.data.readers.layouts import table_to_series
from tscviz.data.readers.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    MAX_VALUES,
)
from tscviz.data.readers.nested import guess_nested, read_nested
from tscviz.data.readers.roles import Roles
from tscviz.data.readers.sample import MAX_EDGE_ROWS, MAX_SAMPLE_CELLS, Sample
from tscviz.data.readers.source import Payload
from tscviz.data.readers.table import Table, check_finite
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
        fields.update(guess_nested(names, _list_columns(table)))
        reasons = ("The cells of the table are lists: one series per cell, a channel per column.",)
        return Look(Layout(**{**fields, **given, "reasons": reasons}), table, names)
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
        return read_nested(seen.table, lists, text, roles, layout)
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
