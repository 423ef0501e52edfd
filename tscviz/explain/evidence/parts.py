"""The parts of the evidence by name: how each is made, how long it takes, what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from tscviz.explain.evidence import curves, metrics, randomisation, stability
from tscviz.explain.evidence.agreement import Agreement, agreement, native_method
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.subject import Pace, Subject
from tscviz.explain.registry import explain, methods
from tscviz.explain.request import ExplainError
from tscviz.types import Attribution

Run = Callable[[Subject, Attribution, EvidenceOptions, Pace], Any]


@dataclass(frozen=True)
class Part:
    """One part of the evidence.

    Parameters
    ----------
    name, title, summary : str
    run : callable
        ``run(subject, attribution, options, pace)``.
    steps : callable
        ``steps(subject, options)``: how often `run` ticks, about.
    figures : callable
        ``figures(result)``: its numbers by name, of which a run over cases takes the mean.
    """

    name: str
    title: str
    summary: str
    run: Run
    steps: Callable[[Subject, EvidenceOptions], int]
    figures: Callable[[Any], dict[str, float]]


def _curve_figures(found: curves.Curves) -> dict[str, float]:
    told = {
        "probability" if found.output == "probability" else "logit": found.whole,
        "without_top": found.without_top,
        "without_random": found.without_random,
    }
    for curve in (found.deletion, found.insertion):
        told |= {
            f"{curve.kind}_area": curve.area,
            f"{curve.kind}_random": curve.random_area,
            f"{curve.kind}_reversed": curve.reversed_area,
            f"{curve.kind}_gain": curve.gain,
            f"{curve.kind}_better": float(curve.verdict == "better"),
        }
    return told


def _randomisation_figures(found: randomisation.Randomisation) -> dict[str, float]:
    return {"randomisation_left": found.left}


def _stability_figures(found: stability.Stability) -> dict[str, float]:
    told = {
        "noise_correlation": _mean(found.noise_correlation),
        "noise_overlap": _mean(found.noise_overlap),
    }
    if found.seed_correlation is not None and found.seed_overlap is not None:
        told["seed_correlation"] = _mean(found.seed_correlation)
        told["seed_overlap"] = _mean(found.seed_overlap)
    return told


def _mean(values: Any) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def other_methods(subject: Subject) -> tuple[str, ...]:
    """Return the native view, where it is another method than the subject's."""
    native = native_method(subject.classifier)
    return () if native == subject.method else (native,)


def agreement_of(
    subject: Subject,
    attribution: Attribution,
    options: EvidenceOptions,
    pace: Pace,
    others: Sequence[str] | None = None,
) -> Agreement | None:
    """Compare the subject's map with those of other methods at their default options.

    Parameters
    ----------
    others : sequence of str, optional
        Names of methods; those that do not apply to the network are left out. By default the
        model's own view.

    Returns
    -------
    Agreement or None
        None where there is no other map, as for a native view on its own.

    Raises
    ------
    ExplainError
        On an unknown method.
    """
    known = methods()
    names = other_methods(subject) if others is None else tuple(others)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ExplainError(
            f"there is no method {unknown[0]!r}; the methods are: {', '.join(known)}."
        )
    maps = {subject.method: attribution}
    for name in names:
        if name != subject.method and known[name].obstacle(subject.classifier) is None:
            pace.check()
            maps[name] = _other(subject, name)
            pace.tick()
    if len(maps) < 2:
        return None
    native = native_method(subject.classifier)
    mask = np.arange(subject.x.shape[1]) < len(subject.counted)
    mask[: len(subject.counted)] &= subject.counted
    return agreement(
        maps, native=native if native in maps else None, mask=mask, share=options.share,
        per=options.per,
    )  # fmt: skip


def _other(subject: Subject, name: str) -> Attribution:
    contrasts = methods()[name].contrasts
    return explain(
        subject.classifier, subject.x, name, target=subject.target,
        against=subject.against if contrasts else None, baseline=subject.baseline,
        mask=subject.mask, training=subject.training,
    )  # fmt: skip


def _agreement_figures(found: Agreement | None) -> dict[str, float]:
    if found is None:
        return {}
    correlation, overlap = found.with_native(found.names[0])
    return {"native_correlation": correlation, "native_overlap": overlap}


#: The parts of the evidence by name.
PARTS: Mapping[str, Part] = MappingProxyType(
    {
        p.name: p
        for p in (
            Part(
                "curves",
                "Deletion and insertion",
                "What the class score does as points are deleted in the map's order.",
                curves.curves_of,
                curves.n_passes,
                _curve_figures,
            ),
            Part(
                "infidelity",
                "Infidelity",
                "How badly the map foretells what deleting a stretch does to the score.",
                metrics.infidelity_of,
                lambda subject, options: 2,  # noqa: ARG005
                lambda found: {"infidelity": found.relative},
            ),
            Part(
                "sensitivity",
                "Max-sensitivity",
                "How far the map moves, at most, when the case hardly does.",
                metrics.max_sensitivity_of,
                lambda subject, options: options.n_nearby,  # noqa: ARG005
                lambda found: {"max_sensitivity": found.value},
            ),
            Part(
                "randomisation",
                "Randomised weights",
                "Whether the map changes when the network is destroyed.",
                randomisation.randomisation_of,
                lambda subject, options: (
                    options.n_draws * randomisation.count_layers(subject.classifier.module)
                ),
                _randomisation_figures,
            ),
            Part(
                "stability",
                "Stability",
                "Whether another seed, or a little noise on the case, gives the same map.",
                stability.stability_of,
                stability.n_maps,
                _stability_figures,
            ),
            Part(
                "agreement",
                "Agreement",
                "Whether other methods, and the model's own view, say the same.",
                agreement_of,
                lambda subject, options: len(other_methods(subject)),  # noqa: ARG005
                _agreement_figures,
            ),
        )
    }
)


def check_parts(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the parts asked for, in the order of `PARTS`; all of them for None.

    Raises
    ------
    ExplainError
        On an unknown part, or none.
    """
    if names is None:
        return tuple(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        found = f"there is no evidence {unknown[0]!r}" if unknown else "no evidence is asked for"
        raise ExplainError(f"{found}; choose among: {', '.join(PARTS)}.")
    return tuple(name for name in PARTS if name in names)
