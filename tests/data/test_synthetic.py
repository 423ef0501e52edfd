"""Planted problems: the truth holds all there is to know, and nothing else does."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tscviz.data import dataset_digest
from tscviz.data.motifs import bump, class_shapes
from tscviz.data.planted import Planted, PlantedOptions, make_planted
from tscviz.types import TscvizError

CUES = [(cue, position) for cue in ("amplitude", "shape") for position in ("fixed", "free")]


def _quiet(**changes) -> Planted:
    """Without noise and distractors only the cue is left."""
    return make_planted(noise=0.0, distractors=0, n_cases=24, **changes)


@pytest.mark.parametrize(("cue", "position"), CUES)
@pytest.mark.parametrize("where", ["single", "interacting"])
def test_the_cue_is_where_the_truth_says_and_nowhere_else(cue, position, where) -> None:
    made = _quiet(cue=cue, position=position, where=where, channels=3, classes=3)
    carrying = 2 if where == "interacting" else 1
    for which in ("train", "test"):
        X, truth = made.dataset.split(which)[0], made.truth(which)
        assert truth.shape == X.shape
        assert (X[~truth] == 0).all()
        assert (truth.sum(2) == made.options.width).sum(1).tolist() == [carrying] * 24
        assert (truth.any(0).sum(0) > 0).sum() == (
            12 if position == "fixed" else pytest.approx(90, abs=15)
        )
        both = truth[:, truth.any((0, 2))]  # the channels that carry a cue agree in time
        assert (both == both[:, :1]).all()


@pytest.mark.parametrize("cue", ["amplitude", "shape"])
def test_each_class_has_its_motif_at_one_place(cue) -> None:
    made = _quiet(cue=cue, classes=4)
    data = made.dataset
    at = made.truth_train[0, 0]
    for label in range(4):
        rows = data.X_train[data.y_train == label, 0][:, at]
        motif = (1 + label) * bump(12) if cue == "amplitude" else 1.5 * class_shapes(12)[label]
        np.testing.assert_allclose(rows, np.tile(motif, (6, 1)), atol=1e-6)


def test_shapes_differ_though_mean_and_energy_do_not() -> None:
    shapes = class_shapes(16)
    np.testing.assert_allclose(shapes.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(np.square(shapes).sum(1), 8)
    alike = shapes @ shapes.T / 8 - np.eye(6)
    assert alike.max() < 0.85  # no two shapes are nearly one


def test_interacting_channels_say_nothing_by_themselves() -> None:
    made = make_planted(
        where="interacting", cue="amplitude", channels=2, n_cases=80, noise=0.0, distractors=0
    )
    data = made.dataset
    heights = data.X_train.max(2).round(1)  # (80, 2): which variant each channel bears
    low, high = np.unique(heights[:, 0])
    bits = heights == high
    assert low < high
    for channel in (0, 1):
        for label in (0, 1):
            assert bits[data.y_train == label, channel].mean() == 0.5
    np.testing.assert_array_equal(bits[:, 0] ^ bits[:, 1], data.y_train == 1)


@pytest.mark.parametrize("cue", ["amplitude", "shape"])
def test_distractors_never_touch_the_cue_and_say_nothing_of_the_class(cue) -> None:
    options = PlantedOptions(n_cases=300, cue=cue, distractors=2, noise=0.0, channels=2, length=120)
    made = make_planted(options)
    bare = make_planted(replace(options, distractors=0))
    assert made.options.width == 15
    X, truth = made.dataset.X_train, made.truth_train
    at = truth[0].any(0)  # position fixed: the same time in every case
    assert (truth == truth[:1]).all()
    assert (X[:, ~truth[0].any(1)][..., at] == 0).all()  # beside the cue, in the other channel
    np.testing.assert_array_equal(X[0][truth[0]], bare.dataset.X_train[0][bare.truth_train[0]])
    elsewhere = np.where(truth, 0, X)
    assert ((elsewhere != 0).sum(2) >= 2 * 7).all()
    energy = np.square(elsewhere).sum((1, 2))
    one, two = (energy[made.dataset.y_train == label] for label in (0, 1))
    assert abs(one.mean() - two.mean()) < 3 * energy.std() / np.sqrt(75)


def test_noise_has_the_level_asked_for() -> None:
    made = make_planted(noise=0.7, distractors=0, n_cases=200)
    assert made.dataset.X_test[~made.truth_test].std() == pytest.approx(0.7, rel=0.02)


def test_the_same_options_give_the_same_digest_and_each_change_another() -> None:
    first = make_planted(n_cases=10).dataset
    assert make_planted(PlantedOptions(n_cases=10)).dataset.digest == first.digest
    assert first.source == "synthetic"
    again = dataset_digest(
        first.X_train, first.mask_train, first.y_train, first.X_test, first.mask_test,
        first.y_test, first.class_names,
    )  # fmt: skip
    assert again == first.digest
    changes: list[dict[str, Any]] = [
        {"seed": 1},
        {"noise": 0.2},
        {"cue": "amplitude"},
        {"position": "free"},
    ]
    for change in changes:
        assert make_planted(n_cases=10, **change).dataset.digest != first.digest
    assert not np.array_equal(first.X_train, first.X_test)


def test_unequal_lengths_keep_the_cue_on_the_series() -> None:
    made = make_planted(shortest=60, length=100, position="free", n_cases=80)
    lengths = made.dataset.mask_test.sum(1)
    assert 60 <= lengths.min() < 70
    assert 90 < lengths.max() <= made.dataset.length
    assert not (made.truth_test & ~made.dataset.mask_test[:, None]).any()
    assert (made.truth_test.sum((1, 2)) == 12).all()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"where": "interacting"}, "set channels to 2"),
        ({"distractors": 5}, "may not fit"),
        ({"motif": 3}, "4 points or more"),
        ({"shortest": 101}, "shortest series has 101"),
        ({"classes": 7}, "at most 6"),
        ({"n_cases": 2, "classes": 3}, "too few"),
        ({"cue": "colour"}, "one of: amplitude, shape"),
        ({"colour": 1}, "no option 'colour'"),
    ],
)
def test_what_cannot_be_planted_is_refused(options, text) -> None:
    with pytest.raises(TscvizError, match=text):
        make_planted(**options)
