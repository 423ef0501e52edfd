# pyright: reportOptionalSubscript=false, reportArgumentType=false
"""Receptive fields of sparse layers, against the paper's figure, by hand and by brute force."""

from __future__ import annotations

from itertools import product
from math import isnan
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tscviz.explain import ExplainError
from tscviz.explain.receptive_fields import (
    MaskedLayer,
    enrf_sizes,
    group_statistics,
    initial_layers,
    masked_layers,
    size_counts,
    with_masks,
)
from tscviz.explain.stack_sizes import equation_3, stack_sizes
from tscviz.models import Classifier, build_model
from tscviz.models.sparse import KernelGroup

SMALL = {"channels": 6, "kernel": 6, "layers": 3, "bottleneck": 2, "sparsity": 0.5}


def masks_of(*kernels: str) -> np.ndarray:
    """Return a mask of one input channel from strings such as "0110"."""
    return np.array([[[c == "1" for c in kernel]] for kernel in kernels])


def small_dsn(**options: Any) -> Any:
    torch.manual_seed(3)
    settings: dict[str, Any] = SMALL | {"init": "random"} | options
    return build_model("dsn", n_channels=2, n_classes=2, **settings)


# ---- equation 2


@pytest.mark.parametrize(
    ("kernel", "size"),
    [
        ("000000", 0),
        ("010000", 1),
        ("001100", 2),
        ("010100", 3),
        ("100100", 4),
        ("100001", 6),
        ("111111", 6),
        ("000001", 1),
    ],
)
def test_the_size_of_one_kernel(kernel: str, size: int) -> None:
    assert enrf_sizes(masks_of(kernel)).tolist() == [[size]]


def test_the_examples_of_the_text() -> None:
    # section 3.2: [1, 0, 1, 0, 1] for global context, [0, 0, 1, 1, 0] for local
    assert enrf_sizes(masks_of("10101", "00110")).ravel().tolist() == [5, 2]


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=20))
def test_sizes_equal_a_search_kernel_by_kernel(kernels: list[list[bool]]) -> None:
    expected = []
    for kernel in kernels:
        at = [i for i, active in enumerate(kernel) if active]
        expected.append(max(at) - min(at) + 1 if at else 0)
    assert enrf_sizes(np.array(kernels)).tolist() == expected


def test_counts_are_by_group_and_leave_no_kernel_out() -> None:
    mask = masks_of("1000", "1100", "0000", "1001")
    layer = MaskedLayer(mask, (KernelGroup(0, 2, 2), KernelGroup(2, 4, 4)))
    assert size_counts(layer).tolist() == [[0, 1, 1, 0, 0], [1, 0, 0, 0, 1]]
    for one in masked_layers(small_dsn()):
        assert size_counts(one).sum() == one.n_kernels


def test_groups_bound_the_sizes() -> None:
    for layer in masked_layers(small_dsn()):
        for row, group in zip(size_counts(layer), layer.groups, strict=True):
            assert row[group.reach + 1 :].sum() == 0


def test_a_sequential_start_has_the_sizes_of_its_share() -> None:
    # (1 - 0.8) * 13 i taps of every kernel, filled from tap 0: 2.6, 5.2 and 7.8 (models D.2)
    layers = masked_layers(build_model("dsn", n_channels=1, n_classes=2))
    for layer in layers:
        found = [set(np.flatnonzero(row)) for row in size_counts(layer)]
        assert found == [{2, 3}, {5, 6}, {7, 8}]
    assert [layer.n_kernels for layer in layers] == [141, 6627, 6627, 6627]


# ---- equation 3


def brute_force(layers) -> dict[int, int]:
    """Walk every path, one kernel a layer, and count the sizes seen."""
    found: dict[int, int] = {}
    sizes = [enrf_sizes(layer.mask).ravel().tolist() for layer in layers]
    for path in product(*sizes):
        size = 0 if 0 in path else sum(path) - (len(path) - 1)
        found[size] = found.get(size, 0) + 1
    return found


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("sparsity", [0.5, 0.8])
def test_paths_equal_a_walk_over_all_of_them(depth: int, sparsity: float) -> None:
    layers = masked_layers(small_dsn(sparsity=sparsity))[:depth]
    stack = stack_sizes([size_counts(layer).sum(0) for layer in layers])
    expected = brute_force(layers)
    assert {s: n for s, n in enumerate(stack.counts) if n} == expected
    assert stack.n_paths == int(np.prod([layer.n_kernels for layer in layers]))
    assert stack.sizes.tolist() == sorted(s for s in expected if s)
    assert stack.shares.sum() == pytest.approx(1.0)


