"""Parts of the classify page without a browser: stretch, labels, layouts, checks, tables."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tscviz.data import load_dataset, read_series
from tscviz.data.readers.layout import Layout, check_options
from tscviz.types import Attribution, SeriesSet
from tscviz.ui.classify import checks, example, layout_fields, predictions, preview, words
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.stretch import deciding_stretch
from tscviz.ui.classify.table_view import result_table, shown_table
from tscviz.ui.inside.controls import choice_width
from tscviz.ui.library import ModelEntry

ENTRY = ModelEntry("dtp-fcn/Toy", "dtp-fcn", "Toy", "", "0" * 64, 0.9)
MODEL = Model(ENTRY, ("A", "B"), 1, (150, 150), (0.0,), (1.0,), {"normalise": "z", "ddof": 1})


def toy(n: int = 3, length: int = 20, labels: tuple[str, ...] | None = None) -> SeriesSet:
    """Return some series with nothing special about them."""
    X = np.random.default_rng(0).normal(size=(n, 1, length)).astype("f4")
    return SeriesSet(X, np.ones((n, length), bool), labels, tuple(str(i + 1) for i in range(n)))


def test_a_single_spike_yields_to_a_stretch_that_adds_more() -> None:
    values = np.zeros(60)
    values[50] = 1.0
    values[20:30] = 0.6
    assert deciding_stretch(values) == (20, 29)


def test_the_stretch_leaves_weak_tails_out_and_bridges_a_short_dip() -> None:
    values = np.full(40, 0.1)
    values[10:20] = 1.0
    values[14] = 0.0
    assert deciding_stretch(values) == (10, 19)


def test_nothing_positive_is_the_highest_point() -> None:
    assert deciding_stretch(np.array([-3.0, -1.0, -2.0])) == (1, 1)


@given(arrays(np.float64, st.integers(1, 40), elements=st.integers(-8, 8).map(float)))
def test_no_other_stretch_beats_the_found_one(values: np.ndarray) -> None:
    first, last = deciding_stretch(values)
    assert 0 <= first <= last < len(values)
    if values.max() <= 0:
        return
    less = values - 0.25 * values.max()
    best = max(less[i:j].sum() for i in range(len(less)) for j in range(i + 1, len(less) + 1))
    assert less[first : last + 1].sum() == pytest.approx(best)


def test_the_answer_names_class_probability_and_stretch() -> None:
    values = np.zeros((1, 80), "f4")
    values[0, 40:64] = 1
    cam = Attribution(values, "cam", 0, "none", True)
    assert words.answer("Gun", 0.98, cam, is_top=True) == (
        "Class Gun, 98.0 %. Points 40 to 63 speak most for it."
    )
    flat = replace(cam, values=np.zeros((1, 80), "f4"))
    assert "No stretch stands out" in words.answer("Gun", 0.98, flat, is_top=True)
    against = replace(cam, values=values - 2)
    assert "Nothing speaks for it" in words.answer("Gun", 0.02, against, is_top=False)


def test_the_channel_is_named_where_channels_differ() -> None:
    values = np.zeros((3, 10), "f4")
    values[1, 4:6] = 2
    cam = Attribution(values, "ig", 0, "zero", True)
    assert "Points 4 to 5 of channel 2 speak most for it." in words.deciding(cam)


def test_an_unsure_model_says_so() -> None:
    assert words.sureness(np.array([0.9, 0.1]), ("a", "b")) is None
    assert "class b has 45.0 %" in str(words.sureness(np.array([0.55, 0.45]), ("a", "b")))


def test_agreement_counts_known_labels_only() -> None:
    found = predictions.agreement(toy(4, labels=("A", "B", "B", "?")), ("A", "B"),
                                  np.array([0, 1, 0, 0]))  # fmt: skip
    assert found is not None
    assert (found.n_known, found.n_right) == (3, 2)
    assert found.accuracy == pytest.approx(2 / 3)
    assert predictions.agreement(toy(2), ("A", "B"), np.array([0, 1])) is None


def test_a_label_that_writes_the_number_of_a_class_in_another_way_agrees() -> None:
    series = toy(2, labels=("01", "+2"))
    found = predictions.agreement(series, ("1", "2"), np.array([0, 1]))
    assert found is not None
    assert (found.n_known, found.n_right) == (2, 2)
    table = result_table(series, ("1", "2"), np.eye(2, dtype="f4"))
    assert list(table["agrees"]) == ["yes", "yes"]
    assert list(table["label"]) == ["01", "+2"]


def test_the_table_has_every_class_and_safe_texts() -> None:
    proba = np.array([[0.9, 0.1], [0.3, 0.7]], "f4")
    series = toy(2, labels=("=cmd()", "B"))
    table = result_table(series, ("A", "B"), proba)
    assert list(table["class"]) == ["A", "B"]
    assert list(table["agrees"]) == ["not a class", "yes"]
    np.testing.assert_allclose(np.asarray(table["probability of B"]), [0.1, 0.7], atol=1e-6)
    assert shown_table(table)["label"] == ["'=cmd()", "B"]
    assert "name" not in shown_table(table)


def test_labels_that_are_numbers_stay_numbers() -> None:
    table = result_table(toy(2, labels=("-1", "1")), ("-1", "1"), np.eye(2, dtype="f4"))
    assert list(table["label"]) == [-1, 1]
    assert shown_table(table)["label"] == ["-1", "1"]


def test_the_form_asks_for_every_field_of_a_layout() -> None:
    assert set(layout_fields.FIELDS) == {field.name for field in fields(Layout)} - {
        "reasons",
        "notes",
        "compression",
    }
    for name, field in layout_fields.FIELDS.items():
        for choice in field.choices:
            check_options({name: choice})


def test_controls_become_options_of_the_reader() -> None:
    values = {
        "format": layout_fields.FOUND,
        "label_column": layout_fields.NOTHING,
        "id_column": "3",
        "value_column": "x, 4",
        "missing": "-999, bad",
        "skip_rows": None,
        "channels": 2,
        "header": False,
        "drop_columns": " ",
    }
    options = layout_fields.options_from(values)
    assert options == {
        "label_column": None,
        "id_column": 3,
        "value_column": ("x", 4),
        "missing": ("-999", "bad"),
        "channels": 2,
        "header": False,
    }
    check_options(options)


def test_columns_are_told_apart_in_the_preview() -> None:
    rows = Layout("csv", header=True, label_column="class", id_column=1, drop_columns=("note",))
    names = ["id", "t0", "note", "class"]
    assert preview.column_roles(rows, names, 4) == ["name", "series", "left out", "label"]
    long = Layout("csv", orientation="long", id_column=1, time_column=2, value_column=3)
    assert preview.column_roles(long, [""] * 4, 4) == ["name", "time", "value", "left out"]
    last = Layout("csv", label_column="last")
    assert preview.column_roles(last, [""] * 3, 3)[-1] == "label"
    assert preview.column_roles(last, [""] * 25, 25)[-1] == "..."


@pytest.mark.parametrize("name", ["GunPoint", "BasicMotions", "JapaneseVowels", "UnitTest"])
def test_the_example_file_reads_back_as_the_dataset(name: str) -> None:
    data = load_dataset(name)
    found = read_series(example.make_example(data), filename="x.csv")
    assert found.labels is not None
    assert set(found.labels) == set(data.class_names)
    assert found.X.shape[1] == data.n_channels
    for x, mask, label, case in zip(found.X, found.mask, found.labels, found.names, strict=True):
        i = int(case.removeprefix("case-"))
        n = int(data.mask_test[i].sum())
        assert mask.sum() == n
        np.testing.assert_allclose(x[:, :n], data.X_test[i, :, :n], rtol=1e-5, atol=1e-6)
        assert label == data.class_names[data.y_test[i]]


def test_lengths_far_from_the_training_data_are_said() -> None:
    assert not checks.length_notices(np.ones((2, 140), bool), 4, MODEL)
    (far,) = checks.length_notices(np.ones((2, 600), bool), 4, MODEL)
    assert "600 points, the training series 150" in far.text
    assert not far.stops
    (short,) = checks.length_notices(np.ones((2, 3), bool), 4, MODEL)
    assert short.stops
    (long,) = checks.length_notices(np.ones((1, checks.MAX_LENGTH + 1), bool), 4, MODEL)
    assert long.stops
    assert "100,001 points" in long.text


def test_another_unit_is_noticed_and_the_same_one_is_not() -> None:
    X = np.random.default_rng(0).normal(size=(20, 1, 100)).astype("f4")
    mask = np.ones((20, 100), bool)
    assert checks.distribution_notice(X, mask, MODEL) is None
    far = checks.distribution_notice(X * 3 + 40, mask, MODEL)
    assert far is not None
    assert "training: 0 and 1; the mean is 39.9" in far.text
    below = checks.distribution_notice(X - 40, mask, MODEL)
    assert below is not None
    assert "Mean \u221240" in below.text
    assert below.text.endswith("Switch z-normalising on again.")
    scaled = checks.distribution_notice(X - 40, mask, MODEL, normalise="z")
    assert scaled is not None
    assert scaled.text.endswith("Check the unit and the order of the channels.")
    padded = np.concatenate([X, np.zeros_like(X)], axis=2)
    half = np.concatenate([mask, ~mask], axis=1)
    assert checks.distribution_notice(padded, half, MODEL) is None


def test_wrong_channels_name_the_models_that_fit() -> None:
    two = SeriesSet(np.zeros((1, 2, 9), "f4"), np.ones((1, 9), bool), None, ("1",))
    other = replace(MODEL, n_channels=2, entry=replace(ENTRY, dataset="Pairs"))
    notice = checks.channel_notice(two, MODEL, [other])
    assert notice is not None
    assert notice.stops
    assert "2 channels; DTP\\-FCN on Toy takes 1" in notice.text
    assert "DTP\\-FCN on Pairs" in notice.text
    assert checks.channel_notice(toy(), MODEL, []) is None


def test_batches_grow_smaller_with_the_length() -> None:
    assert predictions.batch_size(150) == 256
    assert predictions.batch_size(10_000) == 4
    assert predictions.batch_size(10**6) == 1


def test_a_box_of_classes_is_wide_enough_for_the_longest_name() -> None:
    assert choice_width(("1", "2")) == 170
    assert choice_width(("Standing", "Badminton")) == 203
    assert choice_width(("x" * 90,)) == 300
