"""Grad-CAM (Selvaraju et al., 2017) on the last hidden series: `captum.attr.LayerGradCam`.

Each filter's output, weighted by the mean over time of its gradient. Where the pooling is a global
average this is the class activation map times a constant; elsewhere it spreads evenly what belongs
to single points (max pooling) or segments (STP, DTP), whose own map is `cam`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from tscviz.explain.gradient.tools import mask_of, opened, result
from tscviz.explain.registry import Explainer, ExplainError, Request, register
from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier
from tscviz.options import option
from tscviz.types import Array


@dataclass(frozen=True)
class GradCamOptions:
    """Options of `grad_cam`."""

    relu: bool = option(False, "Keep what speaks for the class only, as the paper does.")


def hidden_layer(module: SeriesModule, x: Tensor, mask: Tensor | None = None) -> tuple[str, Any]:
    """Find the layer whose output is the last hidden series of (1, n_channels, T).

    Returns
    -------
    name : str
    layer : torch.nn.Module
        The outermost one, where several give it.

    Raises
    ------
    ExplainError
        Where no layer gives it.
    """
    found: list[tuple[str, nn.Module]] = []
    with torch.no_grad():
        h = module.features(x, mask)
        handles = []
        for name, part in module.named_modules():

            def look(part: nn.Module, _in: Any, out: Any, name: str = name) -> None:
                if isinstance(out, Tensor) and out.shape == h.shape and torch.equal(out, h):
                    found.append((name, part))

            handles.append(part.register_forward_hook(look))
        try:
            module(x, mask)
        finally:
            for handle in handles:
                handle.remove()
    if not found:
        raise ExplainError(
            f"no layer of {type(module).__name__} gives its hidden series; Grad-CAM needs one."
        )
    return found[-1]


def _unfit(classifier: Classifier) -> str | None:
    if type(classifier.module).features is SeriesModule.features:
        return f"Grad-CAM needs a hidden series over time, and {classifier.name} has none."
    return None


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    from captum.attr import LayerAttribution, LayerGradCam

    options: GradCamOptions = request.options
    with opened(request) as case:
        name, layer = hidden_layer(case.module, case.x.detach(), mask_of(request, 1))
        found = LayerGradCam(case.score, layer).attribute(case.x, relu_attributions=options.relu)
        values = cast("Tensor", found)  # (1, 1, T of the layer)
        if values.shape[2] != request.n_points:
            values = LayerAttribution.interpolate(values, request.n_points, "linear")
        details = {"logit": case.value(case.x), "layer": name}
        return result(request, values, details, per_channel=False)


register(
    Explainer(
        name="grad_cam",
        title="Grad-CAM",
        summary="The last hidden series, each filter weighted by its mean gradient: smooth, and "
        "the same for every channel.",
        needs=(),
        signed=True,
        uses_baseline=False,
        cost="cheap",
        options=GradCamOptions,
        run=_run,
        unfit=_unfit,
    )
)
