"""Hard alignment: cost, order and tie rule against enumeration."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests import oracles
from tscviz.kernels import align

SIZES = [(L, T) for L in range(1, 5) for T in range(L, 9)]
rng = np.random.default_rng(11)


def test_paths_of_the_oracle_are_all_of_them() -> None:
    paths = list(oracles.all_paths(3, 5))
    assert len(paths) == 6  # C(4, 2)
    assert {tuple(path) for path in paths} == {
        (0, 0, 0, 1, 2),
        (0, 0, 1, 1, 2),
        (0, 0, 1, 2, 2),
        (0, 1, 1, 1, 2),
        (0, 1, 1, 2, 2),
        (0, 1, 2, 2, 2),
    }


def test_equals_the_enumeration_of_all_paths(jit: str) -> None:
    for n_segments, n_timepoints in SIZES:
        cost = rng.normal(size=(4, n_segments, n_timepoints))
        for segments, one in zip(align(cost), cost, strict=True):
            np.testing.assert_array_equal(segments, oracles.enumerate_align(one)[1])


def test_ties_follow_the_rule(jit: str) -> None:
    """Costs of 0, 1 and 2 make ties everywhere, and sums of them are exact."""
    for n_segments, n_timepoints in SIZES:
        cost = rng.integers(0, 3, (8, n_segments, n_timepoints)).astype(np.float32)
        for segments, one in zip(align(cost), cost, strict=True):
            np.testing.assert_array_equal(segments, oracles.enumerate_align(one)[1])


@pytest.mark.parametrize("per_point", [0.0, 1.0, 0.1, 1e30])
def test_equal_costs_put_the_boundaries_first(jit: str, per_point: float) -> None:
    """Zero hidden vectors make every cost 1; each point still lies in one segment only."""
    segments = align(np.full((1, 4, 150), per_point))[0]
    assert segments.tolist() == [0, 1, 2, *[3] * 147]


def test_long_series_equal_the_plain_recursion() -> None:
    cost = rng.uniform(0, 2, size=(2, 16, 2000)).astype(np.float32)
    for segments, one in zip(align(cost), cost, strict=True):
        least, path = oracles.recursive_align(one)
        np.testing.assert_array_equal(segments, path)
        total = one[segments, np.arange(2000)].astype(np.float64).sum()
        assert total == pytest.approx(least, rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_segment_is_used_in_order(device: str, dtype: torch.dtype) -> None:
    cost = torch.randn(20, 7, 31, dtype=dtype)
    segments = align(cost.to(device))
    assert segments.dtype == torch.int64
    assert segments.device.type == device
    steps = segments.cpu().diff(dim=1)
    assert ((steps == 0) | (steps == 1)).all()
    assert (segments[:, 0] == 0).all()
    assert (segments[:, -1] == 6).all()
    torch.testing.assert_close(segments.cpu(), align(cost), rtol=0, atol=0)


def test_lengths_cut_each_case_and_padding_is_minus_one(jit: str) -> None:
    lengths = np.array([4, 12, 7])
    cost = rng.normal(size=(3, 4, 12))
    expected = [align(cost[i : i + 1, :, :n])[0] for i, n in enumerate(lengths)]
    for i, n in enumerate(lengths):
        cost[i, :, n:] = np.nan
    segments = align(cost, lengths)
    for i, n in enumerate(lengths):
        np.testing.assert_array_equal(segments[i, :n], expected[i])
        assert (segments[i, n:] == -1).all()


def test_a_tensor_that_needs_a_gradient_is_aligned_without_one() -> None:
    segments = align(torch.rand(2, 3, 9, requires_grad=True))
    assert not segments.requires_grad


def test_one_segment_takes_all(jit: str) -> None:
    assert align(rng.normal(size=(1, 1, 5))).tolist() == [[0] * 5]
