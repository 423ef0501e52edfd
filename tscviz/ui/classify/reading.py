"""Read a source: the layout found, a preview, and the series or the reason why there are none."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from tscviz.types import Dataset, SeriesSet, TscvizError
from tscviz.ui import cache
from tscviz.ui.classify.sources import Source

if TYPE_CHECKING:
    from tscviz.data.readers import Layout

N_PREVIEW = 4


@dataclass(frozen=True, eq=False)
class Reading:
    """What came of reading a source.

    Parameters
    ----------
    layout : Layout or None
        None for a dataset, and where the file could not even be looked at.
    rows : list of list of str
        The first rows as written.
    series : SeriesSet or None
    error : TscvizError or None
        Why there are no series.
    """

    layout: Layout | None
    rows: list[list[str]]
    series: SeriesSet | None
    error: TscvizError | None = None


def read(source: Source, options: Mapping[str, Any]) -> Reading:
    """Read a source with what the visitor chose; the rest is guessed."""
    if source.kind == "draw":
        name, _, split = source.name.rpartition(" ")
        return Reading(None, [], _dataset_series(source.digest, cache.dataset(name), split))
    return _read(source.digest, source.name, dict(options), source.data)


@st.cache_resource(max_entries=3, scope="session", show_spinner="Reading the file …")
def _read(digest: str, name: str, options: dict[str, Any], _data: bytes) -> Reading:
    from tscviz.data import DataError
    from tscviz.data.readers import preview, read_series, sniff

    layout, rows = None, []
    try:
        layout = sniff(_data, filename=name, **options)
        rows = preview(_data, layout, N_PREVIEW)
        series = read_series(_data, filename=name, **options)
        # Reading may add to the reasons: marks left out, rows without a value.
        told = {name: series.layout[name] for name in ("reasons", "notes")}
        return Reading(replace(layout, **told), rows, series)
    except DataError as error:
        return Reading(layout, rows, None, error)


@st.cache_resource(max_entries=4, show_spinner=False)
def _dataset_series(digest: str, _data: Dataset, split: str) -> SeriesSet:
    X, y, mask = _data.split(split)
    labels = tuple(_data.class_names[k] for k in y)
    return SeriesSet(X, mask, labels, tuple(f"{split} {i}" for i in range(len(y))))
