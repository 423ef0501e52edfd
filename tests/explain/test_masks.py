# pyright: reportOptionalSubscript=false, reportArgumentType=false
"""Rows of mask heat maps, and what became of taps between two masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tscviz.explain import ExplainError
from tscviz.explain.masks import kernel_rows, movement
from tscviz.explain.receptive_fields import MaskedLayer, masked_layers, with_masks
from tscviz.models import build_model
from tscviz.models.sparse import KernelGroup

RNG = np.random.default_rng(5)


def layer(mask, reaches=(2, 4), weight=None) -> MaskedLayer:
    mask = np.asarray(mask, bool)
    step = len(mask) // len(reaches)
    groups = tuple(KernelGroup(i * step, (i + 1) * step, r) for i, r in enumerate(reaches))
    return MaskedLayer(mask, groups, weight)


def one_input() -> MaskedLayer:
    mask = [[[1, 1, 0, 0]], [[0, 1, 0, 0]], [[1, 0, 0, 1]], [[0, 0, 0, 0]]]
    weight = np.array(mask, np.float32) * np.array([1, -2, 3, -4], np.float32)
    return layer(mask, weight=weight)


def test_rows_of_one_input_are_the_kernels_themselves() -> None:
    small, large = kernel_rows(one_input())
    assert (small.group, large.group) == (0, 1)
    assert small.numbers.tolist() == [1, 0]  # the smaller receptive field first
    assert large.numbers.tolist() == [3, 2]
    assert small.share.tolist() == [[0, 1], [1, 1]]
    assert large.share.tolist() == [[0, 0, 0, 0], [1, 0, 0, 1]]
    assert large.sizes.tolist() == [0, 4]
    nan = np.nan
    assert np.array_equal(small.weight, [[nan, -2], [1, -2]], equal_nan=True)
    assert np.array_equal(large.weight, [[nan] * 4, [1, nan, nan, -4]], equal_nan=True)


def test_rows_by_number() -> None:
    small, large = kernel_rows(one_input(), sort="number")
    assert small.numbers.tolist() == [0, 1]
    assert large.numbers.tolist() == [2, 3]


def test_rows_of_several_inputs_are_means_over_them() -> None:
    mask = RNG.random((4, 3, 5)) < 0.5
    weight = RNG.normal(size=mask.shape).astype(np.float32) * mask
    rows = kernel_rows(layer(mask, (5, 5), weight), sort="number")
    for group in rows:
        assert group.kernels == 3
        for r, channel in enumerate(group.numbers):
            for tap in range(5):
                active = mask[channel, :, tap]
                assert group.share[r, tap] == pytest.approx(active.mean())
                values = weight[channel, active, tap]
                wanted = values.mean() if len(values) else np.nan
                assert group.weight[r, tap] == pytest.approx(wanted, nan_ok=True)


def test_one_output_channel_is_opened_kernel_by_kernel() -> None:
    mask = np.zeros((4, 3, 5), bool)
    mask[2, 0, :4] = mask[2, 1, 2] = mask[2, 2, [1, 2]] = True
    (rows,) = kernel_rows(layer(mask, (3, 5)), channel=2)
    assert rows.group == 1
    assert rows.kernels == 1
    assert rows.numbers.tolist() == [1, 2, 0]
    assert rows.sizes.tolist() == [1, 2, 4]
    assert rows.share.shape == (3, 5)
    assert rows.weight is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channel": 4}, "from 0 to 3"),
        ({"channel": -1}, "from 0 to 3"),
        ({"sort": "x"}, "size or number"),
    ],
)
def test_bad_choices_are_refused(options: dict, words: str) -> None:
    with pytest.raises(ExplainError, match=words):
        kernel_rows(one_input(), **options)


def test_movement_by_hand() -> None:
    before = layer([[[1, 1, 0, 0]], [[0, 1, 0, 0]], [[1, 0, 0, 1]], [[0, 0, 0, 0]]])
    after = layer([[[1, 0, 0, 0]], [[1, 1, 0, 0]], [[1, 0, 1, 0]], [[0, 0, 0, 0]]])
    small, large = movement(before, after, order=before)
    assert small.numbers.tolist() == [1, 0]
    assert small.kept.tolist() == [[0, 1], [1, 0]]
    assert small.grown.tolist() == [[1, 0], [0, 0]]
    assert small.pruned.tolist() == [[0, 0], [0, 1]]
    assert large.numbers.tolist() == [3, 2]
    assert large.kept[1].tolist() == [1, 0, 0, 0]
    assert large.grown[1].tolist() == [0, 0, 1, 0]
    assert large.pruned[1].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("channel", [None, 0, 5])
def test_movement_adds_up(channel: int | None) -> None:
    torch.manual_seed(1)
    options: Any = {"channels": 6, "kernel": 6, "layers": 2, "bottleneck": 2, "init": "random"}
    module: Any = build_model("dsn", n_channels=3, n_classes=2, **options)
    old = masked_layers(module)[1]
    module.sparse_layers()[1].explore(0.5)
    new = masked_layers(module)[1]
    assert (old.mask != new.mask).any()
    for part in movement(old, new, channel=channel):
        part_rows = {r.group: r for r in kernel_rows(new, channel=channel)}[part.group]
        assert part.numbers.tolist() == part_rows.numbers.tolist()
        assert part.kept + part.grown == pytest.approx(part_rows.share)
        assert part.kernels == (2 if channel is None else 1)
        if channel is None:  # as many grown as pruned, group by group
            assert part.grown.sum() == pytest.approx(part.pruned.sum())
    (same, *_) = movement(new, new)
    assert not same.grown.any()
    assert not same.pruned.any()


def test_movement_needs_masks_of_one_layer() -> None:
    options: Any = {"channels": 6, "kernel": 6, "sparsity": 0.5}
    layers = masked_layers(build_model("dsn", n_channels=1, n_classes=2, **options))
    with pytest.raises(ExplainError, match="not of one layer"):
        movement(layers[0], layers[1])
    with pytest.raises(ValueError, match="zip"):
        with_masks(layers, [layers[0].mask])
