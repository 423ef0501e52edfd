"""Classifiers in memory and on disk."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tscviz.data import make_bumps
from tscviz.models import Classifier, ModelError, list_pretrained, load_model, read_card, save_model
from tscviz.training import evaluate, train


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return train(make_bumps(20, 30), "dtp-fcn", preset="quick", epochs=2)


def test_a_saved_model_is_the_same_model(classifier: Classifier, tmp_path: Path) -> None:
    folder = save_model(classifier, tmp_path / "m")
    again = load_model(folder)
    X = make_bumps(20, 30).X_test
    np.testing.assert_array_equal(again.logits(X), classifier.logits(X))
    assert again.digest == classifier.digest
    assert again.classes == ("one", "two")
    assert {p.name for p in folder.iterdir()} == {"model.safetensors", "card.json"}
    assert evaluate(again, make_bumps(20, 30))["accuracy"] == again.card["metrics"]["test_accuracy"]


def test_saving_again_replaces_the_folder_whole(classifier: Classifier, tmp_path: Path) -> None:
    folder = save_model(classifier, tmp_path / "models" / "m")
    (folder / "record.safetensors").write_text("of an older model")
    save_model(classifier, folder)
    assert sorted(p.name for p in folder.iterdir()) == ["card.json", "model.safetensors"]
    assert [p.name for p in folder.parent.iterdir()] == ["m"]


@pytest.mark.parametrize("what", ["a file in it", "a file", "a link"])
def test_what_is_no_model_is_not_replaced(
    classifier: Classifier, tmp_path: Path, what: str
) -> None:
    folder, kept = tmp_path / "run" / "model", tmp_path / "kept"
    folder.parent.mkdir()
    if what == "a file in it":
        folder.mkdir()
        kept = folder / "thesis.txt"
    elif what == "a file":
        kept = folder
    else:
        folder.symlink_to(tmp_path)
    kept.write_text("months of work")
    with pytest.raises(ModelError, match="would be lost"):
        save_model(classifier, folder)
    with pytest.raises(ModelError, match="would be lost"):  # before the first epoch
        train(make_bumps(20, 30), "gtp-fcn", preset="paper", out=folder.parent)
    assert kept.read_text() == "months of work"
    assert [p.name for p in folder.parent.iterdir()] == ["model"]


def test_changed_weights_are_refused(classifier: Classifier, tmp_path: Path) -> None:
    folder = save_model(classifier, tmp_path / "m")
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match="do not match the card's sha256"):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"format": 99}, "not of format 1"),
        ({"model": "nothing"}, "no model 'nothing'"),
        ({"options": {"segments": 9}}, "cannot be loaded"),
        ({"n_classes": "x"}, "cannot be loaded"),
        ({"n_classes": np.inf}, "cannot be loaded"),
        ({"n_channels": -np.inf}, "cannot be loaded"),
        ({"n_channels": 10**30}, "cannot be loaded"),
        ({"weights": {}}, "cannot be loaded"),
        ({"classes": None}, "lists 0 class names"),
        ({"classes": ["a", "b", "c"]}, "lists 3 class names"),
        ({"classes": ["a", "a"]}, "all different"),
        ({"classes": ["a", 1]}, "that are text"),
        ({"classes": ["a", "\x1b]0;owned\x07"]}, "control characters"),
        ({"dataset": "GunPoint"}, "no JSON object as dataset"),
        ({"metrics": None}, "no JSON object as metrics"),
        ({"preparation": "x"}, "no JSON object as preparation"),
        ({"training_preparation": {"zzz": 1}}, "no field 'zzz'"),
    ],
)
def test_damaged_cards_are_named(
    classifier: Classifier, tmp_path: Path, change: dict[str, object], text: str
) -> None:
    folder = save_model(classifier, tmp_path / "m")
    card = json.loads((folder / "card.json").read_text()) | change
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match=text):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"classes": ["a", "b\tc"]}, "control characters"),
        ({"classes": ["a", "a"]}, "all different"),
        ({"classes": ["a"]}, "lists 1 class names"),
        ({"options": None}, "no JSON object as options"),
    ],
)
def test_what_could_not_be_loaded_is_not_written(
    classifier: Classifier, tmp_path: Path, change: dict[str, object], text: str
) -> None:
    bad = Classifier(classifier.module, classifier.classes, classifier.card | change)
    with pytest.raises(ModelError, match=text):
        save_model(bad, tmp_path / "deep" / "m")
    assert not any(tmp_path.glob("deep*"))


def test_a_class_that_no_card_can_hold_is_told_before_training() -> None:
    bad = replace(make_bumps(20, 30), class_names=("one", "two\nthree"))
    with pytest.raises(ModelError, match=r"class 'two\\nthree' has a control character"):
        train(bad, "gtp-fcn", preset="paper")


def test_loading_leaves_torchs_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    load_model("dtp-fcn/GunPoint")
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00", "[" * 100_000])
def test_cards_that_are_no_json_object(classifier: Classifier, tmp_path: Path, text: str) -> None:
    folder = save_model(classifier, tmp_path / "m")
    (folder / "card.json").write_text(text)
    with pytest.raises(ModelError, match="the card of"):
        read_card(folder)


@pytest.mark.parametrize("name", ["../../etc", "dtp-fcn/../x", "dtp-fcn/Nowhere", "", "\x00"])
def test_names_that_are_no_model(name: str) -> None:
    with pytest.raises(ModelError, match="there is no model"):
        load_model(name)


def test_every_bundled_model_loads_and_knows_its_name() -> None:
    for name in list_pretrained():
        model = load_model(name)
        assert model.name == name
        assert model.card["preset"] == "paper"


def test_predictions_are_probabilities_in_batches_of_any_size(classifier: Classifier) -> None:
    X = make_bumps(21, 30).X_test
    proba = classifier.predict_proba(X)
    np.testing.assert_allclose(proba.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(classifier.predict_proba(X, batch_size=4), proba, atol=1e-6)
    np.testing.assert_array_equal(classifier.predict(X), proba.argmax(1))
    assert classifier.predict_proba(X[:0]).shape == (0, 2)


@pytest.mark.parametrize(
    ("shape", "text"),
    [((4, 30), "wanted"), ((2, 3, 30), "3 channel"), ((2, 1, 3), "at least 4"), ((1, 1, 0), "0 t")],
)
def test_wrong_series_are_named(classifier: Classifier, shape: tuple[int, ...], text: str) -> None:
    with pytest.raises(ModelError, match=text):
        classifier.predict_proba(np.zeros(shape, np.float32))


def test_missing_values_and_holes_are_named(classifier: Classifier) -> None:
    X, mask = np.zeros((2, 1, 9), np.float32), np.ones((2, 9), bool)
    X[1, 0, 4] = np.nan
    with pytest.raises(ModelError, match="case 2, channel 1, time point 5 is missing"):
        classifier.predict(X)
    mask[1, 4] = False
    with pytest.raises(ModelError, match="hole"):
        classifier.predict(X, mask)
