"""What stands under the main figure of the attributions page: colours, scales, lines, hatches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tscviz.figures.comparison_scales import reduced, row_limit
from tscviz.figures.text import listing
from tscviz.types import Array, Attribution
from tscviz.ui import cache
from tscviz.ui.attributions.controls import SCALES
from tscviz.ui.attributions.words import in_sentence
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside.case import inside_case

if TYPE_CHECKING:
    from tscviz.ui.attributions.compared import Side
    from tscviz.ui.attributions.controls import Shown

#: A row is outshone where its greatest magnitude is so many times that of 95 % of its values.
OUTSHONE = 10


def caption(sides: Sequence[Side], shown: Shown) -> str:
    """Say what colours, lines and hatches of the main figure are; Markdown."""
    one = inside_case(sides[-1].selection)
    name = escape_markdown(one.labels[one.target])
    if len({side.selection.target for side in sides}) > 1:
        name = "the class named above the column"
    against = shown.question.against
    rather = "" if against is None else f" rather than {escape_markdown(one.labels[against])}"
    found = [a.attribution for side in sides for a in side.answers if a.attribution is not None]
    parts = []
    if any(a.signed for a in found):
        parts.append(f"Vermilion speaks for {name}{rather}, blue against it.")
    if any(not a.signed for a in found):
        parts.append(
            "Maps without a sign run from dark blue (none) to yellow (most)."
            if shown.drawn == "strips"
            else "Maps without a sign are grey."
        )
    parts.append(_scale(shown))
    parts += [_outshone(sides, shown), _last_point(sides), *_lines(sides)]
    if len(one.case.x) > 1:
        parts.append(_channels(shown))
    return " ".join(filter(None, parts))


def _channels(shown: Shown) -> str:
    if not shown.each_channel:
        return "Maps are summed over the channels."
    if shown.drawn == "lines":
        return "Curves have the colour of their channel; a single one belongs to all channels."
    return "A strip has a line for each channel, the first on top, where the map tells them apart."


def _scale(shown: Shown) -> str:
    return {
        "own": "Each row has its own scale, which ends at the number at its right.",
        "clipped": "Each row has its own scale, which ends at the number at its right; 95 % of the "
        "row's values lie within it, and the rest "
        + ("have the colour of its end." if shown.drawn == "strips" else "leave the panel."),
        "family": "Rows of one method share a scale, which ends at the number at their right.",
        "unit": "Each row is divided by its strongest value.",
    }[shown.scale]


def _outshone(sides: Sequence[Side], shown: Shown) -> str:
    """Name the rows of which a point or two take the whole scale, and say what to do."""
    names = {
        in_sentence(one.explainer.title): None
        for side in sides
        for one in side.answers
        if one.attribution is not None and outshines(one.attribution, shown.each_channel)
    }
    if shown.scale != "own" or not names:
        return ""
    return (
        f"A point or two outshine the rest of the row: {listing(list(names))}. To see the rest, "
        f"choose Drawing, Scale, “{SCALES['clipped']}”."
    )


def outshines(attribution: Attribution, each_channel: bool) -> bool:
    """Tell whether a map's greatest magnitude is ten times that of 95 % of its values."""
    shown = reduced(attribution, each_channel)
    return row_limit(shown, "own") > OUTSHONE * row_limit(shown, "clipped")


def _last_point(sides: Sequence[Side]) -> str:
    """Say why maps of a network that repeats the last point peak there, where they do."""
    models = {
        str(one.wanted.selection.model)
        for side in sides
        for one in side.answers
        if side.mean is None and one.attribution is not None
        and _peaks_last(one.attribution, side.column.inside)
    }  # fmt: skip
    repeat = sorted(
        escape_markdown(cache.models()[model].label)
        for model in models
        if cache.classifier(model).card.get("options", {}).get("padding") == "replicate_right"
    )
    if not repeat:
        return ""
    return (
        f"Beyond the end of the series {listing(repeat)} reads its last point again and again: "
        "all of that counts for this one point."
    )


def _peaks_last(attribution: Attribution, inside: Array) -> bool:
    size = np.where(inside, np.abs(attribution.values).sum(0), -np.inf)
    return int(size.argmax()) == int(np.flatnonzero(inside)[-1])


def _lines(sides: Sequence[Side]) -> list[str]:
    parts, columns = [], [side.column for side in sides]
    if any(c.divided for c in columns):
        parts.append(_cuts(sides))
    if any(c.stretches is not None for c in columns):
        parts.append("Shaded in turn: the stretches drawn by hand.")
    if any(c.mask is not None and not c.inside.all() for c in columns):
        parts.append("Hatched: padding.")
    if any(c.filled.any() for c in columns):
        parts.append("Hatched in colour: values that were missing and filled in.")
    means = [side.mean for side in sides if side.mean is not None]
    if means:
        how = (
            "Each case is stretched until its segments cover the mean segments; maps that add up "
            "to the score keep each segment's sum."
            if means[0].boundaries is not None
            else "Point is laid on point."
        )
        parts.append(
            f"Mean of {len(means[-1].cases)} of {means[-1].n_all} "
            f"{'selected cases' if means[-1].selected else 'cases'}; shaded: 80 % of them. "
            f"{how}"
        )
    return parts


def _cuts(sides: Sequence[Side]) -> str:
    """Say whose segments the dashed lines divide."""
    models = {str(side.selection.model): None for side in sides if side.column.divided}
    labels = [escape_markdown(cache.models()[model].label) for model in models]
    whose = labels[0] if len(labels) == 1 else "each column's model"
    other = any(
        row.boundaries is not None and one.wanted.selection.model != side.selection.model
        for side in sides
        for row, one in zip(side.column.rows, side.answers, strict=True)
        if one.wanted.native
    )
    also = ", and in another model's own view of that model" if other else ""
    return f"Dashed: cuts between the segments of {whose}{also}."
