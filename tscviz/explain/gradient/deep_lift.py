"""DeepLIFT, rescale rule (Shrikumar, Greenside and Kundaje, 2017): `captum.attr.DeepLift`.

Temporal poolings become modules that Captum knows, over the segments of the case. DTP finds its
segments anew for every input; DeepLIFT compares unit by unit, so they are held at those of the
case, and the reference is scored with them, too (`details["reference_logit"]`; the network's own
score of it is `details["own_reference_logit"]`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tscviz.explain.gradient.clean import deep_lift_obstacle, hold_segments
from tscviz.explain.gradient.tools import (
    ScoreModule,
    completeness,
    mask_of,
    no_announcements,
    opened,
    result,
    total,
)
from tscviz.explain.registry import Explainer, Request, register
from tscviz.types import Array


@dataclass(frozen=True)
class DeepLiftOptions:
    """The map has no options."""


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import DeepLift

    no_announcements()
    with opened(request) as case:
        reference = case.reference(request)
        own = case.value(reference)
        moves = hold_segments(case.module, case.x, mask_of(request, 1))
        values = DeepLift(ScoreModule(case.module, case.score)).attribute(case.x, reference)
        details = completeness(total(values), case.value(case.x), case.value(reference))
        details |= {"alignment": "held", "own_reference_logit": own} if moves else {}
        return result(request, values, details)


register(
    Explainer(
        name="deep_lift",
        title="DeepLIFT",
        summary="What a point adds to the score, compared with the baseline: differences of "
        "activations, handed back layer by layer.",
        needs=(),
        signed=True,
        uses_baseline=True,
        cost="cheap",
        options=DeepLiftOptions,
        run=_run,
        unfit=deep_lift_obstacle,
    )
)
