"""The sentences of the page Results."""

from __future__ import annotations

import numpy as np

from tscviz.figures.results_stats import CriticalDifference
from tscviz.figures.text import count, listing
from tscviz.training.sweep.table import RUN
from tscviz.ui.escape import escape_markdown
from tscviz.ui.results.controls import Chosen
from tscviz.ui.results.table import OTHER_SPLIT


def answer(found: CriticalDifference) -> str:
    """Say which model is best and from which it does not differ significantly."""
    best = f"**{escape_markdown(found.models[0])}**"
    text = (
        f"{best} has the best mean rank, {found.ranks[0]:.2f} of {len(found.models)}, over "
        f"{count(found.n_datasets, 'dataset')}"
    )
    alike = [escape_markdown(name) for name in _alike(found)]
    if not alike:
        return f"{text}, and is significantly better than every other model."
    return f"{text}; it does not differ significantly from {listing(alike)}."


def _alike(found: CriticalDifference) -> list[str]:
    """Return the models that the best one is not shown to beat.

    Those under its bar, which ends at the first difference, and beyond it those whose own test
    finds none.
    """
    last = _end_of_bar(found)
    level = found.alpha / (len(found.models) - 1)
    own = found.p_values[0] <= level if found.test == "wilcoxon" else np.ones(len(found.models))
    return [name for j, name in enumerate(found.models) if j and (j <= last or not own[j])]


def _end_of_bar(found: CriticalDifference) -> int:
    return max((last for first, last in found.cliques if first == 0), default=0)


def caveat(found: CriticalDifference) -> str:
    """Say how far the diagram can be trusted; empty where there is nothing to say."""
    parts = []
    if found.friedman is not None and found.friedman >= found.alpha:
        parts.append(
            f"Friedman's test finds no difference at all (p = {found.friedman:.3g}), so all models "
            "stand under one bar."
        )
    behind = [name for name in _alike(found) if found.models.index(name) > _end_of_bar(found)]
    if behind:
        parts.append(
            "A bar ends at the first difference: "
            f"{listing([escape_markdown(name) for name in behind])} beyond it "
            f"{'does' if len(behind) == 1 else 'do'} not differ significantly from the best model."
        )
    least, wanted = 0.5**found.n_datasets, found.alpha / (len(found.models) - 1)
    if found.test == "wilcoxon" and least > wanted:
        parts.append(
            f"With {found.n_datasets} datasets no signed rank test can reach the corrected level "
            f"{wanted:.3g}: its least p-value is {least:.3g}. Compare on more datasets."
        )
    return " ".join(parts)


def coverage(chosen: Chosen) -> str:
    """Say what the table holds and which datasets are left out of the comparison."""
    states = ", ".join(f"{n} {escape_markdown(k)}" for k, n in chosen.results.states.items())
    whole = chosen.scores.complete()
    left = len(chosen.scores.datasets) - len(whole.datasets)
    held = "" if set(chosen.results.states) == {"done"} else f" ({states})"
    text = f"{count(len(chosen.frame), 'finished run')}{held}; {chosen.over_seeds} over seeds."
    if left:
        verb = "is" if left == 1 else "are"
        text += f" {count(left, 'dataset')} {verb} left out: a model has no figure there."
    again = int(chosen.frame.duplicated(list(RUN)).sum())
    if again:
        verb = "repeats" if again == 1 else "repeat"
        text += (
            f" {count(again, 'run')} {verb} a model, dataset and seed with other code, data or "
            "threads; all of them count."
        )
    twins = len(chosen.results.frame) - len(chosen.frame)
    if twins:
        verb = "differs" if twins == 1 else "differ"
        text += (
            f" {count(twins, 'run')} {verb} from a later one in options that change no weight "
            "alone; the later one counts."
        )
    if chosen.other_split:
        text += (
            f" {OTHER_SPLIT} {count(len(chosen.other_split), 'published figure')} on another split "
            "of the data: in the table, never compared."
        )
    return text
