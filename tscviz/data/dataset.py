"""From arrays or lists of cases to a `Dataset`: padding, masks, digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from tscviz.data.errors import DataError
from tscviz.data.labels import encode_labels
from tscviz.types import Array, Dataset

MAX_VALUES = 250_000_000
"""Most values (cases x channels x time points) one split may hold: 1 GB of float32."""


def dataset_from_arrays(
    name: str,
    X_train: Any,
    y_train: Sequence[Any] | Array,
    X_test: Any,
    y_test: Sequence[Any] | Array,
    *,
    mask_train: Array | None = None,
    mask_test: Array | None = None,
    class_names: Sequence[str] | None = None,
    source: str = "file",
) -> Dataset:
    """Build a `Dataset` from two splits.

    Both splits are padded to the same length, that of the longest series.

    Parameters
    ----------
    name : str
    X_train, X_test : array or sequence of arrays
        ``(n_cases, n_channels, n_timepoints)``, or ``(n_cases, n_timepoints)`` for one channel
        (a DataFrame as well), or a list of cases ``(n_channels, n_timepoints)`` that may differ in
        length. NaN marks a missing value.
    y_train, y_test : sequence
        One label per case, text or numbers (names, not indices into `class_names`).
    mask_train, mask_test : bool arrays, shape (n_cases, n_timepoints), optional
        True on the points of each series. Not needed for lists of cases.
    class_names : sequence of str, optional
        The classes and their order. Default: all labels of both splits in natural order; whole
        numbers are written as such ("1.0" becomes "1").
    source : str
        Stored as `Dataset.source`.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        When a split is empty, shapes or counts disagree, a value is infinite, a label is empty
        or not among `class_names`.
    """
    splits = [
        _as_split(X_train, mask_train, f"{name}, train"),
        _as_split(X_test, mask_test, f"{name}, test"),
    ]
    (X1, mask1), (X2, mask2) = splits
    if X1.shape[1] != X2.shape[1]:
        raise DataError(
            f"{name}: the train split has {X1.shape[1]} channels and the test split {X2.shape[1]}; "
            "they must be equal."
        )
    for which, X, y in (("train", X1, y_train), ("test", X2, y_test)):
        if len(y) != len(X):
            raise DataError(f"{name}, {which}: {len(X)} cases but {len(y)} labels.")
    length = max(X1.shape[2], X2.shape[2])
    X1, mask1 = _widen(X1, mask1, length)
    X2, mask2 = _widen(X2, mask2, length)
    classes, y = encode_labels([*y_train, *y_test], class_names, where=name)
    y1, y2 = y[: len(X1)], y[len(X1) :]
    digest = dataset_digest(X1, mask1, y1, X2, mask2, y2, classes)
    return Dataset(name, X1, y1, X2, y2, classes, mask1, mask2, digest, source)


def dataset_digest(
    X_train: Array,
    mask_train: Array,
    y_train: Array,
    X_test: Array,
    mask_test: Array,
    y_test: Array,
    class_names: Sequence[str],
) -> str:
    """Return the sha256 (hex) over shapes, values, masks, labels and class names.

    Equal data give equal digests on every machine; the data set's name and source are left out.

    Parameters
    ----------
    X_train, X_test : float32 arrays, shape (n_cases, n_channels, n_timepoints)
    mask_train, mask_test : bool arrays, shape (n_cases, n_timepoints)
    y_train, y_test : int arrays, shape (n_cases,)
    class_names : sequence of str
    """
    sha = hashlib.sha256(b"tscviz dataset 1")
    for X, mask, y in ((X_train, mask_train, y_train), (X_test, mask_test, y_test)):
        values = np.ascontiguousarray(X, dtype="<f4")
        missing = np.isnan(values)
        if missing.any():  # NaN has many bit patterns
            values = np.where(missing, np.float32(np.nan), values)
        sha.update(repr(values.shape).encode())
        for array in (values, np.ascontiguousarray(mask, dtype="?"), np.asarray(y, dtype="<i8")):
            sha.update(np.ascontiguousarray(array).data)
    for label in class_names:
        text = label.encode()
        sha.update(len(text).to_bytes(8, "little") + text)
    return sha.hexdigest()


def pad_cases(cases: Sequence[Array], where: str = "data") -> tuple[Array, Array]:
    """Stack cases of any lengths, zeros after the end of each.

    Parameters
    ----------
    cases : sequence of arrays, shape (n_channels, n_timepoints) or (n_timepoints,)
    where : str
        Named in errors.

    Returns
    -------
    X : float32 array, shape (n_cases, n_channels, longest)
    mask : bool array, shape (n_cases, longest)
    """
    arrays = [np.atleast_2d(as_float32(case)) for case in cases]
    if not arrays:
        raise DataError(f"{where}: no cases found.")
    n_channels = arrays[0].shape[0]
    for i, case in enumerate(arrays, start=1):
        if case.ndim != 2 or case.shape[0] != n_channels:
            raise DataError(
                f"{where}: case {i} has {case.shape[0]} channels, case 1 has {n_channels}."
            )
        if case.shape[1] == 0:
            raise DataError(f"{where}: case {i} has no values.")
    lengths = np.array([case.shape[1] for case in arrays])
    check_size(len(arrays), n_channels, int(lengths.max()), where)
    X = np.zeros((len(arrays), n_channels, int(lengths.max())), dtype=np.float32)
    for i, case in enumerate(arrays):
        X[i, :, : lengths[i]] = case
    return X, np.arange(X.shape[2]) < lengths[:, None]


def as_float32(values: Any) -> Array:
    """Return float32 values; those beyond its range turn infinite, which is refused later."""
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype=np.float32)


def check_size(n_cases: int, n_channels: int, length: int, where: str) -> None:
    """Raise a `DataError` where an array of this shape would pass `MAX_VALUES`."""
    if n_cases * n_channels * length > MAX_VALUES:
        raise DataError(
            f"{where}: {n_cases} cases x {n_channels} channels x {length} time points are more "
            f"than the {MAX_VALUES:,} values that fit. Take fewer cases or shorten the series."
        )


def _as_split(X: Any, mask: Array | None, where: str) -> tuple[Array, Array]:
    if hasattr(X, "to_numpy"):
        X = X.to_numpy()  # a table with a case per row, whose iteration gives column names
    if not isinstance(X, np.ndarray) or X.dtype == object:
        if mask is not None:
            raise DataError(f"{where}: a mask goes with one array, not with a list of cases.")
        X, mask = pad_cases(list(X), where)
    X = as_float32(X)
    if X.ndim == 2:
        X = X[:, None, :]
    if X.ndim != 3 or 0 in X.shape:
        raise DataError(
            f"{where}: found an array of shape {X.shape}; wanted (cases, channels, time points), "
            "none of them zero."
        )
    mask = np.ones((X.shape[0], X.shape[2]), bool) if mask is None else np.asarray(mask, bool)
    check_mask(X, mask, where)
    X = X if mask.all() else np.where(mask[:, None, :], X, np.float32(0))
    if np.isinf(X).any():
        case, channel, point = (int(i) + 1 for i in np.argwhere(np.isinf(X))[0])
        raise DataError(
            f"{where}: case {case}, channel {channel}, time point {point} is infinite. "
            "Mend the value or mark it as missing (NaN)."
        )
    return X, mask


def check_mask(X: Array, mask: Array, where: str) -> None:
    """Raise a `DataError` unless `mask` fits `X` and has its padding only after each series."""
    if mask.shape != (X.shape[0], X.shape[2]):
        raise DataError(
            f"{where}: the mask has shape {mask.shape}; series of shape {X.shape} need "
            f"{(X.shape[0], X.shape[2])}."
        )
    bad = ~mask[:, 0] | (mask[:, 1:] & ~mask[:, :-1]).any(axis=1)
    if bad.any():
        raise DataError(
            f"{where}: the mask of case {int(bad.argmax()) + 1} is not True on the series and "
            "False only after its end."
        )


def _widen(X: Array, mask: Array, length: int) -> tuple[Array, Array]:
    extra = length - X.shape[2]
    if not extra:
        return X, mask
    return np.pad(X, ((0, 0), (0, 0), (0, extra))), np.pad(mask, ((0, 0), (0, extra)))
