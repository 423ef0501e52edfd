"""The occlusion page in plain words: every sentence is made from the numbers it speaks of.

Class names are escaped here; the results are Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tscviz.figures.occlusion_curve import costs_something, scores_of
from tscviz.figures.text import count, probability
from tscviz.types import Attribution
from tscviz.ui.components.cards import percent
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.words import points, signed
from tscviz.ui.occlusion.data import Ablation, Settings

#: A change below this is called none: of a probability, and of a score.
SMALL = {"probability": 0.02, "logit": 0.1}
STANDS = {
    "mean": "the channel's mean",
    "zero": "zero",
    "noise": "noise with the mean and deviation of the channel",
    "linear": "a straight line between the points beside it",
}


def answer(one: InsideCase, found: Attribution) -> str:
    """Say which stretch costs the class most, and what hiding does to the prediction."""
    return " ".join(filter(None, (_most(one, found), _flips(found), _gains(found))))


def _most(one: InsideCase, found: Attribution) -> str:
    told, name = found.details, escape_markdown(one.labels[one.target])
    whole, hidden = scores_of(told)
    worst = int(hidden.argmin())
    fall = whole - float(hidden[worst])
    change = f"from {_value(told, whole)} to {_value(told, float(hidden[worst]))}"
    if fall > SMALL[told["output"]]:
        return f"**Hiding {_where(told, worst)} costs {name} most: {_what(told)} falls {change}.**"
    if fall > 0:
        return (
            f"**No stretch of {count(told['window'], 'point')} is missed.** Hiding "
            f"{_where(told, worst)} costs {name} most, and {_what(told)} only goes {change}."
        )
    return f"**Nothing that is hidden lowers {_what(told)} of {name}.**"


def _flips(found: Attribution) -> str:
    """Say how many windows change the class that the model says."""
    told = found.details
    flipped = int((np.asarray(told["window_classes"]) != told["predicted"]).sum())
    total = len(told["starts"])
    if not flipped:
        return f"None of {total} windows changes the predicted class."
    verb = "changes" if flipped == 1 else "change"
    return f"{flipped} of {total} windows {verb} the predicted class."


def _gains(found: Attribution) -> str:
    told = found.details
    whole, hidden = scores_of(told)
    best = int(hidden.argmax())
    if float(hidden[best]) - whole <= SMALL[told["output"]]:
        return ""
    value = _value(told, float(hidden[best]))
    return f"The class gains most without {_where(told, best)}: {value}."


def _what(told: Mapping[str, Any]) -> str:
    return "the probability" if told["output"] == "probability" else "the score (logit)"


def _value(told: Mapping[str, Any], value: float) -> str:
    return probability(value) if told["output"] == "probability" else signed(value)


def _where(told: Mapping[str, Any], i: int) -> str:
    channel = int(told["channels"][i])
    of = "" if channel < 0 else f" of channel {channel + 1}"
    return points(int(told["starts"][i]), int(told["stops"][i]) - 1) + of


def colour(one: InsideCase, settings: Settings, found: Attribution) -> str:
    """Say what the colours of the main figure are, and what is shaded if anything is."""
    what = "probability" if settings.output == "probability" else "score"
    shaded = (
        "; shaded: where it costs most, with what the model saw there as a dashed line"
        if costs_something(found.details)
        else ""
    )
    step = "point by point" if settings.stride == 1 else f"by {settings.stride} points at a time"
    return (
        f"Colour: how far the {what} of {escape_markdown(one.labels[one.target])} falls while the "
        "point is hidden, averaged over the windows that hide it; blue where it rises instead. A "
        f"window of {count(settings.window, 'point')} moves {step} and holds "
        f"{STANDS[settings.fill]}{shaded}. Below, the {what} by the middle of the window; the "
        f"dashed line is the {what} with nothing hidden."
    )


def lengths(one: InsideCase, found: Ablation) -> str:
    """Say which length's filters matter most, for the case and for the split."""
    name = escape_markdown(one.labels[one.target])
    change = found.case.logit_change(one.target)[:, 0]
    worst = int(change.argmin())
    whole, without = found.split.accuracy(found.y)
    least = int(without.argmin())
    case = (
        f"**Here the filters of length {found.case.lengths[worst]} speak most for {name}:** "
        f"without them its score changes by {signed(float(change[worst]))}."
        if change[worst] < -SMALL["logit"]
        else f"**The score of {name} does not fall here when one length is left out.**"
    )
    if without[least] >= whole:
        return f"{case} Leaving out any one length costs no accuracy ({percent(whole)})."
    return (
        f"{case} Over {len(found.y)} cases length {found.split.lengths[least]} is missed most: the "
        f"accuracy goes from {percent(whole)} to {percent(float(without[least]))} without it."
    )
