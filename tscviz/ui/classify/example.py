"""A small CSV made of a dataset's cases: shown on the first visit, and a pattern to copy."""

from __future__ import annotations

import csv
import io

import numpy as np
import streamlit as st

from tscviz.types import Array, Dataset
from tscviz.ui.downloads import to_csv

N_CASES = 12


@st.cache_data(max_entries=16, show_spinner=False)
def example_csv(digest: str, _data: Dataset) -> bytes:  # noqa: ARG001 - the digest is the key
    """Return `make_example` of a dataset, made once."""
    return make_example(_data)


def make_example(data: Dataset) -> bytes:
    """Return some test cases of every class as CSV.

    One channel: one case per row. Several: long form, a row per time point and a column per
    channel. The reader recognises both.
    """
    idx = _picks(data.y_test, data.n_classes)
    lengths = data.mask_test[idx].sum(axis=1)
    X, y = data.X_test[idx], data.y_test[idx]
    labels = [data.class_names[k] for k in y]
    names = [f"case-{i}" for i in idx]
    write = _rows if X.shape[1] == 1 else _long
    return write(X, lengths, names, labels)


def paste_text(data: bytes, most: int = 4000) -> str:
    """Return the first cases of an example as text short enough to look at."""
    lines = data.decode("utf-8").splitlines()
    kept = lines[:2]
    for line in lines[2:]:
        if sum(map(len, kept)) + len(line) > most:
            break
        kept.append(line)
    return "\n".join(kept)


def _picks(y: Array, n_classes: int) -> list[int]:
    """Return the first cases of each class, one class after the other in turn."""
    each = max(1, N_CASES // n_classes)
    by_class = [np.flatnonzero(y == k)[:each] for k in range(n_classes)]
    turns = [int(rows[i]) for i in range(each) for rows in by_class if i < len(rows)]
    return turns[: max(N_CASES, n_classes)]


def _rows(X: Array, lengths: Array, names: list[str], labels: list[str]) -> bytes:
    points = X[:, 0].astype(object)
    points[np.arange(X.shape[2]) >= lengths[:, None]] = None
    table = {"case": names, "label": labels}
    table |= {f"t{t}": [_short(v) for v in points[:, t]] for t in range(X.shape[2])}
    return to_csv(table)


def _long(X: Array, lengths: Array, names: list[str], labels: list[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["case", "label", "time", *(f"channel{c + 1}" for c in range(X.shape[1]))])
    for x, n, name, label in zip(X, lengths, names, labels, strict=True):
        for t in range(n):
            writer.writerow(
                [name, label, t, *("" if v is None else v for v in map(_short, x[:, t]))]
            )
    return out.getvalue().encode("utf-8")


def _short(value: float | None) -> float | None:
    """Return a value with six digits; None and NaN are a missing cell."""
    return None if value is None or np.isnan(value) else float(f"{value:.6g}")
