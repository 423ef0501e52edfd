"""Small invented cases with known maps, segments and labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tscviz.types import Array, Attribution, Dataset, Segmentation

HOSTILE = ("<b>bold</b>", "=1+1 & <a href='https://x.example'>go</a> %{x} $\\alpha$")


def make_segmentation(boundaries, n_classes=2, *, cost=True) -> Segmentation:
    """Return a segmentation whose contributions are 1, 2, 3, ... row by row."""
    bounds = np.asarray(boundaries)
    n_segments, length = len(bounds) - 1, int(bounds[-1])
    segments = np.repeat(np.arange(n_segments), np.diff(bounds))
    parts = 1 + np.arange(n_segments * n_classes, dtype=np.float32).reshape(n_segments, n_classes)
    bias = np.full(n_classes, 0.5, dtype=np.float32)
    matrix = np.ones((n_segments, length), dtype=np.float32)
    matrix[segments, np.arange(length)] = 0.25
    soft = (matrix < 0.5).astype(np.float32)
    return Segmentation(
        segments, bounds, parts, bias, parts.sum(axis=0) + bias,
        matrix if cost else None, soft if cost else None,
    )  # fmt: skip


def make_attribution(values, *, signed=True, target=0, method="cam") -> Attribution:
    return Attribution(np.asarray(values, dtype=np.float32), method, target, "none", signed)


def make_occlusion(
    shape=(1, 20), *, target=0, per_channel=False, output="probability"
) -> Attribution:
    """Return a map with windows of 5 points in steps of 5; the third one costs most."""
    n_channels, n_points = shape
    starts = np.arange(0, n_points, 5)
    channels = np.arange(n_channels) if per_channel else np.array([-1])
    n = len(starts) * len(channels)
    proba = np.full(n, 0.75, np.float32)
    proba[:4] = [0.9, 0.75, 0.25, 0.5]
    all_starts = np.tile(starts, len(channels))
    values = np.repeat(0.8 - proba[: len(starts)], 5)[None, :n_points] * np.ones(shape)
    details = {
        "per_channel": per_channel, "window": 5, "stride": 5, "fill": "mean", "output": output,
        "channels": np.repeat(channels, len(starts)), "starts": all_starts,
        "stops": np.minimum(all_starts + 5, n_points), "centres": all_starts + 2.0,
        "logit": 2.0, "probability": 0.8, "window_logits": 4 * proba - 1,
        "window_probabilities": proba, "predicted": target,
        "window_classes": np.where(proba < 0.5, 1 - target, target),
    }  # fmt: skip
    return Attribution(
        values.astype(np.float32), "occlusion", target, "none", signed=True, details=details
    )


def traces(fig, name=None, kind=None) -> list[Any]:
    """Return the traces of a name or a type."""
    return [
        t for t in fig.data if (name is None or t.name == name) and (kind is None or t.type == kind)
    ]


@pytest.fixture
def segmentation() -> Segmentation:
    return make_segmentation([0, 4, 10, 20])


@pytest.fixture
def x() -> Array:
    return np.sin(np.arange(20, dtype=np.float32) / 3)[None]


@pytest.fixture
def attribution() -> Attribution:
    values = np.zeros((1, 20))
    values[0, 5:9] = [1, 3, 4, 2]
    values[0, 15] = -2
    return make_attribution(values)


@pytest.fixture
def cases() -> tuple[Array, ...]:
    """Return X (6, 2, 20), y, mask, CAMs (6, 20) and boundaries (6, 4)."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, 2, 20)).astype(np.float32)
    mask = np.ones((6, 20), dtype=bool)
    mask[1, 18:] = False
    X[1, :, 18:] = 0
    y = np.array([0, 0, 0, 1, 1, 1])
    cams = rng.normal(size=(6, 20)).astype(np.float32)
    boundaries = np.array([[0, 4 + i, 10 + i, 20] for i in range(6)])
    return X, y, mask, cams, boundaries


@pytest.fixture
def dataset(cases) -> Dataset:
    X, y, mask, _, _ = cases
    return Dataset("toy", X, y, X[:2], np.array([0, 1]), ("Gun", "Point"), mask, mask[:2], "0" * 64)
