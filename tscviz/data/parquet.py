"""A table as a Parquet file, where pyarrow is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

from tscviz.data.errors import DataError


def has_parquet() -> bool:
    """Return whether `parquet_bytes` works here."""
    return importlib.util.find_spec("pyarrow") is not None


def parquet_bytes(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Return a table as the content of a Parquet file.

    Parameters
    ----------
    columns : mapping of str to sequence
        Of one length; None is a missing value.

    Raises
    ------
    DataError
        Where pyarrow is not installed.
    """
    if not has_parquet():
        raise DataError("Parquet needs pyarrow, which is not installed; write CSV instead.")
    import pyarrow as pa
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(dict(columns)), sink)
    return sink.getvalue().to_pybytes()
