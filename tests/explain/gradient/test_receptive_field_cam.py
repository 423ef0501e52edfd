"""The receptive-field CAM against every path of a small DSN, walked one by one."""

from __future__ import annotations

from itertools import product
from typing import Any, cast

import numpy as np
import pytest
import torch

import tscviz
from tests.explain.gradient.networks import case, make
from tscviz.explain.receptive_field_cam import spread_over_inputs
from tscviz.models import Classifier, load_model
from tscviz.models.dsn import DSN
from tscviz.models.sparse import SparseConv1d
from tscviz.types import Array

TINY: dict[str, Any] = {
    "channels": 3,
    "kernel": 5,
    "layers": 2,
    "groups": 1,
    "sparsity": 0.6,
    "init": "random",
}


def net(classifier: Classifier) -> DSN:
    return cast("DSN", classifier.module)


def read_at(layer: SparseConv1d, t: int, tap: int, length: int, *, last: bool = True) -> int | None:
    """Return the point that a tap reads at t; None in the zeros outside."""
    if layer.replicate and last:
        return min(t + tap, length - 1)
    at = t + tap - layer.padding[0]
    return at if 0 <= at < length else None


def walked(module: DSN, values: Array, n_channels: int, *, last: bool = True) -> Array:
    """Divide (K, T) among the inputs by walking every path of active weights."""
    first, second = module.sparse_layers()
    one, two = (m.mask.numpy() for m in (first, second))
    length = values.shape[1]
    out = np.zeros((n_channels, length))
    for k, t in product(*map(range, values.shape)):
        ends = np.zeros_like(out)
        for _, tap in np.argwhere(two[k]):
            at = read_at(second, t, tap, length, last=last)
            if at is None:
                continue
            # The dense bottlenecks between, and before several channels, mix them all.
            for _, _, tap0 in np.argwhere(one):
                start = read_at(first, at, tap0, length, last=last)
                if start is not None:
                    ends[:, start] += 1.0
        if ends.any():
            out += values[k, t] * ends / ends.sum()
        else:
            out[:, t] += values[k, t] / n_channels
    return out


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("padding", ["replicate_right", "zero_same"])
def test_shares_are_those_of_the_paths(padding: str, n_channels: int) -> None:
    classifier = make("dsn", n_channels, padding=padding, bottleneck=1, **TINY)
    module = net(classifier)
    module.sparse_layers()[1].mask[2] = False  # a channel that sees nothing
    values = np.random.default_rng(0).standard_normal((3, 8))
    found = spread_over_inputs(module, torch.from_numpy(values)[None], n_channels, "count")
    wanted = walked(module, values, n_channels)
    np.testing.assert_allclose(found[0].numpy(), wanted, atol=1e-10)
    assert float(found.sum()) == pytest.approx(values.sum())


def test_paths_beyond_the_end_can_be_left_out() -> None:
    classifier = make("dsn", 2, padding="replicate_right", bottleneck=1, **TINY)
    module = net(classifier)
    values = np.random.default_rng(1).standard_normal((3, 8))
    found = spread_over_inputs(module, torch.from_numpy(values)[None], 2, "count", "none")
    np.testing.assert_allclose(found[0].numpy(), walked(module, values, 2, last=False), atol=1e-10)
    assert float(found.sum()) == pytest.approx(values.sum())


def test_of_a_bundled_model_the_last_point_is_then_no_peak() -> None:
    classifier, x = load_model("dsn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[0]
    last, none = (
        tscviz.explain(classifier, x, "receptive_field_cam", beyond=beyond).values[0]
        for beyond in ("last", "none")
    )
    assert none.sum() == pytest.approx(last.sum(), abs=1e-3)
    assert np.abs(last).argmax() == 149
    assert np.abs(none[-1]) < np.abs(none).max()
    assert np.abs(none[-1]) < 0.2 * np.abs(last[-1])


@pytest.mark.parametrize("paths", ["count", "magnitude"])
def test_the_sum_is_that_of_the_class_activation_map(paths: str) -> None:
    for n_channels in (1, 3):
        classifier, x = make("dsn", n_channels), case(n_channels)
        cam = tscviz.explain(classifier, x, "cam", target=2, against=0)
        found = tscviz.explain(
            classifier, x, "receptive_field_cam", target=2, against=0, paths=paths
        )
        assert found.values.sum() == pytest.approx(cam.values[0].sum(), abs=1e-4)
        assert found.details["completeness_gap"] == pytest.approx(0, abs=1e-4)
        assert found.details["bias"] == pytest.approx(cam.details["bias"], abs=1e-5)


def test_magnitude_leaves_out_what_weighs_nothing() -> None:
    """Active weights of zero carry no credit by magnitude, and a full share by count."""
    classifier = make("dsn", 1, **(TINY | {"init": "sequential"}))
    module = net(classifier)
    first = module.sparse_layers()[0]
    with torch.no_grad():
        first.weight[:, :, 1:] = 0.0  # only the point itself is read
        module.sparse_layers()[1].weight[:, :, 1:] = 0.0
    values = torch.zeros(1, 3, 12)
    values[0, 0, 4] = 1.0
    by_size = spread_over_inputs(module, values, 1, "magnitude")[0, 0].numpy()
    assert by_size[4] == pytest.approx(1.0)
    by_count = spread_over_inputs(module, values, 1, "count")[0, 0].numpy()
    assert by_count[4] < 1.0
    assert by_count[5:].sum() > 0


def test_a_bundled_model_reaches_to_the_right_only() -> None:
    """Its kernels read x[t + j]: a hidden vector's credit lies at its time and later."""
    module = net(load_model("dsn/GunPoint"))
    values = torch.zeros(1, 141, 150)
    values[:, :, 60] = 1.0
    found = spread_over_inputs(module, values, 1, "count")[0, 0].numpy()
    assert found[:60].sum() == 0
    assert found.sum() == pytest.approx(141)
    reach = 4 * (39 - 1)
    assert not found[60 + reach + 1 :].any()
    assert found[60:100].sum() > 0
