"""DeepLIFT SHAP (Lundberg and Lee, 2017): DeepLIFT, averaged over references.

`captum.attr.DeepLiftShap`; temporal poolings as in `deep_lift`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tscviz.explain.gradient.background import background, background_option
from tscviz.explain.gradient.clean import deep_lift_obstacle, hold_segments
from tscviz.explain.gradient.tools import (
    Opened,
    ScoreModule,
    completeness,
    mask_of,
    no_announcements,
    opened,
    result,
    rows_at_once,
    total,
)
from tscviz.explain.registry import Explainer, Request, register
from tscviz.options import MAX_SEED, option
from tscviz.types import Array


@dataclass(frozen=True)
class DeepLiftShapOptions:
    """Options of `deep_lift_shap`."""

    background: str = background_option()
    references: int = option(16, "References drawn at most.", minimum=2, maximum=1024)
    seed: int = option(0, "Of the references.", minimum=0, maximum=MAX_SEED)


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    options: DeepLiftShapOptions = request.options
    no_announcements()
    with opened(request) as case:
        drawn = background(request, options.background, options.references, options.seed)
        references = torch.from_numpy(drawn).to(case.x.device)
        parts = references.tensor_split(_n_parts(len(references), case.x.shape[2]))
        own = _mean_score(case, parts)
        moves = hold_segments(case.module, case.x, mask_of(request, 1))
        values = _average(case, parts)
        details = completeness(total(values), case.value(case.x), _mean_score(case, parts))
        details |= {"references": len(references), "background": options.background}
        details |= {"alignment": "held", "own_reference_logit": own} if moves else {}
        return result(request, values, details)


def _average(case: Opened, parts: tuple[Tensor, ...]) -> Tensor:
    from captum.attr import DeepLiftShap

    peer = DeepLiftShap(ScoreModule(case.module, case.score))
    n = sum(map(len, parts))
    maps = [peer.attribute(case.x, some).detach() * (len(some) / n) for some in parts]
    return torch.stack(maps).sum(0)


def _mean_score(case: Opened, parts: tuple[Tensor, ...]) -> float:
    with torch.no_grad():
        return float(torch.cat([case.score(some) for some in parts]).double().mean())


def _n_parts(n: int, n_points: int) -> int:
    """Return into how many parts to divide: each reference passes with a copy of the case."""
    at_once = max(2, rows_at_once(n_points) // 2)
    return min(-(-n // at_once), n // 2)  # Captum wants two at least


register(
    Explainer(
        name="deep_lift_shap",
        title="DeepLIFT SHAP",
        summary="What a point adds to the score, compared with training cases: DeepLIFT, averaged "
        "over them.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="moderate",
        options=DeepLiftShapOptions,
        run=_run,
        unfit=deep_lift_obstacle,
    )
)
