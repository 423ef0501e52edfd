"""The evidence as tables and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tscviz.explain.evidence.intervals import Estimate
from tscviz.types import Attribution
from tscviz.ui import cache
from tscviz.ui.attributions.tables import shown
from tscviz.ui.evidence.data import Asked
from tscviz.ui.evidence.words import FIGURES

if TYPE_CHECKING:
    from tscviz.explain.evidence import CasesEvidence, Stability

__all__ = ["case_table", "document", "mean_table", "shown", "stability_table"]


def document(asked: Asked, attribution: Attribution | None, **found: Any) -> dict[str, Any]:
    """Return a result with everything that led to it."""
    chosen = asked.selection
    return {
        "selection": chosen,
        "dataset_digest": cache.dataset(chosen.dataset).digest,
        "model_digest": cache.classifier(str(chosen.model)).digest,
        "method": asked.method,
        "against": asked.against,
        "baseline": asked.baseline,
        "options": dict(asked.options),
        "settings": asdict(asked.settings),
        "attribution": attribution,
        **found,
    }


def stability_table(found: Stability) -> dict[str, list[Any]]:
    """Return a row for each repetition."""
    parts = [("noise", found.noise_correlation, found.noise_overlap)]
    if found.seed_correlation is not None and found.seed_overlap is not None:
        parts.append(("another seed", found.seed_correlation, found.seed_overlap))
    return {
        "repeated with": [name for name, values, _ in parts for _ in values],
        "rank correlation": [float(v) for _, values, _ in parts for v in values],
        f"overlap of the top {found.n_top}": [float(v) for _, _, top in parts for v in top],
    }


def mean_table(estimates: Mapping[str, Estimate]) -> dict[str, Sequence[Any]]:
    """Return means with their 95 % intervals."""
    rows = [(FIGURES.get(name, name), e) for name, e in estimates.items()]
    return {
        "figure": [name for name, _ in rows],
        "mean": [e.mean for _, e in rows],
        "95 % from": [e.low for _, e in rows],
        "95 % to": [e.high for _, e in rows],
        "cases": [e.n for _, e in rows],
    }


def case_table(found: CasesEvidence, class_names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return a row for each case with all its scores."""
    against = found.against
    less = {} if against is None else {"less": [class_names[int(k)] for k in against]}
    return {
        "case": found.cases.tolist(),
        "class explained": [class_names[int(k)] for k in found.targets],
        **less,
        **{FIGURES.get(name, name): values.tolist() for name, values in found.scores.items()},
    }
