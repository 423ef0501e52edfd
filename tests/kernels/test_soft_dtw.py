"""Soft-DTW: values and soft alignments against enumeration, the paper's recursion and autograd."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import oracles
from tscviz.kernels import _dtw, dtw, soft_dtw, torch_dtw

SIZES = [(L, T) for L in range(1, 5) for T in range(L, 9)]
rng = np.random.default_rng(7)


def rows_in_torch(cost: np.ndarray, gamma: float, lengths: Any = None) -> tuple[Any, Any]:
    """Call the device implementation on CPU tensors."""
    n_points = np.full(len(cost), cost.shape[2]) if lengths is None else np.asarray(lengths)
    found = torch_dtw.soft_dtw(torch.from_numpy(cost), gamma, n_points)
    assert found is not None
    return found[0].numpy(), found[1].numpy()


@pytest.mark.parametrize("gamma", [0.01, 0.3, 1.0, 1e3])
@pytest.mark.parametrize("implementation", [soft_dtw, rows_in_torch])
def test_equals_the_enumeration_of_all_paths(jit: str, implementation: Any, gamma: float) -> None:
    for n_segments, n_timepoints in SIZES:
        cost = rng.normal(size=(3, n_segments, n_timepoints))
        values, alignments = implementation(cost, gamma)
        for case in range(3):
            value, alignment = oracles.enumerate_soft_dtw(cost[case], gamma)
            assert values[case] == pytest.approx(value, rel=1e-12, abs=1e-10)
            np.testing.assert_allclose(alignments[case], alignment, rtol=0, atol=1e-10)


def test_tiny_gamma_equals_the_enumeration(jit: str) -> None:
    for n_segments, n_timepoints in SIZES:
        # Multiples of 1/8 are exact in binary, so that equal sums are equal to the last bit.
        cost = rng.integers(0, 16, (2, n_segments, n_timepoints)) / 8
        values, alignments = soft_dtw(cost, 1e-6)
        for case in range(2):
            value, alignment = oracles.enumerate_soft_dtw(cost[case], 1e-6)
            assert values[case] == pytest.approx(value, abs=1e-10)
            np.testing.assert_allclose(alignments[case], alignment, rtol=0, atol=1e-9)


@pytest.mark.parametrize("n_segments", range(1, 11))
def test_four_segments_at_a_time_and_those_left_over(jit: str, n_segments: int) -> None:
    lengths = [n_segments, 23, 18]
    cost = rng.normal(size=(3, n_segments, 23))
    values, alignments = soft_dtw(cost, 0.4, lengths)
    for case, length in enumerate(lengths):
        value, alignment = oracles.recursive_soft_dtw(cost[case, :, :length], 0.4)
        assert values[case] == pytest.approx(value, abs=1e-11)
        np.testing.assert_allclose(alignments[case, :, :length], alignment, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_timepoints", [_dtw.BLOCK + n for n in (0, 1, 2, _dtw.BLOCK + 1)])
def test_blocks_join(n_timepoints: int) -> None:
    cost = rng.uniform(0, 2, size=(1, 5, n_timepoints))
    values, alignments = soft_dtw(cost, 1.0)
    value, alignment = oracles.recursive_soft_dtw(cost[0], 1.0)
    assert values[0] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(alignments[0], alignment, rtol=0, atol=1e-10)


@pytest.mark.parametrize("gamma", [0.05, 1.0, 40.0])
def test_equals_the_papers_recursion_on_longer_series(gamma: float) -> None:
    cost = rng.uniform(0, 2, size=(2, 6, 300))
    values, alignments = soft_dtw(cost, gamma)
    in_rows = rows_in_torch(cost, gamma)
    for case in range(2):
        value, alignment = oracles.recursive_soft_dtw(cost[case], gamma)
        for found in ((values, alignments), in_rows):
            assert found[0][case] == pytest.approx(value, rel=1e-11)
            np.testing.assert_allclose(found[1][case], alignment, rtol=0, atol=1e-10)


def test_twenty_thousand_points_stay_in_range() -> None:
    """Every path costs the same, which is where sums of weights grow fastest."""
    for n_segments in (3, 400):
        for per_point in (0.0, 0.25, -5.0):
            value, alignment = soft_dtw(np.full((1, n_segments, 20_000), per_point), 1.0)
            n_paths = math.comb(19_999, n_segments - 1)
            assert value[0] == pytest.approx(20_000 * per_point - math.log(n_paths), rel=1e-12)
            np.testing.assert_allclose(alignment.sum(1), 1.0, rtol=1e-12)


def test_infeasible_cells_stay_infinite(jit: str) -> None:
    """The authors' CPU code lets paths skip early segments: their value comes out too low."""
    cost = np.random.default_rng(0).uniform(size=(1, 4, 20))
    cost[0, :3] += 10.0  # skipping the first three segments would pay
    value, alignment = soft_dtw(cost, 1.0)
    assert value[0] == pytest.approx(oracles.recursive_soft_dtw(cost[0], 1.0)[0], abs=1e-10)
    assert value[0] > 3 * 10.0
    for l in range(4):
        assert (alignment[0, l, :l] == 0).all()
        assert (alignment[0, l, 20 - 3 + l :] == 0).all()
    assert alignment[0, 0, 0] == 1.0
    assert alignment[0, 3, -1] == 1.0


