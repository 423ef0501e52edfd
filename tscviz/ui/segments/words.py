"""The segments page in plain words: every sentence is made from the numbers it speaks of.

Class names are escaped here; the results are Markdown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tscviz.types import Array, Attribution, Segmentation
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside import words
from tscviz.ui.inside.words import points, signed
from tscviz.ui.segments.data import ManyCases, OneCase
from tscviz.ui.selection import Selection

WHAT = {
    "gtp": "GTP pools the whole series at once",
    "stp": "STP cuts every series into equal parts",
    "dtp": "DTP cuts where the hidden series changes its prototype",
}
#: Classes that `tscviz.figures.plot_contributions` draws as bars; more are a matrix.
MAX_BARS = 5
#: Mean lengths this many standard deviations apart are called clear.
CLEAR = 0.8
NO_ALIGNMENT = {
    "gtp": "Global pooling takes the whole series as one segment, so there is nothing to align; "
    "choose a DTP model in the sidebar.",
    "stp": "Static pooling cuts at fixed times, whatever the series does, so there is nothing to "
    "align; choose a DTP model in the sidebar.",
}
NO_PROTOTYPES = {
    "gtp": "Global pooling learns no prototypes; choose a DTP model in the sidebar.",
    "stp": "Static pooling learns no prototypes; choose a DTP model in the sidebar. The shapes "
    "below are the raw pieces of its equal parts.",
}


def whose(one: OneCase, selection: Selection) -> str:
    """Say which case is shown, what the model makes of it, and what it is."""
    result = one.result
    return words.whose(selection, one.entry, one.labels, result.proba, result.label)


def answer(one: OneCase) -> str:
    """Say which segment adds most to the class explained, and which one decides the race."""
    name = escape_markdown(one.names[one.target])
    parts = one.segmentation
    if parts.n_segments == 1:
        best = peak(one.result.attribution, int(parts.boundaries[-1]))
        return (
            f"**The model pools the whole series into one segment.** It adds "
            f"{signed(float(parts.contributions[0, one.target]))} to class {name}, most of it "
            f"near point {best}; only the map can tell its parts apart."
        )
    return f"{_most(parts, one.target, name)} {_race(one)}".strip()


def _most(parts: Segmentation, target: int, name: str) -> str:
    column = parts.contributions[:, target]
    best = int(column.argmax())
    where = f"Segment {best + 1} ({span(parts.boundaries, best)})"
    if column[best] > 0:
        return (
            f"**{where} adds {signed(float(column[best]))} to class {name}, more than any other.**"
        )
    return (
        f"**No segment speaks for class {name}.** {where} speaks least against it "
        f"({signed(float(column[best]))})."
    )


def _race(one: OneCase) -> str:
    """Say where the lead over the strongest other class comes from: only leads change a softmax."""
    other = rival(one)
    if other is None:
        return ""
    parts, k = one.segmentation, one.target
    lead = parts.contributions[:, k] - parts.contributions[:, other]
    bias = float(parts.bias[k] - parts.bias[other])
    total = float(lead.sum(dtype=np.float64)) + bias
    best = int(lead.argmax() if total >= 0 else lead.argmin())
    rest = float(lead.sum(dtype=np.float64) - lead[best])
    names = [escape_markdown(one.names[i]) for i in (k, other)]
    return (
        f"Class {names[0]} {'leads' if total >= 0 else 'trails'} class {names[1]} by "
        f"{signed(abs(total)).lstrip('+')}: segment {best + 1} brings {signed(float(lead[best]))}, "
        f"the other{'s' if len(lead) > 2 else ''} {signed(rest)}, the bias {signed(bias)}."
    )


def colour(target: str, *, spread: bool) -> str:
    """Say what the colours of the main figure are; `target` is the class's label."""
    name = escape_markdown(target)
    how = "shared among the points it sees" if spread else "put on the point in its middle"
    return (
        f"Colour: what each hidden vector adds to the score of {name} (class activation map, "
        f"equation 10), {how}. Dashed lines: the cuts between segments."
    )


