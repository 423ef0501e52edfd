"""The sentences of the page Results."""

from __future__ import annotations

from tscviz.figures.results_stats import CriticalDifference
from tscviz.figures.text import count, listing
from tscviz.training.sweep.table import RUN
from tscviz.ui.escape import escape_markdown
from tscviz.ui.results.controls import Chosen
from tscviz.ui.results.table import OTHER_SPLIT, PUBLISHED


def answer(found: CriticalDifference) -> str:
    """Say which model is best and from which it cannot be told apart."""
    best = f"**{escape_markdown(found.models[0])}**"
    alike = [
        escape_markdown(name)
        for first, last in found.cliques
        if first == 0
        for name in found.models[1 : last + 1]
    ]
    text = (
        f"{best} has the best mean rank, {found.ranks[0]:.2f} of {len(found.models)}, over "
        f"{count(found.n_datasets, 'dataset')}"
    )
    if not alike:
        return f"{text}, and is significantly better than every other model."
    return f"{text}; it cannot be told apart from {listing(alike)}."


def caveat(found: CriticalDifference) -> str:
    """Say how far the diagram can be trusted; empty where there is nothing to say."""
    parts = []
    if found.friedman is not None and found.friedman >= found.alpha:
        parts.append(
            f"Friedman's test finds no difference at all (p = {found.friedman:.3g}), so all models "
            "stand under one bar."
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
    states = ", ".join(f"{n} {name}" for name, n in chosen.results.states.items())
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
            f" {count(again, 'run')} {verb} a model, dataset and seed under another version of the "
            "code; all of them count."
        )
    if chosen.other_split:
        text += (
            f" {OTHER_SPLIT} {count(len(chosen.other_split), 'published figure')} on another split "
            "of the data: in the table, never compared."
        )
    return text


def is_published(model: str) -> bool:
    """Return whether a column is a paper's."""
    return model.endswith(PUBLISHED)
