"""Occlusion maps against Captum's for the same settings, fills, windows, padding, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import Occlusion
from torch import Tensor

import tscviz
from tests.explain.occlusion_tools import by_hand, untrained
from tscviz.explain import ExplainError
from tscviz.explain.altered import Copies, scores_of
from tscviz.explain.fills import filled
from tscviz.explain.windows import default_window, windows_of
from tscviz.models import Classifier, load_model
from tscviz.types import Array, TscvizError

GONE = 1e6


@pytest.fixture(scope="module")
def gunpoint() -> tuple[Classifier, Array]:
    return load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[3]


@pytest.fixture(scope="module")
def motions() -> tuple[Classifier, Array]:
    """Return a model of six channels and a case."""
    return load_model("dtp-fcn/BasicMotions"), tscviz.load_dataset("BasicMotions").X_test[5]


def captum(
    classifier: Classifier,
    x: Array,
    *,
    window: int,
    stride: int = 1,
    baseline: float | Array = 0.0,
    target: int = 0,
    per_channel: bool = False,
    probability: bool = True,
    repair: Callable[[Tensor], Tensor] = lambda batch: batch,
) -> Array:
    """Return Captum's map of the case."""

    def forward(batch: Tensor) -> Tensor:
        logits = classifier.module(repair(batch))
        return logits.softmax(1) if probability else logits

    rows = 1 if per_channel else len(x)
    fixed = baseline if isinstance(baseline, float) else torch.from_numpy(baseline)[None]
    with torch.no_grad():
        found = Occlusion(forward).attribute(
            torch.from_numpy(x)[None],
            sliding_window_shapes=(rows, window),
            strides=(rows, stride),
            baselines=fixed,
            target=target,
            perturbations_per_eval=32,
        )
    return found[0].numpy()


def ours(classifier: Classifier, x: Array, target: int = 0, **options: Any) -> Array:
    return tscviz.explain(classifier, x, "occlusion", target=target, **options).values


def close(a: Array, b: Array) -> None:
    top = float(np.abs(b).max())
    assert top > 1e-3  # not a comparison of zeros
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * max(1.0, top))


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize(
    ("window", "stride"), [(1, 1), (15, 1), (15, 15), (16, 7), (40, 11), (149, 60), (150, 1)]
)
def test_the_map_is_captums_with_a_number_as_fill(gunpoint, window, stride, target) -> None:
    """The last window is cut off where the stride does not fit: 16/7, 40/11, 149/60."""
    classifier, x = gunpoint
    theirs = captum(classifier, x, window=window, stride=stride, target=target)
    close(ours(classifier, x, target, window=window, stride=stride, fill="zero"), theirs)


@pytest.mark.parametrize("fill", ["mean", "noise"])
@pytest.mark.parametrize("per_channel", [False, True])
def test_the_map_is_captums_with_a_series_as_fill(motions, fill, per_channel) -> None:
    classifier, x = motions
    row = filled(x, fill, seed=3)(np.array([0]), np.array([1]))[0]
    baseline = np.broadcast_to(row, x.shape).copy()
    settings: dict[str, Any] = {"window": 21, "stride": 8, "per_channel": per_channel}
    mine = ours(classifier, x, 2, fill=fill, seed=3, **settings)
    close(mine, captum(classifier, x, baseline=baseline, target=2, **settings))
    assert (mine == mine[:1]).all() == (not per_channel)


@pytest.mark.parametrize(("window", "stride"), [(15, 4), (33, 33), (150, 1)])
@pytest.mark.parametrize("per_channel", [False, True])
def test_the_map_is_captums_with_a_line_as_fill(gunpoint, window, stride, per_channel) -> None:
    """Captum marks what is hidden and the network's input is mended before it is read."""
    classifier, x = gunpoint

    def mend(batch: Tensor) -> Tensor:
        rows = batch.numpy().reshape(-1, batch.shape[2]).copy()
        for row in rows:
            kept = np.flatnonzero(row != GONE)
            known = row[kept] if len(kept) else x.mean(1)
            row[:] = np.interp(np.arange(len(row)), kept if len(kept) else [0], known)
        return torch.from_numpy(rows.reshape(batch.shape))

    theirs = captum(
        classifier, x, window=window, stride=stride, baseline=GONE, per_channel=per_channel,
        probability=False, repair=mend,
    )  # fmt: skip
    mine = ours(
        classifier, x, window=window, stride=stride, fill="linear", per_channel=per_channel,
        output="logit",
    )  # fmt: skip
    close(mine, theirs)


