"""DSN's class activation map, put back on the input points that its sparse kernels really read.

A hidden vector of a DSN at time t has read the points t + j1 + j2 + ... + jn, one active tap in
each layer (equations 2 and 3 of the paper), so its value in the class activation map says nothing
of t alone. Our reading of a receptive-field-weighted map: the value of each hidden channel at each
time is divided among the input points by the share of the paths of active weights that lead there.
Channels of different kernel groups reach differently far, and each is divided by its own paths.
The sum is that of the class activation map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from tscviz.explain.cam import CAMModule
from tscviz.explain.gradient.tools import chosen, completeness, mask_of, opened, result, total
from tscviz.explain.registry import Explainer, Request, register
from tscviz.models.dsn import DSN, SparseBlock
from tscviz.options import option
from tscviz.types import Array


@dataclass(frozen=True)
class ReceptiveFieldCamOptions:
    """Options of `receptive_field_cam`."""

    paths: str = option(
        "count",
        "count: every path of active weights counts alike; magnitude: by the size of the product "
        "of its weights.",
        choices=("count", "magnitude"),
    )
    beyond: str = option(
        "last",
        "Paths that leave the series at its end. last: they begin at its last point, which the "
        "network reads there again and again; none: they count for nothing.",
        choices=("last", "none"),
    )


def paths_to(module: DSN, x: Tensor, paths: str, beyond: str = "last") -> Tensor:
    """Return how much leads to every hidden vector, (1, channels, T), if each input is `x`.

    The network without normalisation and ReLU, every active weight replaced by 1 ("count") or its
    size ("magnitude"). Of an `x` of ones the result is the number of paths, and its gradient by
    `x` tells where they begin. Each layer is scaled to weights of mean 1 over its inputs, lest
    the numbers overflow.

    Parameters
    ----------
    module : DSN
    x : float64 Tensor, shape (1, n_channels, T)
    paths : {"count", "magnitude"}
    beyond : {"last", "none"}
    """
    h = x
    for block in module.blocks:
        h = _through(cast("SparseBlock", block), h, count=paths == "count", last=beyond == "last")
    return h


def _through(block: SparseBlock, h: Tensor, *, count: bool, last: bool) -> Tensor:
    if block.bottleneck is not None:
        dense = block.bottleneck.weight.detach().abs().to(h)
        h = F.conv1d(h, _scaled(torch.ones_like(dense) if count else dense))
    layer = block.conv
    active = layer.mask.to(h)
    weight = active if count else active * layer.weight.detach().abs().to(h)
    # The last point is repeated behind the end: paths that leave the series there begin at it.
    h = F.pad(h, layer.padding, mode="replicate" if layer.replicate and last else "constant")
    h = F.conv1d(h, _scaled(weight))
    if count or block.norm.running_var is None:
        return h
    scale = block.norm.weight / torch.sqrt(block.norm.running_var + block.norm.eps)
    return h * scale.detach().abs().to(h)[:, None]


def _scaled(weight: Tensor) -> Tensor:
    return weight / weight.sum((1, 2)).mean().clamp_min(1e-300)


def spread_over_inputs(
    module: DSN, values: Tensor, n_channels: int, paths: str, beyond: str = "last"
) -> Tensor:
    """Divide the values of hidden vectors among the input points that lead to them.

    Parameters
    ----------
    module : DSN
    values : Tensor, shape (1, channels, T)
    n_channels : int
        Of the input.
    paths : {"count", "magnitude"}
    beyond : {"last", "none"}

    Returns
    -------
    float64 Tensor, shape (1, n_channels, T)
        Of the same sum. A hidden channel to which no path leads is a constant: its values stay
        at their time, divided evenly among the input channels.
    """
    values = values.detach().double()
    ones = values.new_ones(1, n_channels, values.shape[2], requires_grad=True)
    with torch.enable_grad():
        reached = paths_to(module, ones, paths, beyond)
        some = reached.detach() > 0
        weighted = torch.where(some, values / reached.detach().where(some, 1.0), 0.0)
        (spread,) = torch.autograd.grad((reached * weighted).sum(), ones)
    stays = torch.where(some, 0.0, values).sum(1, keepdim=True) / n_channels
    return spread + stays


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    options: ReceptiveFieldCamOptions = request.options
    with opened(request) as case:
        module = case.module
        assert isinstance(module, DSN)  # noqa: S101  (it offers sparse layers)
        view, mask = cast("CAMModule", module), mask_of(request, 1)
        with torch.no_grad():
            h = view.features(case.x, mask)
        h = h.detach().requires_grad_()
        (slope,) = torch.autograd.grad(chosen(view.classify(h, mask), request).sum(), h)
        cam = (slope * h).detach()  # (1, K, T)
        values = spread_over_inputs(module, cam, len(request.x), options.paths, options.beyond)
        with torch.no_grad():
            bias = float(chosen(view.classify(torch.zeros_like(h), mask), request)[0])
        told = completeness(total(values), case.value(case.x), bias)
        details = {
            "logit": told["logit"],
            "bias": bias,
            "completeness_gap": told["completeness_gap"],
            "paths": options.paths,
            "beyond": options.beyond,
        }
        # Counted alike, the paths of a dense bottleneck begin in all channels alike.
        return result(request, values, details, per_channel=options.paths == "magnitude")


register(
    Explainer(
        name="receptive_field_cam",
        title="Receptive-field CAM",
        summary="The class activation map, put back on the points that the sparse kernels of each "
        "channel really read.",
        needs=("cam", "sparse"),
        signed=True,
        uses_baseline=False,
        cost="cheap",
        options=ReceptiveFieldCamOptions,
        run=_run,
    )
)
