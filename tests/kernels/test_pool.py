"""Maximum pooling over segments against plain indexing, and its gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests import oracles
from tscviz.kernels import KernelError, align, pool, segment_max

rng = np.random.default_rng(5)


def some_segments(n_cases: int, n_segments: int, n_timepoints: int) -> torch.Tensor:
    return align(torch.from_numpy(rng.normal(size=(n_cases, n_segments, n_timepoints))))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_plain_indexing(jit: str, device: str, dtype: torch.dtype) -> None:
    for n_segments, n_timepoints in ((1, 1), (1, 7), (3, 3), (4, 15)):
        segments = some_segments(3, n_segments, n_timepoints)
        # Whole numbers, many of them zero: ties are the rule behind a ReLU.
        h = torch.from_numpy(rng.integers(-2, 3, (3, 2, n_timepoints))).to(dtype)
        value, index = oracles.slow_segment_max(h.numpy(), segments.numpy(), n_segments)
        leaf = h.to(device).requires_grad_()
        found = segment_max(leaf, segments.to(device), n_segments)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found.detach().cpu().numpy(), value)
        weight = torch.from_numpy(rng.normal(size=value.shape)).to(dtype)
        (found * weight.to(device)).sum().backward()
        expected = torch.zeros_like(h).scatter_(2, torch.from_numpy(index), weight)
        assert leaf.grad is not None
        torch.testing.assert_close(leaf.grad.cpu(), expected, rtol=0, atol=0)


def test_both_implementations_find_the_same_points() -> None:
    h = torch.relu(torch.randn(5, 16, 80))
    segments = some_segments(5, 6, 80)
    for compiled, plain in zip(
        pool._maxima(h, segments, 6), pool._maxima_on_device(h, segments, 6), strict=True
    ):
        torch.testing.assert_close(compiled, plain, rtol=0, atol=0)


def test_large_batches_are_shared_among_threads() -> None:
    before = torch.get_num_threads()
    h, segments = torch.randn(32, 64, 256), some_segments(32, 4, 256)
    alone = segment_max(h, segments, 4)
    torch.set_num_threads(3)
    try:
        torch.testing.assert_close(segment_max(h, segments, 4), alone, rtol=0, atol=0)
    finally:
        torch.set_num_threads(before)


def test_padding_is_left_out(jit: str) -> None:
    h = torch.full((2, 1, 6), 9.0)
    h[0, 0, :4] = torch.tensor([1.0, 3.0, 2.0, -1.0])
    segments = torch.tensor([[0, 0, 1, 1, -1, -1], [0, 1, 1, 1, 1, 1]])
    assert segment_max(h, segments, 2).tolist() == [[[3.0, 2.0]], [[9.0, 9.0]]]


def test_nan_and_minus_infinity_come_through(jit: str, device: str) -> None:
    h = torch.tensor([[[1.0, torch.nan, 5.0, -torch.inf, -torch.inf]]], device=device)
    segments = torch.tensor([[0, 0, 0, 1, 1]], device=device)
    value = segment_max(h, segments, 2)
    assert value[0, 0, 0].isnan()
    assert value[0, 0, 1] == -torch.inf


def test_gradcheck(jit: str) -> None:
    h = torch.randn(2, 3, 8, dtype=torch.float64, requires_grad=True)
    segments = some_segments(2, 3, 8)
    assert torch.autograd.gradcheck(lambda x: segment_max(x, segments, 3), [h])


def test_transposed_series_are_read() -> None:
    h = torch.randn(2, 9, 4)
    segments = some_segments(2, 3, 9)
    expected = segment_max(h.mT.contiguous(), segments, 3)
    torch.testing.assert_close(segment_max(h.mT, segments, 3), expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    "row", [[0, 0, 0, 0], [0, 0, 2, 2], [1, 1, 0, 0], [0, 1, 0, 1], [0, 1, 2, 2], [-1, 0, 1, 1]]
)
def test_segments_out_of_order_are_refused(jit: str, row: list[int]) -> None:
    segments = torch.tensor([[0, 0, 1, 1], row])
    with pytest.raises(KernelError, match="segments of case 1 must be 0 to 1 in order"):
        segment_max(torch.zeros(2, 3, 4), segments, 2)


@pytest.mark.parametrize(
    ("h", "segments", "message"),
    [
        (torch.zeros(2, 4), torch.zeros(2, 4, dtype=torch.int64), r"h has shape \(2, 4\)"),
        (torch.zeros(2, 3, 4), torch.zeros(2, 5, dtype=torch.int64), r"segments \(2, 5\)"),
        (torch.zeros(2, 3, 4).half(), torch.zeros(2, 4, dtype=torch.int64), "h is torch.float16"),
        (torch.zeros(2, 3, 4), torch.zeros(2, 4), "segments torch.float32"),
    ],
)
def test_wrong_input(h: torch.Tensor, segments: torch.Tensor, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        segment_max(h, segments, 1)
