"""Deletion and insertion curves (Petsiuk et al., BMVC 2018; pixel flipping, Bach et al., 2015).

Points are deleted in the order of a map, the highest value first, and the class score is watched;
insertion starts from a case in which every point is filled and puts the highest back first. A
good map lets the score fall fast (a small area under the deletion curve) and rise fast (a large
one under the insertion curve), beside random maps and beside the map reversed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.evidence.fill import Fill, fill_of
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.orders import CONTROLS, counts_of, places_of, top_count
from tscviz.explain.evidence.scores import n_batches, scores_of
from tscviz.explain.evidence.subject import (
    Pace,
    Subject,
    check_map,
    features_of,
    subject_for,
)
from tscviz.models.classifier import Classifier
from tscviz.options import make_options
from tscviz.types import Array, Attribution

#: A map is called better or worse than random where `p_better` or `p_worse` is at most this.
LEVEL = 0.05
_BAND = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Curve:
    """The class score as points are deleted, or put back, in the order of a map.

    Parameters
    ----------
    kind : {"deletion", "insertion"}
    share : float64 array, shape (n_steps,)
        Share of the points deleted, or put back, from 0 to 1.
    score : float64 array, shape (n_steps,)
        By the map.
    reversed : float64 array, shape (n_steps,)
        By the map in reverse order.
    random : float64 array, shape (n_random, n_steps)
        By random maps.
    random_mean, random_low, random_high : float64 arrays, shape (n_steps,)
        Their mean, and the bounds of the middle 95 %.
    area, reversed_area : float
        Under the curve, by the trapezoidal rule, in units of the score.
    random_areas : float64 array, shape (n_random,)
    random_area, random_area_low, random_area_high : float
        Mean, and the bounds of the middle 95 %.
    p_better, p_worse : float
        Share of random maps, the map itself counted among them, that do at least as well, and at
        least as badly, by their area.
    verdict : {"better", "no different", "worse"}
        Beside random maps, at 5 %.
    """

    kind: str
    share: Array
    score: Array
    reversed: Array
    random: Array
    random_mean: Array
    random_low: Array
    random_high: Array
    area: float
    reversed_area: float
    random_areas: Array
    random_area: float
    random_area_low: float
    random_area_high: float
    p_better: float
    p_worse: float
    verdict: str

    @property
    def gain(self) -> float:
        """By how much the area is better than the mean of random maps; positive is better."""
        sign = 1 if self.kind == "deletion" else -1
        return sign * (self.random_area - self.area)


@dataclass(frozen=True, eq=False)
class Curves:
    """Deletion and insertion of one map, and what happens without its top points.

    Parameters
    ----------
    deletion, insertion : Curve
    per, fill, output, control : str
        As in `EvidenceOptions`.
    n_features : int
        Ranked time points, or channels at time points.
    n_top : int
        Of them in the top share.
    top_share : float
        As asked; ``n_top / n_features`` is what was deleted.
    whole, without_top, empty : float
        Score of the case, without its top points, and without any.
    without_random, without_random_low, without_random_high : float
        Without as many random points: mean, and the bounds of the middle 95 %.
    """

    deletion: Curve
    insertion: Curve
    per: str
    fill: str
    output: str
    control: str
    n_features: int
    n_top: int
    top_share: float
    whole: float
    without_top: float
    empty: float
    without_random: float
    without_random_low: float
    without_random_high: float


def deletion_insertion(
    classifier: Classifier,
    x: Array,
    attribution: Attribution,
    *,
    mask: Array | None = None,
    usable: Array | None = None,
    training: TrainingSeries | None = None,
    pace: Pace | None = None,
    **options: object,
) -> Curves:
    """Delete and insert the points of one case in the order of a map.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    attribution : Attribution
        Of this case; its target (less `against`) is watched.
    mask : bool array, shape (n_timepoints,), optional
        Padding is False; it is never ranked.
    usable : bool array, shape (n_timepoints,), optional
        Interpolated points are False: they are not ranked and stay as they are.
    training : TrainingSeries, optional
        For a fill that needs training cases; the model's own by default.
    pace : Pace, optional
        Progress and stop.
    **options
        Fields of `EvidenceOptions`.

    Returns
    -------
    Curves

    Raises
    ------
    ExplainError
        On a map of another case, or too few points.
    Stopped
        Where `pace` asks for it.
    """
    made = make_options(EvidenceOptions, options, of="the evidence")
    subject = subject_for(classifier, x, attribution, mask=mask, usable=usable, training=training)
    pace = pace or Pace()
    pace.total += n_passes(subject, made)
    return curves_of(subject, attribution, made, pace)


def n_passes(subject: Subject, options: EvidenceOptions) -> int:
    """Return how many times `curves_of` ticks."""
    rows = 1 if options.per == "time" else len(subject.x)
    counts = counts_of(rows * int(subject.counted.sum()), options.steps, options.share)
    n_random = options.n_random * (1 if CONTROLS[options.control].symmetric else 2)
    return n_batches((2 + n_random) * (len(counts) - 2) + 2, len(subject.counted))


def curves_of(
    subject: Subject, attribution: Attribution, options: EvidenceOptions, pace: Pace
) -> Curves:
    """Return the curves of a subject's map; see `deletion_insertion`."""
    check_map(attribution, subject.x.shape)
    values = features_of(attribution, subject.counted, options.per)
    n_rows = 1 if options.per == "time" else len(subject.x)
    places = places_of(
        values, n_rows, control=options.control, n_random=options.n_random, seed=options.seed
    )
    symmetric = CONTROLS[options.control].symmetric
    again = places[:1] if symmetric else places
    counts = counts_of(len(values), options.steps, options.share)
    scores = _scores(
        subject, np.concatenate([places, len(values) - 1 - again]), counts, options, pace
    )
    forward, backward = scores[: len(places)], scores[len(places) :]
    if symmetric:
        backward = np.concatenate([backward, forward[1:]])
    share = counts / len(values)
    # To put a map's first points back is to have deleted all but them, the last ones first.
    deletion = curve_of("deletion", share, forward[0], backward[0], forward[1:])
    insertion = curve_of(
        "insertion", share, backward[0, ::-1], forward[0, ::-1], backward[1:, ::-1]
    )
    n_top = top_count(len(values), options.share)
    at = int(np.flatnonzero(counts == n_top)[0])
    low, high = np.quantile(forward[1:, at], _BAND)
    whole, without_top, empty = (float(forward[0, k]) for k in (0, at, -1))
    return Curves(
        deletion, insertion, options.per, options.fill, options.output, options.control,
        len(values), n_top, options.share, whole, without_top, empty,
        float(forward[1:, at].mean()), float(low), float(high),
    )  # fmt: skip


