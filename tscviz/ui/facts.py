"""What can be said of a dataset without a model: its size, its gaps, its series in a table."""

# ruff: noqa: ARG001  (arguments that only serve as keys of a cache)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from tscviz.types import Dataset
from tscviz.ui import cache


@dataclass(frozen=True)
class Facts:
    """Sizes of a dataset, both splits together.

    Parameters
    ----------
    n_train, n_test, n_classes, n_channels : int
    shortest, longest : int
        Time points.
    n_missing : int
        Missing values, padding not counted.
    """

    n_train: int
    n_test: int
    n_classes: int
    n_channels: int
    shortest: int
    longest: int
    n_missing: int

    @property
    def lengths(self) -> str:
        """The length, or the range of lengths."""
        same = self.shortest == self.longest
        return str(self.longest) if same else f"{self.shortest}–{self.longest}"


def facts(name: str) -> Facts:
    """Return the sizes of a dataset by its name in the catalogue."""
    data = cache.dataset(name)
    return _facts(data.digest, data)


@st.cache_resource(max_entries=128, show_spinner=False)
def _facts(digest: str, _data: Dataset) -> Facts:
    lengths = np.concatenate([_data.mask_train.sum(axis=1), _data.mask_test.sum(axis=1)])
    return Facts(
        n_train=len(_data.y_train),
        n_test=len(_data.y_test),
        n_classes=_data.n_classes,
        n_channels=_data.n_channels,
        shortest=int(lengths.min()),
        longest=int(lengths.max()),
        n_missing=int(np.isnan(_data.X_train).sum() + np.isnan(_data.X_test).sum()),
    )


def case_table(name: str, split: str, case_idx: list[int], channel: int = 0) -> dict[str, list]:
    """Return some cases as columns for a table: number, class, and the series itself.

    Long series are thinned to 200 points; missing values are left out.
    """
    data = cache.dataset(name)
    X, y, mask = data.split(split)
    step = max(1, X.shape[2] // 200)
    rows = [X[i, channel][mask[i]][::step] for i in case_idx]
    return {
        "case": case_idx,
        "class": [data.class_names[y[i]] for i in case_idx],
        "series": [row[np.isfinite(row)].tolist() for row in rows],
    }
