"""The evidence page in plain words: sentences made from the numbers they speak of.

Names from files are escaped where the result is Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tscviz.figures.text import minus
from tscviz.types import Array
from tscviz.ui.attributions.data import known
from tscviz.ui.attributions.words import in_sentence
from tscviz.ui.escape import escape_markdown
from tscviz.ui.evidence.data import Asked
from tscviz.ui.inside.case import InsideCase

if TYPE_CHECKING:
    from tscviz.explain.evidence import (
        Agreement,
        Curves,
        Infidelity,
        MaxSensitivity,
        Randomisation,
        Stability,
    )

#: Least rank correlation of two maps that say much the same, and that say some of the same.
ALIKE, AKIN = 0.8, 0.4

#: Figures of a run over cases: what they are called.
FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "probability": "probability",
        "logit": "score (logit)",
        "without_top": "without the top points",
        "without_random": "without random points",
        "deletion_area": "deletion: area",
        "deletion_random": "deletion: area, random maps",
        "deletion_reversed": "deletion: area, map reversed",
        "deletion_gain": "deletion: gain over random",
        "deletion_better": "deletion: share of cases better than random",
        "insertion_area": "insertion: area",
        "insertion_random": "insertion: area, random maps",
        "insertion_reversed": "insertion: area, map reversed",
        "insertion_gain": "insertion: gain over random",
        "insertion_better": "insertion: share of cases better than random",
        "infidelity": "infidelity (0 to 1)",
        "max_sensitivity": "max-sensitivity",
        "randomisation_left": "left with random weights",
        "noise_correlation": "under noise: rank correlation",
        "noise_overlap": "under noise: overlap of the top",
        "seed_correlation": "other seeds: rank correlation",
        "seed_overlap": "other seeds: overlap of the top",
        "native_correlation": "model's own view: rank correlation",
        "native_overlap": "model's own view: overlap of the top",
    }
)


def title(asked: Asked) -> str:
    """Return the method's title."""
    return known()[asked.method].title


def the_map(asked: Asked) -> str:
    """Return the method's title as a sentence begins with it; Markdown."""
    return escape_markdown(title(asked))


def answer(found: Curves, one: InsideCase, asked: Asked) -> str:
    """Return the sentence that sums the curves up; Markdown."""
    from tscviz.explain.evidence import sentence_of
    from tscviz.explain.evidence.words import verdict_of

    text = sentence_of(found, one.labels, one.target, asked.against)
    verdict = verdict_of(found)
    head, _, warning = text.rpartition(verdict)
    said = f"**{escape_markdown(head.strip())}** {escape_markdown(verdict)}"
    return f"{said} {escape_markdown(warning.strip())}".strip()


def how_to_read(found: Curves) -> str:
    """Say what the lines of the main figure are."""
    good = (
        "A map that finds what matters falls below the grey band when its points are deleted, and "
        "rises above it when they are put back."
    )
    points = "time points" if found.per == "time" else "channels at time points"
    return (
        f"{good} The band holds 95 % of {len(found.deletion.random_areas)} random maps; the dotted "
        f"line marks the top {found.n_top} of {found.n_features} {points}. To insert by a map is "
        "to delete by its reverse, seen from the end. Padding and interpolated points are in no "
        "score."
    )


def infidelity(found: Infidelity) -> str:
    """Say how well the map foretells; Markdown."""
    stretch = f"a stretch of {found.window} points"
    if not np.isfinite(found.relative):
        return (
            f"**The score never moves** when {stretch} is replaced: there is nothing to foretell."
        )
    share = 1 - found.relative
    how = "most" if share >= 0.8 else "a part" if share >= 0.2 else "next to nothing"
    return (
        f"**The map foretells {how} of how the score moves** when {stretch} is replaced: "
        f"{100 * share:.0f} %, over {found.n_samples} stretches."
    )


def sensitivity(found: MaxSensitivity) -> str:
    """Say how far the map moves; Markdown."""
    steady = found.value < 0.2
    return (
        f"**The map {'hardly moves' if steady else 'moves'}:** by at most "
        f"{100 * found.value:.0f} % of its own size, while no point of the case "
        f"changes by more than {found.radius:g} standard deviations "
        f"({found.n_nearby} changed cases)."
    )


def randomisation(found: Randomisation, asked: Asked) -> str:
    """Say whether the map survives its network; Markdown."""
    where = (
        "with every layer random"
        if found.order == "cascading"
        else "at the layer that matters least"
    )
    name, left = the_map(asked), f"{found.left:.2f}"
    if found.left < 0.3:
        return f"**The map goes with the weights:** {where}, a rank correlation of {left} is left."
    if found.left < 0.7:
        return (
            f"**A part of the map does not come from the weights:** {where}, a rank correlation of "
            f"{left} is left."
        )
    return (
        f"**{name} does not show what the network has learned:** {where} the map is much the same "
        f"(rank correlation {left})."
    )


def stability(found: Stability) -> str:
    """Say whether noise and other seeds give the same map; Markdown."""
    noise = _mean(found.noise_correlation)
    text = (
        f"**Under a little noise {_alike(noise)}:** rank correlation {_number(noise)} on average, "
        f"with noise of {found.noise:g} standard deviations."
    )
    if found.kept_class < 1:
        text += f" Only {found.kept_class:.0%} of the noisy cases keep their class."
    if found.seed_correlation is None:
        return text + " Nothing of the map is drawn at random, so every seed gives the same one."
    seeds = _mean(found.seed_correlation)
    return f"{text} **With other seeds {_alike(seeds)}:** {_number(seeds)}."


def agreement(found: Agreement, asked: Asked) -> str:
    """Say how many methods rank the points as the map does; Markdown."""
    i = found.names.index(asked.method)
    others = [j for j in range(len(found.names)) if j != i]
    told = {j: float(found.correlation[i, j]) for j in others}
    alike = sum(value >= AKIN for value in told.values())
    text = (
        f"**{alike} of {len(others)} other maps rank the points at least roughly like "
        f"{escape_markdown(in_sentence(title(asked)))}** (rank correlation of {AKIN} or more)."
    )
    if found.native is None or found.native == asked.method:
        return text
    own, overlap = found.with_native(asked.method)
    native = escape_markdown(in_sentence(known()[found.native].title))
    return (
        f"{text} With the model's own view, {native}: {_number(own)}, and {overlap:.0%} of the top "
        f"{found.n_top} points are the same (by chance {found.chance:.0%})."
    )


def _alike(value: float) -> str:
    if not np.isfinite(value):
        return "the map is flat"
    if value >= ALIKE:
        return "the map stays"
    return "the map changes" if value >= AKIN else "it is another map"


def _mean(values: Array) -> float:
    known_values = values[np.isfinite(values)]
    return float(known_values.mean()) if len(known_values) else float("nan")


def _number(value: float) -> str:
    return "–" if not np.isfinite(value) else minus(f"{value:.2f}")


def duration(seconds: float) -> str:
    """Return a rough time: "about 8 s", "about 3 min"."""
    return f"about {max(1, round(seconds))} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