@pytest.mark.parametrize(
    "name", ["gtp-fcn", "stp-fcn", "dtp-resnet", "dsn", "lstm-fcn", "alstm-fcn", "convtimenet"]
)
def test_every_network_gives_captums_map(name) -> None:
    """Whether its hidden series is local, computed in pieces, or not."""
    classifier = untrained(name, n_classes=3, length=140)
    x = np.random.default_rng(1).standard_normal((1, 140)).astype(np.float32)
    theirs = captum(classifier, x, window=9, stride=4, target=1, probability=False)
    close(
        ours(classifier, x, 1, window=9, stride=4, fill="zero", output="logit", batch_size=7),
        theirs,
    )


def test_probability_and_logit(gunpoint) -> None:
    classifier, x = gunpoint
    both = {
        output: tscviz.explain(classifier, x, "occlusion", target=1, output=output, window=20)
        for output in ("probability", "logit")
    }
    whole = classifier.predict_proba(x[None])[0, 1]
    copies = np.stack([by_hand(x, start, start + 20) for start in range(131)])
    proba, logits = classifier.predict_proba(copies)[:, 1], classifier.logits(copies)[:, 1]
    for one in both.values():
        np.testing.assert_allclose(one.details["window_probabilities"], proba, atol=1e-5)
        np.testing.assert_allclose(one.details["window_logits"], logits, rtol=1e-4, atol=1e-4)
        assert one.details["probability"] == pytest.approx(whole, abs=1e-6)
        np.testing.assert_array_equal(one.details["centres"], np.arange(131) + 9.5)
    # point 0 is hidden by the first window alone, point 1 by two of them
    values = both["probability"].values[0]
    assert values[0] == pytest.approx(whole - proba[0], abs=1e-5)
    assert values[1] == pytest.approx(whole - proba[:2].mean(), abs=1e-5)
    drop = classifier.logits(x[None])[0, 1] - logits
    assert both["logit"].values[0, 1] == pytest.approx(drop[:2].mean(), rel=1e-4)


def test_a_stretch_that_the_class_rests_on_is_positive() -> None:
    """A network that reads the mean of points 20-29 alone."""

    class Reader(type(untrained("gtp-fcn").module)):
        def reach(self) -> None:
            return None

        def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
            score = x[:, 0, 20:30].mean(1)
            return torch.stack([-score, score], 1)

    classifier = untrained("gtp-fcn")
    classifier.module.__class__ = Reader
    x = np.ones((1, 60), np.float32)
    options: dict[str, Any] = {"fill": "zero", "window": 10, "stride": 10, "output": "logit"}
    expected = np.zeros(60)
    expected[20:30] = 1
    np.testing.assert_allclose(ours(classifier, x, 1, **options)[0], expected)
    np.testing.assert_allclose(ours(classifier, x, 0, **options)[0], -expected)


@pytest.mark.parametrize("name", ["dtp-fcn", "convtimenet"])
@pytest.mark.parametrize("fill", ["mean", "noise", "linear"])
def test_padding_is_never_hidden_and_changes_nothing(name, fill) -> None:
    classifier = untrained(name)
    x = np.random.default_rng(2).standard_normal((1, 90)).astype(np.float32)
    padded = np.concatenate([x, np.zeros((1, 30), np.float32)], axis=1)
    mask = np.arange(120) < 90
    alone = tscviz.explain(classifier, x, "occlusion", target=0, fill=fill, output="logit")
    with_padding = tscviz.explain(
        classifier, padded, "occlusion", target=0, fill=fill, output="logit", mask=mask
    )
    assert with_padding.details["window"] == alone.details["window"] == 9
    np.testing.assert_allclose(with_padding.values[:, :90], alone.values, atol=1e-5)
    assert not with_padding.values[:, 90:].any()
    np.testing.assert_array_equal(with_padding.details["starts"], alone.details["starts"])


