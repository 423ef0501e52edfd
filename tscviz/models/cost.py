"""Parameters and work of a network, counted on the network itself."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tscviz.models.base import MaskedBatchNorm1d, SeriesModule
from tscviz.models.multi_length import MultiLengthConv
from tscviz.models.registry import build_model
from tscviz.types import ModelCost


def describe_model(
    name: str, *, n_channels: int, n_classes: int, length: int, **options: Any
) -> ModelCost:
    """Count parameters, FLOPs and multiply-accumulates of one forward pass over one case.

    Parameters
    ----------
    name : str
    n_channels, n_classes, length : int
    **options
        As in `build_model`.

    Returns
    -------
    ModelCost
        `flops`: two a multiply-accumulate, two an element of batch normalisation (in evaluation
        it is a scale and a shift), one an element of ReLU. The DTP paper counts none.
        A convolution counts as its direct sum, whatever way it is computed.
    """
    sizes = {"n_channels": n_channels, "n_classes": n_classes, "length": length}
    with torch.random.fork_rng(devices=[]):
        module = build_model(name, **sizes, **options)
    return module_cost(module, length)


def module_cost(module: SeriesModule, length: int) -> ModelCost:
    """Count the cost of one forward pass of a built network over one case.

    Parameters
    ----------
    module : SeriesModule
        Left as it is.
    length : int
        Time points of the case.

    Returns
    -------
    ModelCost
        As `describe_model` counts; for DSN as its paper does, by the weights that are not zero.
    """
    own = module.own_cost(length)
    if own is not None:
        return own
    counts = {"macs": float(module.extra_macs(length)), "other": 0.0}

    def count(layer: nn.Module, _inputs: tuple[Tensor, ...], out: Tensor) -> None:
        if isinstance(layer, MultiLengthConv):
            counts["macs"] += layer.macs(out.shape[2])
        elif isinstance(layer, nn.Conv1d):
            counts["macs"] += out.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            counts["macs"] += out.numel() * layer.in_features
        elif isinstance(layer, MaskedBatchNorm1d):
            counts["other"] += 2 * out.numel()
        elif isinstance(layer, nn.ReLU):
            counts["other"] += out.numel()

    inner = {c for m in module.modules() if isinstance(m, MultiLengthConv) for c in m.convs}
    hooks = [m.register_forward_hook(count) for m in module.modules() if m not in inner]
    was_training = module.training
    try:
        module.eval()
        with torch.no_grad():
            module(torch.zeros(1, module.n_channels, length))
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
    parameters = sum(p.numel() for p in module.parameters() if p.requires_grad)
    return ModelCost(parameters, 2 * counts["macs"] + counts["other"], counts["macs"])
