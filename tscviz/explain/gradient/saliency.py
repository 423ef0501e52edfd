"""Saliency: the size of the gradient (Simonyan, Vedaldi and Zisserman, 2014)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tscviz.explain.gradient.tools import opened, result
from tscviz.explain.registry import Explainer, Request, register
from tscviz.types import Array


@dataclass(frozen=True)
class SaliencyOptions:
    """The map has no options."""


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import Saliency

    with opened(request) as case:
        values = Saliency(case.score).attribute(case.x, abs=True)
        return result(request, values, {"logit": case.value(case.x)})


register(
    Explainer(
        name="saliency",
        title="Saliency",
        summary="How strongly the class score would react to a small change of a point, whatever "
        "its direction.",
        needs=(),
        signed=False,
        uses_baseline=False,
        cost="cheap",
        options=SaliencyOptions,
        run=_run,
    )
)
