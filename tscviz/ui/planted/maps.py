"""One test case: the maps of the methods as aligned rows, with the planted stretch marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from tscviz.explain.localisation import Localisation, localisation
from tscviz.figures import ComparisonColumn, MapRow, plot_planted_maps
from tscviz.figures.text import class_labels, probability
from tscviz.types import Array
from tscviz.ui import cache, components, page_options, shell
from tscviz.ui.attributions import words as map_words
from tscviz.ui.attributions.data import Answer, Question, Wanted, answers
from tscviz.ui.escape import escape_markdown
from tscviz.ui.planted.scores import Asked, found_by, run_of
from tscviz.ui.selection import Selection

#: Test cases that can be chosen.
MAX_CASES = 500
_WAYS = (
    ("attributions", ":material/stacks:", "Open in Attributions"),
    ("evidence", ":material/verified:", "How far to trust a map"),
    ("what-if", ":material/edit:", "Move the cue: What if"),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """A case with its maps.

    Parameters
    ----------
    selection : Selection
        The target is the true class.
    truth : bool array, shape (n_channels, n_timepoints)
    answers : sequence of Answer
    scores : sequence of Localisation or None
        As many; None where there is no map.
    """

    selection: Selection
    truth: Array
    answers: Sequence[Answer]
    scores: Sequence[Localisation | None]


def draw(asked: Asked) -> None:
    """Draw the chooser of the case, the maps, and where to go on."""
    chosen = _choose(asked)
    found = gather(asked, chosen)
    st.markdown(sentence(found))
    column = _column(found)
    fig = plot_planted_maps(
        column, found.truth, class_name=_labels(asked)[int(chosen.target or 0)],
        dark=shell.is_dark(),
    )  # fmt: skip
    name = f"{asked.model}-planted-{chosen.case}"
    components.figure(
        fig,
        name=name,
        caption=(
            "Between the lines: the planted stretch, shaded in the channel that carries it. Under "
            "each name: area under precision and recall in this case, and whether the greatest "
            "point is on the cue. Each row has its own scale. Best methods over all cases on top."
            + (" Strips are summed over the channels." if len(found.truth) > 1 else "")
        ),
        document=lambda: document(found),
    )
    _ways(chosen)


def _labels(asked: Asked) -> tuple[str, ...]:
    return class_labels(cache.dataset(asked.problem).class_names)


def _choose(asked: Asked) -> Selection:
    proba = cache.probabilities(asked.model, asked.problem, "test")
    y, labels = cache.dataset(asked.problem).y_test, _labels(asked)
    scored = set(run_of(asked).cases)

    def show(text: str) -> str:
        case = int(text)
        right = proba[case].argmax() == y[case]
        what = "" if case in scored else ", not scored" if right else ", mistaken"
        return f"Case {case}: {labels[int(y[case])]}{what}"

    names = tuple(str(i) for i in range(min(len(y), MAX_CASES)))
    first = str(min(scored, default=0))
    case = int(page_options.select("plant_case", "Test case", names, first, show, width=260))
    return Selection(asked.problem, asked.model, "test", case, int(y[case]))


def gather(asked: Asked, chosen: Selection) -> Shown:
    """Return the maps of a case, the methods that are best over all cases first."""
    methods = [one.method for one in found_by(asked, run_of(asked))]
    found = answers([Wanted(chosen, method) for method in methods], Question())
    truth = cache.planted(asked.problem).truth_test[chosen.case]
    mask = cache.case(chosen).mask
    scores = [
        None if one.attribution is None
        else localisation(one.attribution.values, truth, mask, over=asked.over)
        for one in found
    ]  # fmt: skip
    return Shown(chosen, truth, found, scores)


def _column(found: Shown) -> ComparisonColumn:
    case = cache.case(found.selection)
    rows = [
        MapRow(
            one.explainer.title, _told(score), one.attribution, map_words.short_reason(one),
            map_words.told(one), family=one.wanted.method,
        )
        for one, score in zip(found.answers, found.scores, strict=True)
    ]  # fmt: skip
    return ComparisonColumn(case.x, rows, mask=case.mask)


def _told(score: Localisation | None) -> str:
    if score is None:
        return ""
    hit = "hit" if score.pointing > 0.999 else "miss" if score.pointing < 0.001 else "tie"
    return f"{score.average_precision:.2f}, {hit}"


def sentence(found: Shown) -> str:
    """Say where the cue is in the case, and how many maps point there; Markdown."""
    at = np.flatnonzero(np.logical_or.reduce(found.truth, axis=0))
    case, chosen = cache.case(found.selection), found.selection
    hits = sum(score is not None and score.pointing > 0.999 for score in found.scores)
    n = sum(score is not None for score in found.scores)
    labels = class_labels(cache.dataset(chosen.dataset).class_names)
    said, label = (escape_markdown(labels[k]) for k in (case.predicted, case.label))
    right = "rightly" if case.predicted == case.label else "wrongly"
    channels = [str(c + 1) for c in np.flatnonzero(np.logical_or.reduce(found.truth, axis=1))]
    where = ""
    if len(found.truth) > 1:
        where = f" of channel{'s' * (len(channels) > 1)} {' and '.join(channels)}"
    return (
        f"**{hits} of {n} maps have their greatest point on the cue,** which stands at points "
        f"{at[0]}–{at[-1]}{where}.  \n:gray[Test case {chosen.case}: the network {right} says "
        f"{said} ({probability(float(case.proba[case.predicted]))}). Explained for {label}.]"
    )


def document(found: Shown) -> dict[str, object]:
    """Return the case, its truth and every map with its scores."""
    return {
        "selection": found.selection,
        "dataset_digest": cache.dataset(found.selection.dataset).digest,
        "model_digest": cache.classifier(str(found.selection.model)).digest,
        "x": cache.case(found.selection).x,
        "truth": found.truth,
        "maps": [
            {"method": one.wanted.method, "attribution": one.attribution, "scores": score}
            for one, score in zip(found.answers, found.scores, strict=True)
        ],
    }


def _ways(chosen: Selection) -> None:
    grid = st.grid(len(_WAYS), min_column_width=210)
    for page, icon, label in _WAYS:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            components.go_to(
                page, label, icon=icon, dataset=chosen.dataset, model=chosen.model,
                case=chosen.case, split="test", target=chosen.target,
            )  # fmt: skip
