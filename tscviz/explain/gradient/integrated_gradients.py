"""Integrated gradients (Sundararajan, Taly and Yan, 2017): `captum.attr.IntegratedGradients`.

The gradient is averaged along the straight line from the baseline to the case and multiplied by
their difference. The map sums to the difference of the two scores; steps are doubled until it does
to 1 %. DTP's hard alignment adds jumps, see `tscviz.explain.gradient.jumps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from tscviz.explain.gradient.clean import hold_segments
from tscviz.explain.gradient.jumps import Path, aligned, jumps_along
from tscviz.explain.gradient.tools import (
    Opened,
    completeness,
    mask_of,
    opened,
    result,
    rows_at_once,
    total,
)
from tscviz.explain.registry import Explainer, Request, register
from tscviz.options import option
from tscviz.types import Array

_RULES = (
    "gausslegendre",
    "riemann_middle",
    "riemann_trapezoid",
    "riemann_left",
    "riemann_right",
)


#: numpy finds Gauss-Legendre's points by eigenvalues: beyond this many that takes seconds.
_MOST_GAUSS = 512


@dataclass(frozen=True)
class IntegratedGradientsOptions:
    """Options of `integrated_gradients`."""

    steps: int = option(64, "Points of the path at first.", minimum=2, maximum=65536)
    max_steps: int = option(
        2048,
        "Steps are doubled (or taken four times) up to this many, while the gap is too wide.",
        minimum=2,
        maximum=65536,
    )
    tolerance: float = option(
        0.01, "Gap to stop at, as a share of the scores' difference.", minimum=0.0, maximum=1.0
    )
    rule: str = option(
        "gausslegendre",
        "Where on the path the points lie; above 512 steps riemann_middle stands in for "
        "gausslegendre.",
        choices=_RULES,
    )
    alignment: str = option(
        "follow",
        "DTP only. follow: the alignment flips along the path, and a jump of the score goes to "
        "the points that cause it; held: it stays as the case has it; ignore: jumps go to nobody "
        "(Captum on the network as it is).",
        choices=("follow", "held", "ignore"),
    )


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    options: IntegratedGradientsOptions = request.options
    with opened(request) as case:
        reference = case.reference(request)
        details: dict[str, Any] = {}
        moves = aligned(case.module)
        if moves:
            details = {"alignment": options.alignment}
            if options.alignment == "held":
                details["own_reference_logit"] = case.value(reference)
                hold_segments(case.module, case.x, mask_of(request, 1))
        follow = moves and options.alignment == "follow"
        follow = moves and options.alignment == "follow"
        values, told = _refined(case, request, reference, follow=follow)
        return result(request, values, details | told)


def _refined(
    case: Opened, request: Request, reference: Tensor, *, follow: bool
) -> tuple[Tensor, dict[str, Any]]:
    """Take more steps until the map is complete, or there are as many as allowed."""
    options: IntegratedGradientsOptions = request.options
    scores = case.value(case.x), case.value(reference)
    steps, jumps = options.steps, None
    while True:
        rule = _rule(options.rule, steps)
        values = _smooth(case, reference, steps, rule)
        sum_ = total(values)
        if follow:
            path = _path(case, reference, steps, rule)
            jumps = jumps_along(case.module, request, path, scores[0] - scores[1])
            sum_ += jumps.total
        gap = completeness(sum_, *scores)["relative_gap"]
        if gap is None or gap <= options.tolerance or 2 * steps > options.max_steps:
            break
        far = gap > 4 * options.tolerance and 4 * steps <= options.max_steps
        steps *= 4 if far else 2
    told: dict[str, Any] = {"steps": steps, "rule": rule}
    if jumps is not None:
        values, told = values + jumps.values(), told | jumps.told()
    return values, told | completeness(total(values), *scores)


def _rule(asked: str, steps: int) -> str:
    return "riemann_middle" if asked == "gausslegendre" and steps > _MOST_GAUSS else asked


def _smooth(case: Opened, reference: Tensor, steps: int, rule: str) -> Tensor:
    from captum.attr import IntegratedGradients

    found = IntegratedGradients(case.score).attribute(
        case.x,
        reference,
        n_steps=steps,
        method=rule,
        internal_batch_size=rows_at_once(case.x.shape[2]),
    )
    return found.detach()


def _path(case: Opened, reference: Tensor, steps: int, rule: str) -> Path:
    from captum.attr._utils.approximation_methods import approximation_parameters

    weights, nodes = (list(map(float, of(steps))) for of in approximation_parameters(rule))
    return Path(reference, case.x.detach(), nodes, weights)


register(
    Explainer(
        name="integrated_gradients",
        title="Integrated gradients",
        summary="What a point adds to the score, compared with the baseline: gradients along the "
        "way from it to the case. The map sums to the difference of the two scores.",
        needs=(),
        signed=True,
        uses_baseline=True,
        cost="moderate",
        options=IntegratedGradientsOptions,
        run=_run,
    )
)