def test_a_path_sees_what_an_impulse_reaches() -> None:
    """Two chained kernels answer an impulse over exactly s1 + s2 - 1 points."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        a, b = rng.random((2, 1, 1, 7)) < 0.4
        stack = stack_sizes([np.bincount(enrf_sizes(m).ravel(), minlength=8) for m in (a, b)])
        # positive weights, so that nothing cancels
        answer = np.flatnonzero(np.convolve(a.ravel().astype(float), b.ravel().astype(float)))
        seen = answer[-1] - answer[0] + 1 if len(answer) else 0
        assert stack.counts[seen] == 1


def test_gaps_in_what_can_be_reached_are_told() -> None:
    stack = stack_sizes([np.array([1, 1, 0, 0, 1]), np.array([0, 2, 0, 0, 0])])
    assert stack.counts == (2, 2, 0, 0, 2, 0, 0, 0)
    assert stack.sizes.tolist() == [1, 4]
    assert stack.missing.tolist() == [2, 3]


def test_nothing_is_reached_through_an_empty_layer() -> None:
    stack = stack_sizes([np.array([0, 3, 2]), np.array([5, 0, 0])])
    assert stack.n_paths == stack.counts[0] == 25
    assert stack.sizes.tolist() == stack.missing.tolist() == []


def test_the_counts_of_a_wide_stack_are_exact() -> None:
    row = np.array([0, 10_443])
    assert stack_sizes([row] * 6).counts == (0, 10_443**6)  # past 64 bits


def test_the_letter_of_equation_3() -> None:
    assert equation_3([{1, 3}, {2}, {1, 5}]) == {2, 4, 6, 8}
    assert equation_3([{0}, {0}, {1}]) == {0}
    assert max(equation_3([range(40)] * 3)) == 3 * 39 - 2
    # the letter takes an empty kernel along, the paths do not
    assert equation_3([{0, 2}, {3}]) == {2, 4}
    assert stack_sizes([np.array([1, 0, 1]), np.array([0, 0, 0, 1])]).sizes.tolist() == [4]


def test_without_empty_kernels_paths_and_letter_agree() -> None:
    options = {"init": "random", "groups": 1, "sparsity": 0.5}
    layers = masked_layers(build_model("dsn", n_channels=1, n_classes=2, **options))[1:]
    counts = [size_counts(layer).sum(0) for layer in layers]
    assert not any(row[0] for row in counts)
    sets = [set(np.flatnonzero(row).tolist()) for row in counts]
    assert set(stack_sizes(counts).sizes.tolist()) == equation_3(sets)


# ---- layers and groups in numbers


def test_layers_are_copies_with_zero_where_the_mask_is_off() -> None:
    module = small_dsn()
    layers = masked_layers(Classifier(module, ("a", "b"), {}))
    for layer, source in zip(layers, module.sparse_layers(), strict=True):
        assert np.array_equal(layer.mask, source.mask.numpy())
        assert not layer.weight[~layer.mask].any()
        assert np.array_equal(layer.weight, (source.weight * source.mask).detach().numpy())
    layers[0].mask[:] = False
    assert module.sparse_layers()[0].mask.any()


def test_a_network_without_sparse_layers_is_refused() -> None:
    with pytest.raises(ExplainError, match="has no sparse layers"):
        masked_layers(build_model("gtp-fcn", n_channels=1, n_classes=2))


def test_group_statistics_by_hand() -> None:
    mask = masks_of("1000", "1100", "0000", "1001")
    weight = np.where(mask, np.float32(-2), np.float32(0))
    weight[3, 0, 3] = 4
    layer = MaskedLayer(mask, (KernelGroup(0, 2, 2), KernelGroup(2, 4, 4)), weight)
    first, second = group_statistics([layer])
    assert (first.kernels, first.active, first.empty, first.density) == (2, 3, 0, 0.75)
    assert (first.smallest, first.largest, first.mean, first.distinct) == (1, 2, 1.5, 2)
    assert (first.magnitude, first.positive) == (2.0, 0.0)
    assert (second.kernels, second.active, second.empty, second.density) == (2, 2, 1, 0.25)
    assert (second.smallest, second.largest, second.mean, second.distinct) == (4, 4, 4.0, 1)
    assert (second.magnitude, second.positive) == (3.0, 0.5)
    assert (first.half, second.half) == (1, 4)


def test_statistics_of_masks_alone_know_no_weights() -> None:
    layers = masked_layers(small_dsn())
    bare = with_masks(layers, [np.zeros_like(layer.mask) for layer in layers])
    for one in group_statistics(bare):
        assert (one.active, one.density, one.mean, one.largest) == (0, 0.0, 0.0, 0)
        assert one.empty == one.kernels
        assert one.half == 0
        assert isnan(one.magnitude)
        assert isnan(one.positive)


def test_the_exact_number_of_active_weights_of_the_paper() -> None:
    # models D.2: 122 + 244 + 366 and 5743 + 11486 + 17230
    found = group_statistics(masked_layers(build_model("dsn", n_channels=1, n_classes=2)))
    assert [one.active for one in found[:6]] == [122, 244, 366, 5743, 11486, 17230]


def test_the_masks_of_a_start_depend_on_the_seed_alone() -> None:
    torch.manual_seed(8)
    before = torch.random.get_rng_state()
    options: dict[str, Any] = {"init": "random", "groups": 1, "sparsity": 0.9, "channels": 6}
    first, again = (initial_layers("dsn", 1, 2, **options) for _ in range(2))
    other = initial_layers("dsn", 1, 2, seed=1, **options)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(first, again, strict=True))
    assert any((a.mask != b.mask).any() for a, b in zip(first, other, strict=True))
    assert [layer.weight for layer in first] == [None] * 4
    assert [len(layer.groups) for layer in first] == [1] * 4
    assert first[1].mask.mean() == pytest.approx(0.1, abs=0.01)
