"""What the editor in the browser is told: series, colours, readout, segments, map.

Class names travel as plain text; the component writes them with ``textContent`` alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tscviz.figures.palette import class_style
from tscviz.figures.text import probability
from tscviz.types import Array
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.what_if import words
from tscviz.ui.what_if.data import Compared, map_limits, one_row
from tscviz.ui.what_if.history import History
from tscviz.ui.what_if.looks import rounded, stops, tones

#: With more channels than this one is shown at a time.
MAX_ROWS = 6


def editor_data(
    one: InsideCase,
    history: History,
    both: Compared,
    *,
    channels: list[int],
    dark: bool,
) -> dict[str, Any]:
    """Return everything of the editor that depends on the case and its edits.

    Parameters
    ----------
    one : InsideCase
    history : History
    both : Compared
    channels : list of int
        Channels shown.
    dark : bool
    """
    return {
        "dark": dark,
        "colours": tones(dark),
        "n_points": one.n_points,
        "length": one.case.x.shape[1],
        "rows": [_row(one, history, c) for c in channels],
        "classes": _classes(one, both, dark),
        "answer": words.answer(one, both),
        "extent": words.extent(history),
        "segments": _segments(both),
        "map": _map(one, both, channels, dark),
        "undo": history.undo_text,
        "redo": history.redo_text,
        "note": history.note,
        "told": history.told,
    }


def _row(one: InsideCase, history: History, c: int) -> dict[str, Any]:
    several = len(history.x) > 1
    return {
        "channel": c,
        "name": f"channel {c + 1}" if several else "value",
        "original": rounded(history.original[c]),
        "edited": rounded(history.x[c]),
        "missing": np.flatnonzero(one.case.filled[c, : one.n_points]).tolist(),
    }


def _classes(one: InsideCase, both: Compared, dark: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": plain_text(name, max_length=40),
            "colour": class_style(k, dark).colour,
            "before": float(both.before.proba[k]),
            "after": float(both.after.proba[k]),
            "before_text": probability(float(both.before.proba[k])),
            "after_text": probability(float(both.after.proba[k])),
        }
        for k, name in enumerate(one.labels)
    ]


def _segments(both: Compared) -> dict[str, list[int]] | None:
    before, after = both.before.segmentation, both.after.segmentation
    if before is None or after is None:
        return None
    return {"before": before.boundaries.tolist(), "after": after.boundaries.tolist()}


def _map(one: InsideCase, both: Compared, channels: list[int], dark: bool) -> dict[str, Any] | None:
    before, after, limits = both.before.attribution, both.after.attribution, map_limits(both)
    if before is None or limits is None:
        return None
    maps = [before] if after is None else [before, after]
    rows = [0] if all(map(one_row, maps)) else channels

    def drawn(values: Array) -> list[list[float]]:
        return [rounded(values[c, : one.n_points]) for c in rows]

    return {
        "title": words.map_title(before.method, one),
        "limits": list(limits),
        "stops": stops(before.signed, dark),
        "before": drawn(before.values),
        "after": None if after is None else drawn(after.values),
        "names": [] if len(rows) == 1 else [str(c + 1) for c in rows],
    }
