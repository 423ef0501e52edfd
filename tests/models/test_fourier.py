"""The copy for evaluation: the same numbers, for any length, and the network left as it is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.explain.occlusion_tools import untrained
from tscviz.models.fourier import FourierConv, for_evaluation, smooth_length
from tscviz.models.multi_length import MultiLengthConv


@pytest.mark.parametrize("length", [1, 7, 63, 150, 319, 320, 321, 1000])
@pytest.mark.parametrize("lengths", [(4, 8, 16, 32, 64), (33, 5), (1,)])
def test_blocks_give_the_direct_sum(length, lengths) -> None:
    torch.manual_seed(0)
    layer = MultiLengthConv(3, 2, lengths).double()
    x = torch.randn(2, 3, length, dtype=torch.float64)
    with torch.no_grad():
        for made_for in (1, length, 512):
            found = FourierConv(layer, made_for).double()(x)
            np.testing.assert_allclose(found, layer(x), rtol=1e-12, atol=1e-12)


def test_a_network_gives_the_same_numbers_and_stays_as_it_was() -> None:
    module = untrained("convtimenet").module
    names = set(module.state_dict())
    twin = for_evaluation(module, 100)
    layers = [layer for layer in twin.modules() if isinstance(layer, FourierConv)]
    assert len(layers) == 3  # the first layer sees one channel and gains nothing
    assert set(module.state_dict()) == names
    assert not any(isinstance(layer, FourierConv) for layer in module.modules())
    x = torch.randn(6, 1, 100)
    mask = torch.arange(100) < torch.tensor([100, 90, 80, 70, 60, 50])[:, None]
    with torch.no_grad():
        for m in (None, mask):
            np.testing.assert_allclose(twin(x, m), module(x, m), rtol=1e-5, atol=1e-6)


def test_a_network_without_long_kernels_is_its_own_copy() -> None:
    module = untrained("dtp-fcn").module
    assert for_evaluation(module, 100) is module


def test_smooth_lengths() -> None:
    assert [smooth_length(n) for n in (1, 2, 7, 11, 213, 319)] == [2, 2, 8, 12, 216, 320]
