"""The steps of `prepare`; each adds to `notes` what it changed."""

from __future__ import annotations

import numpy as np

from tscviz.data.dataset import check_size
from tscviz.data.errors import DataError, Setting
from tscviz.types import Array


def fill_gaps(X: Array, mask: Array, gaps: str, notes: list[str]) -> tuple[Array, Array]:
    """Return `X` without NaN and where values were filled in, shape of `X`."""
    finite = np.isfinite(X)
    if finite.all():
        return X, np.zeros(X.shape, bool)
    missing = np.isnan(X)
    if (finite | missing).sum() < X.size:
        raise DataError(f"{_place(~finite & ~missing)} is infinite; mend it or mark it as missing.")
    if gaps == "error":
        raise DataError(f"{_place(missing)} is missing and this preparation allows no gaps.")
    X = X.copy()
    if gaps == "zero":
        X[missing] = 0
        notes.append(f"{_count(missing)} set to zero")
        return X, missing
    lengths = mask.sum(axis=1)
    for case, channel in np.argwhere(missing.any(axis=2)):
        series = X[case, channel, : lengths[case]]  # a view
        gap = missing[case, channel, : lengths[case]]
        if gap.all():
            raise DataError(
                f"case {case + 1}, channel {channel + 1} holds missing values only; leave the case "
                "out",
                Setting("gaps", "zero", ", or choose {}"),
                ".",
            )
        at = np.arange(len(series))
        series[gap] = np.interp(at[gap], at[~gap], series[~gap])
    notes.append(f"{_count(missing)} filled by linear interpolation")
    return X, missing


def to_length(
    X: Array, mask: Array, filled: Array, length: int, by: str, notes: list[str]
) -> tuple[Array, Array, Array]:
    """Resample or pad every case to `length` points; return series, mask and filled marks."""
    lengths = mask.sum(axis=1)
    if X.shape[2] == length and (lengths == length).all():
        return X, mask, filled
    check_size(len(X), X.shape[1], length, "series")
    if by == "resample":
        return _resample(X, lengths, filled, length, notes)
    return _pad(X, lengths, filled, length, notes)


def _pad(
    X: Array, lengths: Array, filled: Array, length: int, notes: list[str]
) -> tuple[Array, Array, Array]:
    if lengths.max() > length:
        case = int(lengths.argmax())
        raise DataError(
            f"case {case + 1} has {lengths[case]} points, more than the {length} to pad to; "
            "nothing is cut off. Choose a larger length",
            Setting("length_by", "resample", ", or {}"),
            ".",
        )
    # Columns beyond `length` hold padding only.
    extra = ((0, 0), (0, 0), (0, max(0, length - X.shape[2])))
    X, filled = (np.pad(a[:, :, :length], extra) for a in (X, filled))
    short = int((lengths < length).sum())
    if short:
        notes.append(f"{_n(short, 'case')} padded at the end to {length} points (masked)")
    return X, np.arange(length) < lengths[:, None], filled


def _resample(
    X: Array, lengths: Array, filled: Array, length: int, notes: list[str]
) -> tuple[Array, Array, Array]:
    out = np.empty((*X.shape[:2], length), dtype=np.float32)
    marks = np.empty(out.shape, dtype=bool)
    for n in np.unique(lengths):
        cases = np.flatnonzero(lengths == n)
        at = np.round(np.linspace(0, n - 1, length), 9)  # points that coincide stay exact
        left = np.minimum(at.astype(int), n - 1)
        weight = at - left
        right = np.minimum(left + 1, n - 1)
        part, mark = X[cases].astype(np.float64), filled[cases]
        out[cases] = part[:, :, left] * (1 - weight) + part[:, :, right] * weight
        marks[cases] = mark[:, :, left] | (mark[:, :, right] & (weight > 0))
    changed = lengths[lengths != length]
    if len(changed):
        low, high = int(changed.min()), int(changed.max())
        old = str(low) if low == high else f"{low} to {high}"
        notes.append(f"{_n(len(changed), 'case')} resampled from {old} to {length} points")
    return out, np.ones((len(X), length), bool), marks


def z_normalise(X: Array, mask: Array, ddof: int, notes: list[str]) -> Array:
    """Bring each channel of each case to mean 0 and standard deviation 1 over its own points."""
    points = mask[:, None, :]
    values = X.astype(np.float64)
    n = mask.sum(axis=1)[:, None]  # (N, 1)
    mean = values.sum(axis=2) / n  # padding holds zeros
    centred = np.where(points, values - mean[:, :, None], 0.0)
    sd = np.sqrt((centred**2).sum(axis=2) / np.maximum(n - ddof, 1))
    # What varies by one step of float32 at most is rounding, not signal.
    low = values.min(axis=2, where=points, initial=np.inf)
    high = values.max(axis=2, where=points, initial=-np.inf)
    largest = np.maximum(np.abs(low), np.abs(high)).astype(np.float32)
    constant = high - low <= np.spacing(largest)
    sd = np.where(constant, 1.0, sd)
    out = np.where(constant[:, :, None], 0.0, centred / sd[:, :, None]).astype(np.float32)
    divisor = "n - 1" if ddof else "n"
    notes.append(
        f"each channel of each case set to mean 0 and standard deviation 1 (divisor {divisor})"
    )
    if constant.any():
        cases = int(constant.any(axis=1).sum())
        notes.append(
            f"{_n(int(constant.sum()), 'constant channel')} in {_n(cases, 'case')} set to zeros: "
            "without variation there is nothing to scale"
        )
    return out


def _place(where: Array) -> str:
    case, channel, point = (int(i) + 1 for i in np.argwhere(where)[0])
    return f"case {case}, channel {channel}, time point {point}"


def _count(missing: Array) -> str:
    cases = int(missing.any(axis=(1, 2)).sum())
    return f"{_n(int(missing.sum()), 'missing value')} in {_n(cases, 'case')}"


def _n(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
