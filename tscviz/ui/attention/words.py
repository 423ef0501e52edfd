"""The attention page in plain words: every sentence is made from the numbers it speaks of.

Class names are escaped here; the results are Markdown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tscviz.types import Array
from tscviz.ui.attention.data import Attended, ManyCases
from tscviz.ui.components.cards import percent
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside.words import points, signed

#: Relative entropy above which the weights are called alike.
ALIKE = 0.99
CAUTION = (
    "Attention says where that layer looked, whichever class is explained; it does not say what "
    "made the score. What did is divided among the branches below."
)
MEANING = (
    "**Entropy** measures how evenly the weights are spread: 0 nats where one point gets all, "
    "log T where all T points get the same. **Relative entropy** is entropy over log T: 1 means "
    "that the model looks everywhere alike, so its attention singles nothing out. **As many "
    "points** is e to the entropy: how many points, looked at evenly, would be spread as wide."
)
ONE_STEP = (
    "The dimension shuffle hands the series to the LSTM as **one step with all its time points** "
    "instead of one step a time point. Attention divides its weight among the steps (a softmax); "
    "with one step there is nothing to divide: its weight is 1 for every series and whatever was "
    "learned, and the attention's own parameters get no gradient. A map over time would be flat "
    "by construction, so none is drawn."
)
CHANNELS = (
    "The dimension shuffle makes each channel one step of the LSTM with all its time points, so "
    "the attention weighs channels: a row is a step, bright is the channel it looks at. It cannot "
    "point at a time."
)
FILTERS = (
    "The dimension shuffle makes each filter of the FCN one step, so the attention weighs filters, "
    "not time points; there is nothing to draw on the series."
)
NO_ATTENTION = {
    "paper": "Its LSTM gets the series as one step with all time points (dimension shuffle), and "
    "nothing in it weighs time points against each other.",
    "time": "Its LSTM reads the series point by point and hands on what it holds after the last "
    "one; nothing in it weighs time points against each other.",
    "report": "Its LSTM reads the features of the convolutions point by point and hands on what it "
    "holds after the last one; nothing in it weighs time points against each other.",
}
SHAPLEY = (
    "The head of variant report mixes the branches, so their shares are Shapley values: what a "
    "branch adds on average over both orders of adding them, an absent branch being at its "
    "running mean at the end of the training. The score with both at their mean (start) and the "
    "shares sum to the score."
)


def answer(one: Attended, head: int | None) -> str:
    """Say where the attention looks, and which branch brings the lead."""
    return f"{_look(one, head)} {lead(one)}".strip()


def _look(one: Attended, head: int | None) -> str:
    if one.kind == "time":
        return _over_time(one, head)
    if one.kind == "channels":
        weights = one.weights(head)
        best = int(weights.argmax())
        return (
            f"**The attention of this variant looks at channels, most at channel {best + 1}** "
            f"({percent(float(weights[best]))}; an even share is {percent(1 / len(weights))})."
        )
    if one.kind == "one":
        return "**The attention of this model cannot choose: its weight is always 1.**"
    if one.kind == "filters":
        return "**The attention of this model weighs filters, not time points.**"
    name = escape_markdown(one.inside.entry.label)
    return f"**{name} has no attention, so there is no attention map.**"


def _over_time(one: Attended, head: int | None) -> str:
    from tscviz.figures.stats import peak_stretch

    n, weights = one.inside.n_points, one.weights(head)[: one.inside.n_points]
    share = entropies(weights[None])[0] / np.log(n) if n > 1 else 1.0
    who = "The attention" if head is None else f"Head {head + 1}"
    if share >= ALIKE:
        top = float(weights.max() * n)
        return (
            f"**{who} looks at all points almost alike:** relative entropy {near_one(share)}, and "
            f"no point gets more than {top:.3g} times its even share "
            "(the scale *least to greatest* shows the differences)."
        )
    first, last = peak_stretch(weights)
    part = float(weights[first : last + 1].sum())
    return (
        f"**{who} looks most at {points(first, last)}: {percent(part)} of its weight on "
        f"{percent((last - first + 1) / n)} of the series.** Relative entropy {share:.3f} (1: "
        "everywhere alike)."
    )


def near_one(share: float) -> str:
    """Return a relative entropy with four digits that rounds nothing to 1."""
    return "> 0.9999" if 0.99995 <= share < 1 else f"{share:.4f}"


def lead(one: Attended) -> str:
    """Say where the lead over the strongest other class comes from."""
    proba, k = one.inside.case.proba, one.inside.target
    other = next((int(c) for c in np.argsort(-proba, kind="stable") if c != k), None)
    name = escape_markdown(one.inside.labels[k])
    lstm, fcn, rest = (float(v) for v in one.parts[:, k])
    if other is None:
        return f"The LSTM branch adds {signed(lstm)} to the score of {name}, the FCN {signed(fcn)}."
    lstm, fcn, rest = (float(v) for v in one.parts[:, k] - one.parts[:, other])
    total = lstm + fcn + rest
    return (
        f"{name[:1].upper()}{name[1:]} {'leads' if total >= 0 else 'trails'} "
        f"{escape_markdown(one.inside.labels[other])} by {signed(abs(total)).lstrip('+')}: the "
        f"LSTM branch brings {signed(lstm)}, the FCN branch {signed(fcn)}, "
        f"{rest_name(one)} {signed(rest)}."
    )


def rest_name(one: Attended) -> str:
    """Return what the third part of a score is."""
    return "the bias" if one.shares.additive else "the start"


def colour(one: Attended, head: int | None) -> str:
    """Say what the main figure shows."""
    whose = "the mean of the heads" if head is None and one.heads > 1 else "the weights"
    whose = whose if head is None else f"head {head + 1}"
    queries = {
        "additive": " Before each of its steps the LSTM looks at all points: the table has a row a "
        "step, and the curve is their mean.",
    }.get(one.variant, " Every time point looks at all points; the weights are means over them.")
    return f"Colour and curve: {whose}; bright is much attention.{queries} {CAUTION}"


def add_up(one: Attended) -> str:
    """Write the sum of the parts out."""
    k = one.inside.target
    lstm, fcn, rest = (signed(float(v)) for v in one.parts[:, k])
    name = escape_markdown(one.inside.labels[k])
    text = (
        f"For {name}: LSTM branch {lstm}, FCN branch {fcn}, {rest_name(one)} {rest} make the "
        f"score (logit) of **{signed(float(one.shares.logit[k]))}**. Only differences between "
        "classes change the probability."
    )
    return text if one.shares.additive else f"{text} {SHAPLEY}"


def entropies(weights: Array) -> Array:
    """Return the entropy in nats of each row of weights."""
    w = np.asarray(weights, np.float64)
    return -(w * np.log(np.where(w > 0, w, 1.0))).sum(-1)


def single_steps(one: Attended) -> str:
    """Say how focused single queries are beside their mean."""
    if one.table is None or not one.over_time:
        return ""
    n = one.inside.n_points
    rows = one.table[:, :n, :n].reshape(-1, n)
    mean = float(np.exp(entropies(rows)).mean())
    what = "step" if one.variant == "additive" else "query"
    return f"A single {what} looks at as many as {mean:.3g} of {n} points, on average."


def classes(relative: Array, cases: ManyCases, names: Sequence[str]) -> str:
    """Say how focused the attention is, class by class."""
    rows = [
        f"{escape_markdown(names[k])} {near_one(float(relative[cases.y == k].mean()))}"
        for k in np.unique(cases.y)
    ]
    more = f" and {len(rows) - 8} more" if len(rows) > 8 else ""
    return f"Mean relative entropy by class: {', '.join(rows[:8])}{more}."


def branches(shares: Array, *, over_rival: bool) -> str:
    """Say in how many cases each branch speaks for the right class."""
    what = "the lead over the most probable other class" if over_rival else "the score"
    lstm, fcn = (int((shares[:, i] > 0).sum()) for i in (0, 1))
    larger = int((np.abs(shares[:, 1]) > np.abs(shares[:, 0])).sum())
    n = len(shares)
    return (
        f"The FCN branch adds more to {what} than the LSTM branch, in size, in {larger} of {n} "
        f"cases. The LSTM branch speaks for the right class in {lstm}, the FCN branch in {fcn}."
    )


def left_out(cases: ManyCases, split: str) -> str:
    """Say where not all cases of the split are shown."""
    if len(cases.idx) == cases.n_split:
        return ""
    return f"{len(cases.idx)} of {cases.n_split} {split} cases, each class in its share."