def test_equal_costs_count_every_path_once(jit: str) -> None:
    """All paths cost the same: the value counts C(T - 1, L - 1) of them, columns sum to one."""
    value, alignment = soft_dtw(np.full((1, 4, 20), 0.25), 1.0)
    assert value[0] == pytest.approx(20 * 0.25 - math.log(math.comb(19, 3)), abs=1e-12)
    np.testing.assert_allclose(alignment.sum(1), 1.0, rtol=0, atol=1e-12)
    # Through (l, t) go the ways to spend t moves on l steps, times the ways for the rest.
    for l in range(4):
        for t in range(20):
            share = math.comb(t, l) * math.comb(19 - t, 3 - l) / math.comb(19, 3)
            assert alignment[0, l, t] == pytest.approx(share, abs=1e-12)


def test_as_many_points_as_segments_leaves_one_path(jit: str) -> None:
    cost = rng.normal(size=(1, 5, 5))
    for gamma in (0.0, 1e-6, 1.0, 1e3):
        value, alignment = soft_dtw(cost, gamma)
        assert value[0] == pytest.approx(np.trace(cost[0]), abs=1e-9 * max(1.0, gamma))
        np.testing.assert_array_equal(alignment[0], np.eye(5))


@pytest.mark.parametrize("gamma", [5e-324, 1e-300, 1e-6, 1.0, 1e3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_costs_give_no_nan(jit: str, gamma: float, dtype: type) -> None:
    cost = rng.uniform(0, 1e30, size=(2, 4, 60)).astype(dtype)
    cost[1] *= -1
    value, alignment = soft_dtw(cost, gamma)
    assert np.isfinite(value).all()
    hard, _ = oracles.recursive_align(cost[0])
    assert value[0] == pytest.approx(hard, rel=1e-6)
    np.testing.assert_allclose(alignment.sum(1), 1.0, atol=1e-6)
    assert ((alignment >= 0) & (alignment <= 1 + 1e-6)).all()


def test_a_wall_of_huge_costs_leaves_the_small_ones_exact(jit: str) -> None:
    cost = rng.normal(size=(1, 3, 8))
    cost[0, 1, :3] = 1e30  # the second segment cannot begin before the fourth point
    value, alignment = soft_dtw(cost, 0.5)
    expected = oracles.enumerate_soft_dtw(cost[0], 0.5)
    assert value[0] == pytest.approx(expected[0], abs=1e-10)
    np.testing.assert_allclose(alignment[0], expected[1], rtol=0, atol=1e-10)


def test_gamma_zero_is_the_hard_minimum(jit: str) -> None:
    for n_segments, n_timepoints in SIZES:
        cost = rng.integers(0, 3, (1, n_segments, n_timepoints)).astype(np.float64)
        value, alignment = soft_dtw(cost, 0.0)
        least, path = oracles.enumerate_align(cost[0])
        assert value[0] == least
        np.testing.assert_array_equal(alignment[0].argmax(0), path)
        np.testing.assert_array_equal(alignment[0].sum(0), 1.0)


def test_lengths_cut_each_case_and_padding_may_hold_anything(jit: str, device: str) -> None:
    lengths = [3, 9, 5]
    cost = rng.normal(size=(3, 3, 9))
    padded = cost.copy()
    for case, length in enumerate(lengths):
        padded[case, :, length:] = [[np.nan], [np.inf], [-1e300]]
    for gamma in (0.0, 0.7):
        leaf = torch.tensor(padded, device=device, requires_grad=True)
        value, alignment = soft_dtw(leaf, gamma, torch.tensor(lengths, device=device))
        value.sum().backward()
        assert leaf.grad is not None
        torch.testing.assert_close(leaf.grad, alignment, rtol=0, atol=0)
        for case, length in enumerate(lengths):
            alone = soft_dtw(cost[case : case + 1, :, :length], gamma)
            assert value[case].item() == pytest.approx(alone[0][0], abs=1e-12)
            found = alignment[case].cpu().numpy()
            np.testing.assert_allclose(found[:, :length], alone[1][0], rtol=0, atol=1e-12)
            assert (found[:, length:] == 0).all()


def test_rows_in_torch_equal_the_kernel_with_padding() -> None:
    lengths = [4, 200, 77]
    cost = rng.uniform(0, 2, size=(3, 4, 200))
    expected = soft_dtw(cost, 1.0, lengths)
    for case, length in enumerate(lengths):
        cost[case, :, length:] = np.nan
    found = rows_in_torch(cost, 1.0, lengths)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], rtol=0, atol=1e-11)


