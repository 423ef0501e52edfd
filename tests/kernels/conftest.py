"""Run a test with the kernels compiled and as plain Python, on every device there is."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tscviz.kernels import _dtw, _pool, _series, _sparse

KERNELS = {
    _dtw: (
        "follow_hard",
        "weigh_moves",
        "follow_soft",
        "spread_back",
        "all_finite",
        "soft_dtw_range",
        "align_range",
    ),
    _pool: ("segment_ends", "segment_max_range"),
    _series: ("fill_costs", "add_gradients", "series_range"),
    _sparse: ("pack_range", "add_eight", "dot_eight", "convolve_range", "correlate_range"),
}
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.fixture(params=["jit", "python"])
def jit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Take numba out on the second round: each kernel becomes the function it was made from."""
    if request.param == "python":
        for module, names in KERNELS.items():
            for name in names:
                compiled: Any = getattr(module, name)
                # Under NUMBA_DISABLE_JIT it is the plain function already.
                monkeypatch.setattr(module, name, getattr(compiled, "py_func", compiled))
    return request.param


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    """Every device with an implementation."""
    return request.param
