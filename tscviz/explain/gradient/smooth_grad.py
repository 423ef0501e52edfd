"""SmoothGrad (Smilkov et al., 2017): the gradient, averaged over noisy copies of the case.

`captum.attr.NoiseTunnel`. The noise is a share of each channel's own range: channels may be in
different units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor

from tscviz.explain.gradient.tools import opened, result, rows_at_once
from tscviz.explain.private import seeded
from tscviz.explain.registry import Explainer, Request, register
from tscviz.options import MAX_SEED, option
from tscviz.types import Array


@dataclass(frozen=True)
class SmoothGradOptions:
    """Options of `smooth_grad`."""

    samples: int = option(32, "Noisy copies.", minimum=1, maximum=4096)
    noise: float = option(
        0.15,
        "Standard deviation of the noise, as a share of the channel's range (paper: 0.1 to 0.2).",
        minimum=0.0,
        maximum=10.0,
    )
    of: str = option(
        "gradient",
        "What is averaged: the gradient, or the noisy copy times its gradient.",
        choices=("gradient", "input_x_gradient"),
    )
    seed: int = option(0, "Of the noise.", minimum=0, maximum=MAX_SEED)


def channel_ranges(x: Tensor) -> Tensor:
    """Return the range of each channel of (1, C, T), (1, C, 1).

    A channel that does not vary gets that of the whole case, and a constant case gets 1.
    """
    spans = x.amax(2, keepdim=True) - x.amin(2, keepdim=True)
    whole = x.max() - x.min()
    spans = spans.where(spans > 0, whole)
    return spans.where(spans > 0, 1.0)


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import InputXGradient, NoiseTunnel, Saliency

    options: SmoothGradOptions = request.options
    with opened(request) as case:
        spans = channel_ranges(case.x.detach())
        # Captum takes one deviation for all channels: it sees the case in units of their ranges.
        scaled = (case.x.detach() / spans).requires_grad_()

        def score(z: Tensor) -> Tensor:
            return case.score(z * spans)

        gradient = options.of == "gradient"
        inner = Saliency(score) if gradient else InputXGradient(score)
        with seeded(options.seed):
            found = NoiseTunnel(inner).attribute(
                scaled,
                nt_type="smoothgrad",
                nt_samples=options.samples,
                nt_samples_batch_size=min(options.samples, rows_at_once(case.x.shape[2])),
                stdevs=options.noise,
                **({"abs": False} if gradient else {}),
            )
        values = cast("Tensor", found)
        values = values / spans if gradient else values
        details = {
            "logit": case.value(case.x),
            "samples": options.samples,
            "noise": (options.noise * spans).flatten().tolist(),
        }
        return result(request, values, details)


register(
    Explainer(
        name="smooth_grad",
        title="SmoothGrad",
        summary="The gradient of the class score, averaged over noisy copies of the case.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="moderate",
        options=SmoothGradOptions,
        run=_run,
    )
)
