"""All series of a file: the table to choose from, how many agree with their labels, downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.data.labels import match_labels
from tscviz.types import Array, SeriesSet
from tscviz.ui import cache, components
from tscviz.ui.classify import predictions, words
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.one import One
from tscviz.ui.classify.session import choose_case, shown_round, tick
from tscviz.ui.classify.sources import Source
from tscviz.ui.components.cards import AT_MOST, percent_cell
from tscviz.ui.downloads import Table, download_row
from tscviz.ui.escape import escape_csv, safe_file_name

if TYPE_CHECKING:
    from tscviz.data import Prepared

#: Longer numbers lose digits in a spreadsheet.
_DIGITS = 15
MARKS = {True: "yes", False: "no", None: "not a class"}


def draw(
    key: tuple[Any, ...], source: Source, series: SeriesSet, ready: Prepared, model: Model, one: One
) -> None:
    """Classify every series and draw the table; a long run shows how far it is."""
    st.subheader("All series of the file" if source.kind != "draw" else "All cases", anchor=False)
    proba = _classified(key, ready, model)
    table, shown = _tables((key, model.entry.sha256), series, model.classes, proba)
    _tiles(series, model, proba)
    _table(source, model, one, shown)
    stem = f"{safe_file_name(source.name)}-{safe_file_name(model.entry.name)}-predictions"
    download_row(
        stem,
        table=table,
        document=lambda: {
            "model": model.entry.name,
            "weights_sha256": model.entry.sha256,
            "file": source.name,
            "classes": model.classes,
            "predictions": table,
        },
    )


def _classified(key: tuple[Any, ...], ready: Prepared, model: Model) -> Array:
    clf = cache.classifier(model.entry.name)
    kept = predictions.holder((key, clf.digest), len(ready.X), len(model.classes))
    if not kept.finished:
        place = st.empty()

        def show(done: int, total: int, seconds: float) -> None:
            if seconds > 0.5 or done < total:
                place.progress(done / total, words.progress(done, total, seconds))

        predictions.fill(kept, ready, clf, show)
        place.empty()
    return kept.proba


@st.cache_resource(max_entries=4, scope="session", show_spinner=False)
def _tables(
    key: tuple[Any, ...],  # noqa: ARG001 - read by Streamlit
    _series: SeriesSet,
    _classes: tuple[str, ...],
    _proba: Array,
) -> tuple[Table, Any]:
    """Return the table to take away and the one to look at; large files are not redone."""
    import pandas as pd

    table = result_table(_series, _classes, _proba)
    return table, pd.DataFrame(shown_table(table))


def result_table(series: SeriesSet, classes: tuple[str, ...], proba: Array) -> Table:
    """Return one row per series: name, class, probability, the file's label, every class.

    Parameters
    ----------
    series : SeriesSet
    classes : tuple of str
    proba : float array, shape (n_cases, n_classes)
    """
    predicted = proba.argmax(axis=1)
    table: dict[str, Any] = {
        "series": list(range(1, len(proba) + 1)),
        "name": list(series.names),
        "class": _cells([classes[int(k)] for k in predicted]),
        "probability": _share(proba.max(axis=1)),
    }
    if series.labels is not None:
        known = match_labels(series.labels, classes)
        table["label"] = _cells(series.labels)
        table["agrees"] = [
            MARKS[None if k is None else k == p]
            for k, p in zip(known, predicted.tolist(), strict=True)
        ]
    for k, name in enumerate(classes):
        table[f"probability of {name}"] = _share(proba[:, k])
    return table


def _share(values: Array) -> list[float]:
    return np.round(values.astype(np.float64), 7).tolist()


def _cells(texts: Sequence[str]) -> list[Any]:
    """Return texts as they are; as numbers where all are the text of one, such as 1 and -1."""
    if all(_is_whole(text) for text in texts):
        return [int(text) for text in texts]
    return list(texts)


def _is_whole(text: str) -> bool:
    """Tell whether a text is exactly what a whole number is written as: not "01" or "+1"."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        return False
    return str(int(text)) == text


def _tiles(series: SeriesSet, model: Model, proba: Array) -> None:
    predicted = proba.argmax(axis=1)
    counts = np.bincount(predicted, minlength=len(model.classes))
    tiles: dict[str, Any] = {"Series": f"{len(proba):,}"}
    for k in np.argsort(-counts, kind="stable")[:4]:
        if counts[k]:
            tiles[f"Class {model.classes[k]}"] = f"{counts[k]:,}"
    found = predictions.agreement(series, model.classes, predicted)
    if found is not None and found.n_known:
        tiles["Agree with label"] = (
            components.percent(found.accuracy),
            f"{found.n_right:,} of {found.n_known:,} series whose label is one of the classes",
        )
    components.stat_tiles(tiles)
    if found is not None and found.n_known < len(proba):
        unknown = [
            label for label, k in zip(series.labels or (), found.known, strict=True) if k is None
        ]
        st.caption(
            f"{words.counted(len(unknown), 'label')} in the file "
            f"{'is' if len(unknown) == 1 else 'are'} none of the model's classes: "
            f"{words.label_counts(unknown)}."
        )


def shown_table(table: Table) -> dict[str, list[Any]]:
    """Return the columns to look at; the grid has a download of its own, so texts are safe."""
    shown = {
        name: list(values)
        for name, values in table.items()
        if not name.startswith("probability of ")
    }
    if shown["name"] == [str(i) for i in shown["series"]]:
        del shown["name"]  # the file has no names
    for name in shown.keys() & {"name", "class", "label"}:
        shown[name] = [str(escape_csv(value)) for value in shown[name]]
    shown["probability"] = [percent_cell(p) for p in table["probability"]]
    return shown


def _table(source: Source, model: Model, one: One, shown: Any) -> None:
    of = f"{source.digest[:12]}_{model.entry.sha256[:8]}"
    key = f"classify_table_{of}_{shown_round(source, one.index)}"

    def take() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            tick(source, rows[0])
            choose_case(source, model, rows[0])

    st.caption(
        "Tick a row to see that series above; click a heading to sort, so that the least sure come "
        "first."
    )
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height=min(458, 38 + 35 * len(shown)),
        on_select=take,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [one.index], "columns": [], "cells": []}},
        alt="All series with class, probability and label",
        column_config={
            "series": st.column_config.NumberColumn("Series", width="small", format="%d"),
            "name": st.column_config.TextColumn("Name"),
            "class": st.column_config.TextColumn("Class"),
            "probability": st.column_config.ProgressColumn(
                "Probability",
                help=AT_MOST,
                width=150,
                min_value=0.0,
                max_value=100.0,
                format="%.1f %%",
            ),
            "label": st.column_config.TextColumn("Label"),
            "agrees": st.column_config.TextColumn("Agrees", width="small"),
        },
    )
