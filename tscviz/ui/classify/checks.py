"""Hold the visitor's series against those the model was trained on, and say what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

from tscviz.data.misfit import TrainingSeries, distribution_misfit, length_misfit
from tscviz.figures.text import minus
from tscviz.types import Array, SeriesSet
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.escape import escape_markdown

#: Time points of one case that still fit in memory together with the hidden series.
MAX_LENGTH = 100_000


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


def find(
    X: Array, mask: Array, min_length: int, model: Model, *, normalise: str = "none"
) -> list[Notice]:
    """Return all there is to say about series as prepared; parameters as in the others."""
    found = length_notices(mask, min_length, model)
    if any(notice.stops for notice in found):
        return found
    far = distribution_notice(X, mask, model, normalise=normalise)
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
    trained = model.length_text
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
    far = length_misfit(mask, _training(model))
    if far is None:
        return []
    return [
        Notice(
            f"**{far.headline}** {far.text} If yours show the same thing at another speed, choose "
            "*resample* above."
        )
    ]


def distribution_notice(
    X: Array, mask: Array, model: Model, *, normalise: str = "none"
) -> Notice | None:
    """Return which channels lie far from the training data, as prepared; None where all fit.

    Parameters
    ----------
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints)
    model : Model
        `mean` and `sd` of the training data, per channel.
    normalise : {"none", "z"}
        What was done to the series.
    """
    far = distribution_misfit(X, mask, _training(model))
    if far is None:
        return None
    advice = (
        "Switch z-normalising on again."
        if model.preparation.get("normalise") == "z" != normalise
        else "Check the unit and the order of the channels."
    )
    return Notice(f"**{far.headline}** {minus(far.text)} {advice}")


def _training(model: Model) -> TrainingSeries:
    return TrainingSeries(model.lengths, model.mean, model.sd)


def _channels(n: int) -> str:
    return "1 channel" if n == 1 else f"{n} channels"
