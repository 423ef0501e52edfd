"""Guided backpropagation (Springenberg et al., 2015): only positive gradients pass a ReLU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from tscviz.explain.gradient.tools import ScoreModule, no_announcements, opened, result
from tscviz.explain.registry import Explainer, Request, register
from tscviz.models.classifier import Classifier
from tscviz.models.recurrent import Branch
from tscviz.types import Array


@dataclass(frozen=True)
class GuidedBackpropOptions:
    """The map has no options."""


def _unfit(classifier: Classifier) -> str | None:
    if any(isinstance(part, nn.ReLU) for part in classifier.module.modules()):
        return None
    return (
        "Guided backprop changes what passes a ReLU on the way back, and "
        f"{classifier.name} has no ReLU module: it would be the plain gradient."
    )


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import GuidedBackprop

    no_announcements()
    with opened(request) as case:
        parts = list(case.module.modules())
        values = GuidedBackprop(ScoreModule(case.module, case.score)).attribute(case.x)
        details = {
            "logit": case.value(case.x),
            "guided": sum(isinstance(part, nn.ReLU) for part in parts),
            # Gates are no ReLU: through them runs the plain gradient.
            "plain_gradient_through": ["recurrent branch"]
            if any(isinstance(part, Branch) for part in parts)
            else [],
        }
        return result(request, values, details)


register(
    Explainer(
        name="guided_backprop",
        title="Guided backprop",
        summary="The gradient, of which every ReLU lets only the positive part back: sharp, and "
        "more a picture of what the filters see than of what decides the class.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="cheap",
        options=GuidedBackpropOptions,
        run=_run,
        unfit=_unfit,
    )
)
