"""The work of a network is that of its sums, whatever way they are computed."""

from typing import Any

import pytest
import torch

from tscviz.models import describe_model

GUNPOINT: dict[str, Any] = {"n_channels": 1, "n_classes": 2, "length": 150}


@pytest.mark.parametrize("lengths", [(64,), (100,), (128,), (4, 100, 256)])
def test_convtimenet_follows_the_closed_form(lengths: tuple[int, ...]) -> None:
    """Kernels this long go through the Fourier domain, where torch has no convolution to count."""
    taps, width = sum(lengths), 33 * len(lengths)
    macs = 150 * (33 * taps + 3 * 33 * width * taps + width) + 2 * width
    found = describe_model("convtimenet", lengths=lengths, trunk="random", **GUNPOINT)
    assert found.macs == macs
    assert 2 * macs < found.flops < 2.01 * macs
    if lengths == (128,):
        assert macs == 63_365_016


def test_torchs_global_generator_stays_as_it_was() -> None:
    before = torch.random.get_rng_state()
    describe_model("gtp-fcn", **GUNPOINT)
    assert torch.equal(torch.random.get_rng_state(), before)
