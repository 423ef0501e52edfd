"""Last checks, the same for every format, and the SeriesSet itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from tscviz.data.cells import shorten, too_many_values
from tscviz.data.errors import DataError, Setting
from tscviz.data.limits import MAX_NAME_LENGTH, MAX_VALUES
from tscviz.data.readers.layout import Layout
from tscviz.data.readers.places import Places
from tscviz.data.readers.precision import check_steps, is_constant
from tscviz.types import Array, SeriesSet

MIN_POINTS = 2

__all__ = ["Places", "allocate", "clean_name", "finish", "trimmed_lengths", "whole_label"]
_NO_LABEL = ("?", "nan")  # as .ts and .arff mark a missing label, and as pandas writes it
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def allocate(n_cases: int, n_channels: int, length: int) -> Array:
    """Return a float64 array full of NaN, after checking that it is not too large."""
    if n_cases * n_channels * length > MAX_VALUES:
        raise too_many_values(n_cases * n_channels * length)
    return np.full((n_cases, n_channels, length), np.nan)


def trimmed_lengths(X: Array) -> Array:
    """Length of each case without the points at its end at which no channel has a value."""
    valid = np.asarray((~np.isnan(X)).any(axis=1))  # (n_cases, n_timepoints)
    lengths = X.shape[2] - valid[:, ::-1].argmax(axis=1)
    return np.where(valid.any(axis=1), lengths, 0)


def finish(
    X: Array,
    lengths: Array,
    layout: Layout,
    places: Places,
    *,
    labels: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    channel_names: Sequence[str] | None = None,
) -> SeriesSet:
    """Check every case and build the result.

    Parameters
    ----------
    X : float array, shape (n_cases, n_channels, n_timepoints)
        NaN where missing; what stands after a case's length is not read.
    lengths : int array, shape (n_cases,)
    layout : Layout
    places : Places
    labels, names, channel_names : sequences of str or None

    Raises
    ------
    DataError
        No case, one point, a channel without values, a constant series, one that float32 cannot
        hold, unusable names.
    """
    if not X.size or not len(lengths):
        raise DataError("the file has no values; give a file with at least one series.")
    X = X[:, :, : int(lengths.max())]
    mask = np.arange(X.shape[2]) < np.asarray(lengths)[:, None]  # (n_cases, n_timepoints)
    _check_lengths(lengths, places)
    low, high = _ranges(X, mask)
    _check_values(low, high, layout.allow_constant, places)
    note = check_steps(X, mask, low, high, layout.allow_constant, places)
    layout = layout if note is None else layout.noted(note)
    X = X.astype(np.float32)
    by_channel = X.transpose(1, 0, 2)  # (n_channels, n_cases, n_timepoints), a view
    by_channel[:, ~mask] = 0.0
    clean_labels = None if labels is None else _labels(labels, places)
    details = asdict(layout)
    if channel_names is not None:
        details["channel_names"] = tuple(clean_name(c, "channel name") for c in channel_names)
    return SeriesSet(X, mask, clean_labels, _names(names, len(X), places), details)


def _check_lengths(lengths: Array, places: Places) -> None:
    short = np.flatnonzero(np.asarray(lengths) < MIN_POINTS)
    if short.size:
        case = int(short[0])
        found = "no value" if lengths[case] == 0 else "only one point"
        raise places.error(
            case,
            f"the series has {found}; a series needs at least {MIN_POINTS} points. "
            "Remove it, or choose another layout.",
        )


def _ranges(X: Array, mask: Array) -> tuple[Array, Array]:
    """Least and largest value of each channel of each case, infinite where it has none."""
    points = mask[:, None, :]
    low = np.fmin.reduce(X, axis=2, where=points, initial=np.inf)
    high = np.fmax.reduce(X, axis=2, where=points, initial=-np.inf)
    return low.astype(float), high.astype(float)  # (n_cases, n_channels)


def _check_values(low: Array, high: Array, allow_constant: bool, places: Places) -> None:
    empty = low > high
    if empty.any():
        case, channel = (int(i) for i in np.argwhere(empty)[0])
        which = f" in channel {channel + 1}" if low.shape[1] > 1 else ""
        raise places.error(
            case, f"the series has no value{which}; remove it, or choose another layout."
        )
    constant = is_constant(low, high).all(axis=1)
    if constant.any() and not allow_constant:
        case = int(constant.argmax())
        raise places.error(
            case,
            f"the series is constant ({low[case, 0]:g} at every point), which tells nothing apart; "
            "remove it, or choose another layout",
            Setting("allow_constant", True, "; to let it in, choose {}"),
            ".",
        )


def _labels(labels: Sequence[str], places: Places) -> tuple[str, ...] | None:
    clean = []
    for case, label in enumerate(labels):
        try:
            name = clean_name(label, "label")
            clean.append("" if name.lower() in _NO_LABEL else name)
        except DataError as error:
            raise places.error(case, str(error)) from error
    if not any(clean):
        return None
    if "" in clean:
        raise places.error(
            clean.index(""),
            "the label is empty; fill it in",
            Setting("label_column", None, ", or choose {}"),
            ".",
        )
    return tuple(clean)


def _names(names: Sequence[str] | None, n_cases: int, places: Places) -> tuple[str, ...]:
    if names is None:
        return tuple(str(i + 1) for i in range(n_cases))
    clean = []
    for case, name in enumerate(names):
        try:
            clean.append(clean_name(name, "name of the case") or str(case + 1))
        except DataError as error:
            raise places.error(case, str(error)) from error
    return tuple(clean)


def whole_label(label: str, decimal: str = ".") -> str:
    """Write a class number as "1" where the file has "1.0" or "1.0000000e+00"."""
    text = label.strip()
    text = text.replace(",", ".") if decimal == "," and "." not in text else text
    if text[:1] not in "+-0123456789" or len(text) > 40 or not set(".eE") & set(text):
        return label
    try:
        value = float(text)
    except ValueError:
        return label
    return str(int(value)) if value == round(value, 0) and abs(value) < 1e9 else label


def clean_name(
    text: str, what: str, row: int | None = None, column: int | str | None = None
) -> str:
    """Strip a label or name and refuse what no screen should show.

    Raises
    ------
    DataError
        Longer than the limit, or with control or text-direction characters.
    """
    name = text.strip().strip("\ufeff")  # a mark of UTF-8 where files were put together
    if len(name) > MAX_NAME_LENGTH:
        raise DataError(
            f"the {what} {shorten(name)} has {len(name)} characters; at most {MAX_NAME_LENGTH} "
            "are allowed. Shorten it, or choose another column.",
            row=row,
            column=column,
        )
    if not name.isprintable() and any(_is_odd(c) for c in name):
        raise DataError(
            f"the {what} {shorten(name)} has a control character; remove it.",
            row=row,
            column=column,
        )
    return name


def _is_odd(character: str) -> bool:
    return character in _BIDI or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