def test_rows_in_torch_stand_aside_where_running_sums_lose_digits() -> None:
    cost = torch.rand(2, 3, 50, dtype=torch.float64)
    cost[0, 1, 7] = 1e30
    assert torch_dtw.soft_dtw(cost, 1.0, np.array([50, 50])) is None
    # A cost all segments share takes no digits: it never enters the sums.
    shifted = torch.rand(1, 3, 50, dtype=torch.float64) + 1e9
    assert torch_dtw.soft_dtw(shifted, 1.0, np.array([50])) is not None


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_devices_agree(device: str, dtype: torch.dtype) -> None:
    cost = torch.rand(5, 4, 150, dtype=dtype)
    expected = soft_dtw(cost, 0.5)
    found = soft_dtw(cost.to(device), 0.5)
    for a, b in zip(found, expected, strict=True):
        assert a.device.type == device
        assert a.dtype == dtype
        torch.testing.assert_close(a.cpu(), b)


def test_float32_is_computed_in_float64() -> None:
    cost = rng.uniform(0, 2, size=(4, 4, 512)).astype(np.float32)
    value, alignment = soft_dtw(cost, 1.0)
    exact = soft_dtw(cost.astype(np.float64), 1.0)
    assert value.dtype == alignment.dtype == np.float32
    np.testing.assert_allclose(value, exact[0], rtol=1e-7)
    np.testing.assert_allclose(alignment, exact[1], rtol=0, atol=1e-6)


@pytest.mark.parametrize("gamma", [0.1, 1.0, 50.0])
def test_gradcheck(jit: str, device: str, gamma: float) -> None:
    cost = torch.rand(2, 3, 7, dtype=torch.float64, device=device, requires_grad=True)
    assert torch.autograd.gradcheck(lambda c: soft_dtw(c, gamma, [7, 5])[0], [cost])


