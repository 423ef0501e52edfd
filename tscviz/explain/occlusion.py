"""Occlusion sensitivity: hide one stretch of a case after another and watch the class score.

ConvTimeNet (Kashiparekh et al., IJCNN 2019) finds the regions that affect a decision this way and
gives no settings. Ours: a window of a tenth of the series, moved by one point, filled with the
case's mean (zero after z-normalisation). The map is that of `captum.attr.Occlusion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tscviz.explain.altered import Copies, Progress, scores_of
from tscviz.explain.fills import FILLS, filled
from tscviz.explain.registry import Explainer, Request, check_case, register
from tscviz.explain.windows import Windows, spread, windows_of
from tscviz.models.classifier import Classifier
from tscviz.options import MAX_SEED, make_options, option
from tscviz.types import Array, Attribution


@dataclass(frozen=True)
class OcclusionOptions:
    """Options of `occlusion`."""

    window: int = option(0, "Time points hidden at once; 0: a tenth of the series.", minimum=0)
    stride: int = option(1, "Time points from one window to the next.", minimum=1)
    fill: str = option(
        "mean",
        "What stands in the window: the channel's mean, zero, noise of its mean and deviation, or "
        "a straight line between the points beside it.",
        choices=tuple(FILLS),
    )
    output: str = option(
        "probability", "The score that is watched.", choices=("probability", "logit")
    )
    per_channel: bool = option(False, "Hide one channel at a time; otherwise all at once.")
    seed: int = option(0, "Of the noise.", minimum=0, maximum=MAX_SEED)
    batch_size: int = option(
        0, "Windows in one forward pass; 0: chosen for the cache.", minimum=0, maximum=65536
    )


def occlude(
    classifier: Classifier,
    x: Array,
    mask: Array | None = None,
    *,
    target: int | None = None,
    on_progress: Progress | None = None,
    **options: Any,
) -> Attribution:
    """Hide one stretch of a case after another; `tscviz.explain` with a report of progress.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional
        Padding is False; it is never hidden and gets zero.
    target : int, optional
        Class index; the predicted class by default.
    on_progress : callable, optional
        ``on_progress(done, n_windows)`` from time to time.
    **options
        Fields of `OcclusionOptions`.

    Returns
    -------
    Attribution
        At each point the mean, over the windows that hide it, of the score of the whole case less
        the score with the window hidden. ``details`` tells the windows (``channels``, ``starts``,
        ``stops``, ``centres``) and what the network says with each of them hidden
        (``window_probabilities`` and ``window_logits`` of the target, ``window_classes``).

    Raises
    ------
    ExplainError
        Where the window is longer than the series, or the stride than the window.
    TscvizError
        On a bad option.
    """
    made = make_options(OcclusionOptions, options, of="method occlusion")
    x, mask, target = check_case(classifier, x, mask, target)
    request = Request(classifier, x, mask, target, "none", made)
    values, details = _run(request, on_progress)
    return Attribution(values, "occlusion", target, "none", signed=True, details=details)


def _run(request: Request, on_progress: Progress | None = None) -> tuple[Array, Mapping[str, Any]]:
    options: OcclusionOptions = request.options
    padded = request.mask is not None and not bool(request.mask.all())
    n_points = int(request.mask.sum()) if request.mask is not None else request.x.shape[1]
    x = request.x[:, :n_points]
    windows = windows_of(x.shape, options.window, options.stride, per_channel=options.per_channel)
    logits, altered = scores_of(
        request.classifier,
        Copies(x, windows.starts, windows.stops, _maker(x, windows, options)),
        padded=padded,
        batch_size=options.batch_size,
        on_progress=on_progress,
    )
    k, other = request.target, request.against
    scores = {"logit": (logits, altered), "probability": (_softmax(logits), _softmax(altered))}
    for name, (one, many) in scores.items():
        less = (0.0, 0.0) if other is None else (one[other], many[:, other])
        scores[name] = (one[k] - less[0], many[:, k] - less[1])
    whole, hidden = scores[options.output]
    values = np.zeros(request.x.shape, np.float32)
    values[:, :n_points] = spread(windows, np.float64(whole) - hidden, x.shape)
    said = {"predicted": int(logits.argmax()), "window_classes": altered.argmax(1)}
    return values, _details(options, windows, scores) | said


def _maker(x: Array, windows: Windows, options: OcclusionOptions) -> Any:
    """Return a function that gives the copies of the windows first .. last - 1."""
    fill = filled(x, options.fill, seed=options.seed)
    time, channel = np.arange(x.shape[1]), np.arange(len(x))[:, None]

    def make(first: int, last: int) -> Array:
        starts, stops = windows.starts[first:last], windows.stops[first:last]
        hidden = (time >= starts[:, None]) & (time < stops[:, None])  # (B, T)
        hidden = np.repeat(hidden[:, None], len(x), axis=1)
        if options.per_channel:
            hidden &= windows.channels[first:last, None, None] == channel
        return np.where(hidden, fill(starts, stops), x)

    return make


def _softmax(logits: Array) -> Array:
    raised = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def _details(
    options: OcclusionOptions, windows: Windows, scores: Mapping[str, tuple[Any, Array]]
) -> dict[str, Any]:
    return {
        "per_channel": options.per_channel,
        "window": int((windows.stops - windows.starts).max()),
        "stride": options.stride,
        "fill": options.fill,
        "output": options.output,
        "channels": windows.channels,
        "starts": windows.starts,
        "stops": windows.stops,
        "centres": windows.centres,
        "logit": float(scores["logit"][0]),
        "probability": float(scores["probability"][0]),
        "window_logits": scores["logit"][1].astype(np.float32),
        "window_probabilities": scores["probability"][1].astype(np.float32),
    }


register(
    Explainer(
        name="occlusion",
        title="Occlusion sensitivity",
        summary="How far the class score falls when a stretch is hidden, averaged at each point "
        "over the windows that hide it. Positive: hiding it lowers the score.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="dear",
        options=OcclusionOptions,
        run=_run,
    )
)
