"""Small LSTM-FCNs and padded batches."""

from typing import Any

import pytest
import torch
from torch import Tensor

from tscviz.models import build_model
from tscviz.models.lstm_fcn import LSTMFCN

VARIANTS = [
    ("lstm-fcn", "paper"),
    ("lstm-fcn", "time"),
    ("lstm-fcn", "report"),
    ("alstm-fcn", "paper"),
    ("alstm-fcn", "additive"),
    ("alstm-fcn", "self"),
    ("alstm-fcn", "report"),
]
every_variant = pytest.mark.parametrize(("name", "variant"), VARIANTS)


def make(name: str, variant: str = "paper", n_channels: int = 1, **options: Any) -> LSTMFCN:
    """Build a network and leave the zeros and the running statistics it starts with."""
    torch.manual_seed(0)
    options = {"length": 40} | options
    module = build_model(name, n_channels=n_channels, n_classes=3, variant=variant, **options)
    assert isinstance(module, LSTMFCN)
    module.train()
    module(torch.randn(8, n_channels, 40) + 1.0)
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return module.eval()


def padded(n_channels: int = 2) -> tuple[list[Tensor], Tensor, Tensor]:
    lengths = (31, 17, 1)
    cases = [torch.randn(1, n_channels, n) for n in lengths]
    X, mask = torch.full((3, n_channels, 44), 7.0), torch.zeros(3, 44, dtype=torch.bool)
    for i, case in enumerate(cases):
        X[i, :, : lengths[i]], mask[i, : lengths[i]] = case[0], True
    return cases, X, mask