def test_gradient_reaches_what_the_cost_was_made_from() -> None:
    prototypes = torch.rand(3, 4, dtype=torch.float64, requires_grad=True)
    h = torch.rand(2, 4, 9, dtype=torch.float64)

    def loss(p: torch.Tensor) -> torch.Tensor:
        cost = (p[None, :, :, None] - h[:, None]).square().sum(2)  # (B, L, T)
        return soft_dtw(cost, 0.3)[0].mean()

    assert torch.autograd.gradcheck(loss, [prototypes])


def test_soft_alignment_carries_no_gradient_and_a_second_derivative_is_refused() -> None:
    cost = torch.rand(1, 3, 7, dtype=torch.float64, requires_grad=True)
    value, alignment = soft_dtw(cost, 1.0)
    assert value.requires_grad
    assert not alignment.requires_grad
    (grad,) = torch.autograd.grad(value.square().sum(), cost, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad.sum().backward()


@pytest.mark.parametrize("shape", [(3, 4, 20), (64, 4, 200)])  # backward by torch and by numpy
def test_going_back_twice_gives_the_same_and_leaves_the_alignment_alone(
    shape: tuple[int, int, int],
) -> None:
    assert (math.prod(shape) < dtw.TORCH_SHARES) == (shape[0] == 3)
    cost = torch.rand(shape, requires_grad=True)
    value, alignment = soft_dtw(cost, 1.0)
    kept, weight = alignment.clone(), torch.rand(shape[0])
    (once,) = torch.autograd.grad(value, cost, weight, retain_graph=True)
    (twice,) = torch.autograd.grad(value, cost, weight)
    torch.testing.assert_close(once, kept * weight[:, None, None], rtol=0, atol=0)
    torch.testing.assert_close(twice, once, rtol=0, atol=0)
    torch.testing.assert_close(alignment, kept, rtol=0, atol=0)


def test_input_is_left_alone_and_any_memory_layout_is_read() -> None:
    cost = rng.normal(size=(2, 3, 8))
    expected = soft_dtw(cost, 1.0)
    read_only = cost.copy()
    read_only.flags.writeable = False
    for same in (read_only, np.asfortranarray(cost), cost.repeat(2, axis=2)[:, :, ::2]):
        kept = same.copy()
        found = soft_dtw(same, 1.0)
        np.testing.assert_array_equal(same, kept)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])
    turned = torch.from_numpy(cost).transpose(1, 2).contiguous().transpose(1, 2)
    torch.testing.assert_close(soft_dtw(turned, 1.0)[1].numpy(), expected[1], rtol=0, atol=0)


def test_no_cases_give_no_values() -> None:
    value, alignment = soft_dtw(np.zeros((0, 3, 8)), 1.0)
    assert value.shape == (0,)
    assert alignment.shape == (0, 3, 8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_costs_agree_with_the_recursion(data: st.DataObject) -> None:
    n_segments = data.draw(st.integers(1, 4))
    n_timepoints = data.draw(st.integers(n_segments, 12))
    gamma = data.draw(st.sampled_from([1e-3, 0.1, 1.0, 30.0]))
    number = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, 1e3, -1e3]) | st.floats(-5, 5)
    flat = data.draw(
        st.lists(number, min_size=n_segments * n_timepoints, max_size=n_segments * n_timepoints)
    )
    cost = np.array(flat).reshape(1, n_segments, n_timepoints)
    value, alignment = soft_dtw(cost, gamma)
    expected = oracles.enumerate_soft_dtw(cost[0], gamma)
    assert value[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-9)
    np.testing.assert_allclose(alignment[0], expected[1], rtol=0, atol=1e-8)
    np.testing.assert_allclose(alignment.sum(1), 1.0, rtol=0, atol=1e-12)
