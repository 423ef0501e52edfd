"""Hold the visitor's series against those the model was trained on, and say what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.figures.text import minus
from tscviz.types import Array, SeriesSet
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.escape import escape_markdown

#: Time points of one case that still fit in memory together with the hidden series.
MAX_LENGTH = 100_000
#: Lengths may differ from the training series by this factor without a word.
FAR_LENGTH = 1.5
#: Standard deviations of the training data by which the mean may be off.
FAR_MEAN = 1.0
#: Factor by which the spread may differ.
FAR_SPREAD = 2.0
#: Values that mean and spread are computed from; of larger files every n-th case is taken.
_SAMPLE = 2_000_000


@dataclass(frozen=True)
class Notice:
    """Something the visitor should know before trusting the answer.

    Parameters
    ----------
    text : str
        Markdown: what was found, what the model was trained on, what to do.
    stops : bool
        Whether the model cannot be applied at all.
    """

    text: str
    stops: bool = False


def find(X: Array, mask: Array, min_length: int, model: Model) -> list[Notice]:
    """Return all there is to say about series as prepared; parameters as in the others."""
    found = length_notices(mask, min_length, model)
    if any(notice.stops for notice in found):
        return found
    far = distribution_notice(X, mask, model)
    return found if far is None else [*found, far]


def channel_notice(series: SeriesSet, model: Model, others: list[Model]) -> Notice | None:
    """Return what to do about a wrong number of channels; None where it is right."""
    found = series.X.shape[1]
    if found == model.n_channels:
        return None
    text = (
        f"**The series have {_channels(found)}; {escape_markdown(model.title)} takes "
        f"{model.n_channels}.** "
    )
    if series.X.shape[2] % model.n_channels == 0 and found == 1:
        text += (
            f"If {model.n_channels} channels share a row in your file, set that under *How the "
            "file was read*. "
        )
    if others:
        names = ", ".join(escape_markdown(other.title) for other in others[:5])
        text += f"Models for {_channels(found)}: {names}."
    else:
        text += "No model here takes that many channels; train one on a dataset that has them."
    return Notice(text, stops=True)


def length_notices(mask: Array, min_length: int, model: Model) -> list[Notice]:
    """Return what there is to say about the lengths, as prepared.

    Parameters
    ----------
    mask : bool array, shape (n_cases, n_timepoints)
    min_length : int
        Shortest series the network accepts.
    model : Model
    """
    lengths = mask.sum(axis=1)
    low, high = int(lengths.min()), int(lengths.max())
    trained, longest = model.length_text, model.lengths[1]
    if low < min_length:
        case = int(lengths.argmin())
        return [
            Notice(
                f"**Series {case + 1} has {low} points; the model needs at least {min_length}.** "
                f"It was trained on {trained} points. Leave the series out, or choose *resample* "
                "above.",
                stops=True,
            )
        ]
    if high > MAX_LENGTH:
        return [
            Notice(
                f"**The longest series has {high:,} points; at most {MAX_LENGTH:,} can be shown "
                f"here.** The model was trained on {trained}. Choose *resample* above, or cut the "
                "series.",
                stops=True,
            )
        ]
    if longest and (low * FAR_LENGTH < model.lengths[0] or high > FAR_LENGTH * longest):
        found = str(low) if low == high else f"{low} to {high}"
        return [
            Notice(
                f"**Your series have {found} points, the training series {trained}.** The model "
                "looks for shapes as wide as those it learned. If yours show the same thing at "
                "another speed, choose *resample* above."
            )
        ]
    return []


def distribution_notice(X: Array, mask: Array, model: Model) -> Notice | None:
    """Return which channels lie far from the training data, as prepared; None where all fit.

    Parameters
    ----------
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints)
    model : Model
        `mean` and `sd` of the training data, per channel.
    """
    if len(model.mean) != X.shape[1] or len(model.sd) != X.shape[1]:
        return None
    step = max(1, X.size // _SAMPLE)
    X, mask = X[::step], mask[::step]
    lines = []
    for c, (mean, sd) in enumerate(zip(model.mean, model.sd, strict=True)):
        values = X[:, c][mask].astype(np.float64)
        own_mean, own_sd = float(values.mean()), float(values.std())
        shift = (own_mean - mean) / (sd or 1.0)
        ratio = own_sd / (sd or 1.0)
        if abs(shift) > FAR_MEAN or not 1 / FAR_SPREAD <= ratio <= FAR_SPREAD:
            where = "" if X.shape[1] == 1 else f"channel {c + 1}: "
            lines.append(
                f"{where}mean {_number(own_mean)}, standard deviation {_number(own_sd)} "
                f"(training: {_number(mean)} and {_number(sd)}; the mean is "
                f"{_number(abs(shift))} training deviations off)"
            )
    if not lines:
        return None
    shown = "; ".join(lines[:3]) + (f"; and {len(lines) - 3} more channels" if lines[3:] else "")
    advice = (
        "Switch z-normalising on again."
        if model.preparation.get("normalise") == "z"
        else "Check the unit and the order of the channels."
    )
    return Notice(
        f"**Your series lie far from the training data.** {shown[0].upper()}{shown[1:]}. The model "
        f"has seen nothing like this, so do not trust its probabilities. {advice}"
    )


def _channels(n: int) -> str:
    return "1 channel" if n == 1 else f"{n} channels"


def _number(value: float) -> str:
    return minus(f"{value:.3g}") if abs(value) >= 0.005 else "0"
