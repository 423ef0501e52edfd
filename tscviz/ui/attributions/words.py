"""The attributions page in plain words: sentences made from the numbers they speak of.

Names from files are escaped where the result is Markdown; figures escape what they are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tscviz.figures.text import listing, probability
from tscviz.ui.attributions.data import Answer
from tscviz.ui.attributions.means import CasesMean
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.inside.case import InsideCase, inside_case
from tscviz.ui.inside.words import points, whose
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.ui.attributions.compared import Side

COSTS = {
    "cheap": "cheap: a pass or two of the network",
    "moderate": "moderate: tens of passes",
    "dear": "dear: hundreds of passes",
}
SIGNED = "signed: positive speaks for the class, negative against it"
UNSIGNED = "without sign: how much, not in which direction"


def answer(sides: Sequence[Side]) -> str:
    """Say where most maps are strongest, in each column; Markdown."""
    if len(sides) == 1:
        return _where(sides[0])
    return "  \n".join(f"{escape_markdown(side.column.title)}: {_where(side)}" for side in sides)


def _where(side: Side) -> str:
    from tscviz.explain.averages import common_stretch

    maps = [one.attribution.values for one in side.answers if one.attribution is not None]
    if len(maps) < 2:
        return "**Choose some methods:** their maps appear as rows under the series."
    found = common_stretch(maps, side.counted)
    if found is None:
        return "**Every map is flat:** nothing in this series moves the score."
    if 2 * found.n_inside > found.n_maps:
        where = points(found.first, found.last)
        if found.n_maps == 1:
            return f"**The only map that is not flat is strongest at {where}.**"
        return f"**{found.n_inside} of {found.n_maps} maps are strongest at {where}.**"
    return (
        f"**The maps disagree about where it matters:** no stretch of {found.width} points holds "
        f"the strongest point of more than {found.n_inside} of {found.n_maps}."
    )


def column_title(selection: Selection, mean: CasesMean | None) -> str:
    """Return the heading of a column, as plain text."""
    one = inside_case(selection)
    label, model = plain_text(one.labels[one.target], max_length=18), one.entry.label
    if mean is None:
        p = probability(float(one.case.proba[one.target]))
        return f"{selection.split} case {selection.case}, {model}: {label} ({p})"
    if mean.selected:
        return f"mean of {len(mean.cases)} selected, {model}: {label}"
    return f"mean of {len(mean.cases)} {selection.split} cases of {label}, {model}"


def context(side: Side) -> str:
    """Say what the figure is about: the case, or the cases behind the mean; Markdown."""
    chosen, one = side.selection, inside_case(side.selection)
    if side.mean is None:
        return whose(chosen, one.entry, one.labels, one.case.proba, one.case.label)
    if side.mean.selected:
        return _selected(side.mean, chosen, one)
    return (
        f"{escape_markdown(chosen.dataset)}: mean of {len(side.mean.cases)} of the "
        f"{side.mean.n_all} {chosen.split} cases of {escape_markdown(one.labels[one.target])}, "
        f"each explained by {escape_markdown(one.entry.label)}."
    )


def _selected(mean: CasesMean, chosen: Selection, one: InsideCase) -> str:
    """Say which of the selected cases are in a mean, and of what classes they are."""
    named = [
        f"{n} of {escape_markdown(label)}"
        for n, label in zip(mean.by_class, one.labels, strict=True)
        if n
    ]
    rest = f" of the {mean.n_all}" if mean.n_all > len(mean.cases) else ""
    return (
        f"{escape_markdown(chosen.dataset)}: mean of {len(mean.cases)}{rest} selected "
        f"{chosen.split} {'case' if mean.n_all == 1 else 'cases'} ({listing(named)}), each "
        f"explained for {escape_markdown(one.labels[one.target])} by "
        f"{escape_markdown(one.entry.label)}."
    )


def short_reason(one: Answer) -> str:
    """Return why there is no map, without the method's name, which stands beside it."""
    return one.reason.removeprefix(f"{one.explainer.title} ")


def told(one: Answer) -> str:
    """Return what the pointer tells on a row's label: what the map says, sign, cost and time."""
    about = one.explainer
    parts = [about.summary, _sentence(SIGNED if about.signed else UNSIGNED)]
    parts.append(_sentence(COSTS[about.cost]))
    if one.attribution is None:
        return " ".join([about.summary, f"No map: {short_reason(one)}"])
    return " ".join([*parts, f"Here {seconds(one.seconds)}."])


def in_sentence(title: str) -> str:
    """Return a title as it stands inside a sentence: "class activation map", "LIME"."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def seconds(value: float) -> str:
    """Return a time: "12 ms", "1.4 s"."""
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


#: Under the table of methods.
TABLE = (
    "Time: what computing the map took, once; it is kept. Sum: of all values, where the method "
    "promises that they add up to the score less that of its baseline (or the bias); of the values "
    "of the stretches, where each point carries that of its whole stretch. Missing to the score: "
    "how far they are from it."
)
MEAN_TABLE = (
    "Time: what computing the maps of all cases took, once; they are kept. Same sign at the peak: "
    "the share of cases whose map has the sign of the mean map where that is strongest. 80 % at "
    "the peak: between which values the maps of 80 % of the cases lie there."
)
PINNED = "Pinned. Choose another case, model or class: it stands beside what is pinned, row by row."
