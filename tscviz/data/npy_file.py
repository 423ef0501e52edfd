"""NumPy's .npy format, read without NumPy's loader: no pickle, nothing taken on trust."""

from __future__ import annotations

import ast
import math

import numpy as np

from tscviz.data.cells import too_many_values
from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_VALUES
from tscviz.types import Array

_MAX_HEADER = 1024  # bytes; a plain array needs about 70
_KINDS = "fiubUS"


def read_npy(data: bytes, what: str = "the file") -> Array:
    """Return the array in `data`, after holding its stated size against its real one.

    Parameters
    ----------
    data : bytes
        A whole .npy file.
    what : str
        Name for messages.

    Raises
    ------
    DataError
        Damaged, too large, or of a type other than numbers or text.
    """
    header, start = _header(data, what)
    dtype, shape, fortran = _fields(header, what)
    count = math.prod(shape)
    if count > MAX_VALUES or len(shape) > 3:
        if len(shape) <= 3:
            raise too_many_values(count)
        raise DataError(f"{what} has {len(shape)} dimensions; 1, 2 or 3 are read.")
    if dtype.itemsize == 0 or count * dtype.itemsize > len(data) - start:
        raise DataError(
            f"{what} states {count:,} values of {dtype.itemsize} bytes but holds "
            f"{len(data) - start:,} bytes; it is damaged or cut short."
        )
    values = np.frombuffer(data, dtype, count, start)
    return values.reshape(shape, order="F" if fortran else "C")


def _header(data: bytes, what: str) -> tuple[str, int]:
    if not data.startswith(b"\x93NUMPY") or len(data) < 12:
        raise DataError(f"{what} is not a NumPy array; save it with numpy.save.")
    wide = data[6] > 1
    start = 12 if wide else 10
    length = int.from_bytes(data[8:start], "little")
    if length > _MAX_HEADER or start + length > len(data):
        raise DataError(f"the header of {what} is damaged; save it again with numpy.save.")
    return data[start : start + length].decode("latin-1"), start + length


def _fields(header: str, what: str) -> tuple[np.dtype, tuple[int, ...], bool]:
    damaged = DataError(f"the header of {what} is damaged; save it again with numpy.save.")
    if "\\" in header or not header.strip().isprintable():
        raise damaged
    try:
        fields = ast.literal_eval(header.strip())
        shape, fortran = fields["shape"], fields["fortran_order"]
        descr = fields["descr"]
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError) as error:
        raise damaged from error
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise damaged
    if not isinstance(descr, str) or len(descr) > 16:
        raise DataError(f"{what} has named fields; save a plain array of numbers.")
    try:
        dtype = np.dtype(descr)
    except (TypeError, ValueError, SyntaxError) as error:
        raise damaged from error
    if dtype.hasobject:
        raise DataError(
            f"{what} holds Python objects, which need pickle and are never opened; save numbers "
            "with numpy.save(..., allow_pickle=False)."
        )
    if dtype.kind not in _KINDS or dtype.subdtype is not None:
        raise DataError(f"{what} holds {dtype}; arrays of real numbers are read.")
    return dtype, shape, bool(fortran)
