"""The attributions page as tables and as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from tscviz.figures.text import minus
from tscviz.types import Attribution
from tscviz.ui import cache
from tscviz.ui.attributions import words
from tscviz.ui.attributions.compared import Side
from tscviz.ui.attributions.controls import Shown
from tscviz.ui.attributions.data import Answer, adds_up
from tscviz.ui.escape import plain_text

#: Quantiles of the maps behind a mean map, in its details -> as a column is called.
ENDS = {"low": "10 %", "high": "90 %"}


def map_table(sides: Sequence[Side]) -> dict[str, Sequence[Any]]:
    """Return every map, a row a time point and channel and a column a map.

    Columns of the pinned case and of the selected one stand behind each other as rows.
    """
    parts = [_side_table(side) for side in sides]
    names = list(dict.fromkeys(name for part in parts for name in part))
    sizes = [len(part["time point"]) for part in parts]
    return {
        name: [
            value
            for part, size in zip(parts, sizes, strict=True)
            for value in part.get(name, [None] * size)
        ]
        for name in names
    }


def _side_table(side: Side) -> dict[str, list[Any]]:
    n_channels, n_points = side.x.shape
    inside = side.column.inside
    size = n_channels * int(inside.sum())
    chosen = side.selection
    mean = side.mean
    what = str(chosen.case) if mean is None else f"mean of {len(mean.cases)}"
    table: dict[str, list[Any]] = {
        "split": [chosen.split] * size,
        "case": [what] * size,
        "class": [cache.dataset(chosen.dataset).class_names[int(chosen.target or 0)]] * size,
        "channel": np.repeat(np.arange(n_channels) + 1, int(inside.sum())).tolist(),
        "time point": np.tile(np.arange(n_points)[inside], n_channels).tolist(),
        "value": side.x[:, inside].ravel().tolist(),
    }
    for one in side.answers:
        if one.attribution is None:
            continue
        table[_column(one)] = one.attribution.values[:, inside].ravel().tolist()
        for end, share in ENDS.items() if mean is not None else ():
            table[f"{_column(one)} {share}"] = (
                one.attribution.details[end][:, inside].ravel().tolist()
            )
    return table


def _column(one: Answer) -> str:
    return f"{one.wanted.method} ({cache.models()[str(one.wanted.selection.model)].name})"


def method_table(sides: Sequence[Side]) -> dict[str, list[Any]]:
    """Return what each row says, its sign, cost and time, as columns of plain text."""
    found = [one for side in sides for one in side.answers]
    several = len({one.wanted.selection for one in found}) > 1
    table: dict[str, list[Any]] = {"method": [one.explainer.title for one in found]}
    if several:
        table["case"] = [_case(side) for side in sides for _ in side.answers]
        table["model"] = [cache.models()[str(o.wanted.selection.model)].label for o in found]
    table |= {
        "time": [
            words.seconds(one.seconds) if one.attribution is not None else "–" for one in found
        ],
        "cost": [one.explainer.cost for one in found],
        "sign": ["signed" if one.explainer.signed else "without" for one in found],
        "baseline": [_baseline(one) for one in found],
        "what it says": [one.explainer.summary for one in found],
    }
    if all(side.mean is None for side in sides):
        table["sum"] = [_total(one) for one in found]
        table["missing to the score"] = [_gap(one) for one in found]
    else:
        table["same sign at the peak"] = [_agreement(one) for one in found]
        table["80 % at the peak"] = [_between(one) for one in found]
    if any(one.reason for one in found):
        table["no map, because"] = [words.short_reason(one) for one in found]
    return table


def shown(table: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """Return a table as it is shown: three digits, a dash where there is nothing."""

    def cell(value: Any) -> str:
        if value is None:
            return "–"
        if not isinstance(value, float):
            return plain_text(value)
        if np.isnan(value):
            return "–"
        return "< 0.001" if 0 < abs(value) < 0.001 else minus(f"{value:.3g}")

    order = sorted(table, key=lambda name: name == "what it says")  # the long one last
    return {name: [cell(value) for value in table[name]] for name in order}


def _case(side: Side) -> str:
    """Return which case a row is of, or of which cases it is the mean."""
    chosen = side.selection
    if side.mean is None:
        return f"{chosen.split} {chosen.case}"
    name = cache.dataset(chosen.dataset).class_names[int(chosen.target or 0)]
    if side.mean.selected:
        return f"mean of {len(side.mean.cases)} selected, for {name}"
    return f"mean of {name}"


def _agreement(one: Answer) -> float | None:
    """Return the share of cases that agree in sign where the mean map is strongest."""
    if one.attribution is None or not one.attribution.signed:
        return None
    return float(one.attribution.details["sign_agreement"][_peak(one.attribution)])


def _between(one: Answer) -> str | None:
    """Return between which values 80 % of the cases lie where the mean map is strongest."""
    if one.attribution is None:
        return None
    at = _peak(one.attribution)
    low, high = (float(one.attribution.details[end][at]) for end in ENDS)
    return minus(f"{low:.3g} to {high:.3g}")


def _peak(attribution: Attribution) -> tuple[int, int]:
    """Return channel and point of the greatest magnitude."""
    size = np.abs(attribution.values)
    channel, point = np.unravel_index(int(np.nanargmax(size)), size.shape)
    return int(channel), int(point)


def _baseline(one: Answer) -> str:
    if one.attribution is None or one.attribution.baseline == "none":
        return "–"
    return one.attribution.baseline.replace("_", " ")


def _total(one: Answer) -> float | None:
    """Return the sum of a map that should add up to a score, each value counted once.

    Where each point carries the value of its whole feature, the features are summed.
    """
    if one.attribution is None or "completeness_gap" not in one.attribution.details:
        return None
    details = one.attribution.details
    if not adds_up(details):
        return float(details["feature_values"].sum(dtype=np.float64))
    values, once = one.attribution.values, not details.get("per_channel", True)
    return float((values[:1] if once else values).sum(dtype=np.float64))


def _gap(one: Answer) -> float | None:
    """Return how far the sum of a map is from the score it should add up to."""
    if one.attribution is None or "completeness_gap" not in one.attribution.details:
        return None
    return float(one.attribution.details["completeness_gap"])


def document(sides: Sequence[Side], shown: Shown) -> Mapping[str, Any]:
    """Return every map with everything that led to it."""
    return {
        "question": asdict(shown.question),
        "subject": shown.subject,
        "sides": [
            {
                "selection": side.selection,
                "dataset_digest": cache.dataset(side.selection.dataset).digest,
                "model_digest": cache.classifier(str(side.selection.model)).digest,
                "x": side.x,
                "counted": side.counted,
                "segments": side.column.boundaries,
                "cases": None if side.mean is None else [c.case for c in side.mean.cases],
                "maps": [
                    {
                        "model": one.wanted.selection.model,
                        "method": one.wanted.method,
                        "native": one.wanted.native,
                        "options": shown.question.options.get(one.wanted.method, {}),
                        "seconds": one.seconds,
                        "reason": one.reason,
                        "attribution": one.attribution,
                    }
                    for one in side.answers
                ],
            }
            for side in sides
        ],
    }
