"""Ways to destroy the weights of a layer, and orders in which layers are destroyed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from tscviz.explain.private import seeded

Draw = Callable[[nn.Module, torch.Generator], None]


def _redrawn(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw from a normal of each tensor's own mean and deviation; pruned weights stay zero."""
    for weight in _own(layer):
        noise = torch.randn(weight.shape, generator=generator).to(weight)
        kept = weight != 0
        known = weight[kept]
        if len(known) > 1:
            drawn = known.mean() + known.std() * noise
            weight.copy_(torch.where(kept, drawn, weight))


def _permuted(layer: nn.Module, generator: torch.Generator) -> None:
    """Put each tensor's own values in random places; pruned weights stay zero."""
    for weight in _own(layer):
        kept = weight != 0
        known = weight[kept]
        weight[kept] = known[torch.randperm(len(known), generator=generator).to(known.device)]


def _initial(layer: nn.Module, generator: torch.Generator) -> None:
    """Initialise as torch does before a training; a layer without a way to is redrawn."""
    reset = getattr(layer, "reset_parameters", None)
    if reset is None:
        _redrawn(layer, generator)
        return
    with seeded(int(torch.randint(2**31, (), generator=generator))):  # it draws from the global one
        reset()


def _own(layer: nn.Module) -> list[Tensor]:
    return [p.data for p in layer.parameters(recurse=False)]


#: Ways to destroy a layer by name. "redrawn" keeps each tensor's scale, so that the layers around
#: it get inputs of the size they know; "initial" is that of Adebayo et al. (NeurIPS 2018).
DRAWS: Mapping[str, Draw] = MappingProxyType(
    {"redrawn": _redrawn, "permuted": _permuted, "initial": _initial}
)

#: Orders by name: whether a stage keeps the layers destroyed before it.
ORDERS: Mapping[str, bool] = MappingProxyType({"cascading": True, "independent": False})
