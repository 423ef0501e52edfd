"""Arrays saved by NumPy: .npy with the series, .npz with series, labels and mask."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tscviz.data.cells import MISSING, first_beyond, infinite, missing_values
from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_UNPACKED_BYTES
from tscviz.data.npy_file import read_npy
from tscviz.data.readers.finish import Places, finish, trimmed_lengths, whole_label
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.source import Payload
from tscviz.types import Array, SeriesSet

_SERIES = ("X", "x", "data", "series", "values", "arr_0")
_LABELS = ("y", "labels", "label", "Y", "target", "arr_1")
_NAMES = ("names", "ids")
_MAX_MEMBERS = 64
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError,
               NotImplementedError, RuntimeError, KeyError, IndexError, OverflowError)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Look:
    """Layout and arrays of a .npy or .npz file."""

    layout: Layout
    X: Array
    y: Array | None = None
    mask: Array | None = None
    names: Array | None = None


def look(payload: Payload, given: Mapping[str, Any]) -> Look:
    """Load the arrays and describe them."""
    fields: dict[str, Any] = {"compression": payload.compression, "missing": MISSING}
    notes: tuple[str, ...] = ()
    if given["format"] == "npy":
        X = read_npy(payload.data)
        found = Look(Layout(**{**fields, **given}), X)
        reasons = ["The file is a NumPy array."]
    else:
        arrays = _members(payload.data)
        name = _series_name(arrays, given.get("array"))
        others = {key: value for key, value in arrays.items() if key != name}
        y, mask, names = (_first(others, known) for known in (_LABELS, ("mask",), _NAMES))
        found = Look(Layout(**{**fields, **given, "array": name}), arrays[name], y, mask, names)
        reasons = [f"The array {name!r} holds the series" + _besides(y, mask)]
        unread = [
            key for key in others if not any(others[key] is array for array in (y, mask, names))
        ]
        if unread:
            notes = (f"Other arrays are left out: {_listed(unread)}.",)
    shape = " x ".join(map(str, found.X.shape)) or "a single value"
    reasons.append(f"Its shape is {shape}, read as {_axes(found.X.ndim, found.layout)}.")
    layout = replace(found.layout, reasons=(*reasons, *notes), notes=notes)
    return replace(found, layout=layout)


def _besides(y: Array | None, mask: Array | None) -> str:
    parts = [text for text, value in (("labels", y), ("a mask", mask)) if value is not None]
    return f", with {' and '.join(parts)}." if parts else "."


def _axes(ndim: int, layout: Layout) -> str:
    turned = layout.orientation == "columns"
    return {
        1: "one series",
        2: "points x cases" if turned else "cases x points",
        3: "cases x points x channels" if turned else "cases x channels x points",
    }.get(ndim, "no series")


def _first(arrays: Mapping[str, Array], known: tuple[str, ...]) -> Array | None:
    return next((arrays[name] for name in known if name in arrays), None)


def _members(data: bytes) -> dict[str, Array]:
    """Unpack all arrays; sizes are bounded while unpacking, whatever the archive states."""
    arrays, left = {}, MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [i for i in archive.infolist() if i.filename.endswith(".npy")][:_MAX_MEMBERS]
            for info in infos:
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise DataError("the npz file is packed in an unusual way; use numpy.savez.")
                with archive.open(info) as member:
                    content = member.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise DataError(
                        f"the npz file unpacks to more than {MAX_UNPACKED_BYTES // 10**6} MB, the "
                        "most that is read; send fewer series."
                    )
                name = info.filename.removesuffix(".npy")[:100]
                arrays[name] = read_npy(content, f"the array {name!r}")
    except DataError:
        raise
    except _ZIP_ERRORS as error:
        raise DataError("the npz file is damaged; save it again with numpy.savez.") from error
    return arrays


def _series_name(arrays: Mapping[str, Array], wanted: str | None) -> str:
    numeric = [name for name, value in arrays.items() if value.dtype.kind in "fiu"]
    if wanted is not None:
        if wanted in arrays:
            return wanted
        raise DataError(f"there is no array {wanted[:80]!r}; the file has {_listed(arrays)}.")
    for name in _SERIES:
        if name in numeric:
            return name
    if len(numeric) == 1:
        return numeric[0]
    raise DataError(
        f"it is not clear which array holds the series; the file has {_listed(arrays)}. Name it X "
        "(and the labels y)",
        Setting("array", clause=", or choose it with the option {}"),
        ".",
    )


def _listed(names: Collection[str]) -> str:
    return ", ".join(repr(name) for name in list(names)[:12]) or "no arrays"


def preview(payload: Payload, layout: Layout, n: int) -> list[list[str]]:
    """First `n` cases (of the first channel), as text."""
    cases = _cases(look(payload, {**layout.options()}).X, layout)
    return [[f"{value:.6g}" for value in case[0][:40]] for case in cases[:n]]


def read(payload: Payload, given: Mapping[str, Any]) -> SeriesSet:
    """Read the series, their labels and their mask."""
    seen = look(payload, given)
    X = _cases(seen.X, seen.layout)
    labels = None if seen.y is None else _texts(seen.y, len(X), "labels")
    names = None if seen.names is None else _texts(seen.names, len(X), "names")
    if seen.layout.label_column is not None:
        X, labels = _cut_label(X, seen.layout)
    X = _channels(X, seen.layout)
    lengths = trimmed_lengths(X) if seen.mask is None else _lengths(seen.mask, X)
    places = Places(rows=range(1, len(X) + 1))
    return finish(X, lengths, seen.layout, places, labels=labels, names=names)


def _cases(values: Array, layout: Layout) -> Array:
    """Bring an array to (n_cases, n_channels, n_timepoints), float64, finite or missing."""
    if values.dtype.kind not in "fiub" or values.ndim not in (1, 2, 3):
        raise DataError(
            f"the array holds {values.dtype} in {values.ndim} dimensions; numbers in 1, 2 or 3 "
            "dimensions are read."
        )
    if not values.size:
        raise DataError("the array is empty; give at least one series.")
    turned = layout.orientation == "columns"
    values = values[None] if values.ndim == 1 else values
    if values.ndim == 2:
        values = (values.T if turned else values)[:, None]
    elif turned:
        values = values.transpose(0, 2, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.array(values, dtype=np.float64, order="C")
    bad = first_beyond(values)
    if bad is not None:
        case, _, point = np.unravel_index(bad, values.shape)
        raise infinite(float(values.flat[bad]), int(case) + 1, int(point) + 1)
    values[np.isin(values, missing_values(layout.missing))] = np.nan
    return values


def _channels(X: Array, layout: Layout) -> Array:
    k = layout.channels
    if k == 1 or X.shape[1] > 1:
        return X
    if X.shape[2] % k:
        raise DataError(f"{X.shape[2]} points in a row cannot be shared by {k} channels.")
    if layout.channel_order == "blocks":
        return X.reshape(len(X), k, -1)
    return X.reshape(len(X), -1, k).transpose(0, 2, 1)


def _cut_label(X: Array, layout: Layout) -> tuple[Array, list[str]]:
    """Take labels out of the first or last column of a two-dimensional array."""
    last = X.shape[2]
    column = {"first": 1, "last": last}.get(str(layout.label_column), layout.label_column)
    if X.shape[1] != 1 or not isinstance(column, int) or not 1 <= column <= last:
        raise DataError(
            f"there is no column {layout.label_column!r} of labels; an array of two dimensions has "
            f"them in its 'first' or 'last' column, or in another from 1 to {last}."
        )
    labels = [whole_label(str(value)) for value in X[:, 0, column - 1].tolist()]
    return np.delete(X, column - 1, axis=2), labels


def _texts(values: Array, n_cases: int, what: str) -> list[str]:
    if values.shape != (n_cases,):
        raise DataError(
            f"the {what} have the shape {values.shape} for {n_cases} cases; give one per case."
        )
    try:
        items = values.tolist()
        texts = [i.decode("utf-8") if isinstance(i, bytes) else str(i) for i in items]
    except (ValueError, OverflowError) as error:
        raise DataError(f"the {what} are not valid text; save them again.") from error
    return [whole_label(text) for text in texts] if what == "labels" else texts


def _lengths(mask: Array, X: Array) -> Array:
    """Length of each case from a mask that may be False at the end only."""
    if mask.shape != (len(X), X.shape[2]) or mask.dtype.kind not in "biu":
        raise DataError(
            f"the mask has the shape {mask.shape} and type {mask.dtype}; it must be boolean, "
            f"{(len(X), X.shape[2])}: cases x points."
        )
    mask = mask.astype(bool)
    lengths = mask.sum(axis=1)
    wrong = (mask != (np.arange(X.shape[2]) < lengths[:, None])).any(axis=1)
    if wrong.any():
        raise DataError(
            "the mask is False before the end of the series; mark missing values with NaN in X, "
            "and leave the mask False only after the end.",
            row=int(wrong.argmax()) + 1,
        )
    return lengths
