"""Temporal pooling against loops and closed forms."""

import numpy as np
import pytest
import torch

from tscviz.models import pooling
from tscviz.models.base import ModelError
from tscviz.models.pooling import (
    COSTS,
    DynamicOptions,
    DynamicPooling,
    pool_segments,
    static_segments,
)

REDUCE = {"avg": np.mean, "sum": np.sum, "max": np.max}


@pytest.mark.parametrize("how", ["avg", "sum", "max"])
def test_pool_segments_equals_a_loop(how: str) -> None:
    rng = np.random.default_rng(0)
    h = rng.standard_normal((3, 5, 11))
    segments = np.array([[0] * 4 + [1] * 1 + [2] * 6, [0] + [1] + [2] * 9, [0, 1, 2] + [-1] * 8])
    found = pool_segments(torch.from_numpy(h), torch.from_numpy(segments), 3, how).numpy()
    for b in range(3):
        for segment in range(3):
            wanted = REDUCE[how](h[b][:, segments[b] == segment], axis=1)
            np.testing.assert_allclose(found[b, :, segment], wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("length", "n", "sizes"), [(10, 4, [2, 2, 2, 4]), (8, 4, [2] * 4), (5, 5, [1] * 5), (7, 1, [7])]
)
def test_static_segments_leave_the_remainder_to_the_last(
    length: int, n: int, sizes: list[int]
) -> None:
    row = static_segments(torch.tensor([length]), 12, n)[0]
    assert [int((row == s).sum()) for s in range(n)] == sizes
    assert (row[length:] == -1).all()
    assert (row[:length].diff() >= 0).all()


def test_costs_equal_the_paper() -> None:
    rng = np.random.default_rng(2)
    p, h = rng.standard_normal((3, 4)), rng.standard_normal((2, 4, 6))
    found = {
        name: cost(torch.from_numpy(p), torch.from_numpy(h)).numpy() for name, cost in COSTS.items()
    }
    for b in range(2):
        for segment in range(3):
            for t in range(6):
                a, v = p[segment], h[b, :, t]
                cosine = 1 - a @ v / (np.linalg.norm(a) * np.linalg.norm(v))
                assert found["cosine"][b, segment, t] == pytest.approx(cosine, abs=1e-12)
                distance = np.linalg.norm(a - v)
                assert found["euclidean"][b, segment, t] == pytest.approx(distance, abs=1e-9)
                assert found["dot"][b, segment, t] == pytest.approx(np.exp(-a @ v), rel=1e-12)


@pytest.mark.parametrize("cost", ["cosine", "euclidean", "dot"])
def test_zero_features_make_no_nan_and_one_path(cost: str) -> None:
    pool = DynamicPooling(4, DynamicOptions(cost=cost, segments=3))
    h = torch.zeros(2, 4, 9)
    costs = pool.cost(h)
    costs.sum().backward()
    assert torch.isfinite(costs).all()
    assert pool.prototypes.grad is not None
    assert torch.isfinite(pool.prototypes.grad).all()
    segments = pool.segments(h)
    assert ((segments.diff(dim=1) == 0) | (segments.diff(dim=1) == 1)).all()
    assert (segments[:, 0] == 0).all()
    assert (segments[:, -1] == 2).all()


def test_dot_cost_does_not_overflow() -> None:
    assert torch.isfinite(COSTS["dot"](-100 * torch.ones(1, 4), 100 * torch.ones(1, 4, 2))).all()


def test_short_series_name_both_numbers() -> None:
    with pytest.raises(ModelError, match=r"3 time points .* 4 segments"):
        pooling.check_length(3, 4)
