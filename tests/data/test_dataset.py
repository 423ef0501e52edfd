"""Labels, padding, masks and the digest of a dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tscviz.data import DataError, dataset_from_arrays, make_bumps
from tscviz.data import dataset as dataset_module
from tscviz.data.labels import encode_labels, natural_key, plain_numbers


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["10", "9", "-1"], ("-1", "9", "10")),
        (["1.0", "2.0", "1"], ("1", "2")),
        ([1.0, 2.0], ("1", "2")),
        (["1.0000000e+00", "1.5"], ("1", "1.5")),
        (["b", "A", "a10", "a9"], ("A", "a9", "a10", "b")),
        (["x", "2", "10"], ("2", "10", "x")),
        (["nan", "inf"], ("inf", "nan")),
    ],
)
def test_classes_are_in_natural_order(labels: list[Any], classes: tuple[str, ...]) -> None:
    names, y = encode_labels(labels)
    assert names == classes
    assert [names[i] for i in y] == plain_numbers([str(label) for label in labels])


@pytest.mark.parametrize("label", ["", " ", "?", float("nan")])
def test_a_missing_label_is_an_error(label: Any) -> None:
    with pytest.raises(DataError, match="label of case 2 is missing"):
        encode_labels(["a", label])


def test_fixed_classes_keep_their_order_and_refuse_others() -> None:
    names, y = encode_labels(["a", "b", "a"], ("b", "a", "c"))
    assert names == ("b", "a", "c")
    assert y.tolist() == [1, 0, 1]
    with pytest.raises(DataError, match="'d' is not among b, a"):
        encode_labels(["d"], ("b", "a"))
    with pytest.raises(DataError, match="twice"):
        encode_labels(["a"], ("a", "a"))


LABELS = ["a1", "a01", "A", "1", "01", "1.0", "x٣", "²", "1_0", "-2", "1e3", "9007199254740993"]


@given(st.lists(st.sampled_from(LABELS)))
def test_order_never_depends_on_the_order_of_the_cases(labels: list[str]) -> None:
    names, y = encode_labels(labels)
    again, y_again = encode_labels(labels[::-1])
    assert names == again
    assert y.tolist() == y_again.tolist()[::-1]
    assert names == tuple(sorted(names, key=natural_key))


def test_numbers_too_large_for_a_float_stay_apart() -> None:
    assert encode_labels(["9007199254740993", "9007199254740992"])[0] == (
        "9007199254740992",
        "9007199254740993",
    )


def test_classes_are_the_union_of_both_splits() -> None:
    X = np.zeros((2, 1, 3))
    data = dataset_from_arrays("t", X, ["1", "3"], X, ["2", "3"])
    assert data.class_names == ("1", "2", "3")
    assert data.y_train.tolist() == [0, 2]
    assert data.y_test.tolist() == [1, 2]
    assert data.y_train.dtype == np.int64


def test_unequal_lengths_become_a_mask_over_both_splits() -> None:
    train = [np.ones((2, 3)), np.full((2, 5), 2.0)]
    test = [np.full((2, 6), 3.0)]
    data = dataset_from_arrays("t", train, ["a", "b"], test, ["a"])
    assert data.X_train.shape == (2, 2, 6)
    assert data.length == 6
    assert data.X_train.dtype == np.float32
    assert data.mask_train.tolist() == [[True] * 3 + [False] * 3, [True] * 5 + [False]]
    assert data.mask_test.all()
    assert data.X_train[0, :, 3:].tolist() == [[0] * 3] * 2


def test_two_dimensional_arrays_are_one_channel() -> None:
    data = dataset_from_arrays("t", np.zeros((2, 4)), [0, 1], np.ones((3, 4)), [0, 1, 1])
    assert data.X_train.shape == (2, 1, 4)
    assert data.n_channels == 1


def test_padding_under_a_given_mask_is_zeroed() -> None:
    mask = np.array([[True, True, False]])
    data = dataset_from_arrays(
        "t", np.full((1, 1, 3), 7.0), ["a"], np.ones((1, 1, 3)), ["b"], mask_train=mask
    )
    assert data.X_train.tolist() == [[[7, 7, 0]]]


GOOD = np.zeros((2, 1, 3))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((GOOD, ["a"], GOOD, ["a", "b"]), "t, train: 2 cases but 1 labels"),
        ((GOOD, ["a", "b"], np.zeros((2, 2, 3)), ["a", "b"]), "1 channels and the test split 2"),
        ((GOOD, ["a", "b"], np.zeros((0, 1, 3)), []), "t, test: found an array of shape"),
        (([], [], GOOD, ["a", "b"]), "t, train: no cases"),
        (([np.zeros((1, 0))], ["a"], GOOD, ["a", "b"]), "case 1 has no values"),
        (([np.zeros((1, 2)), np.zeros((2, 2))], "ab", GOOD, "ab"), "case 2 has 2 channels"),
        (([np.array([1e39, 0.0])], ["a"], GOOD, "ab"), "case 1, channel 1, time point 1"),
        ((np.array([[1.0, np.inf]]), ["a"], GOOD, "ab"), "case 1, channel 1, time point 2"),
    ],
)
def test_bad_arrays(arguments: tuple[Any, ...], says: str) -> None:
    with pytest.raises(DataError, match=says):
        dataset_from_arrays("t", *arguments)


@pytest.mark.parametrize("mask", [[[True, False, True]], [[False, False, False]]])
def test_a_mask_is_false_only_after_the_end(mask: list[list[bool]]) -> None:
    with pytest.raises(DataError, match="mask of case 1"):
        dataset_from_arrays("t", np.zeros((1, 1, 3)), "a", GOOD, "ab", mask_train=np.array(mask))
    with pytest.raises(DataError, match="mask has shape"):
        dataset_from_arrays(
            "t", np.zeros((1, 1, 3)), "a", GOOD, "ab", mask_train=np.ones((1, 2), bool)
        )


def test_size_is_capped_before_allocating(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_module, "MAX_VALUES", 20)
    with pytest.raises(DataError, match="3 cases x 1 channels x 7 time points"):
        dataset_from_arrays("t", [np.zeros((1, n)) for n in (1, 2, 7)], "abc", GOOD, "ab")


def test_digest_tells_every_part_apart() -> None:
    X = np.array([[1.0, 2.0, 0.0], [3.0, np.nan, 5.0]])
    short = np.array([[True, True, False], [True, True, True]])

    def digest(X: Any = X, y: Any = ("a", "b"), name: str = "t", **more: Any) -> str:
        return dataset_from_arrays(name, X, y, GOOD, ("a", "b"), **more).digest

    base = digest()
    assert base == digest(name="another", source="archive")
    assert base == digest(X=X.astype(np.float32))
    other_nan = X.astype(np.float32)
    other_nan[1, 1] = -np.float32(np.nan)
    assert base == digest(X=other_nan)
    changed = X.copy()
    changed[0, 0] += 1e-6
    others = {
        digest(X=changed),
        digest(y=("b", "a")),
        digest(mask_train=short),
        digest(class_names=("a", "b", "c")),
        digest(X=X[:, None, :].repeat(1, 1)[:, :, ::-1]),
    }
    assert len(others | {base}) == 6
    assert len(base) == 64


def test_digest_is_the_same_on_every_machine() -> None:
    data = dataset_from_arrays(
        "t", [[[0.5, np.nan]], [[1.0]]], ["1.0", "2.0"], [[[2.0, 3.0]]], ["1"]
    )
    assert data.digest == "1cbe53b465e1f94e96082d0d85b6ba071b30103b2a7330a02ef7a0ffeeb11f5f"


def test_bumps() -> None:
    data = make_bumps(30, 48, 2, seed=1)
    assert data.X_train.shape == data.X_test.shape == (30, 2, 48)
    assert data.class_names == ("one", "two")
    assert np.bincount(data.y_train).tolist() == [15, 15]
    assert data.source == "synthetic"
    assert data.digest == make_bumps(30, 48, 2, seed=1).digest
    assert data.digest != make_bumps(30, 48, 2, seed=2).digest
    quiet = make_bumps(20, 60, noise=0.0)
    peaks = [
        int(((x[0, 1:-1] > 0.5) & (x[0, 1:-1] >= x[0, :-2]) & (x[0, 1:-1] > x[0, 2:])).sum())
        for x in quiet.X_train
    ]
    assert peaks == [1, 2] * 10
    with pytest.raises(DataError, match="length >= 12"):
        make_bumps(length=5)