def test_noise_depends_on_its_seed_alone(gunpoint) -> None:
    classifier, x = gunpoint
    first, again, other = (
        ours(classifier, x, fill="noise", seed=seed, stride=5) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_noise_has_the_mean_and_deviation_of_its_channel() -> None:
    x = np.random.default_rng(0).normal([[5.0], [-1.0]], [[2.0], [0.1]], (2, 4000))
    drawn = filled(x.astype(np.float32), "noise", seed=1)(np.array([0]), np.array([1]))[0]
    np.testing.assert_allclose(drawn.mean(1), [5, -1], atol=0.1)
    np.testing.assert_allclose(drawn.std(1), [2, 0.1], rtol=0.05)


def test_a_line_joins_the_points_beside_the_window() -> None:
    x = np.array([[0, 9, 9, 9, 4, 1]], np.float32)
    lines = filled(x, "linear")(np.array([1, 0, 3, 0]), np.array([4, 2, 6, 6]))
    np.testing.assert_allclose(lines[0, 0, 1:4], [1, 2, 3])  # between 0 and 4
    np.testing.assert_allclose(lines[1, 0, :2], 9)  # at the start: the point after it goes on
    np.testing.assert_allclose(lines[2, 0, 3:], 9)  # at the end: the point before it
    np.testing.assert_allclose(lines[3, 0], x.mean())  # nothing is left beside it


def test_windows_stand_where_captum_puts_them() -> None:
    windows = windows_of((2, 10), 4, 3, per_channel=True)
    np.testing.assert_array_equal(windows.starts, [0, 3, 6, 0, 3, 6])
    np.testing.assert_array_equal(windows.channels, [0, 0, 0, 1, 1, 1])
    cut = windows_of((1, 10), 4, 4, per_channel=False)
    np.testing.assert_array_equal(cut.stops, [4, 8, 10])
    np.testing.assert_array_equal(cut.centres, [1.5, 5.5, 8.5])
    assert [default_window(n) for n in (1, 4, 24, 150)] == [1, 1, 2, 15]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"window": 151}, "window is 151 and the series has 150 points"),
        ({"window": 10, "stride": 11}, "stride is 11 and the window has 10 points"),
        ({"stride": 16}, "stride of at most 15"),
        ({"stride": 0}, "at least 1"),
        ({"fill": "median"}, "one of: mean, zero, noise, linear"),
        ({"output": "loss"}, "one of: probability, logit"),
    ],
)
def test_settings_that_do_not_fit_are_refused(gunpoint, options, text) -> None:
    classifier, x = gunpoint
    with pytest.raises(TscvizError, match=text):
        tscviz.explain(classifier, x, "occlusion", **options)
    assert issubclass(ExplainError, TscvizError)


@pytest.mark.parametrize("size", [1, 5, 64])
def test_batches_do_not_show(gunpoint, size) -> None:
    classifier, x = gunpoint
    np.testing.assert_allclose(ours(classifier, x, batch_size=size), ours(classifier, x), atol=1e-6)


def test_a_shared_model_is_left_as_it_was(gunpoint) -> None:
    classifier, x = gunpoint
    before = {name: value.clone() for name, value in classifier.module.state_dict().items()}
    ours(classifier, x, stride=10)
    assert not classifier.module.training
    assert all(p.grad is None and p.requires_grad for p in classifier.module.parameters())
    for name, value in classifier.module.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("name", ["dtp-fcn", "dtp-resnet", "convtimenet"])
@pytest.mark.parametrize("width", [1, 12, 60])
def test_pieces_of_a_hidden_series_make_the_whole(name, width) -> None:
    """Alterations at both ends, at every distance from them, and of unequal widths."""
    options: dict[str, Any] = {"lengths": (4, 9), "filters": 4} if name == "convtimenet" else {}
    classifier = untrained(name, **options)
    assert classifier.module.reach() is not None
    rng = np.random.default_rng(4)
    x = rng.standard_normal((1, 260)).astype(np.float32)
    starts = np.concatenate([np.arange(40), np.arange(100, 110), np.arange(180, 260)])
    stops = np.minimum(starts + rng.integers(1, width + 1, len(starts)), 260)
    copies = np.stack([by_hand(x, a, b, 3.0) for a, b in zip(starts, stops, strict=True)])
    whole, altered = scores_of(
        classifier, Copies(x, starts, stops, lambda first, last: copies[first:last]), batch_size=9
    )
    np.testing.assert_allclose(whole, classifier.logits(x[None])[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(altered, classifier.logits(copies), rtol=1e-4, atol=1e-5)
