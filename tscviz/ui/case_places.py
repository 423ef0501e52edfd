"""Where the cases of a split lie: in the space of their series or of a model's features.

Rows, prototypes and places are computed once for all sessions.
"""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from tscviz.figures.stats import Projection, centred_rows, project_cases
from tscviz.types import Array
from tscviz.ui import cache
from tscviz.ui.components.waiting import progress
from tscviz.ui.selection import Selection

LAYOUTS = {"pca": "PCA", "umap": "UMAP"}


@dataclass(frozen=True, eq=False)
class Space:
    """The cases of a split as points of a space.

    Parameters
    ----------
    rows : array, shape (n_cases, n_features)
    prototypes : dict of int to int
        Class index -> the case nearest to the others of its class.
    plane : Projection
        On the first two principal components.
    """

    rows: Array
    prototypes: dict[int, int]
    plane: Projection
    _umap: list[Projection] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def places(self, layout: str) -> Projection:
        """Return where the cases lie on the map; with a bar where that takes more than a moment.

        Raises
        ------
        TscvizError
            Where there are too few cases for UMAP.
        """
        if layout == "pca":
            return self.plane
        with self._lock:
            if not self._umap:
                self._umap.append(_umap(self.rows))
        return self._umap[0]


def space_of_series(dataset: str, split: str) -> Space:
    """Return a split's cases by their values."""
    data = cache.dataset(dataset)
    X, y, mask = data.split(split)
    return _series_space((data.digest, split), X, y, mask)


def space_of_features(selection: Selection) -> Space:
    """Return the cases of the selected split by what the last layer of the model gets."""
    data, clf = cache.dataset(selection.dataset), cache.classifier(str(selection.model))
    ready = cache.prepared(str(selection.model), selection.dataset, selection.split)
    y, key = data.split(selection.split)[1], (data.digest, selection.split)
    return _feature_space(key, clf.digest, ready.X, y, ready.mask, clf)


@st.cache_resource(max_entries=16, show_spinner="Arranging the cases …")
def _series_space(key: tuple[str, str], _X: Array, _y: Array, _mask: Array) -> Space:
    return _space(centred_rows(_X, _mask), _y)


@st.cache_resource(max_entries=16, show_spinner="Arranging the cases …")
def _feature_space(
    key: tuple[str, str], model_digest: str, _X: Array, _y: Array, _mask: Array, _classifier: Any
) -> Space:
    from tscviz.explain.penultimate import penultimate_features

    return _space(penultimate_features(_classifier, _X, _mask), _y)


def _space(rows: Array, y: Array) -> Space:
    from tscviz.explain.case_space import medoids

    return Space(rows, medoids(rows, y), project_cases(rows[:, None, :]))


def _umap(rows: Array) -> Projection:
    from tscviz.explain.case_space import umap_places

    text = f"UMAP arranges {len(rows)} cases; the first time it is compiled, which takes a while"
    with st.spinner(f"{text} …", show_time=True), progress("UMAP arranges the cases") as tell:
        return Projection(umap_places(rows, on_progress=tell), method="umap")