def _scores(
    subject: Subject, places: Array, counts: Array, options: EvidenceOptions, pace: Pace
) -> Array:
    """Return the score of each order after each count, (n_orders, n_counts)."""
    fill, inner = fill_of(subject, options.fill), counts[1:-1]
    # The whole case and the one without any point are the same for every order.
    order = np.append(np.repeat(np.arange(len(places)), len(inner)), [0, 0])
    count = np.append(np.tile(inner, len(places)), counts[[0, -1]])

    def make(first: int, last: int) -> Array:
        gone = places[order[first:last]] < count[first:last, None]
        return _copies(subject, fill, gone, options.per)

    found = scores_of(subject, len(order), make, output=options.output, pace=pace)
    ends = np.ones((len(places), 1)) * found[None, -2:]
    return np.concatenate(
        [ends[:, :1], found[:-2].reshape(len(places), len(inner)), ends[:, 1:]], axis=1
    )


def without_top(subject: Subject, attribution: Attribution, options: EvidenceOptions) -> Array:
    """Return the case without its top points: what the sentence about a map speaks of.

    Parameters
    ----------
    subject : Subject
    attribution : Attribution
        Its map.
    options : EvidenceOptions

    Returns
    -------
    float32 array, shape (n_channels, n_points)
        Without padding.

    Raises
    ------
    ExplainError
        Where the map has another shape than the case.
    """
    check_map(attribution, subject.x.shape)
    values = features_of(attribution, subject.counted, options.per)
    # the random maps are drawn after the order of equal values, so one of them will do
    places = places_of(values, 1, control="points", n_random=1, seed=options.seed)[:1]
    gone = places < top_count(len(values), options.share)
    return _copies(subject, fill_of(subject, options.fill), gone, options.per)[0]


def _copies(subject: Subject, fill: Fill, deleted: Array, per: str) -> Array:
    """Return copies of the case without the features `deleted` (B, n_features)."""
    n_channels, n_points = subject.case.shape
    gone = np.zeros((len(deleted), n_channels, n_points), bool)
    rows = 1 if per == "time" else n_channels
    gone[:, :, subject.counted] = deleted.reshape(len(deleted), rows, -1)
    return fill(gone)


def curve_of(kind: str, share: Array, score: Array, back: Array, random: Array) -> Curve:
    """Return a curve with its areas and its verdict.

    Parameters
    ----------
    kind : {"deletion", "insertion"}
    share, score, back : arrays, shape (n_steps,)
    random : array, shape (n_random, n_steps)
    """
    low, high = np.quantile(random, _BAND, axis=0)
    area, areas = _area(score, share), np.asarray(np.trapezoid(random, share, axis=1))
    area_low, area_high = np.quantile(areas, _BAND)
    sign = 1 if kind == "deletion" else -1
    as_good = int((sign * areas <= sign * area).sum())
    as_bad = int((sign * areas >= sign * area).sum())
    better, worse = ((1 + n) / (1 + len(areas)) for n in (as_good, as_bad))
    verdict = "better" if better <= LEVEL else "worse" if worse <= LEVEL else "no different"
    return Curve(
        kind, share, score.copy(), back.copy(), random.copy(), random.mean(0), low, high, area,
        _area(back, share), areas, float(areas.mean()), float(area_low),
        float(area_high), better, worse, verdict,
    )  # fmt: skip


def _area(score: Array, share: Array) -> float:
    return float(np.trapezoid(score, share))
