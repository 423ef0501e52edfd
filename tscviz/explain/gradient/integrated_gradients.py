"""Integrated gradients (Sundararajan, Taly and Yan, 2017): `captum.attr.IntegratedGradients`.

The gradient is averaged along the straight line from the baseline to the case and multiplied by
their difference. The map sums to the difference of the two scores. Where Captum's own rule misses
that by more than 1 %, the line is divided where the gap comes from, see
`tscviz.explain.gradient.path`; DTP's hard alignment adds jumps, see `.jumps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import Any

from torch import Tensor

from tscviz.explain.gradient import jumps
from tscviz.explain.gradient.clean import hold_segments
from tscviz.explain.gradient.path import N_ENDS, Line, Node, refined, summed
from tscviz.explain.gradient.tools import completeness, mask_of, opened, result, total
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
        "While the gap is too wide the path is divided where the error is, at up to so many "
        "points in all.",
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
        how = options.alignment if jumps.aligned(case.module) else None
        if how is not None:
            details = {"alignment": how}
        if how == "held":
            details["own_reference_logit"] = case.value(reference)
            hold_segments(case.module, case.x, mask_of(request, 1))
        scores = case.value(case.x), case.value(reference)
        if how == "follow":
            line: Line = jumps.AlignedLine(case, reference, request)
        else:
            line = Line(case, reference)
        values, told = _complete(line, options, scores, refine=how != "ignore")
        return result(request, values, details | told)


def _complete(
    line: Line, options: IntegratedGradientsOptions, scores: tuple[float, float], *, refine: bool
) -> tuple[Tensor, dict[str, Any]]:
    """Take Captum's map, or divide the line further until the map is complete."""
    rule = _rule(options.rule, options.steps)
    values, nodes = _captum(line, options.steps, rule)
    plain = completeness(total(values), *scores)
    told: dict[str, Any] = {"steps": line.looked, "rule": rule}
    follow = isinstance(line, jumps.AlignedLine)
    if not refine or (not follow and _enough(plain, line, options)):
        return values, told | plain
    same = plain["relative_gap"] is None
    # of what the path may miss, jumps too small to be credited take their part
    share = max(0.0, options.tolerance - (jumps.LEFT_OUT if follow else 0.0))
    allowed = inf if same else share * abs(scores[0] - scores[1])
    found = refined(line, nodes, allowed=allowed, most=options.max_steps)
    values = summed(found)
    if isinstance(line, jumps.AlignedLine):
        values = values + line.jumps(found)
        told |= jumps.told(found)
    told |= {"steps": line.looked, "rule": "adaptive", "captum_gap": plain["completeness_gap"]}
    return values, told | completeness(total(values), *scores)


def _enough(plain: dict[str, Any], line: Line, options: IntegratedGradientsOptions) -> bool:
    gap, room = plain["relative_gap"], options.max_steps - line.looked
    return gap is None or gap <= options.tolerance or room <= N_ENDS


def _rule(asked: str, steps: int) -> str:
    return "riemann_middle" if asked == "gausslegendre" and steps > _MOST_GAUSS else asked


def _captum(line: Line, steps: int, rule: str) -> tuple[Tensor, list[Node]]:
    """Return Captum's map (1, n_channels, n_points), and what it saw on the way."""
    from captum.attr import IntegratedGradients
    from captum.attr._utils.approximation_methods import approximation_parameters

    places = iter(map(float, approximation_parameters(rule)[1](steps)))
    seen: list[Node] = []

    def gradient_func(inputs: tuple[Tensor], **_: Any) -> tuple[Tensor]:
        reading = line.read(inputs[0])
        seen.extend(line.nodes(list(islice(places, len(inputs[0]))), reading))
        return (reading[1],)

    peer: Any = IntegratedGradients(line.score)
    peer.gradient_func = gradient_func  # as Captum's own layer methods put theirs in
    values = peer.attribute(
        line.stop, line.start, n_steps=steps, method=rule, internal_batch_size=line.batch
    )
    return values.detach(), seen


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
