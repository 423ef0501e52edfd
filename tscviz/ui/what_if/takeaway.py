"""Take the edited series away: as a table, as a document with all that was done."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.what_if import WhatIfVersion, plot_what_if
from tscviz.types import Array
from tscviz.ui import shell
from tscviz.ui.downloads import download_row
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.controls import stem
from tscviz.ui.selection import Selection
from tscviz.ui.what_if import words
from tscviz.ui.what_if.data import Compared, View
from tscviz.ui.what_if.history import History


def draw(selection: Selection, one: InsideCase, history: History, both: Compared) -> None:
    """Draw the download buttons."""
    dark = shell.is_dark()  # now: a file is made outside the run of the page
    download_row(
        f"{stem(selection)}-what-if",
        fig=lambda: figure(one, both, dark=dark),
        table=lambda: series_table(history, both),
        document=lambda: document(selection, one, history, both),
    )


def figure(one: InsideCase, both: Compared, *, dark: bool) -> go.Figure:
    """Return what the editor shows as a figure, for a page or a picture of it."""
    shown = both.before.attribution
    return plot_what_if(
        *(
            WhatIfVersion(v.x, v.proba, v.segmentation, v.attribution)
            for v in (both.before, both.after)
        ),
        class_names=one.labels,
        mask=one.case.mask,
        interpolated=one.case.filled,
        map_label="map" if shown is None else words.map_title(shown.method, one),
        dark=dark,
    )


def series_table(history: History, both: Compared) -> dict[str, Array]:
    """Return original and edited values, and the maps where there are any; a row a point."""
    several, n = len(history.x) > 1, history.x.shape[1]
    table: dict[str, Array] = {"time point": np.arange(n)}
    kinds = {"original": history.original, "edited": history.x}
    if both.before.attribution is not None and both.after.attribution is not None:
        name = both.before.attribution.method
        kinds |= {
            f"{name} before": both.before.attribution.values,
            f"{name} after": both.after.attribution.values,
        }
    for c in range(len(history.x)):
        suffix = f", channel {c + 1}" if several else ""
        table |= {f"{kind}{suffix}": values[c, :n] for kind, values in kinds.items()}
    return table


def document(
    selection: Selection, one: InsideCase, history: History, both: Compared
) -> dict[str, Any]:
    """Return everything about the edit: the series, the answers, and the steps that led here."""
    return {
        "selection": selection,
        "classes": one.names,
        "original": history.original,
        "edited": history.x,
        "before": _told(one, both.before),
        "after": _told(one, both.after),
        "flipped": both.flipped,
        "steps": [{"text": step.text, **step.edit} for step in history.done],
    }


def _told(one: InsideCase, view: View) -> dict[str, Any]:
    cuts = None if view.segmentation is None else view.segmentation.boundaries
    return {
        "predicted": one.names[view.predicted],
        "probabilities": view.proba,
        "boundaries": cuts,
        "attribution": view.attribution,
    }