def add_up(one: OneCase) -> str:
    """Write the sum of the contributions out: they add up to the score less its bias."""
    parts, k = one.segmentation, one.target
    terms = [signed(float(value)) for value in parts.contributions[:, k]]
    terms = terms if len(terms) <= 8 else [*terms[:6], "…", terms[-1]]
    name = escape_markdown(one.names[k])
    bias = signed(float(parts.bias[k]))
    total = signed(float(parts.contributions[:, k].sum(dtype=np.float64)))
    if len(terms) == 1:
        return (
            f"The one segment adds {total} to class {name}; with the bias, {bias}, that is the "
            f"score (logit) of **{signed(float(parts.logits[k]))}**. The map above has the same "
            f"sum, {total}."
        )
    what = "The bars of a class" if len(one.names) <= MAX_BARS else "The cells of a class"
    return (
        f"{what} add up to its score (logit). For class {name}: {', '.join(terms)} "
        f"make {total}; with the bias, {bias}, that is the score of "
        f"**{signed(float(parts.logits[k]))}**. The map above has the same sum, {total}."
    )


def alignment(one: OneCase, soft: Array, gamma: float, value: float) -> str:
    """Say what the soft alignment with this gamma looks like."""
    n_points = int(one.segmentation.boundaries[-1])
    top = soft[:, :n_points].max(0)
    sure = 100 * float((top >= 0.9).mean())
    hard = _path_cost(one.segmentation)
    if gamma == 0:
        return (
            f"With γ = 0 every point belongs wholly to one segment: the path that costs least, "
            f"{hard:.3g} in all over {n_points} points."
        )
    return (
        f"With γ = {gamma:g}, {sure:.0f} % of the points belong to one segment by at least nine "
        f"tenths; the others are shared. Soft-DTW is {value:.3g}, the best path alone costs "
        f"{hard:.3g}."
    )


def _path_cost(parts: Segmentation) -> float:
    if parts.cost is None:
        return 0.0
    t = np.flatnonzero(parts.segments >= 0)
    return float(parts.cost[parts.segments[t], t].sum(dtype=np.float64))


def lengths(cases: ManyCases, names: Sequence[str]) -> str:
    """Say which segment's length differs most between classes."""
    from tscviz.explain.segments_stats import length_statistics

    if cases.segmented.n_segments == 1:
        return "The whole series is one segment."
    found = length_statistics(cases.segmented, cases.y)
    means = np.stack([one.mean for one in found.values()])  # (classes, L)
    deviations = np.stack([one.std for one in found.values()])
    if not deviations.any() and not np.ptp(means, axis=0).any():
        return "Every case is cut at the same points."
    apart = np.ptp(means, axis=0) / np.maximum(deviations.mean(0), 1e-9)
    segment = int(apart.argmax())
    if len(found) == 1 or apart[segment] < CLEAR:
        segment = int(deviations.mean(0).argmax())
        start = "No segment's length tells the classes apart clearly. " if len(found) > 1 else ""
        return (
            f"{start}Segment {segment + 1} varies most within a class: "
            f"± {deviations.mean(0)[segment]:.0f} points."
        )
    classes = list(found)
    ends = (int(means[:, segment].argmax()), int(means[:, segment].argmin()))
    long, short = (
        f"{means[i, segment]:.0f} ± {deviations[i, segment]:.0f} points in class "
        f"{escape_markdown(names[classes[i]])}"
        for i in ends
    )
    return (
        f"Segment {segment + 1} tells the classes apart best by its length: {long} and {short} "
        "(mean ± standard deviation)."
    )


def peak(attribution: Attribution, n_points: int) -> int:
    """Return the time point at which a map is highest, in any channel."""
    return int(attribution.values[:, :n_points].max(0).argmax())


def rival(one: OneCase) -> int | None:
    """Return the most probable class that is not the one explained; None with one class."""
    order = np.argsort(-one.result.proba, kind="stable")
    return next((int(k) for k in order if k != one.target), None)


def span(boundaries: Array, segment: int) -> str:
    """Return the time points of a segment: "points 39–98", "point 7"."""
    return points(int(boundaries[segment]), int(boundaries[segment + 1]) - 1)
