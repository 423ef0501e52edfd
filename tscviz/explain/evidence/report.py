"""All the evidence for one map of one case."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.evidence.agreement import Agreement
from tscviz.explain.evidence.curves import Curves
from tscviz.explain.evidence.metrics import Infidelity, MaxSensitivity
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.parts import PARTS, agreement_of, check_parts
from tscviz.explain.evidence.randomisation import Randomisation
from tscviz.explain.evidence.stability import Stability
from tscviz.explain.evidence.subject import Pace, Subject, subject_of
from tscviz.explain.evidence.words import sentence_of
from tscviz.models.classifier import Classifier
from tscviz.options import make_options
from tscviz.types import Array, Attribution


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of how far one map can be trusted.

    Parameters
    ----------
    attribution : Attribution
        The map.
    curves : Curves or None
    infidelity : Infidelity or None
    sensitivity : MaxSensitivity or None
    randomisation : Randomisation or None
    stability : Stability or None
    agreement : Agreement or None
        None for a native view without other methods to compare with.
    sentence : str or None
        From the curves; class names as they are.
    seconds : mapping of str to float
        What each part took.
    settings : mapping
        The `EvidenceOptions`.
    """

    attribution: Attribution
    curves: Curves | None
    infidelity: Infidelity | None
    sensitivity: MaxSensitivity | None
    randomisation: Randomisation | None
    stability: Stability | None
    agreement: Agreement | None
    sentence: str | None
    seconds: Mapping[str, float]
    settings: Mapping[str, Any]


def judge(  # noqa: PLR0913
    classifier: Classifier,
    x: Array,
    method: str,
    *,
    target: int | None = None,
    against: int | None = None,
    baseline: str = "zero",
    mask: Array | None = None,
    usable: Array | None = None,
    training: TrainingSeries | None = None,
    parts: Sequence[str] | None = None,
    others: Sequence[str] | None = None,
    settings: EvidenceOptions | Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    **options: Any,
) -> Evidence:
    """Explain one case and gather the evidence for its map.

    The classifier is left as it is, also after an error or a stop: what is destroyed is a clone.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
    method : str
        A name of `tscviz.explain.methods`.
    target, against, baseline, mask, training
        As in `tscviz.explain.explain`.
    usable : bool array, shape (n_timepoints,), optional
        False on interpolated points. They and the padding are in no score.
    parts : sequence of str, optional
        Names of `PARTS`; all by default.
    others : sequence of str, optional
        Methods to compare the map with; by default the model's own view.
    settings : EvidenceOptions or mapping, optional
    on_progress : callable, optional
        ``on_progress(done, total)`` after every step.
    should_stop : callable, optional
        Asked at every step.
    **options
        Of the method.

    Returns
    -------
    Evidence

    Raises
    ------
    ExplainError
        On a method, class, case or part that does not fit.
    Stopped
        Where `should_stop` returns True.

    Examples
    --------
    >>> found = judge(classifier, x, "cam", parts=["curves"])
    >>> found.sentence
    'Deleting the top 10 % of points drops the probability of Gun from 0.98 to 0.31; ...'
    """
    subject = subject_of(
        classifier, x, method, target=target, against=against, baseline=baseline, mask=mask,
        usable=usable, training=training, options=options,
    )  # fmt: skip
    return gather(
        subject, parts=parts, others=others, settings=settings,
        pace=Pace(on_progress=on_progress, should_stop=should_stop),
    )  # fmt: skip


def read_settings(settings: EvidenceOptions | Mapping[str, Any] | None) -> EvidenceOptions:
    """Check the settings of the evidence."""
    if isinstance(settings, EvidenceOptions):
        settings = asdict(settings)
    return make_options(EvidenceOptions, settings or {}, of="the evidence")


def gather(
    subject: Subject,
    attribution: Attribution | None = None,
    *,
    parts: Sequence[str] | None = None,
    others: Sequence[str] | None = None,
    settings: EvidenceOptions | Mapping[str, Any] | None = None,
    pace: Pace | None = None,
) -> Evidence:
    """Gather the evidence for a subject; `judge` checks a case and calls this.

    Parameters
    ----------
    subject : Subject
    attribution : Attribution, optional
        The subject's map, where it is there already.
    parts, others, settings
        As in `judge`.
    pace : Pace, optional
    """
    made, names, pace = read_settings(settings), check_parts(parts), pace or Pace()
    pace.total += sum(PARTS[name].steps(subject, made) for name in names)
    pace.check()
    attribution = subject.explain() if attribution is None else attribution
    found: dict[str, Any] = dict.fromkeys(PARTS)
    seconds: dict[str, float] = {}
    for name in names:
        started = time.perf_counter()
        if name == "agreement" and others is not None:
            found[name] = agreement_of(subject, attribution, made, pace, others)
        else:
            found[name] = PARTS[name].run(subject, attribution, made, pace)
        seconds[name] = time.perf_counter() - started
    said, classes = None, subject.classifier.classes
    if found["curves"] is not None:
        said = sentence_of(found["curves"], classes, subject.target, subject.against)
    return Evidence(attribution, **found, sentence=said, seconds=seconds, settings=asdict(made))


def figures_of(found: Evidence) -> dict[str, float]:
    """Return the numbers of the parts that were gathered.

    Parameters
    ----------
    found : Evidence

    Returns
    -------
    dict of str to float
        By name, as `judge_cases` averages them; parts that were not gathered have none.
    """
    told: dict[str, float] = {}
    for name, part in PARTS.items():
        result = getattr(found, name)
        if result is not None:
            told |= part.figures(result)
    return told
