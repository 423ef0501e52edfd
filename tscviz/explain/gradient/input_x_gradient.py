"""Input x gradient (Shrikumar et al., 2016): the first-order effect of setting a point to zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tscviz.explain.gradient.tools import opened, result
from tscviz.explain.registry import Explainer, Request, register
from tscviz.types import Array


@dataclass(frozen=True)
class InputXGradientOptions:
    """The map has no options."""


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import InputXGradient

    with opened(request) as case:
        values = InputXGradient(case.score).attribute(case.x)
        return result(request, values, {"logit": case.value(case.x)})


register(
    Explainer(
        name="input_x_gradient",
        title="Input x gradient",
        summary="Value times gradient: to first order, what the score would lose if the point "
        "were zero.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="cheap",
        options=InputXGradientOptions,
        run=_run,
    )
)
