"""Gradient SHAP (Lundberg and Lee, 2017): expected gradients between references and the case.

`captum.attr.GradientShap`: each sample takes one reference, a random point on the straight line
from it to the case, and the gradient there times the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from tscviz.explain.gradient.background import background, background_option
from tscviz.explain.gradient.tools import completeness, opened, result, rows_at_once, total
from tscviz.explain.private import seeded
from tscviz.explain.registry import Explainer, Request, register
from tscviz.options import MAX_SEED, option
from tscviz.types import Array


@dataclass(frozen=True)
class GradientShapOptions:
    """Options of `gradient_shap`."""

    samples: int = option(64, "Random points, each on a line of its own.", minimum=1, maximum=4096)
    background: str = background_option()
    references: int = option(50, "References drawn at most.", minimum=2, maximum=1024)
    noise: float = option(
        0.0, "Standard deviation of noise added to the case.", minimum=0.0, maximum=10.0
    )
    seed: int = option(0, "Of references, points and noise.", minimum=0, maximum=MAX_SEED)


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import GradientShap

    options: GradientShapOptions = request.options
    with opened(request) as case:
        drawn = background(request, options.background, options.references, options.seed)
        references = torch.from_numpy(drawn).to(case.x.device)
        size = rows_at_once(case.x.shape[2])
        parts, sizes = [], _portions(options.samples, size)
        with seeded(options.seed):
            for n in sizes:
                found = GradientShap(case.score).attribute(
                    case.x, references, n_samples=n, stdevs=options.noise
                )
                parts.append(found.detach() * (n / options.samples))
        values = torch.stack(parts).sum(0)
        with torch.no_grad():
            scores = torch.cat([case.score(some) for some in references.split(size)])
        logit = case.value(case.x)
        details = completeness(total(values), logit, float(scores.double().mean()))
        details |= {"samples": options.samples, "references": len(references)}
        details["background"] = options.background
        return result(request, values, details)


def _portions(n: int, size: int) -> list[int]:
    return [min(size, n - start) for start in range(0, n, size)]


register(
    Explainer(
        name="gradient_shap",
        title="Gradient SHAP",
        summary="What a point adds to the score, compared with training cases: gradients at "
        "random places between them and the case, averaged.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="moderate",
        options=GradientShapOptions,
        run=_run,
    )
)
